"""Figures into the toy city: zones found, faults named, others' figures kept, sums made. All invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo.exchange.figures.catalogue import PlainSource
from geo.exchange.figures.files import FileRequest, load_figure_file
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError
from tests.toy_city import EDITION

Figures = dict[tuple[str, str], tuple[float | None, str]]


def load(
    connection: psycopg.Connection[Any],
    path: Path,
    text: str,
    *columns: str,
    keep_good_rows: bool = False,
    replace: bool = False,
    edition: str | None = None,
    source: str = "invented",
) -> LoadReport:
    path.write_bytes(text.encode("latin-1"))
    report = LoadReport(keep_good_rows=keep_good_rows)
    request = FileRequest(
        columns=("zone=code", *columns),
        period="2020",
        edition=edition,
        source=PlainSource(source, "Invented", "EUPL-1.2"),
        replace=replace,
    )
    load_figure_file(connection, path, report, request=request)
    return report


def figures(connection: psycopg.Connection[Any], indicator: str) -> Figures:
    rows = connection.execute(
        "SELECT kind, code, value, status FROM indicator_value JOIN zone ON zone.id = zone_id"
        " WHERE indicator_id = %s AND period = '2020'",
        [indicator],
    ).fetchall()
    return {(kind, code): (value, status) for kind, code, value, status in rows}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "figures.csv"


def test_sums_and_rates_go_up_and_medians_stay(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    text = "code;hommes;vert;logements\nT1;400;10;1\nT2;1 500;30,5;2\nT3;900;50;3\n"
    columns = ("men=hommes", "share-near-green=vert", "social-homes=logements")
    report = load(toy_connection, path, text, *columns)
    assert report.tables["indicator_value"].inserted == 9 + 8
    men = figures(toy_connection, "men")
    assert men["bassin", "west"] == men["commune", "21004"] == (1900, "ok")
    assert men["bassin", "east"] == (900, "ok")
    near = figures(toy_connection, "share-near-green")
    west = (1_000 * 10 + 3_000 * 30.5) / 4_000  # people of 2020: 1,000 and 3,000
    assert near["bassin", "west"] == (pytest.approx(west), "ok")
    assert set(figures(toy_connection, "social-homes")) == {("quartier", code) for code in ("T1", "T2", "T3")}
    assert report.layers == {"figures", "region", "bassins", "communes", "quartiers"}


def test_missing_and_suppressed_stay_what_they_are(
    toy_connection: psycopg.Connection[Any], path: Path
) -> None:
    report = load(toy_connection, path, "code;hommes\nT1;ND\nT2;VS\nT3;0\n", "men=hommes")
    men = figures(toy_connection, "men")
    assert men["quartier", "T1"] == (None, "missing")
    assert men["quartier", "T2"] == (None, "suppressed")
    assert men["quartier", "T3"] == men["bassin", "east"] == (0, "ok")
    assert ("bassin", "west") not in men
    told = " ".join(map(str, report.remarks))
    assert "1 missing" in told and "1 suppressed" in told and "none for 2 of 3 zones: T1, T2" in told


def test_zones_without_a_word_are_told(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    report = load(toy_connection, path, "code;hommes\nT1;1\n", "men=hommes")
    assert "nothing on 2 of 3 zones: T2, T3" in " ".join(map(str, report.remarks))


@pytest.mark.parametrize(
    ("text", "row", "column", "words"),
    [
        ("code;hommes\nT1;1\nT9;2\n", 3, "code", "quartier:T9 is no zone"),
        ("code;hommes\nT1;1\nT2;1,2,3\n", 3, "hommes", "“1,2,3” is no number"),
        ("code;hommes\nT1;1\nT2;douze\n", 3, "hommes", "“douze” is no number"),
        ("code;hommes\nT1;1\nT1;2\n", 2, "hommes", "there more than once"),
        ("code;hommes;hommes\nT1;1;2\n", 1, "hommes", "there twice"),
        ("code;hommes\nT1;1;5\n", 2, None, "3 cells instead of 2"),
        ("code;autre\nT1;1\n", 1, "hommes", "missing"),
    ],
)
def test_a_fault_is_named_by_row_and_column_and_nothing_is_loaded(
    toy_connection: psycopg.Connection[Any], path: Path, text: str, row: int, column: str, words: str
) -> None:
    with pytest.raises(TableError) as refused:
        load(toy_connection, path, text, "men=hommes")
    problem = refused.value.problems[0]
    assert (problem.file, problem.row, problem.column) == ("figures.csv", row, column)
    assert words in problem.message
    assert figures(toy_connection, "men") == {}


def test_good_rows_are_kept_on_request(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    text = "code;hommes\nT1;1\nT9;2\nT2;douze\nT3;5\nT3;6\n"
    report = load(toy_connection, path, text, "men=hommes", keep_good_rows=True)
    assert {key: value for key, value in figures(toy_connection, "men").items() if key[0] == "quartier"} == {
        ("quartier", "T1"): (1, "ok")
    }
    assert [each.row for each in report.problems] == [4, 3, 5, 6]


def test_a_figure_told_twice_alike_is_one(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    report = load(toy_connection, path, "code;hommes\nT1;1\nT1;1,0\nT2;ND\nT2;ND\n", "men=hommes")
    assert figures(toy_connection, "men")["quartier", "T1"] == (1, "ok")
    assert "2 figures are told more than once, alike" in " ".join(map(str, report.remarks))


def test_what_another_source_gave_stays_and_differences_are_told(
    toy_connection: psycopg.Connection[Any], path: Path
) -> None:
    text = "code;gens\nT1;1000\nT2;2999\nT3;ND\n"
    report = load(toy_connection, path, text, "population=gens")
    assert figures(toy_connection, "population")["quartier", "T2"] == (3_000, "ok")
    told = " ".join(map(str, report.remarks))
    assert "3 figures are loaded from another source already; those stay" in told
    assert "2 differ from toy-city: T2 in 2020: 2999 against 3000, T3 in 2020: nothing against 2000" in told
    load(toy_connection, path, "code;gens\nT2;2999\n", "population=gens", replace=True)
    assert figures(toy_connection, "population")["quartier", "T2"] == (2_999, "ok")


def test_the_same_file_again_changes_nothing_and_a_new_one_of_its_source_does(
    toy_connection: psycopg.Connection[Any], path: Path
) -> None:
    text = "code;hommes\nT1;1\nT2;2\nT3;3\n"
    load(toy_connection, path, text, "men=hommes")
    again = load(toy_connection, path, text, "men=hommes")
    assert again.tables["indicator_value"].changed == 0
    load(toy_connection, path, text.replace("T3;3", "T3;4"), "men=hommes")
    men = figures(toy_connection, "men")
    assert men["quartier", "T3"] == men["bassin", "east"] == (4, "ok")


def test_editions_never_mix(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    with pytest.raises(TableError, match="quartier:T1 is no zone"):
        load(toy_connection, path, "code;hommes\nT1;1\n", "men=hommes", edition="1999")
    load(toy_connection, path, "code;hommes\nT1;1\n", "men=hommes", edition=EDITION)
    assert figures(toy_connection, "men")["quartier", "T1"] == (1, "ok")


def test_an_indicator_nobody_knows_is_refused(toy_connection: psycopg.Connection[Any], path: Path) -> None:
    with pytest.raises(TableError, match="happiness=joie"):
        load(toy_connection, path, "code;joie\nT1;1\n", "happiness=joie")
