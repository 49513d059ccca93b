"""Loading packages of services: what is written, what goes again, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo.exchange.report import LoadReport
from geo.exchange.services import load_services, remove_example
from geo.exchange.tables import TableError
from geo.exchange.themes import load_themes
from geo.settings import SHIPPED_DATA
from geo.vocabulary import record_id

TABLES = (
    "organization", "service", "location", "service_at_location", "address", "phone", "schedule",
    "service_theme", "language", "cost_option", "required_document", "service_card", "open_period",
)  # fmt: skip


@pytest.fixture
def themed(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """An empty database that knows the themes."""
    load_themes(connection, SHIPPED_DATA / "themes")
    return connection


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the shipped services that a test may spoil."""
    return Path(shutil.copytree(SHIPPED_DATA / "services", tmp_path / "services"))


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Count the rows of every table of the directory."""
    counts = {}
    for table in TABLES:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
        counts[table] = row[0] if row else 0
    return counts


def edit(package: Path, table: str, old: str, new: str) -> None:
    """Replace a text that occurs in a table."""
    path = package / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def drop_last_row(package: Path, table: str) -> str:
    """Take the last row off a table and its description; return the row's key."""
    path = package / f"{table}.csv"
    *kept, last = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        if resource["name"] == table:
            resource["rows"] -= 1
    (package / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return last.split(",")[1]


def test_themes_are_29_in_6_groups(themed: psycopg.Connection[Any]) -> None:
    rows = themed.execute(
        "SELECT parent_id IS NULL, count(*) FROM taxonomy_term GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert rows == [(False, 29), (True, 6)]


def test_loading_again_changes_nothing(themed: psycopg.Connection[Any]) -> None:
    load_services(themed, SHIPPED_DATA / "services")
    before = count_rows(themed)
    report = LoadReport()
    load_services(themed, SHIPPED_DATA / "services", report)
    assert count_rows(themed) == before
    assert before["service"] == before["service_card"] > 500
    assert {name: counts.changed for name, counts in report.tables.items()} == dict.fromkeys(report.tables, 0)
    assert report.layers == {"services", "figures"}


def test_vanished_record_goes_with_all_that_hangs_on_it(
    themed: psycopg.Connection[Any], package: Path
) -> None:
    load_services(themed, package)
    key = drop_last_row(package, "public_services")
    report = LoadReport()
    load_services(themed, package, report)
    gone = record_id("osm-2013", key)
    for table, column in (("service", "id"), ("service_card", "service_id"), ("service_theme", "service_id")):
        assert not themed.execute(f"SELECT FROM {table} WHERE {column} = %s", [gone]).fetchall()  # type: ignore[arg-type]
    assert report.tables["service"].deleted == 1
    assert report.tables["location"].deleted == 1


def test_changed_record_keeps_its_id(themed: psycopg.Connection[Any], package: Path) -> None:
    load_services(themed, package)
    edit(package, "public_services", "Service de santé mentale Ulysse", "Ulysse")
    report = LoadReport()
    load_services(themed, package, report)
    row = themed.execute("SELECT id, name_fr FROM service_card WHERE name_fr LIKE %s", ["%Ulysse"]).fetchone()
    assert row is not None
    assert row[1] == "Ulysse"
    assert report.tables["service"].updated == 1


def test_unreadable_hours_are_noted_and_not_fatal(themed: psycopg.Connection[Any], package: Path) -> None:
    edit(package, "public_services", "Mo-Fr 09:30-17:00; Tu,Th 09:30-18:00", "sur rendez-vous")
    report = LoadReport()
    load_services(themed, package, report)
    (problem,) = report.problems
    assert (problem.file, problem.row, problem.column) == ("public_services.csv", 4, "opening_hours")
    assert "sur rendez-vous" in problem.message
    known = themed.execute("SELECT has_schedule FROM service_card WHERE name_fr LIKE %s", ["%Ulysse"])
    assert known.fetchall() == [(False,)]


def test_unknown_theme_refuses_all_and_writes_nothing(themed: psycopg.Connection[Any], package: Path) -> None:
    edit(package, "public_services", "mental-health", "mental-wealth")
    with pytest.raises(TableError) as refusal:
        load_services(themed, package)
    (problem,) = refusal.value.problems
    assert (problem.file, problem.row, problem.column) == ("public_services.csv", 4, "themes")
    assert "mental-wealth" in problem.message
    assert count_rows(themed) == dict.fromkeys(TABLES, 0)


def test_good_rows_are_kept_when_asked(themed: psycopg.Connection[Any], package: Path) -> None:
    edit(package, "public_services", "mental-health", "mental-wealth")
    report = LoadReport(keep_good_rows=True)
    load_services(themed, package, report)
    assert [problem.column for problem in report.problems] == ["themes"]
    assert count_rows(themed)["service"] > 500
    assert not themed.execute("SELECT FROM service WHERE name_fr LIKE %s", ["%Ulysse"]).fetchall()


def test_half_written_table_is_refused(themed: psycopg.Connection[Any], package: Path) -> None:
    path = package / "pharmacies.csv"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(TableError) as refusal:
        load_services(themed, package)
    assert {problem.file for problem in refusal.value.problems} == {"pharmacies.csv"}
    assert count_rows(themed) == dict.fromkeys(TABLES, 0)


def test_examples_come_and_go_without_a_trace(themed: psycopg.Connection[Any]) -> None:
    load_services(themed, SHIPPED_DATA / "services")
    before = count_rows(themed)
    load_services(themed, SHIPPED_DATA / "example")
    with_examples = count_rows(themed)
    assert with_examples["service"] > before["service"] + 70
    assert with_examples["cost_option"] and with_examples["required_document"] and with_examples["language"]
    removed = remove_example(themed)
    assert removed == with_examples["service"] - before["service"]
    assert count_rows(themed) == before
    assert not themed.execute("SELECT FROM source WHERE example").fetchall()


def test_service_at_two_places_has_two_cards(themed: psycopg.Connection[Any]) -> None:
    load_services(themed, SHIPPED_DATA / "example")
    rows = themed.execute(
        "SELECT service_id, count(*), count(DISTINCT ST_AsText(geom)) FROM service_card"
        " GROUP BY 1 HAVING count(*) > 1"
    ).fetchall()
    assert len(rows) >= 2
    assert all(cards == points == 2 for _, cards, points in rows)


def add_columns(package: Path, table: str, columns: dict[str, str], value: str) -> None:
    """Give a table more columns, by name and type; the first row has `value` in each, the others nothing."""
    path = package / f"{table}.csv"
    header, first, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [",".join([header, *columns]), first + f",{value}" * len(columns)]
    path.write_text("\n".join([*lines, *(row + "," * len(columns) for row in rows)]) + "\n", encoding="utf-8")
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        if resource["name"] == table:
            fields = [{"name": name, "type": type_} for name, type_ in columns.items()]
            resource["schema"]["fields"] += fields
    (package / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")


def test_a_place_tells_how_many_it_can_serve(themed: psycopg.Connection[Any], package: Path) -> None:
    add_columns(package, "hospitals", {"capacity": "integer", "capacity_unit": "string"}, "40")
    load_services(themed, package)
    told = themed.execute(
        "SELECT capacity, capacity_unit FROM service_at_location WHERE capacity > 0"
    ).fetchall()
    assert told == [(40, "40")]
    report = LoadReport()
    load_services(themed, package, report)
    assert report.tables["service_at_location"].changed == 0


@pytest.mark.parametrize("capacity", ["0", "-3"])
def test_a_capacity_of_nothing_is_refused(
    themed: psycopg.Connection[Any], package: Path, capacity: str
) -> None:
    add_columns(package, "hospitals", {"capacity": "integer"}, capacity)
    with pytest.raises(TableError) as refused:
        load_services(themed, package)
    (problem,) = refused.value.problems
    assert (problem.column, capacity in problem.message) == ("capacity", True)
    assert count_rows(themed)["service"] == 0
