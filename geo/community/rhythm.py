"""Rhythm: a recurrence as people say it ("every Tuesday, until 30 June"): from a form and back, in words."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list

from geo.community.recurrence import Recurrence, parts_of
from geo.directory.schedules import BRUSSELS
from geo.vocabulary import Lang

Kind = Literal["once", "weekly", "monthly_weekday", "monthly_day", "rule"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: Which one in the month: first to fourth, last.
PLACES: Final = (1, 2, 3, 4, -1)
_NTH: Final = re.compile(r"(-1|[1-4])(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an activity comes back.

    Attributes
    ----------
    kind : str
        once, weekly (on `days`, every `every` weeks), monthly_weekday (the `place`-th of `days[0]`),
        monthly_day (the `day`-th), or rule: anything else that RFC 5545 can say.
    until : date or None
        Last day; None with `count` None: without an end.
    """

    kind: Kind
    days: tuple[str, ...] = ()
    every: int = 1
    place: int = 1
    day: int = 1
    until: dt.date | None = None
    count: int | None = None
    rule: str | None = None


def build_rule(rhythm: Rhythm) -> str | None:
    """Return the RRULE of a rhythm; None for what happens once."""
    end = f";COUNT={rhythm.count}" if rhythm.count else ""
    if rhythm.until:
        end = f";UNTIL={rhythm.until:%Y%m%d}"
    every = f";INTERVAL={rhythm.every}" if rhythm.every > 1 else ""
    if rhythm.kind == "weekly":
        return f"FREQ=WEEKLY;BYDAY={','.join(rhythm.days)}{every}{end}"
    if rhythm.kind == "monthly_weekday":
        return f"FREQ=MONTHLY;BYDAY={rhythm.place}{rhythm.days[0]}{every}{end}"
    if rhythm.kind == "monthly_day":
        return f"FREQ=MONTHLY;BYMONTHDAY={rhythm.day}{every}{end}"
    return rhythm.rule if rhythm.kind == "rule" else None


def read_rhythm(recurrence: Recurrence) -> Rhythm:
    """Return the rhythm of a settled recurrence; `rule` where a form could not say it."""
    if recurrence.rrule is None:
        return Rhythm("once")
    parts = parts_of(recurrence.rrule)
    every, count = int(parts.pop("INTERVAL", "1")), parts.pop("COUNT", None)
    parts.pop("UNTIL", None)
    parts.pop("WKST", None) if every == 1 else None
    found = _simplest(parts, recurrence.starts_at) or Rhythm("rule", rule=recurrence.rrule)
    if found.kind == "rule":
        return found
    return Rhythm(
        found.kind,
        found.days,
        every,
        found.place,
        found.day,
        recurrence.until,
        int(count) if count else None,
    )


def _simplest(parts: dict[str, str], start: dt.datetime) -> Rhythm | None:
    days = tuple(
        sorted(parts.get("BYDAY", "").split(","), key=lambda day: DAYS.index(day) if day in DAYS else 9)
    )
    if parts.keys() == {"FREQ"} and parts["FREQ"] == "WEEKLY":
        return Rhythm("weekly", (DAYS[start.weekday()],))
    if parts.keys() == {"FREQ"} and parts["FREQ"] == "MONTHLY" and start.day <= 28:
        return Rhythm("monthly_day", day=start.day)
    if parts.keys() == {"FREQ", "BYDAY"} and parts["FREQ"] == "WEEKLY" and set(days) <= set(DAYS):
        return Rhythm("weekly", days)
    if parts.keys() == {"FREQ", "BYDAY"} and parts["FREQ"] == "MONTHLY":
        nth = _NTH.fullmatch(parts["BYDAY"])
        return Rhythm("monthly_weekday", (nth[2],), place=int(nth[1])) if nth else None
    if parts.keys() == {"FREQ", "BYMONTHDAY"} and parts["FREQ"] == "MONTHLY":
        day = parts["BYMONTHDAY"]
        return Rhythm("monthly_day", day=int(day)) if day.isdigit() else None
    return None


