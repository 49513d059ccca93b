"""What if: services of a theme opened, moved or closed, and who has one near before and after."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from geo.access.coverage.computing import THRESHOLDS, weighted_quantiles
from geo.access.coverage.places import Places
from geo.access.network.arrays import Bools, Floats, Ints
from geo.access.network.credit import NetworkTold, name_network
from geo.access.network.loaded import Streets
from geo.access.network.snapping import snap_place
from geo.access.siting.ground import (
    Ground,
    Standing,
    inside_region,
    read_ground,
    read_standing,
    stand,
    to_metres,
)
from geo.access.walking.travel import EPSILON_MINUTES
from geo.db.reads import Reader
from geo.errors import ContentRefused, Fault, OutsideRegion
from geo.territory.zones import ZoneName
from geo.vocabulary import LonLat, Walker, ZoneKind

#: More at once is no longer a question about these services.
MAX_CHANGES = 20

_Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude (EPSG:4326)")]
_Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude (EPSG:4326)")]


class Position(BaseModel):
    """A place on the ground."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lon: _Lon
    lat: _Lat

    @property
    def point(self) -> LonLat:
        """Return the place as a point."""
        return LonLat(self.lon, self.lat)


class Move(Position):
    """A service, and where it goes."""

    id: uuid.UUID = Field(description="Of the service at its place, as lists and maps tell it")


