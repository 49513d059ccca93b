"""Where the features of a layer lie, and when: read from the data, kept until it changes."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, case, func, null, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.kept import keep
from geo.db.reads import Reader, ReadQuery
from geo.features.intervals import BRUSSELS, Interval
from geo.layers import layers
from geo.layers.base import Layer
from geo.vocabulary import Bbox, Viewer

#: Decimals of a degree that are told, rounded outwards: some ten centimetres.
DECIMALS: Final = 6
SIDES: Final = ("XMin", "YMin", "XMax", "YMax")


@dataclass(frozen=True, slots=True)
class Extent:
    """What lies around all features that a viewer may see.

    Parameters
    ----------
    box : Bbox or None
        Degrees (EPSG:4326); None: there are none.
    times : Interval or None
        An end that some feature leaves open is open. None: the layer knows no times.
    """

    box: Bbox | None
    times: Interval | None = None


def _extent(layer_id: str, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    layer = layers()[layer_id]
    rows = layer.select(shape, viewer).subquery()
    first, last = layer.times or (None, None)
    box = func.ST_Extent(rows.c.geom)
    return select(
        *(
            getattr(func, f"ST_{side}")(box).label(name)
            for side, name in zip(SIDES, Bbox._fields, strict=True)
        ),
        (_end(func.min, rows.c[first]) if first else null()).label("since"),
        (_end(func.max, rows.c[last]) if last else null()).label("until"),
    )


def _end(extreme: Any, moments: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the first or last of some moments; nothing where one of them is open."""
    return case((func.bool_or(moments.is_(None)), null()), else_=extreme(moments))


_EXTENT = ReadQuery(_extent)


async def read_extent(reader: Reader, layer: Layer[Any], viewer: Viewer) -> Extent:
    """Return how far a layer reaches today, for a viewer."""
    key = "extent", layer.id, viewer
    return await keep(reader, (layer.id,), key, lambda: _read(reader, layer, viewer), is_small=True)


async def _read(reader: Reader, layer: Layer[Any], viewer: Viewer) -> Extent:
    filters = layer.filters()
    compiled = _EXTENT.compiled(layer.id, filters.shape, viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(filters.values()))
    assert row is not None
    if row["west"] is None:
        return Extent(None)
    box = Bbox(_down(row["west"]), _down(row["south"]), _up(row["east"]), _up(row["north"]))
    return Extent(box, Interval(_moment(row["since"]), _moment(row["until"])) if layer.times else None)


def _moment(told: dt.date | str | None) -> dt.datetime | None:
    """Return a day, as its midnight, or a civil moment as a moment."""
    return dt.datetime.fromisoformat(str(told)).replace(tzinfo=BRUSSELS) if told else None


def _down(degrees: float) -> float:
    return math.floor(degrees * 10**DECIMALS) / 10**DECIMALS


def _up(degrees: float) -> float:
    return math.ceil(degrees * 10**DECIMALS) / 10**DECIMALS
