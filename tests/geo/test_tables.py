"""Shipped tables: sound ones are read, and every corruption is refused with file, row and column."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import psycopg
import pytest

from geo.exchange.base import load_base
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError, read_package, row_problem
from geo.settings import SHIPPED_DATA

PACKAGES = sorted(path.parent for path in SHIPPED_DATA.glob("*/datapackage.json"))


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    """A small invented package: towns, and counts per town."""
    fields = [
        {"name": "code", "type": "string", "constraints": {"required": True, "pattern": "[a-z]+"}},
        {"name": "people", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "share", "type": "number", "constraints": {"maximum": 1}},
        {"name": "since", "type": "date"},
        {"name": "open", "type": "boolean"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["old", "new"]}},
    ]
    counts = [{"name": "town", "type": "string"}, {"name": "year", "type": "year"}]
    key = {"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}
    resources = [
        {"name": "towns", "path": "towns.csv", "schema": {"fields": fields, "primaryKey": ["code"]}},
        {
            "name": "counts",
            "path": "counts.csv",
            "rows": 2,
            "schema": {"fields": counts, "foreignKeys": [key]},
        },
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "invented", "resources": resources}))
    (tmp_path / "towns.csv").write_text(
        "code,people,share,since,open,kind\nalba,12,0.5,2020-01-31,true,old\nbora,,,,,\n"
    )
    (tmp_path / "counts.csv").write_text("town,year\nalba,2020\nbora,2021\n")
    return tmp_path


def test_values_have_their_types_and_empty_is_null(towns: Path) -> None:
    table = read_package(towns)["towns"]
    assert table.iloc[0].to_dict() == {
        "code": "alba",
        "people": 12,
        "share": 0.5,
        "since": date(2020, 1, 31),
        "open": True,
        "kind": "old",
    }
    assert table.iloc[1].isna().tolist() == [False, True, True, True, True, True]
    assert table.index.tolist() == [2, 3], "the lines of the file"


def test_columns_may_come_in_any_order(towns: Path) -> None:
    (towns / "counts.csv").write_text("year,town\n2020,alba\n2021,bora\n")
    assert read_package(towns)["counts"]["town"].tolist() == ["alba", "bora"]


def test_a_row_over_several_lines_counts_as_its_first(towns: Path) -> None:
    (towns / "towns.csv").write_text('code,people,share,since,open,kind\n"al\nba",1,,,,\nbora,x,,,,\n')
    with pytest.raises(TableError) as refusal:
        read_package(towns)
    assert [(problem.row, problem.column) for problem in refusal.value.problems] == [
        (2, "code"),
        (4, "people"),
    ]


CORRUPTIONS: dict[str, tuple[str, Callable[[bytes], bytes], int | None, str | None, str]] = {
    "cut in a row": ("towns.csv", lambda text: text[:50], 2, "since", "cells instead of 6"),
    "cut in a cell": ("counts.csv", lambda text: text[:-3], 3, "year", "ends in the middle of this row"),
    "cut after a row": ("counts.csv", lambda text: text[:20], None, None, "has 1 rows"),
    "emptied": ("towns.csv", lambda text: b"", 1, "code", "the column is missing"),
    "column missing": ("towns.csv", lambda text: text.replace(b"people", b"x"), 1, "people", "is missing"),
    "column too many": (
        "counts.csv",
        lambda text: text.replace(b"year", b"year,more"),
        1,
        "more",
        "no such column",
    ),
    "column twice": (
        "counts.csv",
        lambda text: text.replace(b"year\n", b"year,town\n"),
        1,
        "town",
        "there twice",
    ),
    "cell too many": ("counts.csv", lambda text: text.replace(b"2020", b"2020,1"), 2, None, "3 cells"),
    "not a number": (
        "towns.csv",
        lambda text: text.replace(b"12", b"twelve"),
        2,
        "people",
        "not of type integer",
    ),
    "not a decimal": (
        "towns.csv",
        lambda text: text.replace(b"0.5", b"nan"),
        2,
        "share",
        "not of type number",
    ),
    "not a date": (
        "towns.csv",
        lambda text: text.replace(b"01-31", b"02-31"),
        2,
        "since",
        "not of type date",
    ),
    "not a truth": ("towns.csv", lambda text: text.replace(b"true", b"perhaps"), 2, "open", "type boolean"),
    "too small": ("towns.csv", lambda text: text.replace(b"12", b"-12"), 2, "people", "minimum"),
    "too large": ("towns.csv", lambda text: text.replace(b"0.5", b"1.5"), 2, "share", "maximum"),
    "not allowed": ("towns.csv", lambda text: text.replace(b"old", b"odd"), 2, "kind", "enum"),
    "odd space": ("towns.csv", lambda text: text.replace(b"bora", b"bora\xc2\xa0"), 3, "code", "pattern"),
    "key twice": ("towns.csv", lambda text: text.replace(b"bora", b"alba"), 3, "code", "there twice"),
    "key empty": ("towns.csv", lambda text: text.replace(b"bora", b""), 3, "code", "is empty"),
    "nobody's child": (
        "counts.csv",
        lambda text: text.replace(b"bora", b"cira"),
        3,
        "town",
        "not in towns.csv",
    ),
    "not text": ("towns.csv", lambda text: text.replace(b"bora", b"b\xf6ra"), 3, None, "not UTF-8"),
    "quote left open": ("towns.csv", lambda text: text.replace(b"bora", b'"bora'), 3, None, "CSV"),
    "NUL": ("towns.csv", lambda text: text.replace(b"bora", b"bo\0ra"), 3, None, "NUL"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_refused_with_its_place(towns: Path, name: str) -> None:
    file, corrupt, row, column, message = CORRUPTIONS[name]
    (towns / file).write_bytes(corrupt((towns / file).read_bytes()))
    with pytest.raises(TableError) as refusal:
        read_package(towns)
    problem = refusal.value.problems[0]
    assert (problem.file, problem.row, problem.column) == (file, row, column)
    assert message in problem.message


def test_a_fault_is_told_once(towns: Path) -> None:
    """A required cell that cannot be read is not also called empty."""
    descriptor = json.loads((towns / "datapackage.json").read_text())
    descriptor["resources"][0]["schema"]["fields"][1]["constraints"]["required"] = True
    (towns / "datapackage.json").write_text(json.dumps(descriptor))
    (towns / "towns.csv").write_text("code,people,share,since,open,kind\nalba,many,,,,\nbora,,,,,\n")
    with pytest.raises(TableError) as refusal:
        read_package(towns)
    told = [(problem.row, problem.message) for problem in refusal.value.problems]
    assert told == [(2, "“many” is not of type integer"), (3, "is empty")]


def test_a_missing_file_is_named(towns: Path) -> None:
    (towns / "counts.csv").unlink()
    with pytest.raises(TableError, match=r"counts\.csv: cannot be read"):
        read_package(towns)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"name": "x"}', '{"resources": [{"name": "a", "path": "../a.csv"}]}']
)
def test_a_wrong_description_is_refused(towns: Path, text: str) -> None:
    (towns / "datapackage.json").write_text(text)
    with pytest.raises(TableError, match=r"datapackage\.json"):
        read_package(towns)


def test_a_missing_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"datapackage\.json"):
        read_package(tmp_path)


def test_good_rows_are_kept_on_request(towns: Path) -> None:
    (towns / "towns.csv").write_text(
        "code,people,share,since,open,kind\nalba,12,,,,\nbora,many,,,,\ncira,3,,,,\n"
    )
    report = LoadReport(keep_good_rows=True)
    tables = read_package(towns, report)
    assert tables["towns"]["code"].tolist() == ["alba", "cira"]
    assert tables["counts"]["town"].tolist() == ["alba"], "what hung on a dropped row goes too"
    assert [(problem.file, problem.row) for problem in report.problems] == [
        ("towns.csv", 3),
        ("counts.csv", 3),
    ]


def test_a_missing_column_is_never_kept(towns: Path) -> None:
    (towns / "counts.csv").write_text("town\nalba\nbora\n")
    with pytest.raises(TableError, match="year: the column is missing"):
        read_package(towns, LoadReport(keep_good_rows=True))


def test_later_checks_can_name_a_row(towns: Path) -> None:
    table = read_package(towns)["towns"]
    row = table.index[table["code"] == "bora"][0]
    assert str(row_problem(table, row, "code", "is far away")) == "towns.csv, row 3, column code: is far away"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_shipped_packages_are_sound_for_frictionless_too(package: Path) -> None:
    outcome = frictionless.validate(str(package / "datapackage.json"))
    assert outcome.valid, outcome.flatten(["title", "rowNumber", "fieldName", "note"])[:5]


def test_all_shipped_tables_are_read_within_three_seconds() -> None:
    assert PACKAGES
    read_package(PACKAGES[0])  # the library is imported once
    start = time.process_time()
    for package in PACKAGES:
        read_package(package)
    assert time.process_time() - start < 3


SHIPPED_DAMAGE: dict[str, tuple[str, Callable[[str], str], str]] = {
    "half a file of points": (
        "quartiers/sector_points.csv",
        lambda text: text[: len(text) // 2],
        r"sector_points\.csv, row \d+",
    ),
    "a value that is a word": (
        "quartiers/indicator_values.csv",
        lambda text: text.replace(
            "population,secteur,21001A00-,2020,2796,", "population,secteur,21001A00-,2020,few,"
        ),
        r"indicator_values\.csv, row 2, column value: “few” is not of type number",
    ),
    "a missing value given as zero": (
        "quartiers/indicator_values.csv",
        lambda text: text.replace(",,suppressed,", ",0,suppressed,", 1),
        r"indicator_values\.csv, row \d+, column value: “0.0” contradicts the status suppressed",
    ),
    "a sector without a commune": (
        "quartiers/zone_links.csv",
        lambda text: text.replace("secteur,21001A00-,commune,21001", "secteur,21001A00-,clss,marolles"),
        r"zones\.csv, row \d+, column code: zone_links\.csv places 21001A00- in no commune",
    ),
    "a sector that no point draws": (
        "quartiers/sector_points.csv",
        lambda text: text.replace("\n21001A00-,", "\n21001A011,"),
        r"zones\.csv, row \d+, column code: no point of sector_points\.csv lies in 21001A00-",
    ),
    "a point of an unknown sector": (
        "quartiers/sector_points.csv",
        lambda text: text.replace("\n21001A00-,", "\n21001Z99-,", 1),
        r"sector_points\.csv, row \d+, column sector: “21001Z99-” is not a sector",
    ),
    "a link to a zone that is not there": (
        "quartiers/zone_links.csv",
        lambda text: text.replace(",quartier,58,", ",quartier,580,", 1),
        r"zone_links\.csv, row \d+, column parent_kind\+parent_code: “quartier, 580” is not in zones\.csv",
    ),
    "a zone twice": (
        "quartiers/zones.csv",
        lambda text: text + text.splitlines()[-1] + "\n",
        r"zones\.csv, row 912, column kind\+code\+edition: the key .* is there twice",
    ),
}


@pytest.fixture
def copied_data(tmp_path: Path) -> Path:
    """A copy of the shipped tables that a test may damage."""
    return Path(shutil.copytree(SHIPPED_DATA, tmp_path / "data"))


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, tuple[int, str]]:
    """Count and fingerprint every table, so that any change shows."""
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'spatial_ref_sys'"
    ).fetchall()
    state = {}
    for (name,) in names:
        rows = f'SELECT md5(t::text) AS row FROM "{name}" AS t'
        query = f"SELECT count(*), coalesce(md5(string_agg(row, '' ORDER BY row)), '') FROM ({rows}) AS each"
        state[name] = connection.execute(query).fetchone()  # type: ignore[arg-type]
    return state  # type: ignore[return-value]


@pytest.mark.parametrize("name", SHIPPED_DAMAGE)
def test_a_damaged_shipped_table_changes_nothing(
    connection: psycopg.Connection[Any], copied_data: Path, name: str
) -> None:
    file, damage, message = SHIPPED_DAMAGE[name]
    text = (copied_data / file).read_text(encoding="utf-8")
    assert damage(text) != text, "the damage is done"
    (copied_data / file).write_text(damage(text), encoding="utf-8")
    before = count_rows(connection)
    with pytest.raises(TableError, match=message):
        load_base(connection, LoadReport(), data=copied_data)
    assert count_rows(connection) == before


def test_a_table_refused_late_undoes_what_came_before(
    loaded_connection: psycopg.Connection[Any], copied_data: Path
) -> None:
    """The ground of the map is loaded last: zones renamed before it must be as they were."""
    zones = copied_data / "quartiers/zones.csv"
    zones.write_text(
        zones.read_text(encoding="utf-8").replace(",Marolles,", ",Marollekes,"), encoding="utf-8"
    )
    (copied_data / "ground/sources.csv").write_text("id\n")
    before = count_rows(loaded_connection)
    with pytest.raises(TableError, match=r"sources\.csv, row 1"):
        load_base(loaded_connection, LoadReport(), data=copied_data)
    assert count_rows(loaded_connection) == before
