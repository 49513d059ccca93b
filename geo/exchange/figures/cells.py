"""One cell of a table of figures: a number as people write it, or a word that says why there is none."""

from __future__ import annotations

import re
from typing import Any

from geo.vocabulary import ValueStatus

Figure = tuple[float | None, ValueStatus]

#: Words that publishers put where there is no number. What is kept back is not what is missing.
MISSING = frozenset({"", "nd", "n.d.", "na", "n/a", "nan", "null", "none", "-", "–", "…", "..", "."})
SUPPRESSED = frozenset({"vs", "x", "c", "conf", "conf.", "<5"})

#: Blanks between thousands: plain, no-break and narrow no-break spaces, apostrophes.
_BLANKS = re.compile("[ \u00a0\u202f\u2009'’]")
_GROUPED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f\u2009'’]\d{3})+([.,]\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+")
_UNITS = re.compile("[ \u00a0\u202f]*(%|€|EUR|eur)$")


def parse_cell(content: Any) -> Figure:
    """Return the number of a cell and its status; zero is zero, and what is missing never is.

    Numbers may have a decimal comma or point, and blanks between thousands; points or commas between
    thousands are understood where decimals follow them. `%` and `€` at the end are taken away.

    Raises
    ------
    ValueError
        If it is neither a number nor a word for a missing or suppressed one.
    """
    if isinstance(content, int | float) and not isinstance(content, bool):
        return _finite(float(content))
    text = "" if content is None else str(content).strip()
    word = text.casefold()
    if word in MISSING:
        return None, ValueStatus.MISSING
    if word in SUPPRESSED:
        return None, ValueStatus.SUPPRESSED
    return _finite(_number(_UNITS.sub("", text)))


def _number(text: str) -> float:
    if _GROUPED.fullmatch(text):
        text = _BLANKS.sub("", text)
    if _POINTS.fullmatch(text):
        text = text.replace(".", "")
    elif _COMMAS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        raise ValueError(text)
    return float(text.replace(",", "."))


def _finite(number: float) -> Figure:
    if number != number:  # what a workbook or pandas keeps for an empty cell
        return None, ValueStatus.MISSING
    if number in (float("inf"), float("-inf")):
        raise ValueError(str(number))
    return number, ValueStatus.OK
