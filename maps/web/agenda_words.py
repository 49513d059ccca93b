"""Days, months and hours of the agenda, as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from babel.dates import format_date

from geo.community.rhythm import say_span, say_time
from geo.directory.schedules import BRUSSELS
from geo.vocabulary import Lang
from maps.web.i18n import LOCALES


def say_day(day: dt.date, lang: Lang) -> str:
    """Return `mardi 24 novembre`, `dimanche 1er mars`."""
    words = str(format_date(day, "EEEE d MMMM", locale=LOCALES[lang]))
    return words.replace(" 1 ", " 1er ", 1) if lang == "fr" and day.day == 1 else words


def say_month(day: dt.date, lang: Lang) -> str:
    """Return `novembre 2026`."""
    return str(format_date(day, "LLLL y", locale=LOCALES[lang]))


def say_weekday(day: dt.date, lang: Lang, *, short: bool = False) -> str:
    """Return `mardi`, or `mar.`."""
    return str(format_date(day, "EEE" if short else "EEEE", locale=LOCALES[lang]))


def say_start(moment: dt.datetime, lang: Lang) -> str:
    """Return when something begins on the clock in Brussels: `14 h`, `14 uur`, `14:00`."""
    clock = say_time(moment.astimezone(BRUSSELS).time(), lang)
    return f"{clock}\N{NO-BREAK SPACE}uur" if lang == "nl" else clock


def civil_day(moment: dt.datetime) -> dt.date:
    """Return the civil day in Brussels of a moment."""
    return moment.astimezone(BRUSSELS).date()


def agenda_words(lang: Lang) -> dict[str, Callable[..., Any]]:
    """Return what templates of the agenda call, in the reader's language."""
    told: dict[str, Callable[..., Any]] = {
        each.__name__: partial(each, lang=lang)
        for each in (say_day, say_month, say_weekday, say_start, say_span)
    }
    return told | {"civil_day": civil_day}
