"""The walk on the page of a service: from a place that is named, or from where a device says it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from api.errors import problem_of
from api.pages.queries import FinderQuery, read_finder
from api.pages.stills import SMALL_PX, still_of_services, still_of_walk
from api.pages.whereabouts import Whereabouts, locate
from geo.access.network.credit import NetworkTold, name_network
from geo.access.network.loaded import Streets
from geo.access.walking.ways import Walk, tell_route
from geo.db.reads import Reader
from geo.directory.items import ServiceItem
from geo.errors import FarFromStreets, NoStreets, NotFound, NoWay, OutsideRegion
from geo.vocabulary import Lang, LonLat
from maps.web.i18n import translate
from maps.web.views import WALKER_CHOICES, Choice, WalkerChoice


class WalkQuery(FinderQuery):
    """Where a walk to a service begins, and who walks."""

    evening: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The form as it was filled in, and the walk or why there is none."""

    place: str
    at: str | None
    origin: LonLat | None
    is_private: bool
    walker: WalkerChoice
    walkers: tuple[WalkerChoice, ...]
    evening: bool
    network: NetworkTold
    walk: Walk | None = None
    problem: str = ""
    note: str = ""
    choices: tuple[Choice, ...] = ()


def read_walk(given: Iterable[tuple[str, Any]]) -> WalkQuery:
    """Return what was asked of the walk; the page's address and form hold more than that.

    Raises
    ------
    BadParameters
        Naming every value that is not allowed.
    """
    return read_finder([(name, value) for name, value in given if name in WalkQuery.model_fields], WalkQuery)


async def answer(
    reader: Reader, streets: Streets, item: ServiceItem, query: WalkQuery, lang: Lang, *, private: bool
) -> Way | None:
    """Return the walk to a service; None where no streets are loaded or its place is not told."""
    network = await streets.current(reader)
    if network is None or item.point is None:
        return None
    where = await _locate(reader, query, lang)
    way = Way(
        place=where.name,
        at=where.at,
        origin=where.point,
        is_private=private,
        walker=WALKER_CHOICES[query.walker],
        walkers=tuple(WALKER_CHOICES.values()),
        evening=query.evening,
        network=name_network(network),
        note=where.note,
        choices=_choices(where, query, lang),
    )
    if where.problem:
        unknown = translate(lang, "We found no place called “%(place)s”.", place=where.name)
        return replace(way, problem=unknown)
    if where.point is None:
        return way
    try:
        walk = await tell_route(
            reader, streets, where.point, [item.point], query.walker, evening=query.evening
        )
    except (OutsideRegion, FarFromStreets, NoWay, NoStreets) as error:
        return replace(way, origin=None, problem=problem_of(error, lang)["detail"])
    return replace(way, walk=walk)


async def _locate(reader: Reader, query: WalkQuery, lang: Lang) -> Whereabouts:
    try:
        return await locate(reader, query, lang)
    except NotFound:  # a zone or place that was there when the link was made
        return Whereabouts(query.place or "", problem="unknown-place")


def _choices(where: Whereabouts, query: WalkQuery, lang: Lang) -> tuple[Choice, ...]:
    """Return other places of that name, as addresses of this page."""
    return tuple(replace(each, href=each.href.removeprefix(f"/{lang}/") + "#walk") for each in where.choices)


async def still_of_way(reader: Reader, lang: Lang, item: ServiceItem, way: Way | None) -> Markup | None:
    """Return a still map of the service, with the walk to it where there is one."""
    if item.point is None:
        return None
    if way and way.walk and way.origin:
        return await still_of_walk(reader, lang, item, way.origin, way.walk)
    return await still_of_services(reader, lang, [item], None, None, size_px=SMALL_PX)
