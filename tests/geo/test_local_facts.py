"""Functions and spaces of concertation as they ship: traced, published, never overwriting a team's work."""

from __future__ import annotations

import csv
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo.exchange.base import load_package
from geo.exchange.local_facts import load_concertation, load_functions
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError, read_package
from geo.settings import SHIPPED_DATA
from geo.vocabulary import record_id

FUNCTIONS, CONCERTATION = SHIPPED_DATA / "functions", SHIPPED_DATA / "concertation"
#: The seven that the survey of functions names.
KINDS = {
    "educateur-diabetologie", "referent-proximite", "case-manager", "organisateur-concertation",
    "referent-hospitalier", "relais-action-quartier", "referent-quartier",
}  # fmt: skip

Connection = psycopg.Connection[Any]


def one(connection: Connection, query: str, *values: Any) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row
    return row[0] if len(row) == 1 else row


def zone(connection: Connection, kind: str, code: str) -> uuid.UUID:
    found: uuid.UUID = one(connection, "SELECT id FROM zone WHERE kind = %s AND code = %s", kind, code)
    return found


def test_seven_kinds_and_seven_methods_in_three_languages() -> None:
    kinds = read_package(FUNCTIONS)["function_kinds"]
    methods = read_package(CONCERTATION)["methods"]
    assert set(kinds["code"]) == KINDS
    assert len(methods) == 7
    for table in (kinds, methods):
        texts = [f"{name}_{lang}" for name in ("name", "description") for lang in ("fr", "nl", "en")]
        assert table[texts].notna().all(axis=None)


def test_every_fact_is_traced() -> None:
    for package, table in ((FUNCTIONS, "functions"), (CONCERTATION, "spaces")):
        records = read_package(package)[table]
        assert (records["source"] == "rapport-2021").all()
        assert records["source_part"].map(lambda part: bool(re.fullmatch(r"A\d\d(-A\d\d)?", part))).all()
        assert {str(day) for day in records["observed_on"]} == {"2021-12-31"}


def test_the_facts_of_2021_are_those_of_the_report(loaded_connection: Connection) -> None:
    rows = loaded_connection.execute(
        "SELECT kind, count(*), sum(holders)::int FROM local_function"
        " WHERE source_id = 'rapport-2021' GROUP BY kind"
    ).fetchall()
    assert {kind: (count, holders) for kind, count, holders in rows} == {
        "referent-proximite": (3, None),
        "referent-hospitalier": (2, 2),
        "organisateur-concertation": (1, 6),
        "case-manager": (1, 6),
        "relais-action-quartier": (1, None),
        "referent-quartier": (4, 9),
    }
    meetings = dict(
        loaded_connection.execute(
            "SELECT source_key, meetings_a_year FROM concertation_space WHERE source_id = 'rapport-2021'"
        ).fetchall()
    )
    assert meetings["fonction-05/bruxelles"] == 4
    assert meetings["approche-quartier/bruxelles"] == 5
    assert meetings["boost/assemblee"] == 3
    communities = {key: value for key, value in meetings.items() if key.startswith("communaute")}
    assert set(communities.values()) == {8} and len(communities) == 3


def test_members_are_organizations_that_are_there(loaded_connection: Connection) -> None:
    missing = one(
        loaded_connection,
        "SELECT count(*) FROM concertation_space, unnest(member_ids) AS member"
        " WHERE NOT EXISTS (SELECT FROM organization WHERE id = member)",
    )
    assert missing == 0
    diapason = one(
        loaded_connection,
        "SELECT cardinality(member_ids) FROM concertation_space WHERE source_key = 'diapason/sortie-hopital'",
    )
    assert diapason == 16


def test_records_are_published_public_and_sourced(loaded_connection: Connection) -> None:
    for table in ("local_function", "concertation_space"):
        states = loaded_connection.execute(
            f"SELECT DISTINCT status, visibility, version, team_id FROM {table}"
            " WHERE source_id = 'rapport-2021'"
        ).fetchall()
        assert states == [("published", "public", 1, None)]


