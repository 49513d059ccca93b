"""The hours of a place lent: the few that its form asks for, written in OSM syntax, and said in words."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from babel.dates import get_day_names
from babel.lists import format_list

from geo.directory.hours import say_hour
from geo.vocabulary import Lang

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_WRITTEN = re.compile(r"((?:Mo|Tu|We|Th|Fr|Sa|Su)(?:,(?:Mo|Tu|We|Th|Fr|Sa|Su))*) (\d\d:\d\d)-(\d\d:\d\d)")
_FROM_TO: dict[Lang, str] = {
    "fr": "du {0} au {1}",
    "nl": "van {0} tot {1}",
    "en": "{0} to {1}",
}
_EVERY_DAY: dict[Lang, str] = {"fr": "tous les jours", "nl": "elke dag", "en": "every day"}


@dataclass(frozen=True, slots=True)
class LentHours:
    """On which days a place is lent, and from when to when. Until before from: into the next day."""

    days: tuple[str, ...]
    opens_at: dt.time
    closes_at: dt.time

    def written(self) -> str:
        """Return the hours in OSM syntax: `Mo,Tu,We 08:00-18:00`."""
        days = ",".join(day for day in DAYS if day in self.days)
        closes_at = "24:00" if self.closes_at == dt.time() else f"{self.closes_at:%H:%M}"
        return f"{days} {self.opens_at:%H:%M}-{closes_at}"

    def told(self, lang: Lang) -> str:
        """Return the hours in words: "du lundi au vendredi, 8 h – 18 h"."""
        return f"{self._days_told(lang)}, {_say(self.opens_at, lang)} – {_say(self.closes_at, lang)}"

    def _days_told(self, lang: Lang) -> str:
        numbers = [number for number, day in enumerate(DAYS) if day in self.days]
        names = [get_day_names(locale=lang)[number] for number in numbers]
        if len(numbers) == len(DAYS):
            return _EVERY_DAY[lang]
        if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
            return _FROM_TO[lang].format(names[0], names[-1])
        return format_list(names, locale=lang)


WORKDAYS = LentHours(DAYS[:5], dt.time(8), dt.time(18))


def read_hours(written: str | None) -> LentHours | None:
    """Return the hours that the form wrote; None where there are none, or others wrote them."""
    match = _WRITTEN.fullmatch(written or "")
    if match is None:
        return None
    times = (dt.time() if each == "24:00" else dt.time.fromisoformat(each) for each in match.groups()[1:])
    return LentHours(tuple(match[1].split(",")), *times)


def tell_hours(written: str | None, lang: Lang) -> str | None:
    """Return hours in words; None: at any time. What others wrote is told as it is."""
    hours = read_hours(written)
    return hours.told(lang) if hours else written


def _say(time: dt.time, lang: Lang) -> str:
    return say_hour(dt.datetime.combine(dt.date(2026, 1, 1), time), lang)
