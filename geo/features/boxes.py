"""Boxes that features are asked to meet, in the reference system that they were written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Double, and_, false, func, select
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, value
from geo.errors import InvalidParameter

#: Beyond these, degrees are no place on earth; metres of any offered system stay below the other.
_MOST_DEGREES = (180.0, 90.0)
_MOST_METRES = 1e8
_SIDES = ("box_west", "box_south", "box_east", "box_north")
#: Pieces that a side of a box in metres is cut into, as straight lines there are none in degrees.
_PIECES = 32


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north: x before y, whatever order the system's authority writes."""

    west: float
    south: float
    east: float
    north: float
    epsg: int = WGS84

    def values(self) -> dict[str, float]:
        """Return the values to bind, by name."""
        return dict(zip(_SIDES, (self.west, self.south, self.east, self.north), strict=True))


def read_box(numbers: Sequence[float], epsg: int = WGS84, *, is_lat_lon: bool = False) -> Box:
    """Return the box of four numbers, or of six of which two are heights, which nothing here has.

    Raises
    ------
    InvalidParameter
        It has another number of them, is reversed, crosses the antimeridian or lies off the earth.
    """
    if len(numbers) not in (4, 6):
        raise _refused(numbers, "4 or 6 numbers")
    lower, upper = numbers[: len(numbers) // 2][:2], numbers[len(numbers) // 2 :][:2]
    west, south = reversed(lower) if is_lat_lon else lower
    east, north = reversed(upper) if is_lat_lon else upper
    most_x, most_y = _MOST_DEGREES if epsg == WGS84 else (_MOST_METRES, _MOST_METRES)
    if not -most_x <= west <= east <= most_x:
        raise _refused(numbers, f"west <= east, both between {-most_x:g} and {most_x:g}")
    if not -most_y <= south <= north <= most_y:
        raise _refused(numbers, f"south <= north, both between {-most_y:g} and {most_y:g}")
    return Box(west, south, east, north, epsg)


def _refused(numbers: Sequence[float], expected: str) -> InvalidParameter:
    return InvalidParameter(name="bbox", value=",".join(map(str, numbers[:7])), expected=expected)


def box_shape(epsg: int) -> ColumnElement[Any]:
    """Return the box of the values `box_west` … `box_north` as a polygon in EPSG:4326."""
    west, south, east, north = (value(side, Double) for side in _SIDES)
    box = func.ST_MakeEnvelope(west, south, east, north, number(epsg))
    if epsg == WGS84:
        return box
    longest = func.greatest(east - west, north - south, number(1))
    return func.ST_Transform(func.ST_Segmentize(box, longest * number(1 / _PIECES)), number(WGS84))


def box_edges(epsg: int) -> tuple[ColumnElement[Any], ...]:
    """Return west, south, east and north, in degrees, of the box or of what encloses it."""
    if epsg == WGS84:
        return tuple(value(side, Double) for side in _SIDES)
    shape = box_shape(epsg)
    return tuple(edge(shape) for edge in (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax))


def meets_box(geom: ColumnElement[Any], epsg: int, *, is_point: bool) -> ColumnElement[bool]:
    """Return the condition that a geometry (EPSG:4326) meets the box.

    The index answers by enclosing boxes, a little too large; nearly all that it finds meets the box indeed.
    `NULLIF … IS NOT NULL` tells the planner so: it would count the box twice, find next to nothing left, and
    sort what the index could have handed out in order.

    Parameters
    ----------
    is_point : bool
        Every geometry is one point: PostgreSQL's own point in its own box takes a quarter of the time.
    """
    shape = box_shape(epsg)
    if is_point and epsg == WGS84:
        west, south, east, north = box_edges(epsg)
        # A query of its own: made once, not for each row.
        corners = select(func.box(func.point(west, south), func.point(east, north))).scalar_subquery()
        exact: ColumnElement[bool] = func.point(geom).op("<@", is_comparison=True)(corners)
    else:
        exact = func.ST_Intersects(geom, shape)
    return and_(geom.op("&&")(shape), func.nullif(exact, false()).is_not(None))
