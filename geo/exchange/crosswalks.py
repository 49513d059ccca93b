"""Crosswalks between divisions valid today, and those somebody asked for: measured anew after a load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import dialect

from geo.errors import NoCommonGround
from geo.exchange.report import LoadReport
from geo.territory.editions.crosswalks import Measured, measure_crosswalk
from geo.territory.editions.listing import Division
from geo.vocabulary import ZoneKind

#: How present divisions lie over each other; a kind of which no edition is valid today has none.
KEPT = (
    (ZoneKind.QUARTIER, ZoneKind.COMMUNE),
    (ZoneKind.QUARTIER, ZoneKind.BASSIN),
    (ZoneKind.QUARTIER, ZoneKind.MESO),
    (ZoneKind.COMMUNE, ZoneKind.BASSIN),
    (ZoneKind.COMMUNE, ZoneKind.MESO),
    (ZoneKind.BASSIN, ZoneKind.MESO),
)


def load_crosswalks(connection: psycopg.Connection[Any], _package: Path, report: LoadReport) -> None:
    """Measure all crosswalks that are kept or stored anew. Never commits.

    Zones and the population of sectors have to be loaded before. One whose divisions share no known ground
    any more goes.
    """

    def fetch(statement: Executable, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        compiled = statement.compile(  # type: ignore[attr-defined]
            dialect=dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"render_postcompile": True},
        )
        return connection.execute(str(compiled).encode(), {**compiled.params, **values}).fetchall()

    pairs = _find_pairs(connection)
    connection.execute("DELETE FROM crosswalk")
    for number, (start, end) in enumerate(pairs, start=1):
        try:
            _store(connection, measure_crosswalk(fetch, start, end))
        except NoCommonGround:
            continue
        report.step("crosswalks", number, len(pairs))


def _find_pairs(connection: psycopg.Connection[Any]) -> list[tuple[Division, Division]]:
    """Return the pairs of successive editions, those that are kept, then those stored besides."""
    rows = connection.execute(
        "SELECT kind, edition FROM zone_edition"
        " WHERE valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
    )
    present = {kind: Division(ZoneKind(kind), edition) for kind, edition in rows.fetchall()}
    pairs = _successions(connection)
    pairs += [(present[start], present[end]) for start, end in KEPT if start in present and end in present]
    stored = connection.execute(
        "SELECT from_kind, from_edition, to_kind, to_edition FROM crosswalk ORDER BY made_at"
    ).fetchall()
    pairs += [(Division(ZoneKind(a), before), Division(ZoneKind(b), after)) for a, before, b, after in stored]
    return list(dict.fromkeys(pairs))


def _successions(connection: psycopg.Connection[Any]) -> list[tuple[Division, Division]]:
    """Return each edition with the one of its kind that follows it: what refers to it may move there."""
    rows = connection.execute(
        "SELECT kind, lag(edition) OVER one_kind, edition FROM zone_edition"
        " WHERE valid_to IS NULL OR valid_to > valid_from"
        " WINDOW one_kind AS (PARTITION BY kind ORDER BY valid_from, edition)"
    )
    return [
        (Division(ZoneKind(kind), before), Division(ZoneKind(kind), after))
        for kind, before, after in rows.fetchall()
        if before is not None
    ]


def _store(connection: psycopg.Connection[Any], measured: Measured) -> None:
    row = measured.row
    with connection.cursor() as cursor:
        cursor.execute(_insert("crosswalk", row), row)
        shares = measured.share_rows(row["id"])
        cursor.executemany(_insert("crosswalk_share", shares[0]), shares)


def _insert(table: str, row: Mapping[str, Any]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(map(sql.Placeholder, row))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, places)