class Changes(BaseModel):
    """Services opened, moved and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    open: tuple[Position, ...] = Field((), max_length=MAX_CHANGES, description="New services")
    move: tuple[Move, ...] = Field((), max_length=MAX_CHANGES, description="Services that move")
    close: tuple[uuid.UUID, ...] = Field((), max_length=MAX_CHANGES, description="Services that end")

    @property
    def places(self) -> tuple[LonLat, ...]:
        """Return where services come to stand: opened first, then moved."""
        return tuple(each.point for each in (*self.open, *self.move))


@dataclass(frozen=True, slots=True)
class Covered:
    """How many people have a service within the minutes of `THRESHOLDS`, each including the ones before.

    `median_minutes` is None where half of them have no way to any; `unreached` counts those without a way.
    """

    people: float
    within: tuple[float, ...]
    unreached: float
    median_minutes: float | None


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """A zone in which somebody's way changes."""

    zone: ZoneName
    before: Covered
    after: Covered


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Coverage before and after. `zones` are those where anything changes; `same` counts the others."""

    network: NetworkTold
    theme: str
    walker: Walker
    kind: ZoneKind
    thresholds: tuple[int, ...]
    period: str
    services_before: int
    services_after: int
    before: Covered
    after: Covered
    zones: tuple[ZoneChange, ...]
    same: int


async def what_if(
    reader: Reader,
    streets: Streets,
    theme: str,
    changes: Changes,
    *,
    walker: Walker = Walker.ADULT,
    kind: ZoneKind = ZoneKind.QUARTIER,
) -> WhatIf:
    """Return what opening, moving and closing services of a theme does to who has one near.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    streets : Streets
        Of this process.
    theme : str
        Code of a theme or group of themes.
    changes : Changes
        Places are EPSG:4326.
    walker : Walker
        Who walks.
    kind : ZoneKind
        The zones that are told.

    Raises
    ------
    NoStreets
        No street network is loaded.
    UnknownValue
        There is no such theme.
    InvalidParameter
        Nobody is known to live in zones of that kind.
    ContentRefused
        A service that moves or closes is none of this theme's, or is named twice.
    OutsideRegion, FarFromStreets
        A place outside the region, or far from any street that this walker can walk.
    """
    network = await streets.required(reader)
    ground = await read_ground(reader, network)
    ground.partition(kind)
    standing = await read_standing(reader, ground, theme, walker)
    kept = _kept(standing.places, changes)
    await check_places(reader, ground, changes.places, walker)
    return await asyncio.to_thread(_compare, ground, standing, theme, kept, changes.places, kind)


async def check_places(reader: Reader, ground: Ground, places: Sequence[LonLat], walker: Walker) -> None:
    """Refuse places (EPSG:4326) where no service could stand.

    Raises
    ------
    OutsideRegion
        One lies outside the region.
    FarFromStreets
        One lies far from any street that the walker can walk.
    """
    if not places:
        return
    inside = await inside_region(reader, to_metres(places))
    for place, is_inside in zip(places, inside, strict=True):
        if not is_inside:
            raise OutsideRegion(lon=place.lon, lat=place.lat)
        await asyncio.to_thread(snap_place, ground.network, place, walker)


def compare_places(ground: Ground, standing: Standing, theme: str, after: Places, kind: ZoneKind) -> WhatIf:
    """Return what changes when these are the places of a theme."""
    changed = stand(ground, after, standing.graph.walker)
    differs = ~np.isclose(standing.minutes, changed.minutes, rtol=0, atol=EPSILON_MINUTES, equal_nan=True)
    partition = ground.partition(kind)
    zone = partition.of_sector[ground.residents.sector]
    touched = np.unique(zone[differs & (zone >= 0)])
    number = np.full(len(partition.zones) + 1, -1, np.int32)
    number[touched] = np.arange(len(touched), dtype=np.int32)
    lived_in = len(np.unique(zone[zone >= 0]))
    moments = (standing.minutes, changed.minutes)
    before, after_ = (_cover(ground, each, number[zone], len(touched)) for each in moments)
    everybody = np.zeros(len(zone), np.int32)
    (whole_before,), (whole_after,) = (_cover(ground, each, everybody, 1) for each in moments)
    rows = zip(touched.tolist(), before, after_, strict=True)
    zones = [ZoneChange(ground.zones[partition.zones[at]], *both) for at, *both in rows]
    return WhatIf(
        network=name_network(ground.network),
        theme=theme,
        walker=standing.graph.walker,
        kind=kind,
        thresholds=THRESHOLDS,
        period=ground.residents.period,
        services_before=len(standing.places),
        services_after=len(after),
        before=whole_before,
        after=whole_after,
        zones=tuple(sorted(zones, key=_moved, reverse=True)),
        same=lived_in - len(touched),
    )


def with_new(places: Places, xy: Floats) -> Places:
    """Return places and new ones, (q, 2) in EPSG:3812, of which nothing else is known."""
    new = len(xy)
    return Places(
        (*places.ids, *(uuid.UUID(int=number) for number in range(new))),
        np.concatenate([places.xy, np.asarray(xy, np.float64).reshape(-1, 2)]),
        np.concatenate([places.capacity, np.full(new, np.nan)]),
        (*places.themes, *(frozenset[str]() for _ in range(new))),
    )


def _compare(
    ground: Ground, standing: Standing, theme: str, kept: Bools, new: Sequence[LonLat], kind: ZoneKind
) -> WhatIf:
    after = with_new(standing.places.take(np.flatnonzero(kept)), to_metres(new))
    return compare_places(ground, standing, theme, after, kind)


def _kept(places: Places, changes: Changes) -> Bools:
    """Return which places stay where they are, (p,)."""
    at = {id_: number for number, id_ in enumerate(places.ids)}
    kept = np.ones(len(places), np.bool_)
    faults = []
    gone = [(f"close.{n}", id_) for n, id_ in enumerate(changes.close)]
    gone += [(f"move.{n}.id", each.id) for n, each in enumerate(changes.move)]
    for field, id_ in gone:
        if id_ not in at:
            faults.append(Fault(field, "unknown_value", {"value": str(id_)}))
        elif not kept[at[id_]]:
            faults.append(Fault(field, "given_twice"))
        else:
            kept[at[id_]] = False
    if faults:
        raise ContentRefused(*faults)
    return kept


def _cover(ground: Ground, minutes: Floats, group: Ints, groups: int) -> list[Covered]:
    """Return the coverage of each group of residents; -1 is in none."""
    inside = group >= 0
    group, people, minutes = group[inside], ground.residents.people[inside], minutes[inside]

    def count(which: Bools) -> Floats:
        return np.bincount(group[which], people[which], minlength=groups).astype(np.float64)

    within = np.stack([count(minutes <= limit + EPSILON_MINUTES) for limit in THRESHOLDS], axis=1)
    (median,) = weighted_quantiles(minutes, people, group, groups, (0.5,))
    whole, unreached = count(np.ones(len(group), np.bool_)), count(np.isnan(minutes))
    return [
        Covered(all_, tuple(row), lost, None if half != half else half)
        for all_, row, lost, half in zip(
            whole.tolist(), within.tolist(), unreached.tolist(), median.tolist(), strict=True
        )
    ]


def _moved(each: ZoneChange) -> float:
    """Return the people whom a change brings or takes a service, over all thresholds."""
    return sum(
        abs(after - before) for before, after in zip(each.before.within, each.after.within, strict=True)
    )
