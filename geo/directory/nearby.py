"""The services nearest to a point, as the crow flies, with estimated minutes on foot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Double, Integer, Select, func, select

from geo.access.estimate import estimate_reach_m, tell_walk
from geo.crs import ensure_metres_hold, named_point, named_point_m
from geo.db.reads import Reader, ReadQuery, as_bytes, value
from geo.directory.items import ServiceItem, parse_items
from geo.errors import OutsideRegion
from geo.layers.services import layer
from geo.models.cards import ServiceCard
from geo.queries.service_items import items_of
from geo.queries.services import ServiceFilters
from geo.queries.zones import covering
from geo.vocabulary import LonLat, Viewer, ZoneKind

MAX_K = 100


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest services as a JSON array, and how many they are."""

    items: bytes
    returned: int


def _nearby(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """One query: is the origin in the region, does the zone exist, and the k nearest as a JSON array."""
    origin_m = named_point_m()
    distance_m = ServiceCard.geom_m.op("<->")(origin_m)
    near = layer.cards(shape, viewer).add_columns(distance_m.label("distance_m"))
    near = near.where(ServiceCard.geom_m.is_not(None))
    if "max_minutes" in shape:
        near = near.where(func.ST_DWithin(ServiceCard.geom_m, origin_m, value("reach_m", Double)))
    cards = near.order_by(distance_m).limit(value("k", Integer)).cte("near")
    array = items_of(
        cards,
        cards.c.distance_m,
        **tell_walk(cards.c.distance_m),
    )
    return select(
        as_bytes(array).label("items"),
        select(func.count()).select_from(cards).scalar_subquery().label("returned"),
        covering(ZoneKind.SECTEUR, named_point()).label("inside"),
        layer.unknown(shape).label("unknown"),
    )


_QUERY = ReadQuery(_nearby)


async def nearby_json(
    reader: Reader,
    origin: LonLat,
    filters: ServiceFilters,
    viewer: Viewer,
    *,
    k: int = 20,
    max_minutes: float | None = None,
    moment: dt.datetime | None = None,
) -> Nearest:
    """Return the k nearest services, ordered by distance.

    Parameters
    ----------
    reader : Reader
        Pool or connection to read from.
    origin : LonLat
        EPSG:4326. It is bound to the query and kept nowhere.
    filters : ServiceFilters
        Applied before the k are cut.
    viewer : Viewer
        Who is looking.
    k : int
        1 to 100.
    max_minutes : float, optional
        Leaves out what is farther than this on foot, by estimate.
    moment : datetime, optional
        What "now" means; aware. Default: now.

    Raises
    ------
    OutsideRegion
        If the origin lies outside the region.
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    ensure_metres_hold(origin)
    shape = filters.shape | ({"max_minutes"} if max_minutes is not None else set())
    compiled = _QUERY.compiled(shape, viewer)
    values = filters.values() | {
        "lon": origin.lon,
        "lat": origin.lat,
        "k": k,
        "reach_m": estimate_reach_m(max_minutes or 0),
        "moment": moment or dt.datetime.now(dt.UTC),
    }
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    if not row["inside"]:
        raise OutsideRegion(lon=origin.lon, lat=origin.lat)
    filters.refuse(row["unknown"])
    return Nearest(row["items"], row["returned"])


async def find_nearby(
    reader: Reader, origin: LonLat, filters: ServiceFilters, viewer: Viewer, **options: Any
) -> list[ServiceItem]:
    """Return the k nearest services, ordered by distance; see `nearby_json` for the parameters."""
    found = await nearby_json(reader, origin, filters, viewer, **options)
    return parse_items(found.items)
