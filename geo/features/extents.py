"""Where the features of a layer lie, and when: read from the data, kept until it changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select

from geo.db.kept import keep
from geo.db.reads import Reader, ReadQuery
from geo.layers import layers
from geo.layers.base import Layer
from geo.vocabulary import Bbox, Viewer

#: Decimals of a degree that are told, rounded outwards: some ten centimetres.
DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """The box (EPSG:4326) around all features that a viewer may see; None: there are none."""

    box: Bbox | None


def _extent(layer_id: str, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    rows = layers()[layer_id].select(shape, viewer).subquery()
    box = select(func.ST_Extent(rows.c.geom).label("box")).subquery().c.box
    return select(
        *(getattr(func, f"ST_{side}")(box) for side in ("XMin", "YMin", "XMax", "YMax")),
    )


_EXTENT = ReadQuery(_extent)


async def read_extent(reader: Reader, layer: Layer[Any], viewer: Viewer) -> Extent:
    """Return how far a layer reaches today, for a viewer."""
    return await keep(reader, (layer.id,), ("extent", layer.id, viewer), lambda: _read(reader, layer, viewer))


async def _read(reader: Reader, layer: Layer[Any], viewer: Viewer) -> Extent:
    filters = layer.filters()
    compiled = _EXTENT.compiled(layer.id, filters.shape, viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(filters.values()))
    if row is None or row[0] is None:
        return Extent(None)
    west, south, east, north = row
    return Extent(Bbox(_down(west), _down(south), _up(east), _up(north)))


def _down(degrees: float) -> float:
    return math.floor(degrees * 10**DECIMALS) / 10**DECIMALS


def _up(degrees: float) -> float:
    return math.ceil(degrees * 10**DECIMALS) / 10**DECIMALS
