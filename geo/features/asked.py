"""What is asked of a layer's features, once for all who answer: pages, counts, tiles, streams, files."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Select, Text, Uuid, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from geo.crs import WGS84
from geo.db.reads import value
from geo.features.boxes import Box, meets_box
from geo.features.intervals import Interval, meets_interval
from geo.layers import layers
from geo.layers.base import Layer
from geo.queries.filters import Filters
from geo.vocabulary import ANONYMOUS, Viewer

if TYPE_CHECKING:
    from geo.features.cql2 import Condition


@dataclass(frozen=True, slots=True)
class SortKey:
    """A property to sort by; what has none comes last."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class AskedShape:
    """All that the SQL of a question depends on: hashable, and no value of a reader in it."""

    filters: frozenset[str] = frozenset()
    box: int | None = None
    times: tuple[bool, bool] | None = None
    ids: bool = False
    where: Hashable = None
    sort: tuple[SortKey, ...] = ()
    properties: tuple[str, ...] | None = None
    crs: int = WGS84
    is_flipped: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Which features of a layer, in which order, and what is told of each.

    Parameters
    ----------
    layer : Layer
        Whose features.
    filters : Filters
        The layer's own filters.
    box, times, ids, where
        What features have to meet besides; all of it.
    sort : tuple of SortKey
        Empty: an order of our own that costs least.
    properties : tuple of str, optional
        Names of those to tell; None: all.
    crs : int
        EPSG code of the coordinates told; `is_flipped` says that north comes before east in them.
    """

    layer: Layer[Any]
    filters: Filters
    box: Box | None = None
    times: Interval | None = None
    ids: tuple[str, ...] = ()
    where: Condition | None = None
    sort: tuple[SortKey, ...] = ()
    properties: tuple[str, ...] | None = None
    crs: int = WGS84
    is_flipped: bool = False

    @property
    def shape(self) -> AskedShape:
        """Return what the SQL depends on."""
        return AskedShape(
            self.filters.shape,
            self.box.epsg if self.box else None,
            self.times.shape if self.times and self.layer.times else None,
            bool(self.ids),
            self.where.shape if self.where else None,
            self.sort,
            self.properties,
            self.crs,
            self.is_flipped,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the properties that are told, in the layer's order."""
        return told_names(self.layer, self.properties)

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        values = self.filters.values()
        for each in (self.box, self.times):
            if each:
                values |= each.values()
        if self.ids:
            typed = (typed_id(self.layer.id, each) for each in self.ids)
            values["ids"] = [each for each in typed if each is not None]
        return values | (dict(self.where.values) if self.where else {})


def told_names(layer: Layer[Any], properties: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the names of a layer's properties, or of those chosen, in the layer's order."""
    return tuple(each.name for each in layer.properties if properties is None or each.name in properties)


@cache
def id_type(layer_id: str) -> TypeEngine[Any]:
    """Return the type of a layer's `fid`."""
    fid = layers()[layer_id].select(frozenset(), ANONYMOUS).selected_columns["fid"].type
    return fid if isinstance(fid, Uuid | Integer) else Text()


def typed_id(layer_id: str, fid: str) -> Any:
    """Return a feature's id as the database keeps it, or None where the layer can have none by it."""
    kind = id_type(layer_id)
    try:
        if isinstance(kind, Uuid):
            return uuid.UUID(fid) if len(fid) == 36 else None
        if isinstance(kind, Integer):
            return int(fid) if fid.isascii() and fid.isdecimal() and len(fid) < 10 else None
    except ValueError:
        return None
    return fid


def select_asked(layer_id: str, shape: AskedShape, viewer: Viewer) -> Select[Any]:
    """Return the rows that match, for this viewer: `fid`, `geom` (EPSG:4326) and every property.

    Whoever reads features reads these rows, in an order of its own and cut to its own size.
    """
    layer = layers()[layer_id]
    rows = layer.select(shape.filters, viewer).subquery("rows")
    return select(rows).where(*_conditions(layer, shape, rows.c))


def _conditions(layer: Layer[Any], shape: AskedShape, columns: Any) -> list[ColumnElement[bool]]:
    met: list[ColumnElement[bool]] = []
    if shape.box is not None:
        met.append(meets_box(columns.geom, shape.box, is_point=layer.geometry == "point"))
    if shape.times and layer.times:
        kinds = {each.name: each.type for each in layer.properties}
        begins, ends = layer.times
        named = {"begins": kinds[begins], "ends": kinds[ends]}
        met.append(meets_interval(columns[begins], columns[ends], named, shape.times))
    if shape.ids:
        met.append(columns.fid == func.any(value("ids", postgresql.ARRAY(id_type(layer.id)))))
    if shape.where is not None:
        from geo.features.cql2 import condition_sql

        met.append(condition_sql(shape.where, columns))
    return met
