"""Reads a spreadsheet that a stranger sends: XLSX or CSV, within limits, as rows of plain text.

Nothing in it is ever run: a workbook with macros is refused, a formula is kept as one so that its cell can
be named. XML is parsed by defusedxml, which openpyxl finds by itself.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from geo.errors import InputRefused, RowProblem

MAX_BYTES = 5_000_000
#: A workbook is a zip: what it may grow to, and in how many parts.
MAX_UNPACKED_BYTES = 30_000_000
MAX_PARTS = 500
MAX_ROWS = 500
MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 20_000
#: Lines between two rows, or after the last, that may be empty before a sheet counts as ended.
MAX_GAP = 2000

#: Marks the text of a cell that holds a formula; control characters are taken out of everything else.
FORMULA = "\x1a"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class SheetRefused(InputRefused):
    """A spreadsheet that can't be used at all. `reason` names the sentence, params fill it."""

    code = "sheet-refused"

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__([RowProblem("", None, None, reason)], reason, **params)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with something in it; `number` counts from 1 at the top of the sheet, as spreadsheets do."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a spreadsheet may be. As they stand: what a team may send."""

    file_bytes: int = MAX_BYTES
    unpacked_bytes: int = MAX_UNPACKED_BYTES
    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS


@dataclass(frozen=True, slots=True)
class Sheet:
    """The titles of the columns, and the rows beneath; `others` names the sheets that were not read."""

    titles: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    others: tuple[str, ...] = ()


def read_sheet(content: bytes, limits: Limits = Limits()) -> Sheet:
    """Return the first sheet of a workbook, or a CSV file, by what the bytes are and not by their name.

    Dates and numbers of a workbook come as ISO dates and decimal points; CSV may be UTF-8 (with or without
    BOM), UTF-16 or Latin-1, with ``;`` ``,`` or tabs.

    Raises
    ------
    SheetRefused
        Reasons: ``too-large``, ``empty``, ``macros``, ``old-excel``, ``unreadable``, ``bomb``,
        ``too-many-rows``, ``too-many-columns``, ``long-cell`` (row, column).
    """
    if len(content) > limits.file_bytes:
        raise SheetRefused("too-large", limit_mb=limits.file_bytes // 1_000_000)
    if content.startswith(_OLD_EXCEL):
        raise SheetRefused("old-excel")
    others: list[str] = []
    read_lines = (
        _workbook_lines(content, limits, others) if content.startswith(b"PK") else _csv_lines(content, limits)
    )
    rows = list(_filled(read_lines, limits))
    if not rows:
        raise SheetRefused("empty")
    return Sheet(rows[0].cells, tuple(rows[1:]), tuple(others))


def _filled(lines: Iterable[list[str]], limits: Limits) -> Iterator[SheetRow]:
    """Yield the rows that hold something, as long as there are not too many of them."""
    count, gap = 0, 0
    for number, line in enumerate(lines, 1):
        cells = [_clean(cell) for cell in line]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            gap += 1
            if gap > MAX_GAP:
                return
            continue
        gap = 0
        if count > limits.rows:
            raise SheetRefused("too-many-rows", limit=limits.rows)
        if len(cells) > limits.columns:
            raise SheetRefused("too-many-columns", limit=limits.columns)
        for position, cell in enumerate(cells, 1):
            if len(cell) > MAX_CELL_CHARACTERS:
                raise SheetRefused("long-cell", row=number, column=position, limit=MAX_CELL_CHARACTERS)
        count += 1
        yield SheetRow(number, tuple(cells))


def _clean(text: str) -> str:
    marked = text.startswith(FORMULA)
    plain = _CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()
    return FORMULA + plain if marked else plain


def _workbook_lines(content: bytes, limits: Limits, others: list[str]) -> Iterator[list[str]]:
    """Yield the lines of the first sheet; add the names of the others to `others`."""
    _check_archive(content, limits)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            if not book.worksheets:
                raise SheetRefused("empty")
            others += [str(sheet.title) for sheet in book.worksheets[1:]]
            for row in book.worksheets[0].iter_rows(max_col=limits.columns + 1):
                yield [_told(cell) for cell in row]
        finally:
            book.close()
    except (ParseError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError,
            TypeError, AttributeError, IndexError, OverflowError, EOFError) as error:  # fmt: skip
        raise SheetRefused("unreadable") from error


def _check_archive(content: bytes, limits: Limits) -> None:
    """Refuse an archive that would grow, by what it says of itself; what lies about it fails to unpack."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise SheetRefused("unreadable") from error
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SheetRefused("macros")
    if "xl/workbook.xml" not in names:
        raise SheetRefused("unreadable")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > limits.unpacked_bytes:
        raise SheetRefused("bomb")


def _told(cell: Any) -> str:
    """Return a cell of a workbook as text."""
    content = cell.value
    if content is None:
        return ""
    if cell.data_type == "f":
        return f"{FORMULA}{content}"
    if isinstance(content, dt.datetime):
        return (
            content.date().isoformat() if content.time() == dt.time() else content.isoformat(" ", "minutes")
        )
    if isinstance(content, dt.date | dt.time):
        return content.isoformat()
    if isinstance(content, bool):
        return "1" if content else "0"
    if isinstance(content, float) and content.is_integer():
        return str(int(content))
    return str(content)


def _csv_lines(content: bytes, limits: Limits) -> Iterator[list[str]]:
    """Yield lines as they are asked for: five million bytes may hold millions of them."""
    text = _decode(content)
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(";,\t", key=first.count)
    csv.field_size_limit(limits.file_bytes)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if any(line[limits.columns :]):
                raise SheetRefused("too-many-columns", limit=limits.columns)
            yield [_unguarded(cell) for cell in line[: limits.columns]]
    except csv.Error as error:
        raise SheetRefused("unreadable") from error


def _decode(content: bytes) -> str:
    """Return the text of a CSV file; every file is Latin-1, so control characters tell what is none."""
    marked = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        return text
    raise SheetRefused("unreadable")


def _unguarded(cell: str) -> str:
    """Take away the apostrophe by which `writing` keeps spreadsheets from calculating; mark formulas."""
    if cell[:1] == "'" and cell[1:2] in GUARDED:
        return cell[1:]
    return FORMULA + cell if cell[:1] == "=" else cell


#: What a spreadsheet takes for the beginning of a formula.
GUARDED = frozenset("=+-@\t\r")
