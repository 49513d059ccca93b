"""Names as publishers write them, brought into proper case: odd spaces go, capitals become names."""

from __future__ import annotations

import re
import unicodedata

#: Words that a name writes small unless they begin it or one of its parts. In Brussels “ten” is French, too.
_SMALL = {
    "fr": re.compile(r"à|aux?|des?|du|d|en|et|la|les?|l|lez|sous|sur|ten"),
    "nl": re.compile(r"aan|bij|de[nr]?|en|het|in|op|s|t|te[nr]?|van|voor"),
}

_ROMAN = re.compile(r"(?=[IVX])X{0,3}(IX|IV|V?I{0,3})")
_WORD = re.compile(r"[^\W\d_]+")


def clean_spaces(text: str | None) -> str | None:
    """Return a text without leading, trailing, double and no-break spaces; None if nothing is left."""
    return " ".join(text.split()) or None if text else None


def proper_case(text: str, lang: str) -> str:
    """Return a name that stands in capitals in proper case, as French (`fr`) or Dutch (`nl`) write it.

    Numerals (``XIV``) stay, particles become small (``Saint-Josse-ten-Noode``, ``Ten Reuken``), the Dutch
    letter IJ stays whole. A name with small letters is left as it is. Accents can't be known from capitals:
    `same_letters` finds a name that has them.
    """
    if any(letter.islower() for letter in text):
        return text

    def write(match: re.Match[str]) -> str:
        word = match.group()
        small = word.lower()
        before = text[: match.start()]
        if before and not before.endswith(" - ") and _SMALL[lang].fullmatch(small):
            return small
        if len(word) > 1 and _ROMAN.fullmatch(word):
            return word
        return "IJ" + small[2:] if lang == "nl" and small.startswith("ij") else small.capitalize()

    return _WORD.sub(write, text)


def same_letters(one: str, other: str) -> bool:
    """Tell whether two names differ in case, accents, spaces and signs alone."""
    return _letters(one) == _letters(other)


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in plain if sign.isalnum())
