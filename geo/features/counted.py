"""Points counted beforehand, cell by cell: a map of many costs no more than one of few.

Cells are squares of WebMercatorQuad, so that those of a tile are whole ones. They count what everybody may
see of a layer without any filter; whatever else is asked is counted when it is asked. They hold for one data
version of the layer and one day, and whoever reads them asks whether they do in the same statement: an answer
is never older for them, only slower while `geo.features.recounting` has not caught up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Double, Integer, Select, and_, cast, exists, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, quoted, value
from geo.features.asked import AskedShape
from geo.features.boxes import Box
from geo.features.matrix import position
from geo.layers.base import Layer
from geo.models.counts import CountedCell, CountedLayer
from geo.models.versions import LayerVersion
from geo.queries.tiles import CELLS
from geo.vocabulary import ANONYMOUS, Viewer

#: Zooms whose squares are counted. The cells of a tile are the squares four zooms further in.
ZOOMS: Final = (12, 14, 16, 18)
FINEST: Final = ZOOMS[-1]
_WITHIN: Final = int(math.log2(CELLS))
#: A box is laid over at most so many squares along a side, where there are such large ones.
_ACROSS: Final = 10
#: Beyond these latitudes lies no square.
MOST_LATITUDE: Final = 85.0


@lru_cache(maxsize=500)
def is_counted(layer: Layer[Any], shape: AskedShape, viewer: Viewer) -> bool:
    """Return whether what is asked is what was counted: all that anybody sees, whatever is told of it."""
    plain = AskedShape(layer.filters().shape)
    asked = replace(shape, sort=(), properties=None, crs=plain.crs, is_flipped=plain.is_flipped)
    return layer.is_counted and viewer == ANONYMOUS and asked == plain


@lru_cache(maxsize=500)
def counts_box(layer: Layer[Any], shape: AskedShape, viewer: Viewer) -> bool:
    """Return whether how many lie in the box that is asked for can be told by cells."""
    return shape.box == WGS84 and is_counted(layer, replace(shape, box=None), viewer)


def hold(layer: Layer[Any]) -> ColumnElement[bool]:
    """Return whether a layer's counts are of today and of what it now is."""
    now = select(func.coalesce(func.sum(LayerVersion.version), number(0))).where(
        LayerVersion.layer.in_([quoted(name) for name in layer.made_of])
    )
    return exists().where(
        CountedLayer.layer == quoted(layer.id),
        CountedLayer.counted_on == func.current_date(),
        CountedLayer.version == now.scalar_subquery(),
    )


def cells_of_tile(layer: Layer[Any], zoom: int) -> Select[Any]:
    """Return the counts of a tile by cell and kind: `across`, `down`, `kind`, `n`, and sums of `x` and `y`.

    Values: x, y. Cells finer than those of the tile are put together.
    """
    counted = next(each for each in ZOOMS if each >= zoom + _WITHIN)
    finer, within = counted - zoom - _WITHIN, counted - zoom
    west, north = (value(name, Integer).op("<<")(number(within)) for name in ("x", "y"))
    last = number(2**within - 1)
    cell = CountedCell
    across = (cell.x - west).op(">>", return_type=Integer())(number(finer)).label("across")
    down = (cell.y - north).op(">>", return_type=Integer())(number(finer)).label("down")
    kinds = func.unnest(cell.kinds, cell.kind_points).table_valued("kind", "n", joins_implicitly=True)
    kinds = kinds.render_derived(name="kinds")
    share = kinds.c.n / cast(cell.points, Double)  # the middle of a cell is that of all kinds in it
    sums = func.sum(kinds.c.n), func.sum(cell.lon_sum * share), func.sum(cell.lat_sum * share)
    squares = _squares(layer, number(counted), (west, west + last), (north, north + last))
    columns = (each.label(name) for each, name in zip(sums, "nxy", strict=True))
    return select(across, down, kinds.c.kind, *columns).where(squares).group_by(across, down, kinds.c.kind)


def _squares(
    layer: Layer[Any], zoom: ColumnElement[Any], columns: Sequence[Any], rows: Sequence[Any]
) -> ColumnElement[bool]:
    """Return the condition that a cell is one of some columns and rows: found column by column."""
    each = func.array(select(func.generate_series(*columns)).scalar_subquery())
    return and_(
        CountedCell.layer == quoted(layer.id),
        CountedCell.zoom == zoom,
        CountedCell.x == func.any(cast(each, postgresql.ARRAY(Integer))),
        CountedCell.y.between(*rows),
    )


def box_values(box: Box) -> dict[str, float]:
    """Return the values of `in_box`: a zoom, and the sides of the box in squares of it."""
    north, south = (min(max(each, -MOST_LATITUDE), MOST_LATITUDE) for each in (box.north, box.south))
    sides = [*position(box.west, north, FINEST), *position(box.east, south, FINEST)]
    longest = max(sides[2] - sides[0], sides[3] - sides[1])
    zoom = next((z for z in reversed(ZOOMS) if longest / 2 ** (FINEST - z) <= _ACROSS), ZOOMS[0])
    names = ("cell_west", "cell_north", "cell_east", "cell_south")
    scaled = (side / 2 ** (FINEST - zoom) for side in sides)
    return {"cell_zoom": zoom} | dict(zip(names, scaled, strict=True))


def in_box(layer: Layer[Any]) -> Select[Any]:
    """Return how many lie in a box: `sure`, in squares wholly in it, and `expected`; null: not known.

    A square that is cut counts for as much as lies in the box. Values: those of `box_values`.
    """
    cell = CountedCell
    west, north, east, south = (value(f"cell_{side}", Double) for side in ("west", "north", "east", "south"))
    edges = [(cell.x, west, east), (cell.y, north, south)]
    wholly = and_(*(and_(at >= low, at + number(1) <= high) for at, low, high in edges))
    share: ColumnElement[Any] = number(1)
    for at, low, high in edges:
        share = share * (func.least(at + number(1), high) - func.greatest(at, low))
    columns, rows = ([cast(func.floor(end), Integer) for end in ends] for _, *ends in edges)
    sure: ColumnElement[Any] = func.sum(cell.points).filter(wholly).label("sure")
    expected = cast(func.round(func.sum(cell.points * share)), Integer).label("expected")
    return select(sure, expected).where(
        _squares(layer, value("cell_zoom", Integer), columns, rows), hold(layer)
    )
