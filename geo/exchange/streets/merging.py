"""Writes a street network as an edition: all of it in the transaction of the caller, or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pandas as pd
import psycopg
from psycopg.types.json import Jsonb

from geo.errors import RowProblem
from geo.exchange.report import LoadReport, MergeCounts
from geo.exchange.sources import merge_sources
from geo.exchange.staging import copy_rows
from geo.exchange.streets.parts import Numbered

LAYER = "streets"
STEPS = 6
"""Steps that a load shows: three before anything is written, three while it is."""


@dataclass(frozen=True)
class Edition:
    """A network, whose streets it shows, and how it was made.

    Attributes
    ----------
    rules : str
        The set of rules that chose its ways.
    facts : dict
        What the load found and left out.
    """

    name: str
    observed_on: dt.date
    rules: str
    network: Numbered
    facts: dict[str, Any]

    @property
    def source_id(self) -> str:
        """Id of the source that its rows are owed to."""
        return f"streets-{self.name}"

    @property
    def key(self) -> uuid.UUID:
        """The same for the same streets under the same name and rules, and for nothing else."""
        return self.network.key(self.name, str(self.observed_on), self.rules)


def write_edition(connection: psycopg.Connection[Any], edition: Edition, report: LoadReport) -> None:
    """Write an edition and put it in use; the former stays, one of the same name is replaced. Never commits.

    The same streets as before change nothing, so that what was computed from them stays.
    """
    key = edition.key
    known = connection.execute("SELECT key FROM street_network WHERE edition = %s", [edition.name]).fetchone()
    if known == (key,):
        report.add("street_network", MergeCounts(unchanged=1))
        _put_in_use(connection, edition, report)
        report.step("streets", STEPS, STEPS)
        return
    removed = connection.execute("DELETE FROM street_network WHERE edition = %s", [edition.name]).rowcount
    report.add("source", merge_sources(connection, _source_of(edition)))
    _write_network(connection, edition, key)
    report.add("street_network", MergeCounts(inserted=1 - removed, updated=removed))
    report.step("streets", 4, STEPS)
    for step, (table, rows) in enumerate(_tables(edition), 5):
        copy_rows(connection, table, rows)
        report.add(table, MergeCounts(inserted=len(rows)))
        report.step("streets", step, STEPS)
    _put_in_use(connection, edition, report)


def _tables(edition: Edition) -> tuple[tuple[Any, pd.DataFrame], ...]:
    frames = (("street_node", edition.network.nodes), ("street_edge", edition.network.edges))
    return tuple(
        (table, frame.rename_axis("number").reset_index().assign(edition=edition.name))
        for table, frame in frames
    )


def _write_network(connection: psycopg.Connection[Any], edition: Edition, key: uuid.UUID) -> None:
    nodes, edges = edition.network.nodes, edition.network.edges
    connection.execute(
        "INSERT INTO street_network (edition, key, source_id, observed_on, rules, node_number, edge_number,"
        " length_km, report) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(edition.name, key, edition.source_id, edition.observed_on, edition.rules, len(nodes)),
            *(len(edges), float(edges["length_m"].sum()) / 1_000, Jsonb(edition.facts)),
        ],
    )


def _put_in_use(connection: psycopg.Connection[Any], edition: Edition, report: LoadReport) -> None:
    former = connection.execute(
        "UPDATE street_network SET is_current = false WHERE is_current AND edition <> %s"
        " RETURNING edition, observed_on",
        [edition.name],
    ).fetchone()
    put = connection.execute(
        "UPDATE street_network SET is_current = true WHERE edition = %s AND NOT is_current", [edition.name]
    ).rowcount
    if put:
        report.touch(LAYER)
    if former and former[1] > edition.observed_on:
        message = f"in use now, though {former[0]} shows later streets"
        report.remark(RowProblem(edition.name, None, None, message))


def _source_of(edition: Edition) -> pd.DataFrame:
    day = edition.observed_on
    return pd.DataFrame(
        [
            {
                "id": edition.source_id,
                "name_fr": f"OpenStreetMap, rues de {day.year}",
                "name_nl": f"OpenStreetMap, straten van {day.year}",
                "name_en": f"OpenStreetMap, streets of {day.year}",
                "publisher": "OpenStreetMap",
                "url": "https://www.openstreetmap.org/copyright",
                "licence": "ODbL-1.0",
                "licence_url": "https://opendatacommons.org/licenses/odbl/1-0/",
                "attribution": "© OpenStreetMap contributors",
                "covers": "Streets and ways that can be walked, cut at junctions",
                "observed_on": day,
                "fetched_on": dt.date.today(),
                "share_alike": True,
            }
        ]
    )
