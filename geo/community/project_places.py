"""Where a project takes place: checked on the ground, and turned into what the database keeps."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Select, Uuid, func, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from geo.community.project_draft import Where
from geo.crs import WGS84
from geo.errors import ContentRefused, Fault
from geo.models.places import Place
from geo.models.zones import Zone
from geo.queries.coverage import related_zone_ids, touched_zone_ids
from geo.queries.shapes import shape_faults
from geo.queries.zones import is_current

#: An area smaller than this is a slip of the hand.
MIN_AREA_M2 = 1.0

_PLACE_OF_REASON = re.compile(r"^(.*?)\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")


@dataclass(frozen=True, slots=True)
class Location:
    """Where a project takes place, as it is kept: geometry in EPSG:4326, zones and streets by their ids."""

    geom: WKBElement | None = None
    chosen_zone_ids: tuple[uuid.UUID, ...] = ()
    street_ids: tuple[uuid.UUID, ...] = ()
    zone_ids: tuple[uuid.UUID, ...] = ()


async def locate(session: AsyncSession, where: Where | None) -> Location:
    """Return where a project takes place.

    Raises
    ------
    ContentRefused
        Naming the field, what is wrong and where: an outline that crosses itself, an area of no size, a place
        outside the region, a zone or street that does not exist.
    """
    if where is None or not where.is_told:
        return Location()
    if where.kind == "zones":
        return await _chosen(session, where.zones)
    if where.kind == "streets":
        geom, streets = await _along(session, where.streets), where.streets
    else:
        assert where.geometry is not None
        geom, streets = await _drawn(session, where.geometry), ()
    touched = await session.scalar(select(touched_zone_ids(geom)))
    return Location(geom, (), streets, tuple(touched or ()))


async def _drawn(session: AsyncSession, geometry: dict[str, Any]) -> WKBElement:
    """Return a drawn geometry, if it is simple and lies in the region."""
    row = (await session.execute(shape_faults(), {"geojson": json.dumps(geometry)})).one()
    found = _PLACE_OF_REASON.match(row.reason or "")
    where = {"lon": f"{float(found[2]):.5f}", "lat": f"{float(found[3]):.5f}"} if found else {}
    if not row.is_valid and row.hull_m2 >= MIN_AREA_M2:
        crosses = "Self-intersection" in row.reason
        raise _refused("geometry_crosses" if crosses and found else "geometry_invalid", **where)
    if geometry["type"] != "Point" and (not row.is_valid or row.area_m2 < MIN_AREA_M2):
        raise _refused("geometry_no_area")
    if row.stray_lon is not None:
        raise _refused("geometry_outside", lon=f"{row.stray_lon:.5f}", lat=f"{row.stray_lat:.5f}")
    geom: WKBElement = row.geom
    return geom


async def _along(session: AsyncSession, streets: Sequence[uuid.UUID]) -> WKBElement:
    """Return the points along some streets as one MultiPoint."""
    points = func.ST_Multi(func.ST_Union(func.coalesce(Place.points, Place.geom)))
    listed = func.array_agg(Place.id, type_=ARRAY(Uuid))
    rows = select(type_coerce(points, Geometry(srid=WGS84)), listed)
    rows = rows.where(Place.kind == "street", Place.id.in_(streets))
    geom, known = (await session.execute(rows)).one()
    _refuse_unknown("where.streets", streets, set(known or ()))
    return geom  # type: ignore[no-any-return]


async def _chosen(session: AsyncSession, refs: Sequence[str]) -> Location:
    """Return the ground of chosen zones, those without limits left out, and what they belong to."""
    pairs = [tuple(ref.split(":", 1)) for ref in refs]
    ids = select(Zone.id).where(is_current(), tuple_(Zone.kind, Zone.code).in_(pairs))
    related = related_zone_ids(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid)))
    ref = Zone.kind.concat(":").concat(Zone.code)
    rows: Select[Any] = select(
        type_coerce(func.ST_Multi(func.ST_Union(Zone.geom)), Geometry(srid=WGS84)),
        func.array_agg(aggregate_order_by(ref, Zone.kind, Zone.code)),
        func.array_agg(aggregate_order_by(Zone.id, Zone.kind, Zone.code), type_=ARRAY(Uuid)),
        related,
    ).where(Zone.id.in_(ids))
    geom, known, chosen, zone_ids = (await session.execute(rows)).one()
    _refuse_unknown("where.zones", refs, set(known or ()))
    return Location(geom, tuple(chosen), (), tuple(zone_ids))


def _refuse_unknown(field: str, given: Sequence[Any], known: set[Any]) -> None:
    unknown = [str(each) for each in given if each not in known]
    if unknown:
        raise ContentRefused(Fault(field, "unknown_value", {"value": ", ".join(unknown[:5])}))


def _refused(kind: str, **facts: str) -> ContentRefused:
    return ContentRefused(Fault("where.geometry", kind, facts))
