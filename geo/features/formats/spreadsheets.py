"""Tables that spreadsheets open: CSV and XLSX. No text in them is ever run as a formula."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Date, Numeric, Select, String, case, cast, func, literal_column
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, quoted
from geo.features.formats.base import CELLS, Format, Rows, Sink, TextFormat, Told
from geo.features.formats.markup import as_text, escaped
from geo.layers.base import Layer, PropertyType
from geo.vocabulary import Text as Words

#: What a spreadsheet takes for the beginning of a formula.
_STARTS_FORMULA: ColumnElement[str] = literal_column("'^[-=+@\t\r\n]'")
#: The longest text that a cell of a spreadsheet holds.
_MOST_CHARACTERS = 32_767
_MOST_ROWS = 1_048_576 - 1
#: Spreadsheets count days from here.
_DAY_ZERO = dt.date(1899, 12, 30)
_DATE_STYLE = 1
_LAST_ROW = re.compile(rb'(<dimension ref="A1:[A-Z]+)\d+')
_SHEET = "xl/worksheets/sheet1.xml"


class Csv(TextFormat):
    """RFC 4180 in UTF-8: points as lon and lat, other shapes as WKT; each row says whom it is owed to."""

    id = "csv"
    media_type = "text/csv"
    extension = "csv"
    title = Words("CSV", "CSV", "CSV")
    copy = CELLS

    def select(self, rows: Rows) -> Select[Any]:
        """Return the cells of a row; a text that would run has an apostrophe in front."""
        columns = [_guarded(rows.column(each.name), each.type) for each in rows.columns]
        fid, credit = (_guarded(each, "string") for each in (rows.column("fid"), rows.credit))
        return rows.told(fid, *columns, *_places(rows), credit)

    def head(self, told: Told) -> bytes:
        """Return the names of the columns."""
        return ",".join(_names(told)).encode() + b"\n"


class Xlsx(Format):
    """A workbook: a sheet of rows, and one that says what they are. What is text stays text."""

    id = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension = "xlsx"
    title = Words("Excel", "Excel", "Excel")
    grows = False
    most = _MOST_ROWS

    def select(self, rows: Rows) -> Select[Any]:
        """Return a row of a sheet."""
        columns = [_cell(rows.column(each.name), each.type) for each in rows.columns]
        places = [
            _cell(each, "number" if rows.layer.geometry == "point" else "string") for each in _places(rows)
        ]
        every = [_cell(rows.column("fid"), "string"), *columns, *places, _cell(rows.credit, "string")]
        return rows.told(func.concat(quoted("<row>"), *every, quoted("</row>")))

    @asynccontextmanager
    async def open(self, file: Path, told: Told) -> AsyncIterator[Sink]:
        """Put the rows into a workbook that has everything else."""
        frame = await asyncio.to_thread(_frame, told)
        before, end, after = frame.read(_SHEET).partition(b"</sheetData>")
        before = _LAST_ROW.sub(rb"\g<1>%d" % (told.number + 1), before)
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as book:
            for each in frame.namelist():
                if each != _SHEET:
                    book.writestr(each, frame.read(each))
            with book.open(_SHEET, "w", force_zip64=True) as sheet:
                sheet.write(before)
                yield lambda batch: asyncio.to_thread(_append, sheet, batch)
                sheet.write(end + after)


def _append(sheet: Any, batch: bytes) -> None:
    sheet.write(batch)


def _names(told: Told) -> list[str]:
    return ["fid", *(each.name for each in told.columns), *place_names(told.layer, told.crs), "attribution"]


def place_names(layer: Layer[Any], crs: int) -> tuple[str, ...]:
    """Return the names of the columns that say where a row is."""
    if layer.geometry != "point":
        return ("wkt",)
    return ("lon", "lat") if crs == WGS84 else ("x", "y")


def _places(rows: Rows) -> list[ColumnElement[Any]]:
    """Return where a row is: a point's two numbers, or a shape in words."""
    if rows.layer.geometry != "point":
        return [func.ST_AsText(rows.geometry, rows.decimals)]
    return [func.round(cast(axis(rows.geometry), Numeric), rows.decimals) for axis in (func.ST_X, func.ST_Y)]


def _guarded(cell: ColumnElement[Any], type: PropertyType) -> ColumnElement[Any]:
    """Return a cell of CSV; of a text that a spreadsheet would calculate, one that it shows."""
    if type not in ("string", "array"):
        return as_text(cell) if type == "boolean" else cell  # true and false, not t and f
    text = as_text(cell, type)
    return case((text.op("~")(_STARTS_FORMULA), quoted("'") + text), else_=text)


def _cell(cell: ColumnElement[Any], type: PropertyType) -> ColumnElement[str]:
    """Return a cell of a sheet: of its own type, empty where there is nothing or no room for it."""
    empty = quoted("<c/>")
    if type == "boolean":
        return case((cell, quoted('<c t="b"><v>1</v></c>')), (cell.is_(None), empty),
                    else_=quoted('<c t="b"><v>0</v></c>'))  # fmt: skip
    if type == "date":
        days = cast(cell, Date) - literal_column(f"date '{_DAY_ZERO}'", Date)
        return func.coalesce(
            quoted(f'<c s="{_DATE_STYLE}"><v>') + cast(days, String) + quoted("</v></c>"), empty
        )
    if type in ("integer", "number"):
        return func.coalesce(quoted("<c><v>") + cast(cell, String) + quoted("</v></c>"), empty)
    text = as_text(cell, type)
    written = (
        quoted('<c t="inlineStr"><is><t xml:space="preserve">') + escaped(text) + quoted("</t></is></c>")
    )
    return case((func.length(text) <= number(_MOST_CHARACTERS), written), else_=empty)


def _frame(told: Told) -> ZipFile:
    """Return a workbook with the titles of its columns and what it says of itself, without a row."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    rows, about = book.active, book.create_sheet("README")
    about["A1"].number_format = "yyyy-mm-dd"
    assert rows is not None and about["A1"].style_id == _DATE_STYLE
    rows.title = told.layer.id[:31]
    for place, name in enumerate(_names(told), 1):
        rows.cell(1, place, name).font = Font(bold=True)
    rows.freeze_panes = "A2"
    for line in told.readme.splitlines():
        about.append([line])
    written = io.BytesIO()
    book.save(written)
    return ZipFile(written)
