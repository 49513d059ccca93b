"""Recurrence: when an activity takes place, in civil time of Brussels, expanded into moments.

The rule is an RRULE of RFC 5545, read by python-dateutil in civil time: an activity at 18:00 stays at 18:00
when the clocks change. A civil time that a change of clocks leaves out counts with the offset before it
(RFC 5545, 3.3.5).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from dateutil.rrule import rrule, rrulestr

from geo.directory.schedules import BRUSSELS, is_public_holiday
from geo.errors import ContentRefused, Fault

#: No activity takes place more often than this on one day.
MOST_A_DAY: Final = 3
#: Exceptions, additions and cancelled dates of one activity.
MOST_DATES: Final = 200
#: A rule must give its first date within this time.
_PATIENCE: Final = dt.timedelta(days=5 * 366)
_YEARS: Final = range(2000, 2101)

#: Parts of a rule that make sense for its frequency, so that none can be searched for ever.
_ALWAYS: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYHOUR", "BYMINUTE"}
_PARTS: Final = {
    "DAILY": _ALWAYS,
    "WEEKLY": _ALWAYS,
    "MONTHLY": _ALWAYS | {"BYMONTHDAY", "BYSETPOS"},
    "YEARLY": _ALWAYS | {"BYMONTH", "BYMONTHDAY", "BYSETPOS"},
}
#: What would match no date, or only be searched for in vain.
_SENSELESS: Final = (
    re.compile(r"FREQ=(DAILY|WEEKLY).*BYDAY=[^;]*\d"),  # "the fifth Tuesday of the week"
    re.compile(r"FREQ=DAILY.*BYDAY=.*INTERVAL="),
    re.compile(r"BYMONTHDAY=([^;]*,)?[+-]?(0|3[2-9]|[4-9]\d|\d{3,})\b"),
    re.compile(r"BYDAY=[^;]*\d.*BYSETPOS="),
    re.compile(r"BYSETPOS=([^;]*,)?[+-]?(0|[6-9]|\d{2,})\b"),
)
_RULE: Final = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


class Occurrence(NamedTuple):
    """One time that an activity takes place; both moments aware, in UTC."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When an activity takes place. All times are naive: civil time in Europe/Brussels.

    Attributes
    ----------
    starts_at : datetime
        The first time.
    duration_minutes : int
        Exact minutes, also over a change of clocks.
    rrule : str or None
        RFC 5545 without DTSTART; UNTIL is civil time. None: once.
    exdates, rdates : tuple of datetime
        Times that are left out, and added.
    cancelled : tuple of datetime
        Times that were announced and do not take place; they stay to be told.
    skips_holidays : bool
        The rule leaves Belgian public holidays out; additions don't.
    """

    starts_at: dt.datetime
    duration_minutes: int
    rrule: str | None = None
    exdates: tuple[dt.datetime, ...] = ()
    rdates: tuple[dt.datetime, ...] = ()
    cancelled: tuple[dt.datetime, ...] = ()
    skips_holidays: bool = False

    @property
    def until(self) -> dt.date | None:
        """Return the last day on which the rule may give a date."""
        found = _UNTIL.search(self.rrule or "")
        return dt.datetime.strptime(found[1], "%Y%m%d").date() if found else None


def settle(recurrence: Recurrence) -> Recurrence:
    """Return a recurrence as it is stored: checked, its rule in one way of writing, its dates in order.

    A first time that the rule doesn't give moves to the first that it does, as RFC 5545 asks. UNTIL may be
    a day, a civil time or UTC.

    Raises
    ------
    ContentRefused
        Naming the field (`starts_at`, `duration_minutes`, `rrule`, `exdates` …): a rule that can't be read,
        gives no date, ends before it starts, or comes too often.
    """
    start = recurrence.starts_at.replace(second=0, microsecond=0)
    _refuse_if(start.tzinfo is not None, "starts_at", "timezone_naive")
    _refuse_if(start.year not in _YEARS, "starts_at", "year_too_far")
    _refuse_if(
        not 1 <= recurrence.duration_minutes <= 1440,
        "duration_minutes",
        "duration",
    )
    text = _settle_rule(recurrence.rrule, start) if recurrence.rrule else None
    if text:
        start = _first_date(text, start)
    settled = replace(
        recurrence,
        starts_at=start,
        rrule=text,
        exdates=_settle_dates("exdates", recurrence.exdates),
        rdates=_settle_dates("rdates", recurrence.rdates),
        cancelled=_settle_dates("cancelled", recurrence.cancelled),
    )
    _refuse_crowds(settled)
    return settled


def expand(recurrence: Recurrence, first: dt.date, last: dt.date) -> list[Occurrence]:
    """Return the times that begin on the civil days `first` to `last`, both included, in order."""
    minutes = dt.timedelta(minutes=recurrence.duration_minutes)
    cancelled = set(recurrence.cancelled)
    found = {
        (moment := to_utc(each)): Occurrence(moment, moment + minutes, each in cancelled)
        for each in civil_times(recurrence, first, last)
    }
    return sorted(found.values())


def civil_times(recurrence: Recurrence, first: dt.date, last: dt.date) -> list[dt.datetime]:
    """Return the civil times that begin on the days `first` to `last`, in order."""
    begin, end = _midnight(first), dt.datetime.combine(last, dt.time.max)
    given = set(_by_rule(recurrence, begin, end)) - set(holiday_times(recurrence, first, last))
    added = {each for each in recurrence.rdates if begin <= each <= end}
    return sorted((given | added) - set(recurrence.exdates))


def holiday_times(recurrence: Recurrence, first: dt.date, last: dt.date) -> list[dt.datetime]:
    """Return the times of the rule that it leaves out because they are on a public holiday."""
    if not recurrence.skips_holidays:
        return []
    end = dt.datetime.combine(last, dt.time.max)
    return [each for each in _by_rule(recurrence, _midnight(first), end) if is_public_holiday(each.date())]


def to_utc(civil: dt.datetime) -> dt.datetime:
    """Return the moment of a civil time in Brussels."""
    return civil.replace(tzinfo=BRUSSELS).astimezone(dt.UTC)


def to_civil(moment: dt.datetime) -> dt.datetime:
    """Return the civil time in Brussels of a moment, without an offset."""
    return moment.astimezone(BRUSSELS).replace(tzinfo=None)


def parts_of(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name."""
    return dict(part.split("=", 1) for part in rule.split(";"))


