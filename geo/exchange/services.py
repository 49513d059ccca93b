"""Loads a package of services into the HSDS tables, their cards and their opening periods."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.directory.cards import refresh_cards
from geo.directory.schedules import BRUSSELS, find_fault, refresh_open_periods
from geo.errors import RowProblem
from geo.exchange import edited
from geo.exchange import service_rows as rows
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package, row_problem
from geo.territory.figures.derived import refresh_derived

Tables = dict[str, pd.DataFrame]


def load_services(connection: psycopg.Connection[Any], path: Path, report: LoadReport | None = None) -> None:
    """Load a package of services: insert, update, and delete what vanished from its sources. Never commits.

    Themes have to be loaded before; zones too, for the cards to say in which zones a place lies.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    path : Path
        Folder with ``datapackage.json``; `geo.exchange.service_rows` says which tables it holds.
    report : LoadReport, optional
        Gets the counts and what could not be used: opening hours that can't be read are left out and noted.

    Raises
    ------
    TableError
        A table is not what its description says, or a row names a theme, an organisation or a service
        that is not there. Nothing has been written then.
    """
    report = report or LoadReport()
    tables = read_package(path, report)
    terms: dict[str, uuid.UUID] = dict(connection.execute("SELECT code, id FROM taxonomy_term").fetchall())
    tables = _check(tables, terms, report)
    _merge(connection, tables, terms, report)
    report.step("services", 2, 3)
    own = connection.execute(
        "SELECT id FROM service WHERE source_id = ANY(%s)", [list(tables["sources"]["id"])]
    )
    ids = [row[0] for row in own]
    refresh_cards(connection, ids)
    today = dt.datetime.now(BRUSSELS).date()
    refresh_open_periods(connection, today, service_ids=ids)
    refresh_derived(connection, today)
    report.touch("services", "figures")
    report.step("services", 3, 3)


def remove_example(connection: psycopg.Connection[Any], report: LoadReport | None = None) -> int:
    """Delete every fictional record, with all that hangs on it, and its source. Never commits.

    Returns
    -------
    int
        Number of services deleted.
    """
    removed = connection.execute("DELETE FROM service WHERE example").rowcount
    connection.execute("DELETE FROM organization WHERE example")
    connection.execute("DELETE FROM location WHERE example")
    connection.execute("DELETE FROM source WHERE example")
    if report is not None:
        report.touch("services", "figures")
    return removed


def _check(tables: Tables, terms: dict[str, uuid.UUID], report: LoadReport) -> Tables:
    """Return the tables without what can't be used, after refusing what must be right."""
    listing = {name: table for name, table in tables.items() if name not in rows.RESERVED}
    problems = [problem for table in listing.values() for problem in _find_unknown_themes(table, terms)]
    problems += [problem for table in listing.values() for problem in _find_odd_capacities(table)]
    keys = {pair for table in listing.values() for pair in zip(table["source"], table["key"], strict=True)}
    for name in ("schedules", "costs", "documents"):
        problems += _find_orphans(tables.get(name), keys)
    if problems and not report.keep_good_rows:
        raise TableError(problems)
    for problem in problems:
        report.note(problem)
    dropped = {(problem.file, problem.row) for problem in problems}
    kept = {name: _without(table, dropped) for name, table in tables.items()}
    for name in listing:
        kept[name] = _without_unreadable_hours(kept[name], report)
    return kept


def _find_unknown_themes(table: pd.DataFrame, terms: dict[str, uuid.UUID]) -> Iterator[RowProblem]:
    for row, codes in zip(table.index, table["themes"], strict=True):
        for code in str(codes).split(";"):
            if code not in terms:
                yield row_problem(table, row, "themes", f"no theme is called “{code}”")


def _find_odd_capacities(table: pd.DataFrame) -> Iterator[RowProblem]:
    if "capacity" not in table:
        return
    given = table["capacity"].notna()
    numbers = pd.to_numeric(table["capacity"], errors="coerce")
    for row, capacity, number in zip(
        table.index[given], table["capacity"][given], numbers[given], strict=True
    ):
        if not (number > 0 and number % 1 == 0):
            yield row_problem(table, row, "capacity", f"“{capacity}” is no whole number above 0")


