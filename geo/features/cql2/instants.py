"""Days, moments and the ends of intervals as CQL2 writes them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from geo.errors import InvalidFilter

#: What an interval without an end says there.
OPEN: Final = ".."
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read_instant(text: Any) -> tuple[str, dt.date | dt.datetime]:
    """Return the type and the value of a day or a moment.

    Raises
    ------
    InvalidFilter
        It is neither.
    """
    if isinstance(text, str) and _DATE.fullmatch(text):
        return "date", read_date(text)
    return "timestamp", read_timestamp(text)


def read_date(text: Any) -> dt.date:
    """Return a day, RFC 3339.

    Raises
    ------
    InvalidFilter
        It is none.
    """
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidFilter("filter_literal", value=str(text)[:60], expected="DATE('2026-01-31')")


def read_timestamp(text: Any) -> dt.datetime:
    """Return a moment, RFC 3339, in UTC.

    Raises
    ------
    InvalidFilter
        It is none.
    """
    if isinstance(text, str) and _TIMESTAMP.fullmatch(text):
        try:
            return dt.datetime.fromisoformat(_in_microseconds(text.upper())).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            pass
    raise InvalidFilter("filter_literal", value=str(text)[:60], expected="TIMESTAMP('2026-01-31T12:00:00Z')")


def _in_microseconds(text: str) -> str:
    """Cut what is finer than the database keeps."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
