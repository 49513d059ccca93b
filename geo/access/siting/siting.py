"""Where next: the sites that would bring a theme to most people, or shorten their ways most."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from geo.access.network.arrays import Bools, Floats
from geo.access.network.loaded import Streets
from geo.access.network.snapping import Snapped, snap
from geo.access.siting.candidates import Candidates, Origin, Source, find_candidates
from geo.access.siting.child import Answer, write_work
from geo.access.siting.ground import Ground, Standing, read_ground, read_standing, to_lonlat
from geo.access.siting.savings import MOST_MINUTES
from geo.access.siting.what_if import Position, WhatIf, check_places, compare_places, with_new
from geo.access.walking.travel import EPSILON_MINUTES, minutes_to_nearest
from geo.child import child_process
from geo.db.reads import Reader, ReadQuery
from geo.errors import ContentRefused, Fault, TooSlow
from geo.queries import siting as queries
from geo.queries.services import ZoneName as ZoneText
from geo.territory.zones import ZoneName, parse_reference
from geo.vocabulary import LonLat, Text, Walker, ZoneKind

MAX_SITES, MAX_SECONDS, MAX_OWN = 10, 20, 50

#: What the child gets beyond its seconds: to start, and to lay out who reaches what, on a busy machine.
_GRACE_S = 40.0

_CARDS = ReadQuery(queries.cards_named)

Goal = Literal["covering", "median"]


class SitingAsked(BaseModel):
    """How many sites, for what, among which candidates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    goal: Goal = Field(
        "covering",
        description="Most people within the minutes (maximal covering), or shortest ways (p-median)",
    )
    sites: int = Field(1, ge=1, le=MAX_SITES, description="How many new services")
    minutes: int = Field(15, ge=1, le=int(MOST_MINUTES), description="Within how many minutes on foot")
    candidates: tuple[Source, ...] = Field(
        ("addresses", "streets"),
        max_length=2,
        description="Addresses of services of any theme; street corners",
    )
    places: tuple[Position, ...] = Field((), max_length=MAX_OWN, description="Candidates of one's own")
    zone: ZoneText | None = Field(None, description="Only sites in this zone, as kind:code; everybody counts")
    seconds: int = Field(15, ge=1, le=MAX_SECONDS, description="How long to search for the best choice")


@dataclass(frozen=True, slots=True)
class Site:
    """A proposed site.

    Attributes
    ----------
    place : LonLat
    origin : {"address", "street", "own"}
    service_id : UUID or None
        The service card that is at that address already.
    name, street : Text or None
        Of that service; of the street.
    quartier : ZoneName or None
    people : float
        For whom it becomes the nearest.
    covered : float
        Of these, people who had none within the minutes, and now have.
    """

    place: LonLat
    origin: Origin
    service_id: uuid.UUID | None
    name: Text | None
    street: Text | None
    quartier: ZoneName | None
    people: float
    covered: float


