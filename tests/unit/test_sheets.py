"""Spreadsheets of strangers: what is read, what is refused; nothing written calculates. All invented."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from geo.exchange.sheets.cells import CellRefused, read_codes, read_day, read_links, read_number
from geo.exchange.sheets.columns import PROJECT_COLUMNS, find_columns, fold, title_of
from geo.exchange.sheets.reading import (
    FORMULA,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    SheetRefused,
    read_sheet,
)
from geo.exchange.sheets.writing import Table, write_csv, write_csv_zip, write_workbook
from geo.vocabulary import LANGS

TABLE = Table(["Titre", "Note"], [["Café", "=1+1"], ["-5", "+32 2"], ["@x", None]])


def refusal(content: bytes) -> str:
    with pytest.raises(SheetRefused) as refused:
        read_sheet(content)
    return refused.value.reason


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    written = io.BytesIO(content)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return written.getvalue()


def test_no_more_of_a_file_is_read_than_may_be_used() -> None:
    # The end of the file is broken: who reads so far says "unreadable", and holds millions of lines.
    assert refusal(b"a;b\n" * (MAX_ROWS + 10) + b'"never closed') == "too-many-rows"
    assert refusal(b"\n" * 100_000 + b'"never closed') == "empty"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_as_people_save_it(encoding: str, delimiter: str) -> None:
    text = f"Titre{delimiter}Été\r\n\r\nCafé{delimiter}« œuvre »\r\n".replace("« œuvre »", "à côté")
    sheet = read_sheet(text.encode(encoding))
    assert sheet.titles == ("Titre", "Été")
    assert [(row.number, row.cells) for row in sheet.rows] == [(3, ("Café", "à côté"))]


def test_a_workbook_gives_plain_days_and_numbers() -> None:
    content = workbook(
        ["Titre", "Début", "Lon"], ["x", dt.datetime(2027, 3, 1), 4.35], ["y", dt.date(2027, 3, 2), 5.0]
    )
    assert [row.cells for row in read_sheet(content).rows] == [
        ("x", "2027-03-01", "4.35"),
        ("y", "2027-03-02", "5"),
    ]


def test_formulas_are_marked_and_never_calculated() -> None:
    for content in (workbook(["Titre"], ["=1+1"]), b"Titre;Note\n=1+1;x\n"):
        assert read_sheet(content).rows[0].cells[0] == FORMULA + "=1+1"


def test_what_is_written_never_calculates_and_comes_back_the_same() -> None:
    cells = [cell for row in load_workbook(io.BytesIO(write_workbook({"P": TABLE}))).active for cell in row]  # type: ignore[union-attr]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    lines = write_csv(TABLE).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["Café;'=1+1", "'-5;'+32 2", "'@x;"]
    for content in (write_workbook({"P": TABLE}), write_csv(TABLE)):
        assert [row.cells for row in read_sheet(content).rows] == [("Café", "=1+1"), ("-5", "+32 2"), ("@x",)]


def test_csv_tables_come_in_a_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(write_csv_zip({"a": TABLE, "b": TABLE}))) as archive:
        assert archive.namelist() == ["a.csv", "b.csv"]


def test_what_is_no_sheet_is_refused_by_name() -> None:
    assert refusal(b"") == "empty"
    assert refusal(b"\n\n;;;\n") == "empty"
    assert refusal(b"\x89PNG\r\n\x1a\n\x00\x00") == "unreadable"
    assert refusal(b"PK\x03\x04 not really a zip") == "unreadable"
    assert refusal(write_csv_zip({"a": TABLE})) == "unreadable"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)) == "old-excel"
    assert refusal(b"Titre\n" + b"x" * MAX_BYTES) == "too-large"


def test_workbooks_with_macros_are_refused() -> None:
    assert refusal(with_part(workbook(["Titre"], ["x"]), "xl/vbaProject.bin", b"macro")) == "macros"


def test_archives_that_grow_are_refused_before_they_are_unpacked() -> None:
    assert refusal(with_part(workbook(["Titre"], ["x"]), "xl/media/zeros.bin", bytes(40_000_000))) == "bomb"


def test_entities_are_never_expanded() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["Titre"], ["x"]))) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = entities + part.replace(b">x<", b">&b;<")
                assert b"&b;" in part
            new.writestr(name, part)
    assert refusal(written.getvalue()) == "unreadable"


def test_too_many_rows_and_columns_are_refused() -> None:
    assert refusal(b"Titre\n" + b"x\n" * (MAX_ROWS + 1)) == "too-many-rows"
    assert len(read_sheet(b"Titre\n" + b"x\n" * MAX_ROWS).rows) == MAX_ROWS
    assert refusal((";".join("abcdefghij" * 20)).encode() + b"\n") == "too-many-columns"
    assert refusal(workbook(["x"] * (MAX_COLUMNS + 1))) == "too-many-columns"
    assert refusal(b";" * 1_000 + b"x\n") == "too-many-columns"
    assert refusal(b"Titre\n" + b"x" * 20_001) == "long-cell"


def test_a_cell_in_the_last_row_of_a_sheet_takes_no_time() -> None:
    book = Workbook()
    assert book.active is not None
    book.active["A1"], book.active["A2"], book.active["A1048576"] = "Titre", "x", "lost"
    written = io.BytesIO()
    book.save(written)
    assert [row.number for row in read_sheet(written.getvalue()).rows] == [2]


def test_columns_are_known_by_name_and_by_every_title() -> None:
    for lang in LANGS:
        found, strange, twice = find_columns([title_of(column, lang).upper() for column in PROJECT_COLUMNS])
        assert found == list(PROJECT_COLUMNS) and not strange and not twice
    found, strange, twice = find_columns(["themes", "", "Couleur", "Thèmes"])
    assert [column and column.name for column in found] == ["themes", None, None, "themes"]
    assert (strange, twice) == (["Couleur"], ["Thèmes"])


@pytest.mark.parametrize("text", ["2027-03-01", "1/3/2027", "01.03.2027", "1-3-2027", "2027-03-01 00:00"])
def test_days_are_read_in_the_forms_people_write(text: str) -> None:
    assert read_day(text) == dt.date(2027, 3, 1)


@pytest.mark.parametrize("text", ["31/02/2027", "soon", "3/2027", "2027-13-01", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(CellRefused, match="bad-date"):
        read_day(text)


def test_numbers_may_have_a_comma() -> None:
    assert [read_number(text) for text in ("4,35", "4.35", "1 000,5", "-2")] == [4.35, 4.35, 1000.5, -2]
    for text in ("nan", "inf", "x", "1,2,3"):
        with pytest.raises(CellRefused, match="bad-number"):
            read_number(text)


def test_codes_are_read_by_word_and_doubt_is_refused() -> None:
    known = {
        fold("Aide alimentaire"): ["food-aid"],
        "food aid": ["food-aid"],
        "parc": ["quartier:1", "quartier:2"],
    }
    assert read_codes("AIDE ALIMENTAIRE; food-aid ;", known, "unknown-themes") == ["food-aid"]
    with pytest.raises(CellRefused, match="unknown-themes"):
        read_codes("Voile", known, "unknown-themes")
    with pytest.raises(CellRefused, match="ambiguous"):
        read_codes("Parc", known, "unknown-zones")


def test_links_are_web_addresses() -> None:
    assert read_links("https://a.example/x; http://b.example") == [
        {"url": "https://a.example/x"},
        {"url": "http://b.example"},
    ]
    for text in ("javascript:alert(1)", "https://", 'https://a.example/"x', "a.example"):
        with pytest.raises(CellRefused, match="bad-link"):
            read_links(text)
