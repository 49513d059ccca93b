"""The features of any layer, as GeoJSON: what the OGC routes, exports and maps read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal

from sqlalchemy import CTE, Integer, Select, and_, case, func, literal_column, null, select, true
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import CompiledRead, Reader, ReadQuery, number, value
from geo.features.asked import Asked, AskedShape, id_type, select_asked, told_names, typed_id
from geo.features.counted import box_values, counts_box, in_box
from geo.features.counting import THRESHOLD, beyond, count_of, estimate_number
from geo.features.paging import (
    Cursor,
    Order,
    directions,
    key_names,
    order_of,
    ordered,
    read_cursor,
    write_cursor,
)
from geo.layers import layers
from geo.layers.base import Layer
from geo.queries import features
from geo.queries.filters import Filters
from geo.vocabulary import Viewer

#: All that match; up to `THRESHOLD`, by an index, by finding them, or unless cells know of more; or not at
#: all, where they are known to be more.
Counting = Literal["all", "some", "few", "cells", "none"]


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


@dataclass(frozen=True, eq=False, slots=True)
class _Chosen:
    """The rows of a page, the one that begins the next among them; how many match, or are expected to.

    `expected` is told where `matched` says no more than that they are too many to be counted; null: unknown.
    """

    rows: CTE
    found: ColumnElement[int]
    matched: ColumnElement[int]
    expected: ColumnElement[Any]

    @classmethod
    def among(cls, rows: CTE, matched: ColumnElement[int]) -> _Chosen:
        """Return the rows of a page with their number."""
        return cls(rows, _number_of(rows, "found"), matched, null())


def _page(
    layer_id: str, shape: AskedShape, viewer: Viewer, order: Order, is_after: bool, counting: Counting
) -> Select[Any]:
    layer = layers()[layer_id]
    choose = _choose_of_few if counting == "few" else partial(_choose, counting=counting)
    chosen = choose(layer_id, shape, viewer, order, is_after=is_after)
    shown = select(chosen.rows).limit(value("limit", Integer)).subquery("shown")
    told = features.told_features(
        shown, told_names(layer, shape.properties), crs=shape.crs, is_flipped=shape.is_flipped
    ).subquery("told")
    listed = select(features.as_array(told.c.feature).label("features")).subquery("listed")
    keys = [chosen.rows.c[name] for name in key_names(shape, order)]
    last = select(*keys).limit(literal_column("1")).offset(value("last", Integer)).subquery("last")
    return select(
        listed.c.features,
        chosen.found.label("found"),
        chosen.matched.label("matched"),
        chosen.expected.label("expected"),
        layer.unknown(shape.filters).label("unknown"),
        *last.c,
    ).select_from(listed.outerjoin(last, true()))


def _counting(asked: Asked, shape: AskedShape, viewer: Viewer, order: Order, *, exact: bool) -> Counting:
    """Return how to count: what other features than by default are asked for may well be few."""
    if exact:
        return "all"
    if order != "keys":
        return "cells" if counts_box(asked.layer, shape, viewer) else "some"
    is_filtered = shape.filters != asked.layer.filters().shape
    return "few" if shape.where is not None or asked.times or shape.ids or is_filtered else "some"


def _choose(
    layer_id: str, shape: AskedShape, viewer: Viewer, order: Order, *, is_after: bool, counting: Counting
) -> _Chosen:
    """Return the rows of a page, read in their order up to its end."""
    rows = select_asked(layer_id, shape, viewer)
    chosen = ordered(layer_id, rows, shape, order, is_after=is_after).cte("chosen")
    if counting == "none":
        return _Chosen.among(chosen, number(THRESHOLD + 1))
    counted = count_of(layer_id, shape, viewer, is_exact=counting == "all")
    page = _Chosen.among(chosen, counted)
    if not is_after:  # where the first page holds them all, nothing is looked for a second time
        is_all = and_(value("offset", Integer) == number(0), page.found < value("fetch", Integer))
        page = replace(page, matched=case((is_all, page.found), else_=counted))
    return _unless_cells_know(page, layers()[layer_id]) if counting == "cells" else page


def _unless_cells_know(page: _Chosen, layer: Layer[Any]) -> _Chosen:
    """Return a page for which nothing is counted where cells within the box hold too many already."""
    cells = in_box(layer).cte("cells")
    sure, expected = (select(column).scalar_subquery() for column in (cells.c.sure, cells.c.expected))
    is_full = page.found == value("fetch", Integer)
    matched = case((and_(is_full, sure > number(THRESHOLD)), number(THRESHOLD + 1)), else_=page.matched)
    return replace(page, matched=matched, expected=case((is_full, expected)))


def _choose_of_few(
    layer_id: str, shape: AskedShape, viewer: Viewer, order: Order, *, is_after: bool
) -> _Chosen:
    """Return the same where all that match are found, to count them, and then put in order; none if many.

    An index in the order of the page would pass over all that do not match, and take longer the fewer do.
    """
    found = select_asked(layer_id, shape, viewer)
    columns, sorted_by = found.selected_columns, {key.name for key in shape.sort}
    found = found.with_only_columns(columns.fid, *(columns[name] for name in sorted_by))
    few = found.limit(number(THRESHOLD + 1)).cte("few")
    matched = _number_of(few, "matched")
    rows = select(few).where(matched <= number(THRESHOLD))
    top = ordered(layer_id, rows, shape, order, is_after=is_after).subquery("top")
    # They meet the conditions: asked for again are the rows themselves, and who may see them.
    plain = replace(shape, box=None, times=None, ids=False, where=None)
    every = select_asked(layer_id, plain, viewer).subquery("every")
    keys = [top.c[name] for name in key_names(shape, order) if name != "fid"]
    chosen = select(*every.c, *keys).join(top, top.c.fid == every.c.fid)
    return _Chosen.among(chosen.order_by(*directions(every.c, shape)).cte("chosen"), matched)


def _number_of(rows: CTE, name: str) -> ColumnElement[int]:
    """Return how many rows there are, counted once however often that is asked."""
    counted = select(func.count().label("number")).select_from(rows).cte(name)
    return select(counted.c.number).scalar_subquery()


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
    shape = asked.shape
    order = order_of(shape, cursor)
    counting = _counting(asked, shape, viewer, order, exact=exact)
    values = asked.values() | {"limit": limit, "fetch": limit + 1, "offset": offset, "last": limit - 1}
    if counting == "cells" and asked.box:
        values |= box_values(asked.box)
    values |= cursor.values() if cursor else {}
    compile_page = partial(_PAGE.compiled, asked.layer.id, shape, viewer, order, cursor is not None)
    row = await _fetch(reader, compile_page(counting), values)
    asked.filters.refuse(row["unknown"])
    if counting == "few" and row["matched"] > THRESHOLD:
        row = await _fetch(reader, compile_page("none"), values)
    found, matched = row["found"], row["matched"]
    is_estimated = not exact and matched > THRESHOLD
    if is_estimated:
        expected = row["expected"]
        matched = await estimate_number(reader, asked, viewer) if expected is None else beyond(expected)
    further = _next(shape, order, cursor, row) if found > limit else None
    return Page(row["features"], min(found, limit), matched, is_estimated, further)


async def _fetch(reader: Reader, compiled: CompiledRead, values: Mapping[str, Any]) -> Mapping[str, Any]:
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    return row


def _next(shape: AskedShape, order: Order, cursor: Cursor | None, row: Any) -> str:
    keys = tuple(row[name] for name in key_names(shape, order))
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
    shape, values = _any(layer, crs, is_flipped)
    compiled = _ONE.compiled(layer.id, shape, viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({**values, "fid": typed}))
    return Versioned(row["feature"], row["version"]) if row else None


@cache
def _any(layer: Layer[Any], crs: int, is_flipped: bool) -> tuple[AskedShape, Mapping[str, Any]]:
    """Return what asks for any feature of a layer, also for those that lists leave out, with its values."""
    told = {"to_check": "true"} if "to_check" in layer.filters.model_fields else {}
    asked = Asked(layer, layer.filters.model_validate(told), crs=crs, is_flipped=is_flipped)
    return asked.shape, asked.values()
