"""Texts without case and without accents, as SQL; the same for columns, literals and patterns."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted

#: PostgreSQL's Unicode of ICU: ß is SS in capitals, a final sigma is a sigma.
_UNICODE: Final = "und-x-icu"
#: Letters that Unicode doesn't take apart, and what they are without their strokes; of two letters apart.
_STRUCK: Final = ("øØłŁđĐðÐħĦŧŦıɨƗƀɍɏ", "oOlLdDdDhHtTiiIbry")
_DOUBLE: Final = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}
_MARKS: Final = r"[\u0300-\u036f]"


def without_case(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text that equals every other way to write it in small letters and capitals."""
    return func.lower(func.upper(sa.collate(text, _UNICODE)))


def without_accents(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text that equals every other way to write it with accents and without."""
    folded = func.normalize(text, sa.literal_column("NFD"), type_=sa.Text)
    folded = func.regexp_replace(folded, quoted(_MARKS), quoted(""), quoted("g"), type_=sa.Text)
    folded = func.translate(folded, *map(quoted, _STRUCK), type_=sa.Text)
    for letter, letters in _DOUBLE.items():
        folded = func.replace(folded, quoted(letter), quoted(letters), type_=sa.Text)
    return folded