@dataclass(frozen=True, slots=True)
class Reach:
    """People within the minutes, and the mean minutes of everybody, longer walks and none counted as 30."""

    covered: float
    mean_minutes: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sites, most people first, and how sure it is that there are none better.

    Attributes
    ----------
    asked : SitingAsked
    sites : tuple of Site
    before, after : Reach
        Measured on all people where they live, not on what stood for them in the search.
    effect : WhatIf
        Coverage before and after, zone by zone.
    gained, at_most : float
        People brought within the minutes (covering), or mean minutes saved by everybody (median), as the
        search counts them; and what no choice can exceed.
    gap_percent : float
        How much better another choice might be.
    is_optimal : bool
        Whether it is proved that there is none.
    error_minutes : float
        Median: how far, on average, people stand from the point that stood for them. Covering: 0.
    candidates, points : int
        How many sites were looked at, for how many points of demand.
    seconds : float
        The search, with its preparation.
    """

    asked: SitingAsked
    sites: tuple[Site, ...]
    before: Reach
    after: Reach
    effect: WhatIf
    gained: float
    at_most: float
    gap_percent: float
    is_optimal: bool
    error_minutes: float
    candidates: int
    points: int
    seconds: float


async def propose_sites(
    reader: Reader,
    streets: Streets,
    theme: str,
    asked: SitingAsked,
    *,
    walker: Walker = Walker.ADULT,
    kind: ZoneKind = ZoneKind.QUARTIER,
) -> Proposal:
    """Return where new services of a theme would do most, beside those that there are.

    The search runs in a process of its own; whoever cancels this, ends it.

    Parameters
    ----------
    reader : Reader
        A pool that can't write: nothing is held while the search runs.
    streets : Streets
        Of this process.
    theme : str
        Code of a theme or group of themes; it may have no service yet.
    asked : SitingAsked
    walker : Walker
        Who walks.
    kind : ZoneKind
        Zones in which the effect is told.

    Raises
    ------
    NoStreets
        No street network is loaded.
    UnknownValue, UnknownZone
        There is no such theme or zone.
    ContentRefused
        No candidates are asked for.
    OutsideRegion, FarFromStreets
        A place of one's own lies outside the region, or far from any street.
    TooSlow
        The machine is so busy that nothing was found in time.
    """
    if not asked.candidates and not asked.places:
        raise ContentRefused(Fault("candidates", "missing"))
    network = await streets.required(reader)
    ground = await read_ground(reader, network)
    ground.partition(kind)
    standing = await read_standing(reader, ground, theme, walker)
    own = [each.point for each in asked.places]
    await check_places(reader, ground, own, walker)
    zone = parse_reference(asked.zone) if asked.zone else None
    candidates = await find_candidates(reader, ground, walker, asked.candidates, own, zone)
    started = time.monotonic()
    answer = await _search(ground, standing, candidates, asked)
    seconds = time.monotonic() - started
    names = await _read_names(reader, [candidates.services[each] for each in answer.sites])
    return await asyncio.to_thread(
        _tell, ground, standing, candidates, theme, asked, answer, names, kind, seconds
    )


async def _search(ground: Ground, standing: Standing, candidates: Candidates, asked: SitingAsked) -> Answer:
    """Return what the child answers; it is killed when its time is over or nobody wants it any more."""
    residents = ground.residents
    wanted = {
        "goal": asked.goal,
        "walker": standing.graph.walker.value,
        "minutes": asked.minutes,
        "number": asked.sites,
        "until": time.time() + asked.seconds,
    }
    with tempfile.TemporaryDirectory(prefix="quartier-siting-") as name:
        await asyncio.to_thread(
            write_work,
            Path(name),
            ground.network,
            wanted,
            {
                "edge": residents.edge,
                "fraction": residents.fraction,
                "people": residents.people,
                "before": standing.minutes,
                "sites_xy": candidates.xy,
            },
        )
        async with child_process("geo.access.siting.child", name) as process:
            assert process.stdout is not None
            try:
                async with asyncio.timeout(asked.seconds + _GRACE_S):
                    line = await process.stdout.readline()
            except TimeoutError:
                raise TooSlow from None
    if not line:
        raise RuntimeError("the search for sites ended without an answer")
    return Answer(**json.loads(line))


async def _read_names(reader: Reader, ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, tuple[Text, Text]]:
    """Return name and street of service cards."""
    compiled = _CARDS.compiled()
    known = [each for each in ids if each]
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"ids": known})) if known else []
    told = {row["id"]: json.loads(row["told"]) for row in rows}
    return {id_: (Text(**each["name"]), Text(**each["street"])) for id_, each in told.items()}


def _tell(
    ground: Ground,
    standing: Standing,
    candidates: Candidates,
    theme: str,
    asked: SitingAsked,
    answer: Answer,
    names: dict[uuid.UUID, tuple[Text, Text]],
    kind: ZoneKind,
    seconds: float,
) -> Proposal:
    graph, people = standing.graph, ground.residents.people
    xy = candidates.xy[answer.sites].reshape(-1, 2)
    snapped = snap(ground.network, xy, graph.walker)
    points = ground.residents.points()
    each = [minutes_to_nearest(graph, points, snapped.take([n]), MOST_MINUTES) for n in range(len(snapped))]
    walks = np.array([np.nan_to_num(minutes, nan=np.inf) for minutes in each]).reshape(-1, len(points))
    usual = np.nan_to_num(standing.minutes, nan=np.inf)
    best = walks.min(axis=0, initial=np.inf)
    nearest = np.where(best < usual - EPSILON_MINUTES, walks.argmin(axis=0) if len(walks) else 0, -1)
    newly = (best <= asked.minutes + EPSILON_MINUTES) & (usual > asked.minutes + EPSILON_MINUTES)
    places = to_lonlat(xy)
    sites = [
        _site(ground, candidates, number, places[n], snapped.take([n]), names, people, nearest == n, newly)
        for n, number in enumerate(answer.sites)
    ]
    unit = 1.0 if asked.goal == "covering" else float(people.sum())
    after = with_new(standing.places, xy)
    return Proposal(
        asked=asked,
        sites=tuple(
            sorted(sites, key=lambda site: -(site.covered if asked.goal == "covering" else site.people))
        ),
        before=_reach(usual, people, asked.minutes),
        after=_reach(np.minimum(usual, best), people, asked.minutes),
        effect=compare_places(ground, standing, theme, after, kind),
        gained=answer.value / unit,
        at_most=answer.bound / unit,
        gap_percent=answer.gap_percent,
        is_optimal=answer.is_optimal,
        error_minutes=answer.error_minutes,
        candidates=len(candidates),
        points=answer.points,
        seconds=seconds,
    )


def _site(
    ground: Ground,
    candidates: Candidates,
    number: int,
    place: LonLat,
    snapped: Snapped,
    names: dict[uuid.UUID, tuple[Text, Text]],
    people: Floats,
    is_nearest: Bools,
    newly: Bools,
) -> Site:
    id_ = candidates.services[number]
    name, street = names.get(id_, (None, None)) if id_ else (None, None)
    edge = int(snapped.edge[0])
    called = int(ground.network.edge_name[edge])
    beside = np.flatnonzero(ground.residents.edge == edge)
    sector = int(ground.residents.sector[beside[0]]) if len(beside) else None
    return Site(
        place=place,
        origin=candidates.origins[number],
        service_id=id_,
        name=name,
        street=street or (ground.network.names[called] if called >= 0 else None),
        quartier=None if sector is None else ground.zone_at(ZoneKind.QUARTIER, sector),
        people=float(people[is_nearest].sum()),
        covered=float(people[is_nearest & newly].sum()),
    )


def _reach(minutes: Floats, people: Floats, limit: float) -> Reach:
    mean = np.average(np.minimum(minutes, MOST_MINUTES), weights=people)
    return Reach(float(people[minutes <= limit + EPSILON_MINUTES].sum()), float(mean))
