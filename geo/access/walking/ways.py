"""Ways and areas on foot, as the API and pages tell them: positions in, lines and words out.

Positions are bound to a query or to an array and kept nowhere.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Select, select

from geo.access.network.arrays import Floats, Network
from geo.access.network.credit import NetworkTold, name_network
from geo.access.network.loaded import Streets
from geo.access.network.snapping import Snapped, snap, snap_place
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.hints import gather_hints, whole_minutes
from geo.access.walking.isochrone import draw_isochrones
from geo.access.walking.legs import Leg, tell_leg
from geo.access.walking.routes import Route, find_routes
from geo.crs import LAMBERT_2008, WGS84, ensure_metres_hold, named_point, transformer
from geo.db.reads import Reader, ReadQuery
from geo.directory.detail import read_service
from geo.errors import NoWay, OutsideRegion, PlaceNotTold
from geo.queries.zones import covering
from geo.vocabulary import LANGS, LonLat, Text, Viewer, Walker, ZoneKind

if TYPE_CHECKING:
    from shapely import MultiPolygon

#: Decimals of degrees: a tenth of a metre.
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One leg as it is told: a sentence in three languages, and the facts of it."""

    text: Text
    street: Text | None
    turn: str
    length_m: int
    minutes: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk from a place to another, and what the way back asks; `back_minutes` is None where there is none.

    `line` are positions (lon, lat); `walk_minutes` and `back_minutes` are whole, rounded up.
    """

    walker: Walker
    end: LonLat
    minutes: float
    walk_minutes: int
    length_m: int
    back_minutes: int | None
    line: tuple[LonLat, ...]
    steps: tuple[Step, ...]
    hints: tuple[Text, ...]
    network: NetworkTold

    @property
    def geometry(self) -> dict[str, Any]:
        """Return the line as GeoJSON."""
        return {"type": "LineString", "coordinates": [list(place) for place in self.line]}

    def as_json(self) -> dict[str, Any]:
        """Return what the API tells of the walk."""
        told = asdict(self)
        del told["line"], told["end"]
        return told | {
            "to": list(self.end),
            "geometry": self.geometry,
            "legs": told.pop("steps"),
            "network": self.network.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Reach:
    """Areas within some minutes of a place, from the least to the most, as GeoJSON geometries."""

    walker: Walker
    minutes: tuple[float, ...]
    geometries: tuple[dict[str, Any], ...]
    areas_km2: tuple[float, ...]
    network: NetworkTold

    def as_json(self) -> dict[str, Any]:
        """Return the areas as a GeoJSON FeatureCollection."""
        areas = zip(self.minutes, self.areas_km2, self.geometries, strict=True)
        features = [
            {
                "type": "Feature",
                "geometry": geometry,
                "properties": {"minutes": minutes, "area_km2": area_km2},
            }
            for minutes, area_km2, geometry in areas
        ]
        return {
            "type": "FeatureCollection",
            "walker": self.walker,
            "network": self.network.as_json(),
            "features": features,
        }


async def tell_route(
    reader: Reader,
    streets: Streets,
    origin: LonLat,
    destinations: Sequence[LonLat],
    walker: Walker = Walker.ADULT,
    *,
    evening: bool = False,
) -> Walk:
    """Return the quickest walk to the nearest of some places (EPSG:4326).

    Parameters
    ----------
    reader : Reader
        Pool or connection to read from.
    streets : Streets
        Those of the process.
    origin : LonLat
        Where one sets out.
    destinations : sequence of LonLat
        At least one: the places of one service, for example.
    walker : Walker
        Who walks.
    evening : bool
        Over ways that are not known to be unlit.

    Raises
    ------
    OutsideRegion
        If a place lies outside the region.
    NoStreets
        If no street network is loaded.
    FarFromStreets
        If no street that the walker can use is near the origin, or near any destination.
    NoWay
        If the walker can't get there.
    """
    await _ensure_inside(reader, origin, *destinations)
    network = await streets.required(reader)
    return await asyncio.to_thread(_walk, network, origin, destinations, walker, evening)


async def tell_route_to_service(
    reader: Reader,
    streets: Streets,
    origin: LonLat,
    service_id: uuid.UUID,
    viewer: Viewer,
    walker: Walker = Walker.ADULT,
    *,
    evening: bool = False,
) -> Walk:
    """Return the quickest walk to a service, to the nearest of its places; see `tell_route`.

    Raises
    ------
    NotFound
        If there is no such service, or the viewer may not know that there is.
    PlaceNotTold
        If none of its places may be told, or it has none.
    """
    service = await read_service(reader, service_id, viewer)
    places = [place.card.point for place in service.places if place.card.point]
    if not places:
        raise PlaceNotTold(service=service.name)
    return await tell_route(reader, streets, origin, places, walker, evening=evening)


async def tell_isochrone(
    reader: Reader,
    streets: Streets,
    origin: LonLat,
    minutes: Sequence[float],
    walker: Walker = Walker.ADULT,
    *,
    evening: bool = False,
) -> Reach:
    """Return how far one gets within some minutes on foot; parameters and errors as of `tell_route`."""
    await _ensure_inside(reader, origin)
    network = await streets.required(reader)
    return await asyncio.to_thread(_reach, network, origin, minutes, walker, evening)


def _covered() -> Select[Any]:
    return select(covering(ZoneKind.QUARTIER, named_point()))


_COVERED = ReadQuery(_covered)


async def _ensure_inside(reader: Reader, *places: LonLat) -> None:
    compiled = _COVERED.compiled()
    for place in places:
        ensure_metres_hold(place)
        if not await reader.fetchval(compiled.sql, *compiled.arguments(place._asdict())):
            raise OutsideRegion(lon=place.lon, lat=place.lat)


def _walk(
    network: Network, origin: LonLat, destinations: Sequence[LonLat], walker: Walker, evening: bool
) -> Walk:
    graph = graph_of(network, walker, evening)
    start = snap_place(network, origin, walker, evening)
    nearest, end, there = _nearest(graph, start, destinations)
    back = find_routes(graph, end, start)[0]
    along = transformer(LAMBERT_2008, WGS84).transform(*there.line_xy.T)
    return Walk(
        walker=walker,
        end=nearest,
        minutes=round(there.minutes, 1),
        walk_minutes=whole_minutes(there.minutes),
        length_m=round(there.length_m),
        back_minutes=whole_minutes(back.minutes) if back else None,
        line=tuple(_rounded(place) for place in (origin, *zip(*along, strict=True), nearest)),
        steps=tuple(map(_step, there.legs)),
        hints=gather_hints(there, back),
        network=name_network(network),
    )


def _nearest(graph: Graph, start: Snapped, destinations: Sequence[LonLat]) -> tuple[LonLat, Snapped, Route]:
    """Return the destination that is reached first, where it stands on the streets, and the walk to it."""
    lon, lat = np.transpose(destinations)
    places = np.transpose(transformer(WGS84, LAMBERT_2008).transform(lon, lat))
    ends = snap(graph.network, places, graph.walker, evening=graph.evening)
    if not ends.found.any():
        snap_place(graph.network, destinations[0], graph.walker, graph.evening)
    found = [(at, route) for at, route in enumerate(find_routes(graph, start, ends)) if route]
    if not found:
        raise NoWay(walker=graph.walker.value)
    at, route = min(found, key=lambda each: each[1].minutes)
    return destinations[at], ends.take([at]), route


def _rounded(place: Sequence[float]) -> LonLat:
    return LonLat(round(float(place[0]), DECIMALS), round(float(place[1]), DECIMALS))


def _step(leg: Leg) -> Step:
    return Step(
        text=Text(**{lang: tell_leg(leg, lang) for lang in LANGS}),
        street=leg.street,
        turn=leg.turn.value,
        length_m=round(leg.length_m),
        minutes=round(leg.minutes, 1),
        notes=tuple(note.value for note in leg.notes),
    )


def _reach(
    network: Network, origin: LonLat, minutes: Sequence[float], walker: Walker, evening: bool
) -> Reach:
    graph = graph_of(network, walker, evening)
    drawn = draw_isochrones(graph, snap_place(network, origin, walker, evening), minutes)
    return Reach(
        walker=walker,
        minutes=tuple(each.minutes for each in drawn),
        geometries=tuple(_geojson(each.area) for each in drawn),
        areas_km2=tuple(round(each.area.area / 1e6, 3) for each in drawn),
        network=name_network(network),
    )


def _geojson(area: MultiPolygon) -> dict[str, Any]:
    import shapely

    def degrees(metres: Floats) -> Floats:
        lon, lat = transformer(LAMBERT_2008, WGS84).transform(*metres.T)
        rounded: Floats = np.round(np.stack([lon, lat], axis=1), DECIMALS)
        return rounded

    told: dict[str, Any] = shapely.geometry.mapping(shapely.transform(area, degrees))
    return told
