"""The versions of features that can be written: what a change of one has to be made on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, null, select

from geo.db.reads import Reader, ReadQuery, value
from geo.features.asked import id_type, typed_id
from geo.layers import layers
from geo.layers.base import Layer


def _version(layer_id: str) -> Select[Any]:
    version = layers()[layer_id].version(value("fid", id_type(layer_id)))
    return select(null() if version is None else version)


_VERSION = ReadQuery(_version)


async def read_version(reader: Reader, layer: Layer[Any], fid: str) -> int | None:
    """Return the version of a feature's record; None where the layer's features can't be written."""
    known = typed_id(layer.id, fid)
    if known is None or type(layer).version is Layer.version:
        return None
    compiled = _VERSION.compiled(layer.id)
    found: int | None = await reader.fetchval(compiled.sql, *compiled.arguments({"fid": known}))
    return found
