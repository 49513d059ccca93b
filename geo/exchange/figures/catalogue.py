"""The catalogue of indicators that files may hold: our own table, merged as far as a file needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

from geo.errors import RowProblem
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package
from geo.settings import SHIPPED_DATA

PACKAGE = SHIPPED_DATA / "indicators"


@dataclass(frozen=True, slots=True)
class PlainSource:
    """A source that the catalogue doesn't know: its id, who publishes it, its licence."""

    id: str
    publisher: str
    licence: str


def known_indicators(connection: psycopg.Connection[Any], package: Path = PACKAGE) -> frozenset[str]:
    """Return the ids of the indicators that a file may be loaded for: catalogued, or loaded already."""
    loaded = connection.execute("SELECT id FROM indicator WHERE NOT is_derived").fetchall()
    catalogued = read_package(package)["indicators"]
    return frozenset(id_ for (id_,) in loaded) | frozenset(catalogued["id"])


def merge_catalogue(
    connection: psycopg.Connection[Any],
    ids: Iterable[str],
    source: str,
    report: LoadReport,
    *,
    plain: PlainSource | None = None,
    package: Path = PACKAGE,
) -> None:
    """Merge what is catalogued of these indicators and of their source. Never commits.

    Raises
    ------
    TableError
        An indicator or the source is neither catalogued nor loaded.
    """
    tables = read_package(package)
    indicators, sources = tables["indicators"], tables["sources"]
    wanted = indicators[indicators["id"].isin(set(ids))]
    used = sources[sources["id"].isin({source, *wanted["source"]})]
    if plain is not None and source not in set(sources["id"]):
        used = pd.concat([used, _plain_row(plain, list(sources.columns))], ignore_index=True)
    report.add("source", merge_sources(connection, used))
    report.add(
        "indicator", merge_rows(connection, "indicator", wanted.rename(columns={"source": "source_id"}))
    )
    _refuse_unknown(connection, "indicator", ids)
    _refuse_unknown(connection, "source", [source])


def _plain_row(plain: PlainSource, columns: list[str]) -> pd.DataFrame:
    row: dict[str, Any] = dict.fromkeys(columns)
    row |= {
        "id": plain.id,
        "name_en": plain.publisher,
        "publisher": plain.publisher,
        "licence": plain.licence,
        "attribution": plain.publisher,
        "share_alike": False,
    }
    return pd.DataFrame([row], dtype="object")


def _refuse_unknown(connection: psycopg.Connection[Any], table: str, ids: Iterable[str]) -> None:
    queries = {"indicator": "SELECT id FROM indicator", "source": "SELECT id FROM source"}
    known = {id_ for (id_,) in connection.execute(queries[table])}
    problems = [
        RowProblem(f"{table}s", None, None, f"“{each}” is neither catalogued nor loaded")
        for each in sorted(set(ids) - known)
    ]
    if problems:
        raise TableError(problems)
