"""The typed tree of a filter: its operators and types without its values. Hashable: the shape of its SQL."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

NUMBERS: Final = frozenset(("number", "integer"))
INSTANTS: Final = frozenset(("date", "timestamp"))
ARITHMETIC: Final = ("+", "-", "*", "/", "%", "div", "^")
SCALARS: Final = frozenset(("string", "boolean")) | NUMBERS | INSTANTS

#: Of numbers in filters, before the point and behind it: what is computed of them stays within PostgreSQL's.
MAX_DIGITS: Final = 100


class Expression(NamedTuple):
    """A part of a filter.

    Attributes
    ----------
    op : str
        What is done, or what it is: `column`, `value`, a constant.
    type : str
        Of the result; of an array also what is in it, such as `array of string`.
    args : tuple
        Of what: expressions, or the name of a column or value.
    """

    op: str
    type: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter that was read: the shape of its SQL, and its literals by the names they are bound by."""

    shape: Hashable
    values: Mapping[str, Any]


def array_of(type_: str) -> str:
    """Return the type of an array of something."""
    return f"array of {type_}"


def element_of(type_: str) -> str:
    """Return the type of what is in an array."""
    return type_.removeprefix("array of ")


def is_array(type_: str) -> bool:
    """Return whether a type is an array's."""
    return type_.startswith("array")


def are_comparable(left: str, right: str) -> bool:
    """Return whether two types can be compared: numbers with numbers, days with moments, else the same."""
    return left == right or {left, right} <= NUMBERS or {left, right} <= INSTANTS
