"""What stands in a cell, as a value: days in the forms people write, numbers with a comma, lists, codes."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.exchange.sheets.columns import fold

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_URL = re.compile(r"https?://[^\s\"<>]+\.[^\s\"<>]+")


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row is refused: its number in the sheet, the column's name, and the sentence's name and gaps."""

    row: int
    column: str | None
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)


class CellRefused(Exception):
    """A cell that can't be read. Caught by whoever reads the row, and told as a `RowFault`."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.params = reason, params


def read_text(text: str, limit: int) -> str:
    """Return a text that is not too long.

    Raises
    ------
    CellRefused
        ``too-long``.
    """
    if len(text) > limit:
        raise CellRefused("too-long", limit=limit, length=len(text))
    return text


def read_day(text: str) -> dt.date:
    """Return a day written 2026-12-31, 31/12/2026 (also with ``.`` or ``-``), or as a cell of a workbook.

    Raises
    ------
    CellRefused
        ``bad-date``.
    """
    try:
        if found := _DAY_FIRST.fullmatch(text):
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        raise CellRefused("bad-date", value=text[:40]) from None


def read_number(text: str) -> float:
    """Return a number written with a point or a comma.

    Raises
    ------
    CellRefused
        ``bad-number``.
    """
    try:
        number = float(text.replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CellRefused("bad-number", value=text[:40])
    return number


def read_codes(text: str, known: Mapping[str, Sequence[Any]], reason: str) -> list[Any]:
    """Return what the words of a list mean, each by code or name.

    Parameters
    ----------
    known : mapping
        Folded code or name → what it may mean; more than one meaning is refused.

    Raises
    ------
    CellRefused
        ``reason``, or ``ambiguous``.
    """
    found: list[Any] = []
    for words in split_list(text):
        meanings = known.get(fold(words), ())
        if not meanings:
            raise CellRefused(reason, value=words[:80])
        if len(meanings) > 1:
            raise CellRefused("ambiguous", value=words[:80], meanings=", ".join(map(str, meanings)))
        if meanings[0] not in found:
            found.append(meanings[0])
    return found


def read_links(text: str) -> list[dict[str, str]]:
    """Return web addresses as links.

    Raises
    ------
    CellRefused
        ``bad-link``.
    """
    links = split_list(text)
    for each in links:
        if not _URL.fullmatch(each) or len(each) > 500:
            raise CellRefused("bad-link", value=each[:80])
    return [{"url": each} for each in links]


def split_list(text: str) -> list[str]:
    """Return the parts of a list, cut at semicolons and line ends."""
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
