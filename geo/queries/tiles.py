"""Any layer as Mapbox vector tiles: bytes made by the database, the same way for all layers.

A tile of few points names each of them; one of many says how many there are in each of its cells. Lines are
simplified as far as a zoom can't show the difference; their ends stay, so that streets still meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Double,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WEB_MERCATOR, WGS84
from geo.db.reads import number, quoted, value
from geo.vocabulary import POINT_COUNT

EXTENT = 4096
#: Drawn beyond the edge of a tile, in its units, so that lines and circles are not cut at it: ten pixels.
BUFFER = 80
#: Points that a tile names one by one: so many, and those of its margin, take some 130 kB.
MOST_POINTS = 600
#: Cells along a side of a tile of many points: 32 pixels each, on a map whose tiles take 512.
CELLS = 16
#: How far a simplified line may lie from the true one, in units of the tile: half a pixel of 512.
TOLERANCE = 4
_WORLD_M = 40_075_016.685578488


def tile_envelope() -> ColumnElement[Any]:
    """Return the square of the tile of the values z, x, y in EPSG:3857."""
    return func.ST_TileEnvelope(*(value(name, Integer) for name in ("z", "x", "y")))


def tile_box(epsg: int) -> ColumnElement[Any]:
    """Return the tile with its buffer in a reference system: what rows are asked whether they meet."""
    envelope = tile_envelope()
    margin = (func.ST_XMax(envelope) - func.ST_XMin(envelope)) * number(BUFFER / EXTENT)
    box = func.ST_Expand(envelope, margin)
    return box if epsg == WEB_MERCATOR else func.ST_Transform(box, number(epsg))


def tile(rows: Select[Any], layer_id: str, properties: Sequence[str]) -> Select[Any]:
    """Return a tile of rows whose `geom` is in EPSG:3857, null when nothing lies in it."""
    source = rows.subquery("source")
    drawn = select(_clipped(source.c.geom), *(source.c[name] for name in properties))
    return _encoded(drawn, layer_id)


def _clipped(geom: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a geometry (EPSG:3857) in the units of the tile; the tile itself is worked out once a query."""
    square = select(tile_envelope()).scalar_subquery()
    return func.ST_AsMVTGeom(geom, square, number(EXTENT), number(BUFFER), number(True)).label("geom")


def simplified(rows: Select[Any], zoom: int) -> Select[Any]:
    """Return rows (EPSG:3857) with their lines as fine as a tile of the zoom can show them."""
    source = rows.subquery("fine")
    tolerance_m = _WORLD_M / 2**zoom / EXTENT * TOLERANCE
    coarse = func.ST_Simplify(source.c.geom, number(tolerance_m), true())
    geom = case((func.ST_Dimension(source.c.geom) == number(1), coarse), else_=source.c.geom)
    return select(geom.label("geom"), *(column for column in source.c if column.key != "geom"))


@dataclass(frozen=True, slots=True)
class Beforehand:
    """Counts of a tile by cell and kind that were made before it was asked for, and whether they hold.

    `cells` has the columns of what is counted now: `across`, `down`, `kind`, `n`, `x` and `y`.
    """

    cells: Select[Any]
    hold: ColumnElement[bool]


