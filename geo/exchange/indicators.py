"""Loads the catalogue of indicators and their values; missing stays missing, never zero."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.directory.schedules import BRUSSELS
from geo.exchange.figures.merging import KEY, LAYERS
from geo.exchange.figures.sums import add_up
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package, row_problem
from geo.territory.figures.derived import refresh_derived


def load_indicators(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Load the tables indicators and indicator_values of a package, zones having been loaded. Never commits.

    Figures of communes, bassins and the region are added up from those of sectors or quartiers wherever the
    rule of the indicator allows (`geo.exchange.figures.sums`).

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    package : Path
        Folder with the tables sources, indicators and indicator_values.
    report : LoadReport
        Gets counts, progress and the layers touched.

    Raises
    ------
    TableError
        A table is wrong, a value contradicts its status, or a zone is not loaded.
    """
    tables = read_package(package, report)
    values = tables["indicator_values"]
    _refuse_contradictions(values)
    rows = _find_zones(connection, values)
    report.step("indicators", 1, 3)
    report.add("source", merge_sources(connection, tables["sources"]))
    catalogue = tables["indicators"].rename(columns={"source": "source_id"})
    report.add("indicator", merge_rows(connection, "indicator", catalogue))
    report.step("indicators", 2, 3)
    rows = pd.concat([rows, add_up(connection, rows)], ignore_index=True)
    rows["dimensions"] = pd.Series([{} for _ in range(len(rows))], dtype="object")
    counts = merge_rows(connection, "indicator_value", rows, KEY, replace=_SAME_SOURCES)
    report.add("indicator_value", counts)
    refresh_derived(connection, dt.datetime.now(BRUSSELS).date())
    report.touch(*LAYERS)
    report.step("indicators", 3, 3)


_SAME_SOURCES: LiteralString = "t.source_id IN (SELECT source_id FROM staging)"


def _refuse_contradictions(values: pd.DataFrame) -> None:
    absent = values["status"].isin(["missing", "suppressed"])
    wrong = values[values["value"].isna() != absent]
    problems = [
        row_problem(
            values, row, "value", f"“{'' if pd.isna(value) else value}” contradicts the status {status}"
        )
        for row, value, status in zip(wrong.index, wrong["value"], wrong["status"], strict=True)
    ]
    if problems:
        raise TableError(problems)


def _find_zones(connection: psycopg.Connection[Any], values: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `indicator_value`, each with the id of its zone in the newest edition."""
    found = connection.execute(
        "SELECT DISTINCT ON (kind, code) kind, code, id FROM zone ORDER BY kind, code, valid_from DESC"
    ).fetchall()
    ids = {(kind, code): zone for kind, code, zone in found}
    keys = list(zip(values["zone_kind"], values["zone_code"], strict=True))
    problems = [
        row_problem(values, row, "zone_code", f"{kind}:{code} is not loaded; load the zones first")
        for row, (kind, code) in zip(values.index, keys, strict=True)
        if (kind, code) not in ids
    ]
    if problems:
        raise TableError(problems)
    rows = values[["period", "value", "status"]].reset_index(drop=True)
    rows["indicator_id"] = values["indicator"].to_numpy()
    rows["source_id"] = values["source"].to_numpy()
    rows["zone_id"] = pd.Series([ids[key] for key in keys], dtype="object")
    return rows
