"""The features of any layer, as GeoJSON: what the OGC routes, exports and maps read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Integer, Select, Text, and_, case, func, literal_column, null, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import Reader, ReadQuery, as_bytes, number, quoted, value
from geo.features.asked import Asked, AskedShape, id_type, select_asked, told_names, typed_id
from geo.features.counting import THRESHOLD, count_of, estimate_number
from geo.features.paging import Cursor, Order, key_names, order_of, ordered, read_cursor, write_cursor
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


@dataclass(frozen=True, slots=True)
class Page:
    """A JSON array of GeoJSON features, how many match in all, and where the next page begins."""

    features: bytes
    returned: int
    matched: int
    is_estimated: bool = False
    next: str | None = None


def _listed(layer_id: str, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    layer = layers()[layer_id]
    return features.page(layer.select(shape, viewer), told_names(layer, None)).add_columns(
        layer.unknown(shape).label("unknown")
    )


def _page(
    layer_id: str, shape: AskedShape, viewer: Viewer, order: Order, is_after: bool, is_exact: bool
) -> Select[Any]:
    layer, rows = layers()[layer_id], select_asked(layer_id, shape, viewer)
    chosen = ordered(layer_id, rows, shape, order, is_after=is_after).cte("chosen")
    told = features.told_features(
        chosen, told_names(layer, shape.properties), crs=shape.crs, is_flipped=shape.is_flipped
    ).subquery("told")
    every = func.array_agg(told.c.feature, type_=ARRAY(Text))
    shown = func.array_to_string(every[number(1) : value("limit", Integer)], quoted(","))
    array = as_bytes(func.concat(quoted("["), shown, quoted("]")))
    listed = select(array.label("features"), func.count().label("found")).subquery("listed")
    counted = count_of(layer_id, shape, viewer, is_exact=is_exact)
    keys = [chosen.c[name] for name in key_names(shape, order)]
    last = select(*keys).limit(literal_column("1")).offset(value("last", Integer)).subquery("last")
    return select(
        listed.c.features,
        listed.c.found,
        (counted if is_after else _counted_unless_told(chosen, counted)).label("matched"),
        layer.unknown(shape.filters).label("unknown"),
        *last.c,
    ).select_from(listed.outerjoin(last, true()))


def _counted_unless_told(chosen: CTE, counted: ColumnElement[int]) -> ColumnElement[int]:
    """Return how many match: where the first page holds them all, nothing is looked for a second time."""
    told = select(func.count()).select_from(chosen).scalar_subquery()
    is_all = and_(value("offset", Integer) == number(0), told < value("fetch", Integer))
    return case((is_all, told), else_=counted)


@dataclass(frozen=True, slots=True)
class Versioned:
    """A GeoJSON feature as bytes, and the version of its record; None: its layer can't be written."""

    feature: bytes
    version: int | None


def _one(layer_id: str, shape: AskedShape, viewer: Viewer) -> Select[Any]:
    rows = select_asked(layer_id, shape, viewer)
    rows = rows.where(rows.selected_columns.fid == value("fid", id_type(layer_id)))
    layer = layers()[layer_id]
    names, version = told_names(layer, shape.properties), layer.version(value("fid", id_type(layer_id)))
    one = features.one(rows, names, shape.crs, is_flipped=shape.is_flipped)
    return one.add_columns((null() if version is None else version).label("version"))


_LISTED, _PAGE, _ONE = ReadQuery(_listed), ReadQuery(_page), ReadQuery(_one)


async def read_features(
    reader: Reader, layer: Layer[Any], filters: Filters, viewer: Viewer, *, limit: int, offset: int = 0
) -> FeaturePage:
    """Return a page of a layer's features, in the order of their ids.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    """
    compiled = _LISTED.compiled(layer.id, filters.shape, viewer)
    values = filters.values() | {"limit": limit, "offset": offset}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    filters.refuse(row["unknown"])
    return FeaturePage(row["features"], row["returned"], row["matched"])


async def read_page(
    reader: Reader,
    asked: Asked,
    viewer: Viewer,
    *,
    limit: int,
    after: str | None = None,
    offset: int = 0,
    exact: bool = False,
) -> Page:
    """Return a page of what is asked, as GeoJSON in its reference system.

    Parameters
    ----------
    limit : int
        How many features at most, one or more.
    after : str, optional
        `Page.next` of the page before.
    offset : int
        How many features to pass over: read all the same, so `after` is quicker.
    exact : bool
        Count all that match, whatever it takes; else up to `THRESHOLD`, and estimate what is more.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    InvalidParameter
        If `after` is no word of ours.
    """
    cursor = read_cursor(asked, after) if after else None
    order = order_of(asked.shape, cursor)
    compiled = _PAGE.compiled(asked.layer.id, asked.shape, viewer, order, cursor is not None, exact)
    values = asked.values() | {"limit": limit, "fetch": limit + 1, "offset": offset, "last": limit - 1}
    values |= cursor.values() if cursor else {}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    asked.filters.refuse(row["unknown"])
    found, matched = row["found"], row["matched"]
    is_estimated = not exact and matched > THRESHOLD
    if is_estimated:
        matched = await estimate_number(reader, asked, viewer)
    further = _next(asked, order, cursor, row) if found > limit else None
    return Page(row["features"], min(found, limit), matched, is_estimated, further)


def _next(asked: Asked, order: Order, cursor: Cursor | None, row: Any) -> str:
    keys = tuple(row[name] for name in key_names(asked.shape, order))
    head = () if order != "sweep" or cursor is None else cursor.head or cursor.keys
    return write_cursor(Cursor(order, keys, head))


async def read_feature(
    reader: Reader,
    layer: Layer[Any],
    fid: str,
    viewer: Viewer,
    *,
    crs: int = WGS84,
    is_flipped: bool = False,
) -> bytes | None:
    """Return one GeoJSON feature, or None if this viewer knows of none by that id.

    Records that lists leave out until somebody asks for them have an address too.
    """
    found = await read_versioned(reader, layer, fid, viewer, crs=crs, is_flipped=is_flipped)
    return found.feature if found else None


async def read_versioned(
    reader: Reader,
    layer: Layer[Any],
    fid: str,
    viewer: Viewer,
    *,
    crs: int = WGS84,
    is_flipped: bool = False,
) -> Versioned | None:
    """Return one GeoJSON feature as `read_feature` does, with the version that a change has to be made on."""
    typed = typed_id(layer.id, fid)
    if typed is None:
        return None
    every = layer.filters.model_validate(
        {"to_check": "true"} if "to_check" in layer.filters.model_fields else {}
    )
    asked = Asked(layer, every, crs=crs, is_flipped=is_flipped)
    compiled = _ONE.compiled(layer.id, asked.shape, viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(asked.values() | {"fid": typed}))
    return Versioned(row["feature"], row["version"]) if row else None
