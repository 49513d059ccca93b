"""Opening hours in words: is it open, until when, and what does the week look like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from babel.dates import format_date

from geo.directory.items import OpenState
from geo.directory.schedules import BRUSSELS, ScheduleFacts, expand, is_public_holiday
from geo.vocabulary import Lang, LonLat

_SOON = dt.timedelta(minutes=30)
_WEEK = dt.timedelta(days=7)
_MOMENT = dt.timedelta(seconds=1)

_WORDS: dict[Lang, dict[str, str]] = {
    "fr": {
        "open": "Ouvert · ferme {when}",
        "soon": "Ferme bientôt, {when}",
        "always": "Ouvert jour et nuit",
        "opens": "Fermé · ouvre {when}",
        "closed": "Fermé",
        "holiday": "Jour férié · horaire à vérifier",
        "holiday_closed": "Jour férié · fermé",
        "holiday_opens": "Jour férié, horaire à vérifier · ouvre {when}",
        "unknown": "Horaire à vérifier",
        "at": "à {time}",
        "tomorrow": "demain à {time}",
        "weekday": "{day} à {time}",
        "date": "le {day} à {time}",
        "midnight": "minuit",
        "all_day": "24 heures sur 24",
    },
    "nl": {
        "open": "Open · sluit {when}",
        "soon": "Sluit bijna, {when}",
        "always": "Dag en nacht open",
        "opens": "Gesloten · opent {when}",
        "closed": "Gesloten",
        "holiday": "Feestdag · uren na te kijken",
        "holiday_closed": "Feestdag · gesloten",
        "holiday_opens": "Feestdag, uren na te kijken · opent {when}",
        "unknown": "Uren na te kijken",
        "at": "om {time}",
        "tomorrow": "morgen om {time}",
        "weekday": "{day} om {time}",
        "date": "op {day} om {time}",
        "midnight": "middernacht",
        "all_day": "de hele dag en nacht",
    },
    "en": {
        "open": "Open · closes {when}",
        "soon": "Closes soon, {when}",
        "always": "Open day and night",
        "opens": "Closed · opens {when}",
        "closed": "Closed",
        "holiday": "Public holiday · hours to check",
        "holiday_closed": "Public holiday · closed",
        "holiday_opens": "Public holiday, hours to check · opens {when}",
        "unknown": "Hours to check",
        "at": "at {time}",
        "tomorrow": "tomorrow at {time}",
        "weekday": "{day} at {time}",
        "date": "on {day} at {time}",
        "midnight": "midnight",
        "all_day": "all day and night",
    },
}


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day of a week's timetable.

    Attributes
    ----------
    day : datetime.date
        The civil day in Brussels.
    name : str
        Its name: "lundi".
    hours : tuple of str
        Its openings in words: "9 h – 12 h 30". Empty: closed, or nobody knows (see `note`).
    note : str or None
        Why the hours are missing: "Fermé", or that it is a public holiday.
    """

    day: dt.date
    name: str
    hours: tuple[str, ...]
    note: str | None

    @property
    def is_closed(self) -> bool:
        """Tell whether no opening begins on this day."""
        return not self.hours


def describe_opening(state: OpenState, now: dt.datetime, lang: Lang) -> str:
    """Return whether a place is open, and until or from when, in one line.

    Parameters
    ----------
    state : OpenState
        What the opening periods say at `now`.
    now : datetime.datetime
        Aware; told in the civil time of Brussels.
    lang : str
        Language of the reader.

    Returns
    -------
    str
        "Ouvert · ferme à 18 h 30". Number and unit are held together by no-break spaces.
    """
    words = _WORDS[lang]
    if state.is_open is None:
        return words["unknown"]
    if state.is_open:
        if state.closes_at is None or state.closes_at - now > _WEEK:
            return words["always"]
        key = "soon" if state.closes_at - now <= _SOON else "open"
        return words[key].format(when=_say_moment(state.closes_at, now, lang))
    is_holiday = is_public_holiday(now.astimezone(BRUSSELS).date())
    if state.opens_at is None:
        return words["holiday" if is_holiday else "closed"]
    when = _say_moment(state.opens_at, now, lang)
    return words["holiday_opens" if is_holiday else "opens"].format(when=when)


