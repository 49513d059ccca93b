"""From a file of figures to the database: zones found, faults named, what is loaded kept, the rest merged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import psycopg

from geo.directory.schedules import BRUSSELS
from geo.exchange.figures import findings
from geo.exchange.figures.catalogue import PlainSource, merge_catalogue
from geo.exchange.figures.checking import (
    find_zones,
    parse_figures,
    read_zones,
    unite_repeated,
)
from geo.exchange.figures.documents import Document
from geo.exchange.figures.loaded import beside_loaded, keep_loaded, tell_differences
from geo.exchange.figures.profiles import Profile
from geo.exchange.figures.reading import Reading, read_observations
from geo.exchange.figures.sums import add_up
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError
from geo.territory.figures.derived import refresh_derived

KEY = ("indicator_id", "zone_id", "period", "dimensions")
LAYERS = ("figures", "region", "bassins", "communes", "quartiers")


def load_figures(
    connection: psycopg.Connection[Any],
    document: Document,
    profile: Profile,
    report: LoadReport,
    *,
    edition: str | None = None,
    plain: PlainSource | None = None,
    replace: bool = False,
) -> None:
    """Load the figures of one file. Never commits.

    A figure that another source has already given for the same zone and period stays as it is, and the
    report tells where they differ. Larger zones get what adds up.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller; zones are loaded.
    document, profile
        The file, and what its columns mean.
    report : LoadReport
        Gets counts, remarks on what the file lacks, and with ``keep_good_rows`` what was left out.
    edition : str, optional
        Of the zones; without it those valid today.
    plain : PlainSource, optional
        The source, where the catalogue doesn't know it.
    replace : bool
        Let figures of this file take the place of those of other sources.

    Raises
    ------
    TableError
        A row names no zone of ours, a cell is no number, two figures contradict each other: each by its
        row and column. Nothing is written then.
    """
    reading = read_observations(document, profile)
    figures = parse_figures(reading)
    zones = read_zones(connection, profile, edition)
    figures = find_zones(figures, zones, profile, reading)
    figures = _leave_mixed(connection, figures, profile, reading)
    figures = unite_repeated(figures, reading)
    if reading.problems and not report.keep_good_rows:
        raise TableError(reading.problems)
    report.problems.extend(reading.problems)
    report.step("figures", 1, 3)
    _tell(figures, zones, profile, reading)
    if not figures.empty:
        merge_catalogue(connection, set(figures["indicator"]), profile.source, report, plain=plain)
        _tell_unpublished(connection, set(figures["indicator"]), reading)
        _merge(connection, figures, profile.source, reading, report, replace=replace)
        refresh_derived(connection, dt.datetime.now(BRUSSELS).date())
        report.touch(*LAYERS)
    for remark in reading.remarks:
        report.remark(remark)
    report.step("figures", 3, 3)


def _tell(figures: pd.DataFrame, zones: pd.DataFrame, profile: Profile, reading: Reading) -> None:
    mine, codes = figures[figures["kind"] == profile.kind], zones[zones["kind"] == profile.kind]["code"]
    for column, words in findings.tell_lacks(mine, list(codes)):
        reading.remark(words, column=column or None)
    for column, words in findings.find_repeats(mine):
        reading.remark(words, column=column)
    for one, other, equal, common in findings.find_twins(mine):
        reading.remark(f"{one} and {other} have {equal} of {common} figures alike; suspicious")


def _tell_unpublished(connection: psycopg.Connection[Any], ids: set[str], reading: Reading) -> None:
    query = "SELECT id FROM indicator WHERE id = ANY(%s) AND NOT is_published ORDER BY id"
    for (id_,) in connection.execute(query, [sorted(ids)]).fetchall():
        reading.remark("is kept and shown to nobody: doubtful, or of unstated origin", column=id_)


def _merge(
    connection: psycopg.Connection[Any],
    figures: pd.DataFrame,
    source: str,
    reading: Reading,
    report: LoadReport,
    *,
    replace: bool,
) -> None:
    rows = figures.rename(columns={"indicator": "indicator_id"}).assign(source_id=source)
    if not replace:
        rows = keep_loaded(connection, rows, source, reading)
    rows = rows[["indicator_id", "zone_id", "period", "value", "status", "source_id"]]
    report.step("figures", 2, 3)
    sums = add_up(connection, rows)
    for part in (rows, keep_loaded(connection, sums, source, None)):
        dimensions = pd.Series([{} for _ in range(len(part))], dtype="object", index=part.index)
        part = part[list(rows.columns)].assign(dimensions=dimensions)
        report.add("indicator_value", merge_rows(connection, "indicator_value", part, KEY))


def _leave_mixed(
    connection: psycopg.Connection[Any], figures: pd.DataFrame, profile: Profile, reading: Reading
) -> pd.DataFrame:
    """Leave out zones whose figures the file mixes with another's; tell how they differ."""
    mixed = figures["code"].isin(set(profile.mixed))
    if mixed.any():
        pairs = ", ".join(f"{code} (with {other})" for code, other in profile.mixed.items())
        reading.remark(f"{int(mixed.sum())} figures left out: the file mixes those of {pairs}")
        rows = figures[mixed].rename(columns={"indicator": "indicator_id"})
        tell_differences(beside_loaded(connection, rows, profile.source), reading)
    return figures[~mixed].reset_index(drop=True)
