"""Opening periods: schedules of places, expanded into moments in UTC.

Two kinds of schedule, one parser (opening-hours-py): an OSM `opening_hours` text goes there as it is, an HSDS
recurrence as the list of its days. Civil times are those of Europe/Brussels, so a change of clock moves the
moments and not the hours on the door.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import psycopg
from dateutil.rrule import rrulestr
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]
from psycopg.rows import class_row

from geo.queries.services import HORIZON_DAYS
from geo.vocabulary import LonLat

BRUSSELS = ZoneInfo("Europe/Brussels")
CENTRE = LonLat(4.3525, 50.8467)  # sun hours of a place without a point
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = dt.timedelta(days=1)
#: What "PH" means in every text is a public holiday everywhere else too: one calendar (of 2000 to 2079).
_PUBLIC_HOLIDAYS = OpeningHours("PH", country="BE", auto_country=False, auto_timezone=False)
_NOON = dt.time(12)
_HOLIDAYS_OFF = re.compile(r";\s*PH\s+(off|closed)\s*(?=;|$)")


class Period(NamedTuple):
    """One opening; both moments aware."""

    opens_at: dt.datetime
    closes_at: dt.datetime


class ScheduleFacts(Protocol):
    """What a row of the table `schedule` says; dates and times are civil, in Europe/Brussels."""

    @property
    def opening_hours(self) -> str | None:
        """Text in OSM syntax; it wins over the recurrence."""

    @property
    def valid_from(self) -> dt.date | None:
        """First day of validity."""

    @property
    def valid_to(self) -> dt.date | None:
        """Last day of validity."""

    @property
    def dtstart(self) -> dt.date | None:
        """First day of the recurrence."""

    @property
    def freq(self) -> str | None:
        """WEEKLY or MONTHLY."""

    @property
    def interval(self) -> int | None:
        """Every so many weeks or months."""

    @property
    def byday(self) -> str | None:
        """Days of the week: "MO,TH", "1MO"."""

    @property
    def bymonthday(self) -> str | None:
        """Days of the month: "1,15"."""

    @property
    def opens_at(self) -> dt.time | None:
        """Civil time of opening."""

    @property
    def closes_at(self) -> dt.time | None:
        """Civil time of closing; before opens_at: on the next day."""


@dataclass(frozen=True, slots=True)
class PlaceSchedule:
    """One schedule with the place it belongs to (a `service_at_location`) and where that is."""

    place_id: uuid.UUID
    lon: float | None = None
    lat: float | None = None
    opening_hours: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    dtstart: dt.date | None = None
    freq: str | None = None
    interval: int | None = None
    byday: str | None = None
    bymonthday: str | None = None
    opens_at: dt.time | None = None
    closes_at: dt.time | None = None

    @property
    def point(self) -> LonLat | None:
        """Return where the place is, if known."""
        return None if self.lon is None or self.lat is None else LonLat(self.lon, self.lat)


def find_fault(text: str) -> str | None:
    """Return what is wrong with an `opening_hours` text, or None if it can be read."""
    try:
        OpeningHours(text)
    except ParserError as error:
        return str(error).splitlines()[-1].strip(" =")
    return None


def is_public_holiday(day: dt.date) -> bool:
    """Return whether a day is a Belgian public holiday: the ten of the law, and Easter Sunday."""
    found: bool = _PUBLIC_HOLIDAYS.is_open(dt.datetime.combine(day, _NOON))
    return found


def expand(
    schedules: Iterable[ScheduleFacts], first: dt.date, last: dt.date, point: LonLat | None = None
) -> list[Period]:
    """Return the openings that begin on the days `first` to `last` (both included), in order, merged.

    Parameters
    ----------
    schedules : iterable of ScheduleFacts
        All schedules of one place; their openings are united.
    first, last : datetime.date
        Civil days in Europe/Brussels.
    point : LonLat, optional
        Where the place is, for texts that speak of sunrise; the centre of Brussels if not given.

    Returns
    -------
    list of Period
        In UTC. Openings that begin on a Belgian public holiday are left out where the text says that it is
        closed then, and where it says nothing about holidays, because then nobody knows.
    """
    found: list[Period] = []
    for schedule in schedules:
        begin = max(first, schedule.valid_from or first)
        end = min(last, schedule.valid_to or last)
        if begin <= end:
            found += _expand_one(schedule, begin, end, point or CENTRE)
    return _unite(found)


def _expand_one(schedule: ScheduleFacts, first: dt.date, last: dt.date, point: LonLat) -> Iterator[Period]:
    text = schedule.opening_hours or _write_recurrence(schedule, first, last)
    if not text:
        return
    # The parser lets "PH off" end at midnight the night that began before, and begin another at the next.
    without_off = _HOLIDAYS_OFF.sub("", text)
    hours = OpeningHours(
        without_off, BRUSSELS, "BE", (point.lat, point.lon), auto_country=False, auto_timezone=False
    )
    speaks_of_holidays = "PH" in without_off
    # one day more on either side: what began the evening before, what runs past the last midnight
    window = (_midnight(first - _DAY), _midnight(last + 2 * _DAY))
    for opens_at, closes_at, state, _ in hours.intervals(*window):
        if state != State.OPEN:
            continue
        is_whole_days = closes_at - opens_at > _DAY
        begins_on = max(opens_at.date(), first) if is_whole_days else opens_at.date()
        if not first <= begins_on <= last:
            continue
        if speaks_of_holidays or is_whole_days or not is_public_holiday(begins_on):
            yield Period(opens_at.astimezone(dt.UTC), closes_at.astimezone(dt.UTC))


def _write_recurrence(schedule: ScheduleFacts, first: dt.date, last: dt.date) -> str:
    """Write the days of an HSDS recurrence as an `opening_hours` text; empty when it has none then."""
    if schedule.opens_at is None or schedule.closes_at is None:
        return ""
    days = ",".join(
        f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in _find_days(schedule, first, last)
    )
    closes_at = "24:00" if schedule.closes_at == dt.time() else f"{schedule.closes_at:%H:%M}"
    return days and f"{days} {schedule.opens_at:%H:%M}-{closes_at}"


def _find_days(schedule: ScheduleFacts, first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days of a recurrence (RFC 5545) from `first` to `last`; without a frequency, its one day."""
    start = schedule.dtstart or schedule.valid_from or first
    if schedule.freq is None:
        return [start] if first <= start <= last else []
    parts = {
        "FREQ": schedule.freq,
        "INTERVAL": schedule.interval,
        "BYDAY": schedule.byday,
        "BYMONTHDAY": schedule.bymonthday,
    }
    rule = rrulestr(
        ";".join(f"{name}={value}" for name, value in parts.items() if value), dtstart=_naive(start)
    )
    return [moment.date() for moment in rule.between(_naive(first), _naive(last), inc=True)]


