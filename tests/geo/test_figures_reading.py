"""Files of figures as people write them: numbers, words for none, encodings, headers, bombs. All invented."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from geo.exchange.figures.cells import parse_cell
from geo.exchange.figures.documents import open_document
from geo.exchange.figures.profiles import Measure, Profile, find_profile, map_profile
from geo.exchange.figures.publishers import PROFILES
from geo.exchange.figures.reading import Reading, read_observations
from geo.exchange.tables import TableError
from geo.vocabulary import ZoneKind

PLAIN = Profile(
    "plain",
    ZoneKind.QUARTIER,
    "toy",
    {"valeur": Measure("men", "2020")},
    zone_column="code",
    ignored=frozenset({"nom"}),
)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("0", 0.0),
        ("19258,84", 19258.84),
        ("19258.84", 19258.84),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u00a0567", 1_234_567.0),
        ("1\u202f234,5", 1234.5),
        ("1'234", 1234.0),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567,8", 1_234_567.8),
        ("-3,5", -3.5),
        ("12,5 %", 12.5),
        ("900 €", 900.0),
        (36, 36.0),
        (0.0, 0.0),
    ],
)
def test_a_number_is_read_as_it_is_written(content: Any, value: float) -> None:
    assert parse_cell(content) == (value, "ok")


@pytest.mark.parametrize("content", ["", "  ", "ND", "nd", "n.d.", "NA", None, "-", float("nan")])
def test_what_is_missing_is_never_zero(content: Any) -> None:
    assert parse_cell(content) == (None, "missing")


@pytest.mark.parametrize("content", ["VS", "vs", "x", "<5"])
def test_what_is_kept_back_is_not_missing(content: str) -> None:
    assert parse_cell(content) == (None, "suppressed")


@pytest.mark.parametrize(
    "content", ["1,2,3", "12,5,", "1 23", "12 34,5", "many", "1..2", "=1+1", "inf", float("inf"), True]
)
def test_what_is_no_number_is_refused(content: Any) -> None:
    with pytest.raises(ValueError):
        parse_cell(content)


def read(path: Path, profile: Profile = PLAIN) -> Reading:
    return read_observations(open_document(path), profile)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_encodings_and_separators_are_told_by_the_bytes(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(f"code;nom;valeur\n36;Été;1 234,5\n".replace(";", separator).encode(encoding))  # noqa: F541
    reading = read(path)
    (observation,) = reading.observations
    assert observation[:4] == ("36", "men", "2020", "1 234,5")
    assert (observation.row, observation.column) == (2, "valeur")
    assert not reading.problems and not reading.remarks


@pytest.mark.parametrize(
    ("header", "column", "words"),
    [
        ("code;nom;valeur;valeur", "valeur", "there twice"),
        ("code;nom;autre", "valeur", "missing"),
        ("nom;valeur", "code", "missing"),
    ],
)
def test_wrong_headers_are_named(tmp_path: Path, header: str, column: str, words: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(f"{header}\n1;x;2;3\n", "utf-8")
    problems = read(path).problems
    assert any(each.row == 1 and each.column == column and words in each.message for each in problems)


def test_a_column_that_means_nothing_is_told_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("code;valeur;couleur\n1;2;bleu\n", "utf-8")
    reading = read(path)
    assert len(reading.observations) == 1
    assert "couleur" in reading.remarks[0].message


def test_a_row_without_zone_and_a_period_that_is_no_year_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("code;an;valeur\n;2020;1\n2;l'an passé;3\n3;;\n4;2020.0;5\n", "utf-8")
    profile = Profile(
        "dated", ZoneKind.QUARTIER, "toy", {"valeur": Measure("men", period_column="an")}, zone_column="code"
    )
    reading = read(path, profile)
    assert [(each.zone, each.period) for each in reading.observations] == [("4", "2020")]
    assert [(each.row, each.column) for each in reading.problems] == [(2, "code"), (3, "valeur")]


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.create_sheet("Vide")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_workbook_with_three_header_rows_is_read_across(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    path.write_bytes(
        workbook(
            [
                [None, "Gebied", "Mannen", "Mannen", "Mannen ", "Vrouwen"],
                [None, None, "personen", "personen", None, None],
                [None, None, 2019, "2020", None, 2020],
                [36, "Zuid", 10, "VS", 7, None],
                [37, "Noord", 0, "1,5", None, "ND"],
            ]
        )
    )
    profile = Profile(
        "wide", ZoneKind.QUARTIER, "toy", {"Mannen": Measure("men")}, "wide", ignored=frozenset({"Gebied"})
    )
    reading = read(path, profile)
    assert [each[:4] for each in reading.observations] == [
        ("36", "men", "2019", "10"),
        ("36", "men", "2020", "VS"),
        ("37", "men", "2019", "0"),
        ("37", "men", "2020", "1,5"),
    ]
    assert reading.observations[0][4:] == (4, "C")
    told = " ".join(map(str, reading.remarks))
    assert "column E: “Mannen” stands over a column without a year" in told
    assert "column F: “Vrouwen” is no indicator of ours" in told
    assert "“Vide” was not read" in told


def test_json_holds_series_or_rows(tmp_path: Path) -> None:
    series = tmp_path / "series.json"
    zones = {"36": {"timeseries": {"m": {"2019": 10, "2020": None, "soon": 1}, "other": {}}}}
    series.write_text("\ufeff" + json.dumps({"neighborhoods": zones}), "utf-8")
    profile = Profile("series", ZoneKind.QUARTIER, "toy", {"m": Measure("men")}, "series")
    reading = read(series, profile)
    assert [each[:4] for each in reading.observations] == [
        ("36", "men", "2019", 10),
        ("36", "men", "2020", None),
    ]
    assert "“soon” is not a year" in reading.problems[0].message
    assert reading.remarks[0].column == "other"
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([{"code": 36, "nom": "Zuid", "valeur": 1.5}, {"code": 37}]), "utf-8")
    assert [each[:4] for each in read(rows).observations] == [
        ("36", "men", "2020", "1.5"),
        ("37", "men", "2020", ""),
    ]


def bomb() -> bytes:
    written = io.BytesIO(workbook([["code", "valeur"], [1, 2]]))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(70_000_000))
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds nothing"),
        (b"\xd0\xcf\x11\xe0old", "old Excel"),
        (b"PK\x03\x04 nothing", "cannot be read"),
        (b'{"neighborhoods": ', "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[1, 2]", "something else than objects"),
        (b"code;valeur\n1;\x00\n", "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "figures"
    path.write_bytes(content)
    with pytest.raises(TableError, match=words) as refused:
        read(path)
    assert refused.value.problems[0].file == "figures"


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb())
    assert path.stat().st_size < 200_000
    with pytest.raises(TableError, match="would unpack"):
        open_document(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # a hole: nothing is written to the disk
    with pytest.raises(TableError, match="larger than 30 MB"):
        open_document(path)


def test_a_profile_is_found_by_its_columns_or_its_name() -> None:
    titles = frozenset({"MD_ID", "nom_fr", "nom_nl", "valeur"})
    assert find_profile(titles, PROFILES, "x", None).name == "ibsa-median-income"
    assert find_profile(frozenset(), PROFILES, "x", "bimd-2011").name == "bimd-2011"
    with pytest.raises(TableError, match="no profile knows"):
        find_profile(frozenset({"a"}), PROFILES, "x", None)
    with pytest.raises(TableError, match="bimd-2011"):
        find_profile(titles, PROFILES, "x", "nothing")


@pytest.mark.parametrize(
    ("pairs", "period", "words"),
    [
        (["zone=Code"], "2020", "at least one"),
        (["men=M"], "2020", "at least one"),
        (["zone=Code", "men=M"], None, "either"),
        (["zone=Code", "men=M", "period=An"], "2020", "either"),
        (["zone=Code", "men=M"], "20", "not a year"),
        (["zone=Code", "nothing=M"], "2020", "nothing=M"),
        (["zone"], "2020", "zone="),
    ],
)
def test_columns_said_by_hand_are_checked(pairs: list[str], period: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        map_profile(pairs, ZoneKind.QUARTIER, "toy", period, ["men"])


def test_every_profile_names_indicators_that_are_catalogued() -> None:
    from geo.exchange.figures.catalogue import PACKAGE
    from geo.exchange.tables import read_package
    from geo.settings import SHIPPED_DATA

    tables = [read_package(PACKAGE), read_package(SHIPPED_DATA / "quartiers")]
    indicators = {id_ for each in tables for id_ in each["indicators"]["id"]}
    sources = {id_ for each in tables for id_ in each["sources"]["id"]}
    assert {weight for each in tables for weight in each["indicators"]["weight_id"].dropna()} <= indicators
    for profile in PROFILES.values():
        assert {each.indicator for each in profile.measures.values()} <= indicators, profile.name
        assert profile.source in sources, profile.name
    assert not set(tables[0]["indicators"]["id"]) & set(tables[1]["indicators"]["id"])
