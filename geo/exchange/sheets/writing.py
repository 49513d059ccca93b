"""Writes tables for spreadsheets: one workbook, or one CSV file a table in a zip. No cell can calculate."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from geo.exchange.sheets.reading import GUARDED

#: What a cell of a workbook may hold.
MAX_CELL = 32_000
_BOLD, _FILL = Font(bold=True), PatternFill("solid", fgColor="FFECEAFC")
_WRAP = Alignment(vertical="top", wrap_text=True)
_WIDE = 28


@dataclass(frozen=True, slots=True)
class Table:
    """Titles and rows; a cell is text, a number, a day, a truth, a list of texts, or None."""

    titles: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_workbook(tables: Mapping[str, Table]) -> bytes:
    """Return a workbook with one sheet a table. Text that looks like a formula stays text."""
    book = Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        for position in range(1, len(table.titles) + 1):
            sheet.column_dimensions[get_column_letter(position)].width = _WIDE
        sheet.append([_cell(sheet, title, head=True) for title in table.titles])
        for row in table.rows:
            sheet.append([_cell(sheet, each) for each in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def write_csv_zip(tables: Mapping[str, Table]) -> bytes:
    """Return a zip with one CSV file a table."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            archive.writestr(f"{name}.csv", write_csv(table))
    return written.getvalue()


def write_csv(table: Table) -> bytes:
    """Return CSV: UTF-8 with BOM, which Excel needs, ``;`` between cells, which it expects in Belgium.

    What a spreadsheet would take for a formula gets an apostrophe in front (``reading`` takes it away).
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    for row in (table.titles, *table.rows):
        writer.writerow([_guarded(_plain(each)) for each in row])
    return written.getvalue().encode("utf-8-sig")


def _cell(sheet: Any, content: Any, *, head: bool = False) -> Any:
    plain = _plain(content)
    cell: Any = WriteOnlyCell(sheet, plain[:MAX_CELL] if isinstance(plain, str) else plain)  # type: ignore[arg-type]
    if isinstance(plain, str):
        cell.data_type = "s"
        cell.alignment = _WRAP
        if plain[:1] in GUARDED and plain:
            cell.style = "Normal"
            cell.quotePrefix = True
    if head:
        cell.font, cell.fill = _BOLD, _FILL
    return cell


def _plain(content: Any) -> str | int | float | dt.date | None:
    if isinstance(content, bool):
        return "1" if content else "0"
    if isinstance(content, list | tuple):
        return "; ".join(map(str, content))
    if content is None or isinstance(content, int | float | dt.date):
        return content
    return str(content)


def _guarded(content: Any) -> Any:
    return f"'{content}" if isinstance(content, str) and content[:1] in GUARDED and content else content
