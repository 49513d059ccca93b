"""Geometries that filters name: read, checked, brought to EPSG:4326, cut where they mix dimensions."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from geo.crs import WGS84, transformer
from geo.errors import InvalidFilter

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_TYPES: Final = (
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"
)  # fmt: skip
#: Pieces that a straight line in metres is cut into, as it is none in degrees.
_PIECES: Final = 32
#: Beyond these, coordinates are no place on earth in any reference system offered here.
_MOST_DEGREES: Final = (180.0, 90.0)
_MOST_METRES: Final = (1e8, 1e8)


def read_wkt(text: str) -> dict[str, Any]:
    """Return a geometry in WKT as GeoJSON.

    Raises
    ------
    InvalidFilter
        It is none.
    """
    import numpy as np
    import shapely

    try:
        with np.errstate(all="ignore"):  # a number too large becomes infinite, which is refused
            told: dict[str, Any] = json.loads(shapely.to_geojson(shapely.from_wkt(text)))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise InvalidFilter("filter_geometry", value=text[:60], why=str(error)[:120]) from None
    return told


def read_shapes(told: Any, epsg: int = WGS84, *, is_lat_lon: bool = False) -> tuple[bytes, ...]:
    """Return a geometry as EWKB in EPSG:4326, one for each dimension that it has.

    Parameters
    ----------
    told : dict
        A GeoJSON geometry, or ``{"bbox": [...]}`` with four or six numbers; the latter's west lies east of
        its east where it spans the antimeridian.
    epsg : int
        Its reference system; `is_lat_lon` says that north comes before east in it.

    Raises
    ------
    InvalidFilter
        It is no valid geometry, or lies off the earth.
    """
    import shapely

    shape = _box(told["bbox"], epsg, is_lat_lon) if "bbox" in told and "type" not in told else _geometry(told)
    if "type" in told and is_lat_lon:
        shape = shapely.transform(shape, lambda points: points[:, ::-1])
    _check(shape, told, epsg)
    parts = (_in_degrees(each, epsg) for each in _by_dimension(shape))
    return tuple(shapely.to_wkb(shapely.set_srid(each, WGS84), include_srid=True) for each in parts)


def _geometry(told: Any) -> BaseGeometry:
    import shapely

    if told["type"] not in _TYPES:
        raise _refused(told, ", ".join(_TYPES))
    try:
        return shapely.force_2d(shapely.from_geojson(json.dumps(told)))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise _refused(told, str(error)) from None


def _box(numbers: Any, epsg: int, is_lat_lon: bool) -> BaseGeometry:
    import shapely

    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(map(_is_number, numbers)):
        raise _refused(numbers, "four or six numbers are expected")
    (west, south), (east, north) = numbers[:2], numbers[len(numbers) // 2 :][:2]
    if is_lat_lon:
        west, south, east, north = south, west, north, east
    if south > north:
        raise _refused(numbers, "south comes before north")
    if west <= east:
        return _upright(west, south, east, north)
    if epsg != WGS84:
        raise _refused(numbers, "west comes before east")
    return shapely.union_all([_upright(west, south, 180.0, north), _upright(-180.0, south, east, north)])


def _upright(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Return a box, which is a line or a point where it has no width or no height."""
    import shapely

    corners = {(west, south), (east, north)}
    if len(corners) == 1:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString(sorted(corners))
    return shapely.box(west, south, east, north)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _check(shape: BaseGeometry, told: Any, epsg: int) -> None:
    import shapely

    if not shapely.is_valid(shape):
        raise _refused(told, shapely.is_valid_reason(shape))
    most_x, most_y = _MOST_DEGREES if epsg == WGS84 else _MOST_METRES
    if shape.is_empty:
        return
    west, south, east, north = shape.bounds
    if not (-most_x <= west <= east <= most_x and -most_y <= south <= north <= most_y):
        raise _refused(told, f"coordinates lie between {-most_x:g}, {-most_y:g} and {most_x:g}, {most_y:g}")


def _by_dimension(shape: BaseGeometry) -> Sequence[BaseGeometry]:
    """Return a geometry as it is, or the points, lines and areas of a collection, each as one."""
    import shapely

    if shape.geom_type != "GeometryCollection":
        return [shape]
    parts = shapely.get_parts(shape)
    while any(each.geom_type == "GeometryCollection" for each in parts):
        parts = shapely.get_parts(parts)
    whole = shapely.union_all(parts)
    if whole.geom_type != "GeometryCollection" or whole.is_empty:
        return [whole]
    pieces = shapely.get_parts(whole)
    dimensions = shapely.get_dimensions(pieces)
    return [shapely.union_all(pieces[dimensions == each]) for each in (2, 1, 0) if (dimensions == each).any()]


def _in_degrees(shape: BaseGeometry, epsg: int) -> BaseGeometry:
    import shapely

    if epsg == WGS84 or shape.is_empty:
        return shape
    west, south, east, north = shape.bounds
    longest = max(east - west, north - south, 1.0)
    moved = transformer(epsg, WGS84)
    fine = shapely.segmentize(shape, longest / _PIECES)
    degrees = shapely.transform(fine, lambda points: _moved(moved, points))
    if not math.isfinite(sum(degrees.bounds)):
        raise _refused(shape.wkt, "it lies outside of its reference system")
    return degrees


def _moved(moved: Any, points: Any) -> Any:
    import numpy as np

    return np.column_stack(moved.transform(points[:, 0], points[:, 1]))


def _refused(told: Any, why: str) -> InvalidFilter:
    value = told if isinstance(told, str) else json.dumps(told)
    return InvalidFilter("filter_geometry", value=value[:60], why=why[:120])
