"""Loads functions and spaces of concertation as sources tell them: published, public, with provenance.

A record that somebody changed since it was loaded has a version above 1: later loads leave it as it is, and
say so in the report. Everything else is brought in step with the tables; what vanished from them goes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from geo.db.reads import value
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package, row_problem
from geo.models.functions import LocalFunction
from geo.queries.coverage import related_zone_ids
from geo.vocabulary import Status, Visibility, record_id

_OF_SOURCE: LiteralString = (
    "t.source_id IN (SELECT source_id FROM staging) AND t.version = 1 AND t.team_id IS NULL"
)
#: Tables whose records name zones, and keep what lies in them beside.
_COVERING = ("local_function", "concertation_space", "notice", "project", "project_card")


def load_functions(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Load kinds of functions and who carries which, for which zones. Never commits.

    Zones and organizations have to be loaded before.

    Raises
    ------
    TableError
        A table is not what its description says, or names an organization or a zone that is not there.
    """
    tables = read_package(package, report)
    report.add("source", merge_sources(connection, tables["sources"]))
    kinds = tables["function_kinds"].rename(columns={"source": "source_id"}).drop(columns="source_part")
    report.add("function_kind", merge_rows(connection, "function_kind", kinds, ("code",)))
    known = _Known(connection)
    rows = _published(tables["functions"])
    rows["organization_id"] = known.one(rows, "organization", known.organizations)
    rows["chosen_zone_ids"] = known.many(rows, "zones", known.zones)
    known.refuse()
    _merge(connection, "local_function", rows.drop(columns=["organization", "zones"]), report)
    report.touch("functions")


def load_concertation(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Load methods and spaces of concertation, with their members. Never commits.

    Zones, themes and organizations have to be loaded before.

    Raises
    ------
    TableError
        A table is not what its description says, or names an organization, zone or theme that is not there.
    """
    tables = read_package(package, report)
    report.add("source", merge_sources(connection, tables["sources"]))
    methods = tables["methods"].rename(columns={"source": "source_id"}).drop(columns="source_part")
    report.add("concertation_method", merge_rows(connection, "concertation_method", methods, ("code",)))
    known = _Known(connection)
    rows = _published(tables["spaces"])
    rows["carrier_id"] = known.one(rows, "carrier", known.organizations)
    rows["member_ids"] = known.many(rows, "members", known.organizations)
    rows["chosen_zone_ids"] = known.many(rows, "zones", known.zones)
    rows["themes"] = known.many(rows, "themes", known.themes)
    known.refuse()
    _merge(connection, "concertation_space", rows.drop(columns=["carrier", "members", "zones"]), report)
    report.touch("concertation")


def refresh_covered_zones(connection: psycopg.Connection[Any]) -> None:
    """Write anew which zones the records cover, after zones or records changed. Never commits."""
    related = select(related_zone_ids(value("ids", LocalFunction.__table__.c.zone_ids.type)))
    statement = str(related.compile(dialect=psycopg_dialect()))  # type: ignore[no-untyped-call]
    for table in _COVERING:
        name = sql.Identifier(table)
        chosen = connection.execute(sql.SQL("SELECT DISTINCT chosen_zone_ids FROM {}").format(name))
        for (ids,) in filter(any, chosen.fetchall()):
            row = connection.execute(statement, {"ids": ids}).fetchone()
            update = (
                "UPDATE {} SET zone_ids = %(new)s WHERE chosen_zone_ids = %(ids)s AND zone_ids <> %(new)s"
            )
            connection.execute(sql.SQL(update).format(name), {"ids": ids, "new": row and row[0]})


class _Known:
    """What the tables may name, by the words they use; collects what names nothing."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        queries: dict[str, LiteralString] = {
            "organizations": "SELECT source_key, id FROM organization WHERE NOT example",
            "zones": "SELECT kind || ':' || code, id FROM zone WHERE valid_from <= current_date"
            " AND (valid_to IS NULL OR valid_to > current_date)",
            "themes": "SELECT code, code FROM taxonomy_term",
        }
        read = {name: dict(connection.execute(query).fetchall()) for name, query in queries.items()}
        self.organizations: dict[str, Any] = read["organizations"]
        self.zones: dict[str, Any] = read["zones"]
        self.themes: dict[str, Any] = read["themes"]
        self._problems: list[Any] = []

    def one(self, rows: pd.DataFrame, column: str, known: dict[str, Any]) -> pd.Series[Any]:
        """Return what the one word in each cell names, or None."""
        return self._each(rows, column, known, lambda found: found[0] if found else None)

    def many(self, rows: pd.DataFrame, column: str, known: dict[str, Any]) -> pd.Series[Any]:
        """Return the list of what the words in each cell name."""
        return self._each(rows, column, known, list)

    def refuse(self) -> None:
        """Refuse the whole package if a word named nothing."""
        if self._problems:
            raise TableError(self._problems)

    def _each(
        self, rows: pd.DataFrame, column: str, known: dict[str, Any], make: Callable[[list[Any]], Any]
    ) -> pd.Series[Any]:
        cells = []
        for row, text in rows[column].items():
            words = str(text).split(";") if text else []
            for word in words:
                if word not in known:
                    message = f"nothing here is called “{word}”"
                    self._problems.append(row_problem(rows, int(str(row)), column, message))
            cells.append(make([known.get(word) for word in words]))
        return pd.Series(cells, index=rows.index, dtype="object")


def _published(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their identity, open to everybody."""
    rows = table.rename(columns={"source": "source_id", "key": "source_key"})
    ids = [record_id(*pair) for pair in zip(rows["source_id"], rows["source_key"], strict=True)]
    rows["id"] = pd.Series(ids, index=rows.index, dtype="object")
    rows["status"], rows["visibility"] = Status.PUBLISHED.value, Visibility.PUBLIC.value
    rows.attrs = table.attrs
    return rows


def _merge(
    connection: psycopg.Connection[Any], table: LiteralString, rows: pd.DataFrame, report: LoadReport
) -> None:
    """Merge the records that nobody changed since, and say which were left alone."""
    query = sql.SQL("SELECT id FROM {} WHERE id = ANY(%s) AND (version > 1 OR team_id IS NOT NULL)")
    found = connection.execute(query.format(sql.Identifier(table)), [list(rows["id"])]).fetchall()
    changed: set[uuid.UUID] = {each for (each,) in found}
    for row in rows.index[rows["id"].isin(changed)]:
        report.note(row_problem(rows, int(row), "key", "kept as somebody changed it here"))
    report.add(table, merge_rows(connection, table, rows[~rows["id"].isin(changed)], replace=_OF_SOURCE))
    refresh_covered_zones(connection)
