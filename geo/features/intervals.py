"""Intervals of time that features are asked to meet: an instant, or from one to another, open or not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Text, and_, true
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import value
from geo.errors import InvalidParameter

#: Civil time: the days and moments that layers tell are those of the city.
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
_OPEN: Final = ("", "..")
_LONGEST: Final = 80
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Interval:
    """The moments from `since` to `until`, both of them in it; None: without an end on that side."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def shape(self) -> tuple[bool, bool]:
        """Return which ends it has."""
        return self.since is not None, self.until is not None

    def values(self) -> dict[str, Any]:
        """Return the values to bind: each end as a civil day and as a civil moment."""
        told: dict[str, Any] = {}
        for name, moment in (("since", self.since), ("until", self.until)):
            civil = moment and moment.astimezone(BRUSSELS)
            told[f"{name}_date"] = civil and civil.date()
            told[f"{name}_moment"] = civil and civil.strftime("%Y-%m-%dT%H:%M")
        return told


def read_interval(text: str) -> Interval:
    """Return what the parameter `datetime` says: RFC 3339, a day alone means all of it.

    Raises
    ------
    InvalidParameter
        It is no instant and no interval, or ends before it begins.
    """
    parts = text.split("/") if len(text) <= _LONGEST else []
    if len(parts) == 1 and parts[0] not in _OPEN:
        interval = Interval(_moment(text, text), _moment(text, text, ends=True))
    elif len(parts) == 2:
        since, until = parts
        interval = Interval(
            None if since in _OPEN else _moment(since, text),
            None if until in _OPEN else _moment(until, text, ends=True),
        )
    else:
        raise _refused(text)
    if interval.since and interval.until and interval.until < interval.since:
        raise _refused(text)
    return interval


def _moment(part: str, text: str, *, ends: bool = False) -> dt.datetime:
    try:
        if not _RFC_3339.fullmatch(part):
            raise ValueError
        if len(part) == 10:
            day = dt.date.fromisoformat(part)
            return dt.datetime.combine(day, dt.time.max if ends else dt.time.min, BRUSSELS).astimezone(dt.UTC)
        moment = dt.datetime.fromisoformat(part.upper())
        moment.astimezone(BRUSSELS)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _refused(text) from None


def _refused(text: str) -> InvalidParameter:
    expected = "2026-01-31, 2026-01-31T12:00:00Z, or two of them as since/until (.. for an open end)"
    return InvalidParameter(name="datetime", value=text[:_LONGEST], expected=expected)


def meets_interval(
    begins: ColumnElement[Any], ends: ColumnElement[Any], kinds: Mapping[str, str], shape: tuple[bool, bool]
) -> ColumnElement[bool]:
    """Return the condition that what holds from `begins` to `ends` meets the interval; null: no end there.

    Parameters
    ----------
    kinds : mapping
        Types of the two properties by the keys `begins` and `ends`: a `date`, else civil moments as text.
    """
    has_since, has_until = shape
    met: list[ColumnElement[bool]] = [true()]
    for given, name, column, kind in (
        (has_until, "until", begins, kinds["begins"]),
        (has_since, "since", ends, kinds["ends"]),
    ):
        if given:
            side = value(f"{name}_date", Date) if kind == "date" else value(f"{name}_moment", Text)
            within = column <= side if name == "until" else column >= side
            met.append(column.is_(None) | within)
    return and_(*met)
