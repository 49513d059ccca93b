"""The tree of a filter, checked against what can be asked, and typed: every literal apart, by a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.crs import WGS84
from geo.errors import InvalidFilter
from geo.features.cql2.expressions import ARITHMETIC, MAX_DIGITS, NUMBERS, SCALARS, Expression, array_of
from geo.features.cql2.instants import OPEN, read_date, read_instant, read_timestamp
from geo.features.cql2.operators import CALLED, OPERATORS
from geo.features.cql2.queryables import Queryable
from geo.features.cql2.shapes import read_shapes
from geo.features.cql2.text import MAX_DEPTH, MAX_NODES

_LARGEST: Final = 2**63 - 1
_FORMS: Final = ("op", "property", "date", "timestamp", "interval", "bbox", "type")


class TreeReader:
    """Reads one tree; the literals that it found are in `values` afterwards.

    Parameters
    ----------
    queryables : mapping
        What may be named.
    epsg : int
        Reference system of the geometries in the filter; `is_lat_lon`: north before east.
    """

    def __init__(
        self, queryables: Mapping[str, Queryable], epsg: int = WGS84, *, is_lat_lon: bool = False
    ) -> None:
        self.queryables = queryables
        self.epsg, self.is_lat_lon = epsg, is_lat_lon
        self.values: dict[str, Any] = {}
        self._nodes = 0

    def read(self, node: Any, depth: int = 0) -> Expression:
        """Return any part of the tree, typed.

        Raises
        ------
        InvalidFilter
            Something in it is unknown, of the wrong type, no valid literal, or there is too much of it.
        """
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise InvalidFilter("filter_too_many", most=MAX_NODES)
        if depth > MAX_DEPTH:
            raise InvalidFilter("filter_too_deep", most=MAX_DEPTH)
        if isinstance(node, list):
            return self._array(node, depth)
        if isinstance(node, dict):
            return self._structure(node, depth)
        return self._scalar(node)

    def typed(self, node: Any, depth: int, types: Iterable[str], where: str) -> Expression:
        """Return a part that is of one of these types; `where` is the operator that asks for it."""
        found = self.read(node, depth)
        if found.type not in types:
            expected = ", ".join(sorted(types))
            raise InvalidFilter("filter_type", word=where, expected=expected, found=found.type)
        return found

    def _structure(self, node: dict[str, Any], depth: int) -> Expression:
        if "op" in node:
            return self._operation(node["op"], node.get("args"), depth)
        if "property" in node:
            return self._property(node["property"])
        if "date" in node:
            return self._value("date", read_date(node["date"]))
        if "timestamp" in node:
            return self._value("timestamp", read_timestamp(node["timestamp"]))
        if "interval" in node:
            return self._interval(node["interval"], depth)
        if "type" in node or "bbox" in node:
            return self._shape(node)
        raise _unknown(next(iter(node), "{}"), _FORMS)

    def _operation(self, op: Any, args: Any, depth: int) -> Expression:
        read = OPERATORS.get(op.lower()) if isinstance(op, str) else None
        if read is None:
            raise _unknown(op, CALLED)
        if not isinstance(args, list):
            raise _unknown("args", ("[…]",))
        return read(self, op.lower(), args, depth + 1)

    def _property(self, name: Any) -> Expression:
        found = self.queryables.get(name) if isinstance(name, str) else None
        if found is None:
            raise _unknown(name, self.queryables)
        return Expression("column", found.type, (found.column or found.name,))

    def _value(self, type_: str, value: Any) -> Expression:
        name = f"cql_{len(self.values)}"
        self.values[name] = value
        return Expression("value", type_, (name,))

    def _scalar(self, value: Any) -> Expression:
        if isinstance(value, bool):
            return Expression("true" if value else "false", "boolean")
        if isinstance(value, int) and abs(value) <= _LARGEST:
            return self._value("integer", value)
        if isinstance(value, int | float) and abs(value) < 10**MAX_DIGITS:
            return self._value("number", float(value))
        if isinstance(value, str) and _is_storable(value):
            return self._value("string", value)
        raise InvalidFilter("filter_value", value=str(value)[:60].encode("utf-8", "replace").decode())

    def _shape(self, node: dict[str, Any]) -> Expression:
        parts = read_shapes(node, self.epsg, is_lat_lon=self.is_lat_lon)
        shapes = [self._value("geometry", part) for part in parts]
        return shapes[0] if len(shapes) == 1 else Expression("collection", "geometry", tuple(shapes))

    def _interval(self, ends: Any, depth: int) -> Expression:
        if not isinstance(ends, list) or len(ends) != 2:
            raise InvalidFilter("filter_arguments", word="INTERVAL", number=2)
        read = [None if each == OPEN else self._end(each, depth + 1) for each in ends]
        type_ = next((each.type for each in read if each), "timestamp")
        unbounded = Expression("-infinity", type_), Expression("infinity", type_)
        return Expression("interval", "interval", (read[0] or unbounded[0], read[1] or unbounded[1]))

    def _end(self, node: Any, depth: int) -> Expression:
        if isinstance(node, str):
            return self._value(*read_instant(node))
        return self.typed(node, depth, ("date", "timestamp"), "INTERVAL")

    def _array(self, nodes: list[Any], depth: int) -> Expression:
        return self.together([self.read(each, depth + 1) for each in nodes])

    def together(self, elements: list[Expression]) -> Expression:
        """Return an array of what was read last: one value of any length where all are literals alike."""
        type_ = _common({"mixed" if each.op in ARITHMETIC else each.type for each in elements})
        if type_ in ("mixed", "nothing") or any(each.op != "value" for each in elements):
            return Expression("array", array_of(type_), tuple(elements))
        values = [self.values.pop(each.args[0]) for each in elements]
        return self._value(array_of(type_), [float(each) for each in values] if type_ == "number" else values)


def _common(types: set[str]) -> str:
    """Return what all elements of an array are; `mixed` where they differ, `nothing` where there are none."""
    if types == NUMBERS:
        return "number"
    if types <= SCALARS and len(types) <= 1:
        return next(iter(types), "nothing")
    return "mixed"


def _is_storable(text: str) -> bool:
    """Return whether PostgreSQL takes a text: no NUL, nothing that UTF-8 can't write."""
    return "\0" not in text and not any(0xD800 <= ord(each) <= 0xDFFF for each in text)


def _unknown(word: Any, known: Iterable[str]) -> InvalidFilter:
    told = str(word)[:60].encode("utf-8", "replace").decode()
    return InvalidFilter("filter_unknown", word=told, known=", ".join(known))
