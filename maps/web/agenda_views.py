"""What the pages of activities show: days, and months as the weeks of a calendar."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from geo.community.agenda import Upcoming
from geo.directory.schedules import BRUSSELS, is_public_holiday

_MONDAY_FIRST: Final = calendar.Calendar(firstweekday=0)


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A civil day in Brussels and what takes place on it."""

    day: dt.date
    items: tuple[Upcoming, ...] = ()
    is_outside: bool = False

    @property
    def is_holiday(self) -> bool:
        """Return whether it is a Belgian public holiday."""
        return is_public_holiday(self.day)


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month as the weeks of a calendar, Monday first."""

    first: dt.date
    weeks: tuple[tuple[AgendaDay, ...], ...]

    @property
    def days(self) -> tuple[AgendaDay, ...]:
        """Return the days of the month on which something takes place."""
        return tuple(day for week in self.weeks for day in week if day.items and not day.is_outside)

    @property
    def last(self) -> dt.date:
        """Return the last day of the month."""
        return self.next_first - dt.timedelta(days=1)

    @property
    def next_first(self) -> dt.date:
        """Return the first day of the next month."""
        return (self.first + dt.timedelta(days=31)).replace(day=1)

    @property
    def previous_first(self) -> dt.date:
        """Return the first day of the month before."""
        return (self.first - dt.timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """How a calendar is subscribed to."""

    ics: str
    webcal: str
    google: str


def day_of(item: Upcoming) -> dt.date:
    """Return the civil day on which an occurrence begins."""
    return item.occurrence.starts_at.astimezone(BRUSSELS).date()


def by_day(items: Iterable[Upcoming]) -> Iterator[AgendaDay]:
    """Return occurrences, which come in the order of time, under their days."""
    for day, found in groupby(items, key=day_of):
        yield AgendaDay(day, tuple(found))


def month_page(first: dt.date, items: Iterable[Upcoming]) -> MonthPage:
    """Return the month that begins on `first`; days of other months fill its first and last week."""
    found = {each.day: each.items for each in by_day(items)}
    weeks = tuple(
        tuple(AgendaDay(day, found.get(day, ()), day.month != first.month) for day in week)
        for week in _MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    )
    return MonthPage(first, weeks)


def feed_links(base_url: str, path: str, lang: str) -> FeedLinks:
    """Return the addresses of a feed; that of Google is another site's, told as such on the page."""
    ics = f"{base_url}{path}?lang={lang}"
    webcal = "webcal" + ics[ics.index(":") :]
    return FeedLinks(ics, webcal, "https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal}))
