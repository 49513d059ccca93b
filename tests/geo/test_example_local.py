"""Fictional local life: marked everywhere, around the day of the load, taken away whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest

from geo.exchange.base import load_example, remove_example
from geo.exchange.example_local import TABLES, load_local_example
from geo.exchange.example_rows import local_id
from geo.exchange.export import parse_filters, read_export
from geo.exchange.report import LoadReport
from geo.layers import layers_for
from geo.settings import SHIPPED_DATA
from geo.vocabulary import ANONYMOUS, Role, Viewer

EXAMPLE = SHIPPED_DATA / "example"
LOCAL_LAYERS = ("projects", "activities", "functions", "concertation")


def count(connection: psycopg.Connection[Any], table: str, condition: str = "example") -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def test_everything_is_there_and_marked(loaded_connection: psycopg.Connection[Any]) -> None:
    counts = {table: count(loaded_connection, table) for table in TABLES}
    assert counts == {
        "team": 2,
        "project": 12,
        "activity": 10,
        "local_function": 5,
        "concertation_space": 2,
        "notice": 3,
        "parking_place": 2,
    }
    assert count(loaded_connection, "project_card") == 8
    rows = loaded_connection.execute(
        "SELECT coalesce(title_fr, '') || coalesce(title_nl, '') FROM project WHERE example"
        " UNION ALL SELECT title_fr || title_nl FROM activity WHERE example"
        " UNION ALL SELECT title_fr || title_nl FROM notice WHERE example"
        " UNION ALL SELECT name_fr || name_nl FROM team WHERE example"
        " UNION ALL SELECT address FROM parking_place WHERE example"
    ).fetchall()
    assert len(rows) == 29
    assert all("(exemple)" in words or "(voorbeeld)" in words for (words,) in rows)


def test_the_text_of_a_card_is_that_of_its_project(loaded_connection: psycopg.Connection[Any]) -> None:
    row = loaded_connection.execute(
        "SELECT title_nl, theme_group, team_fr, search_text, geom IS NOT NULL FROM project_card"
        " WHERE id = %s",
        [local_id("project", "papiers-simples")],
    ).fetchone()
    assert row is not None
    assert row[:3] == ("Eenvoudig papierwerk (voorbeeld)", "daily", "Équipe locale des Pavés (exemple)")
    assert "papiers simples" in row[3] and row[4]


def test_days_count_from_the_day_of_the_load(loaded_connection: psycopg.Connection[Any]) -> None:
    today = dt.date(2027, 6, 16)
    load_local_example(loaded_connection, EXAMPLE, LoadReport(), today)
    rows = loaded_connection.execute(
        "SELECT min(o.starts_at::date - %(today)s) FROM activity_occurrence AS o"
        " JOIN activity AS a ON a.id = o.activity_id"
        " WHERE a.example AND o.starts_at::date >= %(today)s GROUP BY a.id",
        {"today": today},
    ).fetchall()
    assert len(rows) == 10 and max(days for (days,) in rows) <= 35
    untouched = "example AND changed_at < %s::date - interval '6 months'"
    row = loaded_connection.execute(f"SELECT count(*) FROM project WHERE {untouched}", [today]).fetchone()
    assert row == (2,)
    row = loaded_connection.execute(
        "SELECT count(*) FROM notice WHERE example AND status = 'published'"
        " AND %s BETWEEN starts_on AND ends_on",
        [today],
    ).fetchone()
    assert row == (2,)


def test_loading_again_doubles_nothing_and_spares_what_people_changed(
    loaded_connection: psycopg.Connection[Any],
) -> None:
    kept = local_id("project", "table-ouverte")
    loaded_connection.execute("UPDATE project SET funding = 'ours', version = 2 WHERE id = %s", [kept])
    before = {table: count(loaded_connection, table) for table in (*TABLES, "project_card")}
    load_local_example(loaded_connection, EXAMPLE, LoadReport(), dt.date(2027, 6, 16))
    assert {table: count(loaded_connection, table) for table in before} == before
    row = loaded_connection.execute("SELECT funding FROM project WHERE id = %s", [kept]).fetchone()
    assert row == ("ours",)


def test_taking_them_away_leaves_nothing(loaded_connection: psycopg.Connection[Any]) -> None:
    others = count(loaded_connection, "local_function", "NOT example")
    remove_example(loaded_connection, LoadReport())
    left = {table: count(loaded_connection, table) for table in (*TABLES, "project_card", "service")}
    assert set(left.values()) == {0}
    for table in ("mandate", "activity_occurrence", "project_revision", "concertation_date"):
        assert count(loaded_connection, table, "true") == 0
    assert count(loaded_connection, "local_function", "NOT example") == others > 0
    load_example(loaded_connection, LoadReport())
    assert count(loaded_connection, "project") == 12


@pytest.mark.parametrize("layer_id", LOCAL_LAYERS)
async def test_default_exports_leave_them_out(reader: Any, layer_id: str) -> None:
    layer = layers_for()[layer_id]
    filters = parse_filters(layer, {})
    plain = await read_export(reader, layer, filters, ANONYMOUS)
    with_examples = await read_export(reader, layer, filters, ANONYMOUS, with_examples=True)
    assert not plain.frame["example"].any()
    assert with_examples.frame["example"].any()
    assert "FICTIONAL" in with_examples.readme


def test_places_lent_are_for_carers_alone(loaded_connection: psycopg.Connection[Any]) -> None:
    everybody = Viewer(roles=frozenset(Role) - {Role.CARER})
    assert "parking" not in layers_for(ANONYMOUS) and "parking" not in layers_for(everybody)
    assert "parking" in layers_for(Viewer(roles=frozenset({Role.CARER})))
