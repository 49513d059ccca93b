"""`render(template, lang, **context)`: the one way from a template to a page."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from babel.dates import format_skeleton
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from geo.community.parking_hours import tell_hours
from geo.directory.hours import describe_opening, say_hour
from geo.directory.schedules import BRUSSELS
from geo.vocabulary import LANGS, Lang, Text
from geo.words import UNITS
from maps.web import i18n
from maps.web.assets import asset_url, style_urls
from maps.web.qr import qr_code

TEMPLATE_DIR: Final = Path(__file__).with_name("templates")


def render(template: str, lang: Lang, **context: Any) -> str:
    """Return the HTML (or XML) of a template in the reader's language.

    Parameters
    ----------
    template : str
        File name in `templates`.
    lang : {"fr", "nl", "en"}
        The reader's language.
    **context
        What the template shows; a name that it uses and that is missing is an error, never a blank.
    """
    return environment(lang).get_template(template).render(**context)


@lru_cache
def environment(lang: Lang) -> Environment:
    """Return the template environment of one language: its words and its ways to write numbers."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATE_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_translations(i18n.translations(lang), newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        lang=lang,
        langs=LANGS,
        language_names=i18n.LANGUAGE_NAMES,
        emergency=read_emergency_numbers(),
        asset=asset_url,
        styles=style_urls,
        today=today,
        qr_code=qr_code,
    )
    env.filters.update(
        text=partial(mark_language, lang=lang),
        plain=partial(i18n.read_text, lang=lang),
        date=partial(i18n.format_date, lang=lang),
        moment=partial(tell_moment, lang=lang),
        weekday=partial(tell_weekday, lang=lang),
        distance=partial(i18n.format_distance, lang=lang),
        number=lambda value, decimals=0: i18n.format_number(value, lang, decimals),
        share=partial(i18n.format_share, lang=lang),
        unit=partial(tell_unit, lang=lang),
        language=partial(i18n.language_name, lang=lang),
        opening=partial(tell_opening, lang=lang),
        lent_hours=partial(tell_hours, lang=lang),
        listed=partial(i18n.format_list, lang=lang),
    )
    return env


def today() -> dt.date:
    """Return the civil day in Brussels, wherever the server stands."""
    return dt.datetime.now(BRUSSELS).date()


def tell_moment(at: dt.datetime, lang: Lang) -> str:
    """Return a moment as people in Brussels say it: "22 novembre 2026 à 10 h 32"."""
    here = at.astimezone(BRUSSELS)
    return i18n.translate(
        lang, "%(day)s at %(hour)s", day=i18n.format_date(here.date(), lang), hour=say_hour(here, lang)
    )


def tell_weekday(at: dt.datetime, lang: Lang) -> str:
    """Return a moment of the coming days with its weekday: "mardi 24 novembre, 14 h"."""
    here = at.astimezone(BRUSSELS)
    day = format_skeleton("EEEEdMMMM", here, locale=i18n.LOCALES[lang])
    return f"{day}, {say_hour(here, lang)}"


def tell_unit(code: str, lang: Lang) -> str:
    """Return the unit of an indicator as it stands after a number; its code where it has no words yet."""
    return i18n.read_text(UNITS.get(code), lang) or code


def mark_language(text: Text | None, lang: Lang) -> Markup:
    """Return the best available words, and tell browsers and screen readers when the language differs."""
    found = text.in_language(lang) if text else None
    if not found:
        return Markup("")
    words, found_lang = found
    if found_lang == lang:
        return escape(words)
    return Markup('<span lang="{}">{}</span>').format(found_lang, words)


@lru_cache
def read_emergency_numbers() -> list[dict[str, Any]]:
    """Return the numbers to call in distress, with their sources, from `emergency.toml`."""
    content = tomllib.loads(Path(__file__).with_name("emergency.toml").read_text(encoding="utf-8"))
    return [{"first": False, **entry, "what": Text(**entry["what"])} for entry in content["number"]]


def tell_opening(item: Any, lang: Lang) -> dict[str, Any] | None:
    """Return whether a place is open, and that in words; None where no hours are known."""
    if item.open.is_open is None:
        return None
    words = describe_opening(item.open, dt.datetime.now(dt.UTC), lang)
    return {"is_open": item.open.is_open, "words": words}
