"""What PostGIS says of a drawn geometry: is it simple, how large is it, does it lie in the region."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Select, String, case, func, literal_column, select, type_coerce

from geo.crs import LAMBERT_2008, WGS84
from geo.db.reads import number, value
from geo.models.zones import Zone
from geo.queries.zones import NEAR_LIMIT_M, is_current, of_kind
from geo.vocabulary import ZoneKind


def shape_faults() -> Select[Any]:
    """Return what is to be known of the geometry of the value `geojson` (degrees, EPSG:4326).

    Returns
    -------
    Select
        One row: `geom`, `is_valid`, `reason` (PostGIS's own, with the place in brackets), `area_m2`,
        `hull_m2` (of its convex hull), and `stray_lon`, `stray_lat`: a point of it that lies more than 150 m
        outside the region, whose limits may be generalised; null when there is none.
    """
    read = func.ST_SetSRID(func.ST_GeomFromGeoJSON(value("geojson", String)), number(WGS84))
    given = select(
        read.label("geom"),
        func.ST_Transform(read, number(LAMBERT_2008)).label("geom_m"),
        func.ST_IsValid(read).label("is_valid"),
    ).cte("given")
    region = select(Zone.geom_m).where(of_kind(ZoneKind.REGION), is_current(), Zone.geom.is_not(None))
    ground = region.limit(number(1)).scalar_subquery()
    covered = func.ST_Covers(ground, given.c.geom_m)
    rest = func.ST_Difference(given.c.geom_m, func.ST_Buffer(ground, number(NEAR_LIMIT_M)))
    nothing: Any = literal_column("NULL")
    strays = case((~given.c.is_valid, nothing), (covered, nothing), else_=rest)
    stray = func.ST_Transform(func.ST_PointOnSurface(strays), number(WGS84))
    return select(
        type_coerce(given.c.geom, Geometry(srid=WGS84)).label("geom"),
        given.c.is_valid,
        func.ST_IsValidReason(given.c.geom).label("reason"),
        func.ST_Area(given.c.geom_m).label("area_m2"),
        func.ST_Area(func.ST_ConvexHull(given.c.geom_m)).label("hull_m2"),
        func.ST_X(stray).label("stray_lon"),
        func.ST_Y(stray).label("stray_lat"),
    )
