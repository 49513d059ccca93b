"""The reader's language: catalogues, and numbers, distances, dates and times as that language writes them.

Messages are written in English in the source; `locale/fr` and `locale/nl` hold their catalogues. They
are compiled in memory at first use, so that no built file has to follow a change of words.
"""

from __future__ import annotations

import datetime as dt
import gettext
import io
import math
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel import Locale, dates, lists, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from geo.vocabulary import LANGS, Lang, Text

LOCALE_DIR: Final = Path(__file__).with_name("locale")
LOCALES: Final[dict[Lang, Locale]] = {
    "fr": Locale("fr", "BE"),
    "nl": Locale("nl", "BE"),
    "en": Locale("en", "GB"),
}
#: Each language in its own words, for the switch in the header.
LANGUAGE_NAMES: Final[dict[Lang, str]] = {"fr": "Français", "nl": "Nederlands", "en": "English"}


@lru_cache
def translations(lang: Lang) -> gettext.NullTranslations:
    """Return the compiled catalogue of a language; English is the language of the messages themselves."""
    path = LOCALE_DIR / lang / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(lang: Lang, message: str, **params: object) -> str:
    """Return a message in `lang`, its ``%(name)s`` gaps filled."""
    text = translations(lang).gettext(message)
    return text % params if params else text


def best_language(accept_language: str | None) -> Lang:
    """Return the site language that suits an Accept-Language header best; French if none does."""
    wanted: list[tuple[float, Lang]] = []
    for part in (accept_language or "").split(","):
        tag, _, weight = part.replace(" ", "").lower().partition(";q=")
        lang = next((known for known in LANGS if tag.split("-")[0] == known), None)
        if lang and _weight(weight) > 0:
            wanted.append((_weight(weight), lang))
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else "fr"


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def read_text(text: Text | None, lang: Lang) -> str:
    """Return the best available words of a text in three languages, or an empty string."""
    found = text.in_language(lang) if text else None
    return found[0] if found else ""


def format_date(day: dt.date, lang: Lang) -> str:
    """Return a day in words: `3 novembre 2026`, `1er mars 2026`."""
    words = dates.format_date(day, "d MMMM y", locale=LOCALES[lang])
    return "1er" + words[1:] if lang == "fr" and day.day == 1 else words


@lru_cache(maxsize=16_384)  # the same spreads and figures stand on page after page
def format_number(value: float, lang: Lang, decimals: int = 0) -> str:
    """Return a number with the separators of the language, rounded to `decimals`."""
    text = numbers.format_decimal(value, format=_pattern(decimals), locale=LOCALES[lang])
    # A thin space in thousands: a point or a comma would be misread by one of our two languages.
    return text if lang == "en" else _thin(text, LOCALES[lang])


@lru_cache
def _pattern(decimals: int) -> numbers.NumberPattern:
    """Return how a number is written, parsed once: a page of figures writes hundreds of them."""
    return numbers.parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))


def _thin(text: str, locale: Locale) -> str:
    return text.replace(numbers.get_group_symbol(locale), "\u202f")


def format_distance(distance_m: float, lang: Lang) -> str:
    """Return metres as a walker says them: `310 m`, from one kilometre on `1,2 km`."""
    if distance_m < 995:
        step = 10 if distance_m >= 20 else 5
        return f"{max(step, round(distance_m / step) * step)}\u00a0m"
    return f"{format_number(distance_m / 1000, lang, 1)}\u00a0km"


def format_list(words: list[str], lang: Lang) -> str:
    """Return `a, b et c`."""
    return lists.format_list(words, locale=LOCALES[lang])


def language_name(code: str, lang: Lang) -> str:
    """Return the name of a spoken language in the reader's language; the code itself if unknown."""
    return str(LOCALES[lang].languages.get(code.lower().replace("-", "_"), code))


def format_share(percent: float, lang: Lang) -> str:
    """Return `12,4 %`, with the decimal only below 100."""
    space = "" if lang == "en" else "\u00a0"
    return f"{format_number(percent, lang, 0 if math.isclose(percent, 100) else 1)}{space}%"
