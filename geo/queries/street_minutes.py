"""Streets by the minutes walked from them to the nearest service of a theme: vector tiles and plain lines.

Minutes stand in one array a theme, by the number of the street. `generate_series` beside `unnest` tells the
planner that they are many, so that it joins by hash; of `unnest` alone it expects ten, and takes a minute.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, Integer, Select, String, Subquery, case, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WEB_MERCATOR, WGS84
from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.coverage import StreetMinutes
from geo.models.streets import StreetEdge, StreetNetwork
from geo.queries.tiles import BUFFER, EXTENT, tile_box, tile_envelope

#: Minutes up to and with which a street belongs to a band; the last band has no end.
BAND_LIMITS: Final = (5, 10, 15, 20)
#: The band of streets from which there is no way to any.
NO_WAY: Final = len(BAND_LIMITS) + 1
LAYER: Final = "minutes"
#: From this zoom on every street stands for itself, with its name; before, those of a band are one line.
NEAR_ZOOM: Final = 13
#: Before this zoom paths are left out: they are a third of all streets, and nobody tells them apart there.
PATHS_ZOOM: Final = 12
#: Units of a tile before `NEAR_ZOOM`: half a pixel on the screen.
FAR_EXTENT: Final = 1024
#: Metres to which lines are simplified, and decimals of degrees (1 m), where a page holds all of them.
FILE_DETAIL_M, FILE_DECIMALS = 6, 5
_PATHS: Final = ("footway", "path", "steps", "track", "service", "cycleway", "bridleway", "corridor")


def version() -> Select[Any]:
    """Return a text that changes when the minutes of a theme and walker do, beside the network's edition."""
    stamp = StreetNetwork.key.cast(String) + quoted("-") + func.md5(StreetMinutes.digest)
    return (
        select(stamp.label("version"))
        .select_from(StreetNetwork)
        .outerjoin(StreetMinutes, (StreetMinutes.edition == StreetNetwork.edition) & _asked())
        .where(StreetNetwork.is_current)
    )


def tile(is_near: bool, has_paths: bool) -> Select[Any]:
    """Return a vector tile of streets with their band; near, also with minutes and names.

    Values: `theme`, `walker`, `z`, `x`, `y`.
    """
    lines = _lines(func.ST_Transform(StreetEdge.geom, number(WEB_MERCATOR)), has_paths)
    lines = lines.where(StreetEdge.geom.op("&&")(tile_box(WGS84)))
    rows = lines.subquery("streets")
    drawn = _near(rows) if is_near else _far(rows)
    found = drawn.subquery("drawn")
    extent = EXTENT if is_near else FAR_EXTENT
    encoded = func.ST_AsMVT(literal_column("drawn.*"), quoted(LAYER), number(extent), quoted("geom"))
    return select(encoded).select_from(found).where(found.c.geom.is_not(None))


def lines_by_band(has_paths: bool) -> Select[Any]:
    """Return one GeoJSON line for each band (EPSG:4326), simplified, as a JSON array of features.

    Values: `theme`, `walker`.
    """
    rows = _lines(func.ST_Simplify(StreetEdge.geom_m, number(FILE_DETAIL_M)), has_paths).subquery("streets")
    merged = func.ST_Transform(func.ST_LineMerge(func.ST_Collect(rows.c.geom)), number(WGS84))
    bands = (
        select(rows.c.band, merged.label("geom"), func.count().label("streets"))
        .group_by(rows.c.band)
        .subquery("bands")
    )
    feature = json_object(
        type=quoted("Feature"),
        geometry=cast(func.ST_AsGeoJSON(bands.c.geom, number(FILE_DECIMALS), number(0)), JSON),
        properties=json_object(band=bands.c.band, streets=bands.c.streets),
    )
    listed = func.json_agg(aggregate_order_by(feature, bands.c.band))
    return select(as_bytes(func.coalesce(listed, literal_column("'[]'::json"))))


def _asked() -> ColumnElement[bool]:
    return (StreetMinutes.theme == value("theme", String)) & (StreetMinutes.walker == value("walker", String))


def _lines(geom: ColumnElement[Any], has_paths: bool) -> Select[Any]:
    """Return the streets of the network in use with their minutes and band."""
    numbers = func.generate_series(number(0), func.cardinality(StreetMinutes.minutes) - number(1))
    minutes = (
        select(numbers.label("number"), func.unnest(StreetMinutes.minutes).label("minutes"))
        .join(StreetNetwork, StreetNetwork.edition == StreetMinutes.edition)
        .where(StreetNetwork.is_current, _asked())
        .subquery("minutes")
    )
    edition = select(StreetNetwork.edition).where(StreetNetwork.is_current).scalar_subquery()
    drawn = (
        select(
            geom.label("geom"),
            _band(minutes.c.minutes).label("band"),
            cast(func.ceil(minutes.c.minutes), Integer).label("minutes"),
            StreetEdge.name_fr,
            StreetEdge.name_nl,
        )
        .join(minutes, minutes.c.number == StreetEdge.number)
        .where(StreetEdge.edition == edition)
    )
    if has_paths:
        return drawn
    return drawn.where(StreetEdge.highway.not_in([quoted(each) for each in _PATHS]))


def _band(minutes: ColumnElement[Any]) -> ColumnElement[Any]:
    bands = [(minutes <= number(limit), number(band)) for band, limit in enumerate(BAND_LIMITS)]
    return case((minutes.is_(None), number(NO_WAY)), *bands, else_=number(len(BAND_LIMITS)))


def _near(rows: Subquery) -> Select[Any]:
    geom = func.ST_AsMVTGeom(rows.c.geom, tile_envelope(), number(EXTENT), number(BUFFER))
    told = (rows.c.band, rows.c.minutes, rows.c.name_fr, rows.c.name_nl)
    return select(geom.label("geom"), *told)


def _far(rows: Subquery) -> Select[Any]:
    """Return the streets of each band as one line, on the grid of the tile."""
    envelope = tile_envelope()
    unit = (func.ST_XMax(envelope) - func.ST_XMin(envelope)) / number(FAR_EXTENT)
    coarse = func.ST_Simplify(func.ST_SnapToGrid(func.ST_Collect(rows.c.geom), unit), unit)
    margin = number(FAR_EXTENT * BUFFER // EXTENT)
    geom = func.ST_AsMVTGeom(func.ST_LineMerge(coarse), tile_envelope(), number(FAR_EXTENT), margin)
    return select(geom.label("geom"), rows.c.band).group_by(rows.c.band)
