"""Tiles of any layer, or of several in one: what is asked of features, drawn by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from geo.crs import WGS84
from geo.db.reads import Reader, ReadQuery, number
from geo.features.asked import Asked, AskedShape, select_asked, told_names
from geo.features.counted import cells_of_tile, hold, is_counted
from geo.features.matrix import Tile
from geo.layers import layers
from geo.layers.base import Layer, on_tile
from geo.queries import tiles
from geo.queries.tiles import Beforehand
from geo.vocabulary import POINT_COUNT, Viewer

#: The last zoom at which points are counted where they are too many; nearer, each is drawn.
COUNTED_TO_ZOOM: Final = 14
#: The last zoom at which lines are simplified; nearer, half a pixel is less than they are exact.
SIMPLIFIED_TO_ZOOM: Final = 16


#: Types of properties in words of TileJSON.
_FIELDS: Final = {"boolean": "Boolean", "integer": "Number", "number": "Number"}


def vector_layer(layer: Layer[Any], max_zoom: int) -> dict[str, Any]:
    """Return what the tiles of a layer tell, in words of TileJSON 3.0."""
    fields = {each.name: _FIELDS.get(each.type, "String") for each in layer.properties}
    if layer.geometry == "point":
        fields[POINT_COUNT] = "Number"
    told = {"id": layer.id, "description": layer.title.en, "minzoom": layer.min_zoom, "maxzoom": max_zoom}
    return told | {"fields": fields}


def _drawn(layer_id: str, shape: AskedShape, viewer: Viewer, zoom: int) -> Select[Any]:
    layer = layers()[layer_id]
    names = told_names(layer, shape.properties)
    if layer.geometry != "point":
        return tiles.tile(_shapes(layer, shape, viewer, zoom), layer_id, names)
    rows = select_asked(layer_id, shape, viewer)
    if zoom > COUNTED_TO_ZOOM:
        return tiles.tile(on_tile(rows), layer_id, names)
    each = on_tile(rows).add_columns(number(1).label(POINT_COUNT))
    kinds = [entry.value for entry in layer.style.legend]
    named = tiles.tile(each, layer_id, (*names, POINT_COUNT))
    known = Beforehand(cells_of_tile(layer, zoom), hold(layer)) if is_counted(layer, shape, viewer) else None
    return tiles.tile_of_points(named, rows, layer_id, layer.style.by, kinds, known)


def _shapes(layer: Layer[Any], shape: AskedShape, viewer: Viewer, zoom: int) -> Select[Any]:
    """Return the lines and surfaces that a tile draws, in the form that the layer keeps for the zoom."""
    rows = layer.tile_select(shape.filters, viewer, zoom)
    if shape != AskedShape(shape.filters, properties=shape.properties):
        asked = select_asked(layer.id, shape, viewer).subquery("asked")
        met = select(asked.c.fid).where(asked.c.geom.op("&&")(tiles.tile_box(WGS84)))
        source = rows.subquery("form")
        rows = select(source).where(source.c.fid.in_(met))
    if layer.geometry == "polygon" or zoom > SIMPLIFIED_TO_ZOOM:
        return rows
    return tiles.simplified(rows, zoom)


def _tile(shapes: tuple[tuple[str, AskedShape], ...], viewer: Viewer, zoom: int) -> Select[Any]:
    columns: list[Any] = []
    for i, (layer_id, shape) in enumerate(shapes):
        columns.append(_drawn(layer_id, shape, viewer, zoom).scalar_subquery().label(f"tile_{i}"))
        columns.append(layers()[layer_id].unknown(shape.filters).label(f"unknown_{i}"))
    return select(*columns)


_TILE = ReadQuery(_tile)


async def read_tile(reader: Reader, asked: Sequence[Asked], viewer: Viewer, tile: Tile) -> bytes:
    """Return a Mapbox vector tile, one layer in it per question; empty bytes when nothing lies in it.

    Points carry `point_count`, how many each stands for, as far as `COUNTED_TO_ZOOM`. Where more than
    `MOST_POINTS` lie in a tile, they are counted by cell, and tell no other property than what colours them.
    Values that several questions name alike (a time, say) have to be the same in all of them.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    """
    shapes = tuple((each.layer.id, each.shape) for each in asked)
    compiled = _TILE.compiled(shapes, viewer, tile.z)
    values = {name: each for one in asked for name, each in one.values().items()} | tile.values()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    for i, each in enumerate(asked):
        each.filters.refuse(row[f"unknown_{i}"])
    return b"".join(row[f"tile_{i}"] or b"" for i in range(len(asked)))
