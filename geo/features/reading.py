"""The features of any layer, as GeoJSON and as tiles: what the OGC routes, exports and maps read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from geo.db.reads import Reader, ReadQuery
from geo.layers import layers
from geo.layers.base import Layer
from geo.queries import features, tiles
from geo.queries.filters import Filters
from geo.vocabulary import Viewer


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """A JSON array of GeoJSON features as bytes, and how many match in all."""

    features: bytes
    returned: int
    matched: int


def _names(layer: Layer[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in layer.properties)


def _page(layer_id: str, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    layer = layers()[layer_id]
    return features.page(layer.select(shape, viewer), _names(layer)).add_columns(
        layer.unknown(shape).label("unknown")
    )


def _one(layer_id: str, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    layer = layers()[layer_id]
    return features.one(layer.select(shape, viewer), _names(layer))


def _tile(layer_id: str, shape: frozenset[str], viewer: Viewer, zoom: int) -> Select[Any]:
    layer = layers()[layer_id]
    drawn = tiles.tile(layer.tile_select(shape, viewer, zoom), layer_id, _names(layer))
    return select(drawn.scalar_subquery().label("tile"), layer.unknown(shape).label("unknown"))


_PAGE, _ONE, _TILE = ReadQuery(_page), ReadQuery(_one), ReadQuery(_tile)


async def read_features(
    reader: Reader, layer: Layer[Any], filters: Filters, viewer: Viewer, *, limit: int, offset: int = 0
) -> FeaturePage:
    """Return a page of a layer's features, in the order of their ids.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    """
    compiled = _PAGE.compiled(layer.id, filters.shape, viewer)
    values = filters.values() | {"limit": limit, "offset": offset}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    filters.refuse(row["unknown"])
    return FeaturePage(row["features"], row["returned"], row["matched"])


async def read_feature(reader: Reader, layer: Layer[Any], fid: str, viewer: Viewer) -> bytes | None:
    """Return one GeoJSON feature, or None if this viewer knows of none by that id."""
    every = layer.filters.model_validate(
        {"to_check": "true"} if "to_check" in layer.filters.model_fields else {}
    )
    compiled = _ONE.compiled(layer.id, every.shape, viewer)
    return await reader.fetchval(compiled.sql, *compiled.arguments(every.values() | {"fid": fid}))  # type: ignore[no-any-return]


async def read_tile(
    reader: Reader, layer: Layer[Any], filters: Filters, viewer: Viewer, *, z: int, x: int, y: int
) -> bytes:
    """Return a Mapbox vector tile of the layer; empty bytes when nothing lies in it.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    """
    compiled = _TILE.compiled(layer.id, filters.shape, viewer, z)
    values = filters.values() | {"z": z, "x": x, "y": y}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    filters.refuse(row["unknown"])
    return row["tile"] or b""