_WORDS: Final[dict[Lang, dict[str, str]]] = {
    "fr": {
        "time": "de {begin} à {end}",
        "once": "Le {date} {time}",
        "each": "Chaque {days} {time}",
        "each_several": "Les {days}, {time}",
        "all": "Chaque jour {time}",
        "work": "Du lundi au vendredi, {time}",
        "two": "Une semaine sur deux, le {days}, {time}",
        "weeks": "Toutes les {every} semaines, le {days}, {time}",
        "place": "Le {place} {days} du mois, {time}",
        "place_months": "Tous les {every} mois, le {place} {days}, {time}",
        "day": "Le {day} de chaque mois, {time}",
        "day_months": "Tous les {every} mois, le {day}, {time}",
        "until": ", jusqu’au {date}",
        "count": ", {count} fois",
        "holidays": ", sauf les jours fériés",
    },
    "nl": {
        "time": "van {begin} tot {end}\N{NO-BREAK SPACE}uur",
        "once": "{date} {time}",
        "each": "Elke {days} {time}",
        "each_several": "Elke {days}, {time}",
        "all": "Elke dag {time}",
        "work": "Van maandag tot vrijdag, {time}",
        "two": "Om de twee weken op {days}, {time}",
        "weeks": "Om de {every} weken op {days}, {time}",
        "place": "Elke {place} {days} van de maand, {time}",
        "place_months": "Om de {every} maanden, de {place} {days}, {time}",
        "day": "Elke {day} van de maand, {time}",
        "day_months": "Om de {every} maanden, de {day}, {time}",
        "until": ", tot en met {date}",
        "count": ", {count} keer",
        "holidays": ", niet op feestdagen",
    },
    "en": {
        "time": "from {begin} to {end}",
        "once": "{date} {time}",
        "each": "Every {days} {time}",
        "each_several": "Every {days}, {time}",
        "all": "Every day {time}",
        "work": "Monday to Friday, {time}",
        "two": "Every other week on {days}, {time}",
        "weeks": "Every {every} weeks on {days}, {time}",
        "place": "The {place} {days} of the month, {time}",
        "place_months": "Every {every} months, the {place} {days}, {time}",
        "day": "On day {day} of each month, {time}",
        "day_months": "Every {every} months on day {day}, {time}",
        "until": ", until {date}",
        "count": ", {count} times",
        "holidays": ", not on public holidays",
    },
}
_PLACES: Final[dict[Lang, dict[int, str]]] = {
    "fr": {1: "premier", 2: "deuxième", 3: "troisième", 4: "quatrième", -1: "dernier"},
    "nl": {1: "eerste", 2: "tweede", 3: "derde", 4: "vierde", -1: "laatste"},
    "en": {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"},
}


def describe(recurrence: Recurrence, lang: Lang, today: dt.date) -> str | None:
    """Return when it takes place, in words; None where no short sentence says it: then show the next dates.

    Parameters
    ----------
    today : datetime.date
        The year of an end within eleven months is left out.
    """
    rhythm, words = read_rhythm(recurrence), _WORDS[lang]
    if rhythm.kind == "rule":
        return None
    gaps = {
        "time": _say_span(recurrence, lang),
        "every": rhythm.every,
        "days": format_list([_day_name(day, lang, rhythm) for day in rhythm.days], locale=Locale(lang)),
        "place": _PLACES[lang][rhythm.place],
        "day": _say_day(rhythm.day, lang),
        "date": format_date(recurrence.starts_at, "EEEE d MMMM y", locale=lang),
    }
    sentence = words[_pattern(rhythm)].format(**gaps)
    if rhythm.until:
        near = rhythm.until - today < dt.timedelta(days=335)
        day = format_date(rhythm.until, "d MMMM" if near else "d MMMM y", locale=lang)
        sentence += words["until"].format(
            date="1er" + day[1:] if lang == "fr" and rhythm.until.day == 1 else day
        )
    if rhythm.count:
        sentence += words["count"].format(count=rhythm.count)
    if recurrence.skips_holidays and rhythm.kind != "once":
        sentence += words["holidays"]
    return sentence[0].upper() + sentence[1:]


def _pattern(rhythm: Rhythm) -> str:
    if rhythm.kind == "once":
        return "once"
    if rhythm.kind != "weekly":
        return ("place" if rhythm.kind == "monthly_weekday" else "day") + (
            "_months" if rhythm.every > 1 else ""
        )
    if rhythm.every > 1:
        return "two" if rhythm.every == 2 else "weeks"
    if len(rhythm.days) in (5, 7) and rhythm.days == DAYS[: len(rhythm.days)]:
        return "work" if len(rhythm.days) == 5 else "all"
    return "each" if len(rhythm.days) == 1 else "each_several"


def _day_name(code: str, lang: Lang, rhythm: Rhythm) -> str:
    name = str(get_day_names("wide", locale=lang)[DAYS.index(code)])
    plural = lang == "fr" and _pattern(rhythm) == "each_several"
    return name + "s" if plural else name


def _say_day(day: int, lang: Lang) -> str:
    if lang == "nl":
        return f"{day}{'ste' if day in (1, 8) or day >= 20 else 'de'}"
    return "1er" if lang == "fr" and day == 1 else str(day)


def _say_span(recurrence: Recurrence, lang: Lang) -> str:
    end = recurrence.starts_at + dt.timedelta(minutes=recurrence.duration_minutes)
    gaps = {"begin": say_time(recurrence.starts_at.time(), lang), "end": say_time(end.time(), lang)}
    return _WORDS[lang]["time"].format(**gaps)


def say_time(time: dt.time, lang: Lang) -> str:
    """Return an hour as it stands within a span: "14 h", "14 h 30"; "14", "14.30"; "14:00"."""
    if lang == "en":
        return f"{time:%H:%M}".removeprefix("0") if time.hour else f"{time:%H:%M}"
    if lang == "nl":
        return f"{time.hour}" + (f".{time.minute:02}" if time.minute else "")
    minutes = f"\N{NO-BREAK SPACE}{time.minute:02}" if time.minute else ""
    return f"{time.hour}\N{NO-BREAK SPACE}h{minutes}"


def say_span(begins: dt.datetime, ends: dt.datetime, lang: Lang) -> str:
    """Return from when to when on the clock in Brussels: "14 h – 16 h 30", "14 – 16.30 uur"."""
    begin, end = (say_time(each.astimezone(BRUSSELS).time(), lang) for each in (begins, ends))
    return f"{begin} – {end}" + ("\N{NO-BREAK SPACE}uur" if lang == "nl" else "")