def tile_of_points(
    each: Select[Any],
    rows: Select[Any],
    layer_id: str,
    by: str | None,
    kinds: Sequence[str],
    beforehand: Beforehand | None = None,
) -> Select[Any]:
    """Return `each`, a tile that names every point, or counts by cell where there are too many of them.

    Values: z, x, y, and `tile_west` … `tile_north`, the sides of the tile in degrees.

    Parameters
    ----------
    rows : Select
        The points, with `geom` in EPSG:4326.
    by, kinds
        The property that picks the colour, and its values: the most frequent one stands for the cell, and
        `count_<kind>` says how many there are of each.
    beforehand : Beforehand, optional
        Counts that spare counting, where they hold.
    """
    source = rows.subquery("points")
    some = select(number(1)).select_from(source).where(_meets_tile(source)).limit(number(MOST_POINTS + 1))
    found: ColumnElement[int] = select(func.count()).select_from(some.subquery()).scalar_subquery()
    counted = _counted(source, by)
    if beforehand is None:
        crowded, cells = found > number(MOST_POINTS), counted.subquery("counted")
    else:
        answer = select(beforehand.hold.label("holds")).cte(f"{layer_id}_beforehand")
        holds = select(answer.c.holds).scalar_subquery()
        known = beforehand.cells.where(holds).cte(f"{layer_id}_cells")
        total = select(func.coalesce(func.sum(known.c.n), number(0))).scalar_subquery()
        crowded = case((holds, total), else_=found) > number(MOST_POINTS)
        now = counted.where(~holds).subquery("now")
        cells = select(known).union_all(select(now)).subquery("counted")
    counts = _encoded(_cells(cells, by, kinds), layer_id)
    return select(case((crowded, counts.scalar_subquery()), else_=each.scalar_subquery()).label("tile"))


def _encoded(drawn: Select[Any], layer_id: str) -> Select[Any]:
    fenced = drawn.offset(
        number(0)
    )  # else every shape is cut twice: to see whether any is left, and to draw it
    named = fenced.subquery("drawn")
    encoded = func.ST_AsMVT(literal_column("drawn.*"), quoted(layer_id), number(EXTENT), quoted("geom"))
    return select(encoded.label("tile")).select_from(named).where(named.c.geom.is_not(None))


def _sides() -> list[ColumnElement[Any]]:
    return [value(f"tile_{side}", Double) for side in ("west", "south", "east", "north")]


def _meets_tile(source: Subquery) -> ColumnElement[bool]:
    return source.c.geom.op("&&")(func.ST_MakeEnvelope(*_sides(), number(WGS84)))


def _counted(source: Subquery, by: str | None) -> Select[Any]:
    """Return how many points of each kind lie in each cell, and the sums of their coordinates.

    Cells are cut in degrees, which is cheaper than to project every point, and as even. What lies on the
    southern or eastern side of the tile, or so close to it that an index can't tell, falls into a cell of its
    own: the neighbour counts it.
    """
    west, south, east, north = _sides()
    x, y = func.ST_X(source.c.geom), func.ST_Y(source.c.geom)
    cells = (
        func.floor((x - west) / (east - west) * number(CELLS)).label("across"),
        func.floor((north - y) / (north - south) * number(CELLS)).label("down"),
    )
    kind = (source.c[by] if by else null()).label("kind")
    sums = func.count().label("n"), func.sum(x).label("x"), func.sum(y).label("y")
    grouped = cells if by is None else (*cells, kind)
    rows = select(*cells, kind, *sums).where(_meets_tile(source)).group_by(*grouped)
    return rows.offset(number(0))  # a fence: a condition on cells, tried point by point, misleads the planner


def _cells(counted: Subquery, by: str | None, kinds: Sequence[str]) -> Select[Any]:
    """Return one point per cell, in the middle of those that it stands for."""
    total = func.sum(counted.c.n)
    centre = func.ST_MakePoint(func.sum(counted.c.x) / total, func.sum(counted.c.y) / total)
    projected = func.ST_Transform(func.ST_SetSRID(centre, number(WGS84)), number(WEB_MERCATOR))
    told = [cast(total, Integer).label(POINT_COUNT)]
    if by:
        often = aggregate_order_by(counted.c.kind, counted.c.n.desc(), counted.c.kind)
        told.append(func.array_agg(often)[number(1)].label(by))
        told += [
            cast(total.filter(counted.c.kind == quoted(kind)), Integer).label(f"count_{kind}")
            for kind in kinds
        ]
    last = number(CELLS - 1)
    here = counted.c.across.between(number(0), last), counted.c.down.between(number(0), last)
    return select(_clipped(projected), *told).where(*here).group_by(counted.c.across, counted.c.down)