def _find_orphans(table: pd.DataFrame | None, keys: set[tuple[str, str]]) -> Iterator[RowProblem]:
    if table is None:
        return
    for row, source, service in table[["source", "service"]].itertuples():
        if (source, service) not in keys:
            yield row_problem(table, row, "service", f"no service is called “{service}”")


def _without(table: pd.DataFrame, dropped: set[tuple[str, int | None]]) -> pd.DataFrame:
    return table[[(table.attrs["file"], row) not in dropped for row in table.index]]


def _without_unreadable_hours(table: pd.DataFrame, report: LoadReport) -> pd.DataFrame:
    if "opening_hours" not in table:
        return table
    table = table.copy()
    for row, text in zip(table.index, table["opening_hours"], strict=True):
        if text and (fault := find_fault(text)):
            report.note(row_problem(table, row, "opening_hours", f"“{text}” can't be read: {fault}"))
            table.loc[row, "opening_hours"] = None
    return table


def _merge(
    connection: psycopg.Connection[Any], tables: Tables, terms: dict[str, uuid.UUID], report: LoadReport
) -> None:
    """Merge every table, those that others refer to first; what an editor changed stays as it is."""
    tables = edited.leave_edited(connection, tables, report)
    sources = tables["sources"]
    report.add("source", merge_sources(connection, sources))
    _remember_sources(connection, sources)
    examples = frozenset(sources["id"][sources["example"]]) if "example" in sources else frozenset[str]()
    records = _gather(tables)
    organizations = tables.get("organizations")

    def merge(table: LiteralString, frame: pd.DataFrame, replace: LiteralString, *key: str) -> None:
        report.add(table, merge_rows(connection, table, frame, key or ("id",), replace=replace))

    report.step("services", 1, 3)
    if organizations is not None:
        merge("organization", rows.organization_rows(organizations, examples), edited.OF_ORGANIZATIONS)
    merge("service", rows.service_rows(records, organizations, examples), edited.OF_SERVICES)
    merge("location", rows.location_rows(records, examples), edited.OF_LOCATIONS)
    merge("service_at_location", rows.place_rows(records), edited.OF_SERVICE)
    merge("address", rows.address_rows(records), edited.OF_LOCATION)
    merge("phone", rows.phone_rows(records), edited.OF_PLACE)
    merge("service_theme", rows.theme_rows(records, terms), edited.OF_SERVICE, "service_id", "term_id")
    merge("language", rows.language_rows(records), edited.OF_SERVICE, "service_id", "code")
    merge("schedule", _all_schedules(tables, records), edited.OF_PLACE)
    for name, table, columns in (
        ("costs", "cost_option", [*rows.in_languages("option"), "amount_eur"]),
        ("documents", "required_document", rows.in_languages("document")),
    ):
        if name in tables:
            merge(table, rows.detail_rows(tables[name], name, columns), edited.OF_SERVICE)
    connection.execute("DROP TABLE loaded_source")


def _gather(tables: Tables) -> pd.DataFrame:
    """Return all service tables as one, with every column there is."""
    listing = [
        table.reindex(columns=rows.ALL_COLUMNS).astype(object)
        for name, table in tables.items()
        if name not in rows.RESERVED
    ]
    records = pd.concat(listing, ignore_index=True)
    records["location"] = records["location"].fillna(records["key"])
    return records


def _all_schedules(tables: Tables, records: pd.DataFrame) -> pd.DataFrame:
    frames = [rows.opening_rows(records)]
    if "schedules" in tables:
        frames.append(rows.schedule_rows(tables["schedules"]).astype(object))
    return pd.concat(frames, ignore_index=True)


def _remember_sources(connection: psycopg.Connection[Any], sources: pd.DataFrame) -> None:
    """Keep the ids of the package's sources: the records of these alone may be deleted."""
    connection.execute("CREATE TEMPORARY TABLE loaded_source (id text) ON COMMIT DROP")
    connection.cursor().executemany(
        "INSERT INTO loaded_source VALUES (%s)", [(each,) for each in sources["id"]]
    )
