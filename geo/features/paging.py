"""Pages of features: an order in which the first costs as little as the thousandth, and words to go on from.

Without an order of its own, a page follows the ids. With a box, the nearest to its south-west corner come
first: the spatial index hands them out in that order and stops at the limit, however many lie in the box.
To go on from there it would have to pass over what was told before, ever more of it; so whatever comes after
the first page is swept from west to east, in a box that shrinks.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic_core import to_json
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Double,
    Integer,
    Select,
    Text,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from geo.crs import WGS84
from geo.db.reads import number, value
from geo.errors import InvalidParameter
from geo.features.asked import Asked, AskedShape, id_type, typed_id
from geo.features.boxes import box_edges
from geo.layers import layers

Order = Literal["keys", "corner", "sweep"]
_TYPES: Final[Mapping[str, type[TypeEngine[Any]]]] = {
    "string": Text,
    "integer": BigInteger,
    "number": Double,
    "boolean": Boolean,
    "date": Date,
}
#: Degrees by which a shrunk box is kept too large, so that rounding loses nothing at its edge.
_SLACK: Final = 1e-9
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the keys of its last row, in the order of which the next one begins.

    `head` is the last row of the page by corner, before a sweep.
    """

    order: Order
    keys: tuple[Any, ...]
    head: tuple[Any, ...] = ()

    @property
    def follows(self) -> Order:
        """Return the order in which the next page begins."""
        return "sweep" if self.order == "corner" else self.order

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        head = self.keys if self.order == "corner" else self.head
        values = {f"after_{place}": key for place, key in enumerate(self.keys[:-1])}
        if self.order == "corner":  # a sweep begins before all
            values["after_0"] = -1.0
        told = dict(zip(("head_degrees", "head_fid"), head, strict=True)) if head else {}
        return values | told | {"after_fid": self.keys[-1]}


def order_of(shape: AskedShape, cursor: Cursor | None) -> Order:
    """Return the order in which a page is read."""
    if cursor:
        return cursor.follows
    return "keys" if shape.sort or shape.box is None else "corner"


def ordered(
    layer_id: str, rows: Select[Any], shape: AskedShape, order: Order, *, is_after: bool
) -> Select[Any]:
    """Return the rows of a page in their order, with what they are ordered by as `key_0` … and their `fid`.

    Parameters
    ----------
    rows : Select
        What `select_asked` returns.
    is_after : bool
        Only what comes after the values of a `Cursor`.

    Values: `fetch`, how many rows at most; `offset`, how many to pass over; those of the cursor.
    """
    found = rows.subquery("found")
    if order == "keys":
        return _by_keys(layer_id, found, shape, is_after=is_after)
    return _by_distance(layer_id, found, shape, order)


def _by_keys(layer_id: str, found: Any, shape: AskedShape, *, is_after: bool) -> Select[Any]:
    keys = [found.c[key.name].label(f"key_{place}") for place, key in enumerate(shape.sort)]
    page = select(found, *keys)
    if is_after:
        page = page.where(_comes_after(layer_id, found, shape))
    return _cut(page.order_by(*directions(found.c, shape)))


def directions(columns: Any, shape: AskedShape) -> list[ColumnElement[Any]]:
    """Return what a page by its keys is ordered by; what has no value comes last."""
    keys = ((columns[key.name], key.descending) for key in shape.sort)
    told = [(column.desc() if descends else column.asc()).nulls_last() for column, descends in keys]
    return [*told, columns.fid]


def _cut(page: Select[Any]) -> Select[Any]:
    return page.limit(value("fetch", Integer)).offset(value("offset", Integer))


def _comes_after(layer_id: str, found: Any, shape: AskedShape) -> ColumnElement[bool]:
    """Return the condition that a row comes after the last one told; what has no value comes last."""
    fid = value("after_fid", id_type(layer_id))
    after: ColumnElement[bool] = found.c.fid > fid
    types = key_types(layer_id, shape)
    for place, key in reversed(list(enumerate(shape.sort))):
        column, last = found.c[key.name], value(f"after_{place}", types[place])
        further = column < last if key.descending else column > last
        gone = and_(column.is_(None), last.is_not(None))
        after = or_(further, gone, and_(column.is_not_distinct_from(last), after))
    return after


