"""Loads the catalogue of indicators and their values; missing stays missing, never zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package, row_problem

KEY = ("indicator_id", "zone_id", "period", "dimensions")
LAYERS = ("region", "bassins", "communes", "quartiers")
ADDED_UP = "population"
"""The indicator whose values of sectors are added up for the zones that consist of whole sectors."""


def load_indicators(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Load the tables indicators and indicator_values of a package, zones having been loaded. Never commits.

    The population of communes, bassins and the region is the sum of their sectors; where a sector's place in
    a bassin is inferred, the sum is marked `estimated`.

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
    rows = pd.concat([rows, _add_up(connection, rows)], ignore_index=True)
    rows["dimensions"] = pd.Series([{} for _ in range(len(rows))], dtype="object")
    counts = merge_rows(connection, "indicator_value", rows, KEY, replace=_SAME_SOURCES)
    report.add("indicator_value", counts)
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


def _add_up(connection: psycopg.Connection[Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Add up the population of sectors for every parent that has no figure of its own for the period."""
    links = pd.DataFrame(
        connection.execute(
            "SELECT link.child_id, link.parent_id, link.basis = 'inferred' FROM zone_link AS link"
            " JOIN zone AS child ON child.id = link.child_id WHERE child.kind = 'secteur'"
        ).fetchall(),
        columns=["zone_id", "parent_id", "inferred"],
    )
    people = rows[rows["indicator_id"] == ADDED_UP]
    parts = people.merge(links, on="zone_id")
    sums = parts.groupby(["parent_id", "period", "source_id"], as_index=False).agg(
        value=("value", lambda part: part.sum(skipna=False)), inferred=("inferred", "any")
    )
    known = set(zip(people["zone_id"], people["period"], strict=True))
    new = [key not in known for key in zip(sums["parent_id"], sums["period"], strict=True)]
    sums = sums.loc[new].dropna(subset=["value"])
    sums["status"] = sums["inferred"].map({True: "estimated", False: "ok"})
    sums["indicator_id"] = ADDED_UP
    return sums.rename(columns={"parent_id": "zone_id"}).drop(columns="inferred")