def _unite(periods: Iterable[Period]) -> list[Period]:
    united: list[Period] = []
    for period in sorted(periods):
        if united and period.opens_at <= united[-1].closes_at:
            united[-1] = Period(united[-1].opens_at, max(united[-1].closes_at, period.closes_at))
        else:
            united.append(period)
    return united


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BRUSSELS)


def _naive(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def refresh_open_periods(
    connection: psycopg.Connection[Any],
    from_: dt.date,
    days: int = 100,
    service_ids: Sequence[uuid.UUID] | None = None,
) -> int:
    """Expand the schedules of all places, or of some services, into the table `open_period`. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    from_ : datetime.date
        First civil day; the evening before is included, for what runs past midnight.
    days : int
        How many days ahead.
    service_ids : sequence of UUID, optional
        Only these services; all of them if not given.

    Returns
    -------
    int
        Number of openings written.
    """
    wanted = None if service_ids is None else list(service_ids)
    connection.execute(
        "DELETE FROM open_period WHERE %(ids)s::uuid[] IS NULL OR service_at_location_id IN "
        "(SELECT id FROM service_at_location WHERE service_id = ANY(%(ids)s))",
        {"ids": wanted},
    )
    first, last = from_ - _DAY, from_ + dt.timedelta(days=days)
    with connection.cursor(row_factory=class_row(PlaceSchedule)) as cursor:
        rows = cursor.execute(_SCHEDULES, {"ids": wanted}).fetchall()
    written = 0
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY open_period (service_at_location_id, opens_at, closes_at) FROM STDIN") as copy,
    ):
        for place_id, group in groupby(rows, key=lambda row: row.place_id):
            schedules = list(group)
            for period in expand(schedules, first, last, schedules[0].point):
                copy.write_row((place_id, *period))
                written += 1
    return written


def extend_open_periods(
    connection: psycopg.Connection[Any], today: dt.date, least_days: int = HORIZON_DAYS
) -> int:
    """Expand all schedules anew when fewer than `least_days` are left ahead. Never commits.

    For the start of a server and once a day: it costs one index lookup as long as there is enough.

    Returns
    -------
    int
        Number of openings written; 0 when nothing had to be done.
    """
    last = connection.execute("SELECT max(opens_at) FROM open_period").fetchone()
    if last and last[0] and last[0].astimezone(BRUSSELS).date() >= today + least_days * _DAY:
        return 0
    return refresh_open_periods(connection, today)


_SCHEDULES = """
SELECT place.id AS place_id, ST_X(location.geom) AS lon, ST_Y(location.geom) AS lat,
    opening_hours, valid_from, valid_to, dtstart, freq, "interval", byday, bymonthday, opens_at, closes_at
FROM schedule
JOIN service_at_location AS place ON place.id = schedule.service_at_location_id
JOIN location ON location.id = place.location_id
WHERE %(ids)s::uuid[] IS NULL OR place.service_id = ANY(%(ids)s)
ORDER BY place.id
"""