def _by_distance(layer_id: str, found: Any, shape: AskedShape, order: Order) -> Select[Any]:
    """Order by the distance from the corner, or from the western edge.

    The index knows no second key: ties come with the page, and only then it is cut by the ids as well.
    """
    assert shape.box is not None
    west, south, east, north = box_edges(shape.box)
    corner = _distance(found.c.geom, func.ST_MakePoint(west, south))
    met: ColumnElement[bool] = true()
    distance = corner
    if order == "sweep":
        edge = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(west, north))
        distance = _distance(found.c.geom, edge)
        last, kind = value("after_0", Double), id_type(layer_id)
        shrunk = west + func.greatest(last - number(_SLACK), number(0))
        met = and_(
            found.c.geom.op("&&")(func.ST_MakeEnvelope(shrunk, south, east, north, number(WGS84))),
            _is_further(corner, found.c.fid, value("head_degrees", Double), value("head_fid", kind)),
            _is_further(distance, found.c.fid, last, value("after_fid", kind)),
        )
    near = (
        select(found, distance.label("key_0"))
        .where(met)
        .order_by(distance)
        .fetch(value("fetch", Integer) + value("offset", Integer), with_ties=True)
        .subquery("near")
    )
    return _cut(select(near).order_by(near.c.key_0, near.c.fid))


def _distance(geom: ColumnElement[Any], shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the distance in degrees as the spatial index orders by it."""
    return geom.op("<->", return_type=Double())(func.ST_SetSRID(shape, number(WGS84)))


def _is_further(
    distance: ColumnElement[Any],
    fid: ColumnElement[Any],
    last: ColumnElement[Any],
    last_fid: ColumnElement[Any],
) -> ColumnElement[bool]:
    return or_(distance > last, and_(distance == last, fid > last_fid))


def key_types(layer_id: str, shape: AskedShape) -> tuple[type[TypeEngine[Any]], ...]:
    """Return the SQL types of what is sorted by."""
    kinds = {each.name: each.type for each in layers()[layer_id].properties}
    return tuple(_TYPES[kinds[key.name]] for key in shape.sort)


def key_names(shape: AskedShape, order: Order) -> tuple[str, ...]:
    """Return the names of the columns that a cursor is made of."""
    number_of = len(shape.sort) if order == "keys" else 1
    return (*(f"key_{place}" for place in range(number_of)), "fid")


def write_cursor(cursor: Cursor) -> str:
    """Return a cursor as a word that means nothing to anybody else."""
    told = to_json((cursor.order, cursor.keys, cursor.head))
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def read_cursor(asked: Asked, text: str) -> Cursor:
    """Return the cursor that a word stands for.

    Raises
    ------
    InvalidParameter
        It is none of ours, or was given for another order.
    """
    try:
        if len(text) > _LONGEST:
            raise ValueError
        order, keys, head = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        if order == "keys":
            kinds = key_types(asked.layer.id, asked.shape)
            return Cursor("keys", _typed(asked, kinds, keys, may_lack=True), _nothing(head))
        if order not in ("corner", "sweep") or asked.sort or asked.box is None:
            raise ValueError
        further = _typed(asked, (Double,), head) if order == "sweep" else _nothing(head)
        return Cursor(order, _typed(asked, (Double,), keys), further)
    except (ValueError, TypeError, RecursionError):
        raise InvalidParameter(name="after", value=text[:80], expected="what a next link says") from None


def _typed(
    asked: Asked, kinds: Sequence[type[TypeEngine[Any]]], keys: Any, *, may_lack: bool = False
) -> tuple[Any, ...]:
    *values, fid = keys
    typed_fid = typed_id(asked.layer.id, str(fid))
    if len(values) != len(kinds) or typed_fid is None or (None in values and not may_lack):
        raise ValueError
    return (*map(_typed_key, kinds, values), typed_fid)


def _typed_key(kind: type[TypeEngine[Any]], key: Any) -> Any:
    if key is None:
        return None
    if kind is Date:
        return dt.date.fromisoformat(key)
    if kind is Double:
        return _finite(float(key))
    if not isinstance(key, {Text: str, BigInteger: int, Boolean: bool}[kind]) or "\x00" in str(key):
        raise ValueError
    return _within_64_bits(key) if kind is BigInteger else key


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError
    return number


def _within_64_bits(number: Any) -> Any:
    if abs(number) >= 2**63:
        raise ValueError
    return number


def _nothing(head: Any) -> tuple[()]:
    if head:
        raise ValueError
    return ()
