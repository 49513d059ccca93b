"""The features of any layer, as GeoJSON: what the OGC routes, exports and maps read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from geo.db.reads import Reader, ReadQuery
from geo.layers import layers
from geo.layers.base import Layer
from geo.queries import features
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


_PAGE, _ONE = ReadQuery(_page), ReadQuery(_one)


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
