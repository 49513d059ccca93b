"""One column of a table: from text to typed values, and what its constraints refuse.

The words (types, constraints) are those of Frictionless Table Schema; the work is done a column at a time
instead of a cell at a time (docs/decisions/0005-tables-checked-before-writing.md says why).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pandas as pd

Problem = tuple[int, str]
"""Position of a row in the column (from 0), and what is wrong with it."""

_BOOLEANS = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False,
             "1": True, "0": False}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")


def _parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError
    return int(text)


def _parse_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _parse_datetime(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


_PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "string": (str, "object"),
    "integer": (_parse_integer, "Int64"),
    "year": (_parse_integer, "Int64"),
    "number": (_parse_number, "float64"),
    "boolean": (_BOOLEANS.__getitem__, "boolean"),
    "date": (date.fromisoformat, "object"),
    "datetime": (_parse_datetime, "object"),
}
TYPES = frozenset(_PARSERS)


def parse_column(texts: list[str], kind: str) -> tuple[pd.Series[Any], list[Problem]]:
    """Turn the cells of a column into values of one type; an empty cell is null.

    Parameters
    ----------
    texts : list of str
        The cells, top to bottom.
    kind : str
        A type of Table Schema, one of ``TYPES``.

    Returns
    -------
    values : pandas.Series
        Same length; null where the cell is empty or cannot be read.
    problems : list of (int, str)
        The cells that cannot be read.
    """
    parse, dtype = _PARSERS[kind]
    known: dict[str, Any] = {"": None}
    unreadable = set()
    for text in set(texts) - {""}:
        try:
            known[text] = parse(text)
        except (ValueError, KeyError):
            known[text] = None
            unreadable.add(text)
    values = pd.Series([known[text] for text in texts], dtype=dtype)
    problems = [
        (position, f"“{text[:60]}” is not of type {kind}")
        for position, text in enumerate(texts)
        if text in unreadable
    ]
    return values, problems


def check_column(values: pd.Series[Any], constraints: dict[str, Any], kind: str) -> Iterator[Problem]:
    """Yield what the constraints of a field refuse.

    Parameters
    ----------
    values : pandas.Series
        What `parse_column` returned.
    constraints : dict
        ``required``, ``unique``, ``enum``, ``pattern``, ``minimum``, ``maximum``, ``minLength`` or
        ``maxLength``.
    kind : str
        The field's type, in which bounds are written.

    Yields
    ------
    (int, str)
        Position of the row and what is wrong there.
    """
    given = values.notna()
    if constraints.get("required"):
        yield from ((i, "is empty") for i in _positions(~given))
    if constraints.get("unique"):
        yield from (
            (i, f"“{values.iloc[i]}” is there twice") for i in _positions(given & values.duplicated())
        )
    for name, refuses in _RULES.items():
        if name in constraints:
            bound = constraints[name]
            if name in ("minimum", "maximum"):
                bound = _PARSERS[kind][0](str(bound))
            bad = [value for value in values[given].unique() if refuses(value, bound)]
            wrong = given & values.isin(bad)
            yield from (
                (i, f"“{values.iloc[i]}” breaks {name} {constraints[name]}") for i in _positions(wrong)
            )


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, allowed: str(value) not in {str(item) for item in allowed},
    "pattern": lambda value, pattern: re.fullmatch(pattern, str(value)) is None,
    "minimum": lambda value, bound: bool(value < bound),
    "maximum": lambda value, bound: bool(value > bound),
    "minLength": lambda value, length: len(value) < length,
    "maxLength": lambda value, length: len(value) > length,
}


def _positions(mask: pd.Series[bool]) -> list[int]:
    return [int(i) for i in mask.to_numpy().nonzero()[0]]