def _by_rule(recurrence: Recurrence, begin: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    if recurrence.rrule is None:
        return [recurrence.starts_at] if begin <= recurrence.starts_at <= end else []
    return _read(recurrence.rrule, recurrence.starts_at).between(begin, end, inc=True)


def _read(text: str, start: dt.datetime) -> rrule:
    rule = rrulestr(text, dtstart=start)
    assert isinstance(rule, rrule)
    return rule


def _settle_rule(text: str, start: dt.datetime) -> str:
    """Return a rule in one way of writing: upper case, civil UNTIL, parts in a fixed order."""
    written = re.sub(r"\s", "", text).upper().removeprefix("RRULE:").rstrip(";")
    _refuse_if(len(written) > 300 or not _RULE.fullmatch(written), "rrule", "rule_unreadable")
    parts = parts_of(written)
    _refuse_if(len(parts) != written.count("=") or "FREQ" not in parts, "rrule", "rule_unreadable")
    allowed = _PARTS.get(parts["FREQ"])
    if allowed is None:
        raise ContentRefused(Fault("rrule", "rule_too_often"))
    _refuse_if(not parts.keys() <= allowed, "rrule", "rule_combination")
    _refuse_if("COUNT" in parts and "UNTIL" in parts, "rrule", "rule_ends_twice")
    if "UNTIL" in parts:
        parts["UNTIL"] = _settle_until(parts["UNTIL"], start)
    settled = ";".join(
        f"{name}={parts[name]}" for name in sorted(parts, key=lambda each: (each != "FREQ", each))
    )
    _refuse_if(any(each.search(settled) for each in _SENSELESS), "rrule", "rule_combination")
    for name, most in (("INTERVAL", 60), ("COUNT", 1000)):
        number = parts.get(name, "1")
        _refuse_if(not number.isdigit() or not 1 <= int(number) <= most, "rrule", "rule_unreadable")
    try:
        _read(settled, start)
    except (ValueError, KeyError, IndexError, TypeError):
        raise ContentRefused(Fault("rrule", "rule_unreadable")) from None
    return settled


def _settle_until(text: str, start: dt.datetime) -> str:
    """Return UNTIL as civil time: a day counts to its end, UTC is turned into the time on the clock."""
    found = _UNTIL.fullmatch(text)
    try:
        until = found and dt.datetime.strptime(found[1] + (found[2] or "235959"), "%Y%m%d%H%M%S")
    except ValueError:
        until = None
    if not found or not until or until.year not in _YEARS:
        raise ContentRefused(Fault("rrule", "rule_end"))
    if found[3]:
        until = to_civil(until.replace(tzinfo=dt.UTC))
    _refuse_if(until < start, "rrule", "rule_ends_early")
    return f"{until:%Y%m%dT%H%M%S}"


def _first_date(text: str, start: dt.datetime) -> dt.datetime:
    first = next(iter(_read(text, start)), None)
    if first is None or first - start > _PATIENCE:
        raise ContentRefused(Fault("rrule", "rule_without_date"))
    return first


def _settle_dates(field: str, given: Iterable[dt.datetime]) -> tuple[dt.datetime, ...]:
    dates = sorted({each.replace(second=0, microsecond=0) for each in given})
    _refuse_if(len(dates) > MOST_DATES, field, "too_many_dates", most=MOST_DATES)
    wrong = any(each.tzinfo is not None or each.year not in _YEARS for each in dates)
    _refuse_if(wrong, field, "timezone_naive")
    return tuple(dates)


def _refuse_crowds(recurrence: Recurrence) -> None:
    """Refuse more than three on one day; the longest pattern, a year, is looked at twice."""
    first = min((recurrence.starts_at, *recurrence.rdates)).date()
    last = max((recurrence.starts_at, *recurrence.rdates)).date() + dt.timedelta(days=800)
    days = Counter(each.date() for each in civil_times(recurrence, first, last))
    crowded = max(days.values(), default=0) > MOST_A_DAY
    _refuse_if(crowded, "rrule", "too_often_a_day", most=MOST_A_DAY)
    _refuse_if(not days, "exdates", "no_date_left")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def _refuse_if(wrong: bool, field: str, kind: str, **facts: object) -> None:
    if wrong:
        raise ContentRefused(Fault(field, kind, facts))