def test_a_zone_is_covered_with_what_lies_in_it_and_what_it_lies_in(loaded_connection: Connection) -> None:
    chosen, covered = one(
        loaded_connection,
        "SELECT chosen_zone_ids, zone_ids FROM local_function WHERE source_key = %s",
        "referent-proximite/saint-josse-schaerbeek",
    )
    assert set(chosen) == {zone(loaded_connection, "commune", code) for code in ("21014", "21015")}
    assert set(chosen) < set(covered)
    assert zone(loaded_connection, "bassin", "nord-est") in covered
    assert zone(loaded_connection, "region", "04000") in covered
    assert zone(loaded_connection, "commune", "21001") not in covered


def test_loading_again_changes_nothing(loaded_connection: Connection) -> None:
    for loader, package, table in (
        (load_functions, FUNCTIONS, "local_function"),
        (load_concertation, CONCERTATION, "concertation_space"),
    ):
        report = LoadReport()
        loader(loaded_connection, package, report)
        assert report.tables[table].changed == 0
        assert not report.problems


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A copy of the functions whose two hospitals have two and three holders (invented)."""
    package = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, package)
    rows = list(csv.DictReader((package / "functions.csv").open(encoding="utf-8", newline="")))
    for row in rows:
        if row["kind"] == "referent-hospitalier":
            row["holders"] = "2" if "jean" in row["key"] else "3"
    with (package / "functions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return package


def test_later_loads_update_but_leave_what_somebody_changed(
    loaded_connection: Connection, edited: Path
) -> None:
    theirs = record_id("rapport-2021", "referent-hospitalier/clinique-saint-jean")
    loaded_connection.execute(
        "UPDATE local_function SET holders = 7, status = 'archived', version = 2 WHERE id = %s", [theirs]
    )
    before = one(loaded_connection, "SELECT count(*) FROM local_function")
    report = LoadReport()
    load_functions(loaded_connection, edited, report)
    holders = dict(
        loaded_connection.execute(
            "SELECT source_key, holders FROM local_function WHERE kind = 'referent-hospitalier'"
            " AND source_id = 'rapport-2021'"
        ).fetchall()
    )
    assert holders == {
        "referent-hospitalier/clinique-saint-jean": 7,
        "referent-hospitalier/chu-saint-pierre": 3,
    }
    assert one(loaded_connection, "SELECT status FROM local_function WHERE id = %s", theirs) == "archived"
    assert one(loaded_connection, "SELECT count(*) FROM local_function") == before
    assert report.tables["local_function"].updated == 1
    assert [problem.message for problem in report.problems] == ["kept as somebody changed it here"]


def test_what_vanished_from_the_tables_goes(loaded_connection: Connection, edited: Path) -> None:
    lines = (edited / "functions.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "fdss" not in line]
    (edited / "functions.csv").write_text("".join(kept), encoding="utf-8")
    descriptor = edited / "datapackage.json"
    text = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(text.replace('"rows": 12', '"rows": 11'), encoding="utf-8")
    report = LoadReport()
    load_functions(loaded_connection, edited, report)
    assert report.tables["local_function"].deleted == 1


def test_an_unknown_zone_or_organization_refuses_all(connection: Connection, edited: Path) -> None:
    with pytest.raises(TableError) as refused:
        load_package(connection, load_functions, edited, LoadReport())
    words = {(problem.column, problem.message) for problem in refused.value.problems}
    assert ("organization", "nothing here is called “brusano”") in words
    assert ("zones", "nothing here is called “region:04000”") in words
    assert all(problem.file == "functions.csv" and problem.row for problem in refused.value.problems)
    assert one(connection, "SELECT count(*) FROM local_function") == 0


def test_nobody_is_named() -> None:
    """Organizations and posts only: no table has a column for a person."""
    for package in (FUNCTIONS, CONCERTATION):
        for table in read_package(package).values():
            assert not {"person", "holder", "email", "phone"} & set(table.columns)
