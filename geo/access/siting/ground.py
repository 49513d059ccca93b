"""What gaps and sites are worked out from: streets, the people along them, the zones that they live in."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo.access.coverage.computing import Partition
from geo.access.coverage.ground import read_inhabited, read_partitions, read_residents
from geo.access.coverage.places import Places, places_of
from geo.access.coverage.residents import Residents, spread_residents
from geo.access.network.arrays import Bools, Floats, Network
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.travel import minutes_to_nearest
from geo.crs import LAMBERT_2008, WGS84, ensure_metres_hold, transformer
from geo.db.kept import keep
from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter, UnknownValue, UnknownZone
from geo.queries import siting as queries
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import LonLat, Walker, ZoneKind, ZoneRef

_ZONES, _THEME = ReadQuery(queries.zones_named), ReadQuery(queries.is_theme)
_KNOWN, _INSIDE = ReadQuery(queries.zone_known), ReadQuery(queries.inside)

#: Data versions that people and zones hang on.
_LAYERS = ("streets", "coverage", "quartiers", "communes", "bassins", "meso", "region")


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """The people along the streets in use.

    Attributes
    ----------
    network : Network
    residents : Residents
    partitions : mapping
        Zones of each kind, and which of them each sector lies in.
    zones : mapping
        Their names.
    """

    network: Network
    residents: Residents
    partitions: Mapping[str, Partition]
    zones: Mapping[uuid.UUID, ZoneName]

    def partition(self, kind: ZoneKind) -> Partition:
        """Return the zones of a kind.

        Raises
        ------
        InvalidParameter
            If nobody is known to live in zones of that kind.
        """
        if kind.value not in self.partitions:
            raise InvalidParameter(name="kind", value=kind.value, expected=", ".join(self.partitions))
        return self.partitions[kind.value]

    def zone_at(self, kind: ZoneKind, sector: int) -> ZoneName | None:
        """Return the zone of a kind in which a sector lies."""
        partition = self.partitions.get(kind.value)
        if partition is None or partition.of_sector[sector] < 0:
            return None
        return self.zones[partition.zones[partition.of_sector[sector]]]


@dataclass(frozen=True, eq=False, slots=True)
class Standing:
    """How things stand: the places of a theme, and minutes from all residents to the nearest."""

    graph: Graph
    places: Places
    snapped: Snapped
    minutes: Floats


async def read_ground(reader: Reader, network: Network) -> Ground:
    """Return the people along the streets of a network; kept as long as nothing of it changes.

    Where coverage was never computed, people are spread along the streets now: a second or two.
    """
    return await keep(reader, _LAYERS, ("siting", network.key), lambda: _read(reader, network))


async def read_standing(reader: Reader, ground: Ground, theme: str, walker: Walker) -> Standing:
    """Return how a theme stands now.

    Raises
    ------
    UnknownValue
        There is no such theme.
    """
    compiled = _THEME.compiled()
    if not await reader.fetchval(compiled.sql, *compiled.arguments({"theme": theme})):
        raise UnknownValue(name="theme", value=theme)
    return await asyncio.to_thread(stand, ground, await places_of(reader, theme), walker)


def stand(ground: Ground, places: Places, walker: Walker) -> Standing:
    """Return the minutes from all residents to the nearest of some places."""
    graph = graph_of(ground.network, walker)
    snapped = places.snapped(ground.network, walker)
    return Standing(graph, places, snapped, minutes_to_nearest(graph, ground.residents.points(), snapped))


def to_lonlat(xy: Floats) -> list[LonLat]:
    """Return points in metres (EPSG:3812) as longitudes and latitudes, to a tenth of a metre."""
    lon, lat = transformer(LAMBERT_2008, WGS84).transform(xy[:, 0], xy[:, 1])
    return [LonLat(*pair) for pair in zip(np.round(lon, 6).tolist(), np.round(lat, 6).tolist(), strict=True)]


async def _read(reader: Reader, network: Network) -> Ground:
    residents = await read_residents(reader, network.key)
    if residents is None:
        residents = await asyncio.to_thread(spread_residents, network, await read_inhabited(reader))
    partitions = await read_partitions(reader, residents.sectors)
    ids = sorted({zone for each in partitions.values() for zone in each.zones})
    compiled = _ZONES.compiled()
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"ids": ids}))
    zones = {row["id"]: parse_zone(json.loads(row["told"])) for row in rows}
    return Ground(network, residents, partitions, zones)


def to_metres(places: Sequence[LonLat]) -> Floats:
    """Return points as metres, (p, 2), EPSG:3812.

    Raises
    ------
    OutsideRegion
        One lies outside Belgium and its surroundings.
    """
    for each in places:
        ensure_metres_hold(each)
    degrees = np.array(places, np.float64).reshape(-1, 2)
    x, y = transformer(WGS84, LAMBERT_2008).transform(degrees[:, 0], degrees[:, 1])
    return np.column_stack([x, y])


async def inside_region(reader: Reader, xy: Floats) -> Bools:
    """Return which points, (p, 2) in EPSG:3812, lie in the region."""
    return await inside_zone(reader, xy, None)


async def inside_zone(reader: Reader, xy: Floats, zone: ZoneRef | None) -> Bools:
    """Return which points, (p, 2) in EPSG:3812, lie in a zone valid today; None: in the region.

    Raises
    ------
    UnknownZone
        There is no such zone.
    """
    values = {"xs": xy[:, 0].tolist(), "ys": xy[:, 1].tolist()}
    if zone is not None:
        values |= {"zone_kind": zone.kind.value, "zone_code": zone.code}
        known = _KNOWN.compiled()
        if await reader.fetchval(known.sql, *known.arguments(values)) is None:
            raise UnknownZone(zone=str(zone))
    compiled = _INSIDE.compiled(of_zone=zone is not None)
    rows = await reader.fetch(compiled.sql, *compiled.arguments(values))
    inside = np.zeros(len(xy), np.bool_)
    inside[[row["place"] - 1 for row in rows]] = True
    return inside
