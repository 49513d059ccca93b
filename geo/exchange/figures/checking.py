"""Turns observations into figures of zones: numbers parsed, zones found, repetitions sorted out."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import psycopg

from geo.exchange.figures.cells import parse_cell
from geo.exchange.figures.findings import name_some
from geo.exchange.figures.profiles import Profile
from geo.exchange.figures.reading import Reading

#: What tells one figure from another.
FIGURE = ["indicator", "kind", "code", "period"]


def parse_figures(reading: Reading) -> pd.DataFrame:
    """Return the cells as figures: indicator, code, period, value, status, row, column."""
    rows = []
    for each in reading.observations:
        try:
            value, status = parse_cell(each.content)
        except ValueError:
            reading.refuse(each.row, each.column, f"“{str(each.content)[:40]}” is no number")
            continue
        rows.append((each.indicator, each.zone, each.period, value, str(status), each.row, each.column))
    columns = ["indicator", "code", "period", "value", "status", "row", "column"]
    figures = pd.DataFrame(rows, columns=columns)
    return figures.astype({"value": "float64", "row": "object"})


def read_zones(connection: psycopg.Connection[Any], profile: Profile, edition: str | None) -> pd.DataFrame:
    """Return kind, code and zone_id of the zones that a file may name: of an edition, or valid today."""
    kinds = [profile.kind, *(each for each in profile.other_kinds.values() if each)]
    found = connection.execute(
        "SELECT kind, code, id FROM zone WHERE kind = ANY(%(kinds)s) AND CASE WHEN %(edition)s::text IS NULL"
        " THEN valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
        " ELSE edition = %(edition)s END",
        {"kinds": [str(each) for each in kinds], "edition": edition},
    ).fetchall()
    return pd.DataFrame(found, columns=["kind", "code", "zone_id"])


def find_zones(
    figures: pd.DataFrame, zones: pd.DataFrame, profile: Profile, reading: Reading
) -> pd.DataFrame:
    """Give each figure its zone; refuse codes that name none, pass over those known to be no zone of ours."""
    figures = figures.assign(
        kind=pd.Series([profile.kind_of(code) for code in figures["code"]], dtype="object")
    )
    foreign = figures["kind"].isna()
    if foreign.any():
        codes = name_some(set(figures.loc[foreign, "code"]))
        reading.remark(f"{codes}: no zone of ours; not taken")
    figures = figures[~foreign].merge(zones, on=["kind", "code"], how="left")
    for row, code, kind in (
        figures[figures["zone_id"].isna()][["row", "code", "kind"]].drop_duplicates().itertuples(index=False)
    ):
        reading.refuse(row, profile.zone_column or None, f"{kind}:{code} is no zone that is loaded")
    return figures[figures["zone_id"].notna()].reset_index(drop=True)


def unite_repeated(figures: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Keep one of figures that are told more than once alike; refuse those that contradict each other."""
    repeated = figures[figures.duplicated(FIGURE, keep=False)]
    if repeated.empty:
        return figures
    kinds = (
        repeated.assign(told=repeated["value"].fillna(-1e300)).groupby(FIGURE)["told"].transform("nunique")
    )
    for each in repeated[kinds > 1].itertuples():
        words = f"{each.indicator} of {each.code} in {each.period} is there more than once"
        reading.refuse(cast("int | None", each.row), str(each.column), words)
    alike = int((kinds == 1).sum() - len(repeated[kinds == 1].drop_duplicates(FIGURE)))
    if alike:
        reading.remark(f"{alike} figures are told more than once, alike")
    return figures.drop(index=repeated[kinds > 1].index).drop_duplicates(FIGURE).reset_index(drop=True)
