"""Loads the fictional teams and what they register, with days that count from the day of the load."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg import sql

from geo.directory.schedules import BRUSSELS
from geo.exchange import example_derived as derived
from geo.exchange import example_rows as rows
from geo.exchange.example_rows import Known
from geo.exchange.example_scenarios import load_example_scenarios, remove_example_scenarios
from geo.exchange.local_facts import refresh_covered_zones
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package

#: Layers that the examples stand in.
LAYERS = ("projects", "activities", "functions", "concertation", "parking", "notices")
#: Tables of the examples, those that hang on others first.
TABLES: tuple[LiteralString, ...] = (
    "concertation_space",
    "local_function",
    "activity",
    "notice",
    "project",
    "parking_place",
    "team",
)

Make = Callable[[pd.DataFrame, Known, dt.date], pd.DataFrame]

#: Table of the package → table of the database, and how its rows are made.
_MAKERS: tuple[tuple[str, LiteralString, Make], ...] = (
    ("teams", "team", rows.team_rows),
    ("projects", "project", rows.project_rows),
    ("activities", "activity", rows.activity_rows),
    ("functions", "local_function", rows.function_rows),
    ("concertation", "concertation_space", rows.space_rows),
    ("notices", "notice", rows.notice_rows),
    ("parking", "parking_place", rows.parking_rows),
)


def load_local_example(
    connection: psycopg.Connection[Any], path: Path, report: LoadReport, today: dt.date | None = None
) -> None:
    """Load what fictional teams register. Never commits.

    Zones, themes, kinds of functions, methods of concertation, and the fictional organizations have to be
    loaded before. Loading again moves all days to `today`; what a person made or changed since stays.

    Parameters
    ----------
    path : Path
        Folder of the package: the tables ``teams``, ``projects``, ``activities`` and so on.
    today : datetime.date, optional
        Civil day in Brussels from which days count; today's where not given.

    Raises
    ------
    TableError
        A table is not what its description says, or names something that is not there.
    """
    tables = read_package(path, report)
    today = today or dt.datetime.now(BRUSSELS).date()
    known = Known(connection)
    made = {target: make(tables[name], known, today) for name, target, make in _MAKERS}
    if known.problems:
        raise TableError(known.problems)
    fresh = {name: frame[~frame["id"].isin(_changed(connection, name))] for name, frame in made.items()}
    for table, frame in fresh.items():
        report.add(table, merge_rows(connection, table, frame))
    _merge_mandates(connection, tables["teams"], known, report)
    _merge_dates(connection, tables["concertation_dates"], today, report)
    placed: tuple[LiteralString, ...] = ("project", "activity", "parking_place")
    derived.refresh_zones(connection, {name: list(fresh[name]["id"]) for name in placed})
    refresh_covered_zones(connection)
    derived.write_revisions(connection, fresh["project"], known.references)
    derived.write_project_cards(connection, list(fresh["project"]["id"]))
    derived.write_occurrences(connection, fresh["activity"], today)
    load_example_scenarios(connection, report)
    report.touch(*LAYERS)


def remove_local_example(connection: psycopg.Connection[Any], report: LoadReport | None = None) -> int:
    """Delete every fictional team and record, with all that hangs on them. Never commits.

    Returns
    -------
    int
        Number of records deleted.
    """
    removed = remove_example_scenarios(connection)
    for table in TABLES:
        removed += connection.execute(
            sql.SQL("DELETE FROM {} WHERE example").format(sql.Identifier(table))
        ).rowcount
    if report is not None:
        report.touch(*LAYERS)
    return removed


def _changed(connection: psycopg.Connection[Any], table: LiteralString) -> set[uuid.UUID]:
    """Return the examples that somebody changed since they were loaded."""
    query = sql.SQL("SELECT id FROM {} WHERE example AND version > 1").format(sql.Identifier(table))
    return {each for (each,) in connection.execute(query).fetchall()}


def _merge_mandates(
    connection: psycopg.Connection[Any], teams: pd.DataFrame, known: Known, report: LoadReport
) -> None:
    pairs = [
        {"team_id": rows.local_id("team", key), "zone_id": zone_id}
        for key, zones in zip(teams["key"], teams["zones"], strict=True)
        for zone_id in known.zone_ids(zones)
    ]
    frame = pd.DataFrame(pairs, columns=["team_id", "zone_id"])
    counts = merge_rows(
        connection,
        "mandate",
        frame,
        ("team_id", "zone_id"),
        replace="t.team_id IN (SELECT team_id FROM staging)",
    )
    report.add("mandate", counts)


def _merge_dates(
    connection: psycopg.Connection[Any],
    table: pd.DataFrame,
    today: dt.date,
    report: LoadReport,
) -> None:
    frame = rows.date_rows(table, today)
    counts = merge_rows(
        connection, "concertation_date", frame, replace="t.space_id IN (SELECT space_id FROM staging)"
    )
    report.add("concertation_date", counts)
