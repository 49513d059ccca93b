"""Any layer as Mapbox vector tiles: bytes made by the database, the same way for all layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Select, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WEB_MERCATOR
from geo.db.reads import number, quoted, value

EXTENT = 4096
#: Drawn beyond the edge of a tile, in its units, so that lines and pins are not cut at it.
BUFFER = 256


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
    clipped = func.ST_AsMVTGeom(source.c.geom, tile_envelope(), number(EXTENT), number(BUFFER), number(True))
    drawn = select(clipped.label("geom"), *(source.c[name] for name in properties)).subquery("drawn")
    encoded = func.ST_AsMVT(literal_column("drawn.*"), quoted(layer_id), number(EXTENT), quoted("geom"))
    return select(encoded).select_from(drawn).where(drawn.c.geom.is_not(None))