def week_table(
    schedules: Iterable[ScheduleFacts], week_of: dt.date, lang: Lang, point: LonLat | None = None
) -> tuple[DayHours, ...]:
    """Return the seven days of the week that holds `week_of`, Monday first.

    Parameters
    ----------
    schedules : iterable of ScheduleFacts
        All schedules of one place, for example rows of `geo.models.schedules.Schedule`.
    week_of : datetime.date
        Any day of the week.
    lang : str
        Language of the reader.
    point : LonLat, optional
        Where the place is, for hours that follow the sun.
    """
    monday = week_of - dt.timedelta(days=week_of.weekday())
    days = [monday + dt.timedelta(days=offset) for offset in range(7)]
    spoken: dict[dt.date, list[str]] = {day: [] for day in days}
    schedules = list(schedules)
    holiday = "holiday_closed" if all("PH" in (each.opening_hours or "") for each in schedules) else "holiday"
    for period in expand(schedules, days[0], days[-1], point):
        opens_at, closes_at = (moment.astimezone(BRUSSELS) for moment in period)
        if closes_at - opens_at > dt.timedelta(days=1):
            _fill_whole_days(spoken, opens_at.date(), closes_at.date(), lang)
        elif opens_at.date() in spoken:
            spoken[opens_at.date()].append(f"{say_hour(opens_at, lang)} – {say_hour(closes_at, lang)}")
    return tuple(_tell_day(day, tuple(spoken[day]), holiday, lang) for day in days)


def _fill_whole_days(spoken: dict[dt.date, list[str]], first: dt.date, last: dt.date, lang: Lang) -> None:
    for day, hours in spoken.items():
        if first <= day < last:
            hours.append(_WORDS[lang]["all_day"])


def _tell_day(day: dt.date, hours: tuple[str, ...], holiday: str, lang: Lang) -> DayHours:
    note = None
    if not hours:
        note = _WORDS[lang][holiday if is_public_holiday(day) else "closed"]
    return DayHours(day, format_date(day, "EEEE", locale=lang), hours, note)


def _say_moment(moment: dt.datetime, now: dt.datetime, lang: Lang) -> str:
    """Return "à 18 h 30", "demain à 8 h 30", "lundi à 8 h 30" or "le 3 janvier à 9 h".

    The small hours of tomorrow are still tonight: no "demain" within six hours.
    """
    words = _WORDS[lang]
    here, today = moment.astimezone(BRUSSELS), now.astimezone(BRUSSELS).date()
    day, time = (here - _MOMENT).date(), say_hour(here, lang)  # midnight belongs to the day it ends
    if day == today or here - now.astimezone(BRUSSELS) < dt.timedelta(hours=6):
        return words["at"].format(time=time)
    if day == today + dt.timedelta(days=1):
        return words["tomorrow"].format(time=time)
    if day < today + _WEEK:
        return words["weekday"].format(day=format_date(day, "EEEE", locale=lang), time=time)
    return words["date"].format(day=format_date(day, "d MMMM", locale=lang), time=time)


def say_hour(moment: dt.datetime, lang: Lang) -> str:
    """Return the hour as people write it: "18 h 30", "18.30 uur", "18:30"."""
    if moment.hour == 0 and moment.minute == 0:
        return _WORDS[lang]["midnight"]
    hour, minute = moment.hour, moment.minute
    if lang == "fr":
        return f"{hour}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{minute:02}" if minute else "")
    if lang == "nl":
        return f"{hour}" + (f".{minute:02}" if minute else "") + "\N{NO-BREAK SPACE}uur"
    return f"{hour}:{minute:02}"
