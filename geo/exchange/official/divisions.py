"""Divisions in the database: which there are, when they begin and end, from which source their shapes are."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg import sql

from geo.exchange.official.reading import ZoneFile
from geo.exchange.official.rows import OfficialZones
from geo.exchange.official.standing import Standing
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows

_FORMER: LiteralString = """
    UPDATE {table} SET valid_to = %(since)s
    WHERE kind = %(kind)s AND edition <> %(edition)s AND valid_from < %(since)s
        AND (valid_to IS NULL OR valid_to > %(since)s)
"""
_RIVAL: LiteralString = """
    SELECT edition FROM zone_edition
    WHERE kind = %(kind)s AND valid_from = %(since)s AND (valid_to IS NULL OR valid_to > valid_from)
"""
_LATER: LiteralString = """
    SELECT min(valid_from) FROM zone_edition
    WHERE kind = %(kind)s AND valid_from > %(since)s AND (valid_to IS NULL OR valid_to > valid_from)
"""
_ADDED: LiteralString = (
    "SELECT kind, edition FROM zone_edition WHERE origin <> 'shipped' AND kind <> 'scenario'"
)
_STALE: LiteralString = (
    "DELETE FROM crosswalk WHERE (from_kind, from_edition) = (%(kind)s, %(edition)s)"
    " OR (to_kind, to_edition) = (%(kind)s, %(edition)s)"
)


def read_divisions(package: Path) -> dict[tuple[str, str], str]:
    """Return the divisions of our own tables, as kind and edition, with the source of each."""
    with (package / "zones.csv").open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["edition"]): row["source"] for row in csv.DictReader(file)}


def find_rival(connection: psycopg.Connection[Any], zones: OfficialZones) -> str | None:
    """Return another edition of the kind that begins on the same day."""
    values = {"kind": str(zones.kind), "since": zones.valid_from}
    row = connection.execute(_RIVAL, values).fetchone()
    return row and row[0]


def end_former(connection: psycopg.Connection[Any], zones: OfficialZones) -> None:
    """Let the edition before end where this one begins."""
    values = {"kind": str(zones.kind), "edition": zones.edition, "since": zones.valid_from}
    for table in ("zone", "zone_edition"):
        connection.execute(sql.SQL(_FORMER).format(table=sql.Identifier(table)), values)


def find_end(connection: psycopg.Connection[Any], zones: OfficialZones) -> dt.date | None:
    """Return the day on which a later edition begins, if one is there already."""
    row = connection.execute(_LATER, {"kind": str(zones.kind), "since": zones.valid_from}).fetchone()
    return row and row[0]


def merge_source(
    connection: psycopg.Connection[Any], zones: OfficialZones, file: ZoneFile, report: LoadReport
) -> None:
    """Tell the source of the shapes, if it is new."""
    if connection.execute("SELECT 1 FROM source WHERE id = %s", (zones.source,)).fetchone():
        return
    profile = file.profile
    publisher = zones.publisher or (profile.publisher if profile else zones.source)
    licence = zones.licence or (profile.licence if profile else "not stated")
    row = {
        "id": zones.source,
        "name_en": f"Limits, {zones.kind} {zones.edition}",
        "publisher": publisher,
        "url": profile and profile.address,
        "licence": licence,
        "licence_url": profile.licence_url if profile and licence == profile.licence else None,
        "attribution": profile.attribution if profile else publisher,
        "fetched_on": dt.date.today(),
    }
    report.add("source", merge_rows(connection, "source", pd.DataFrame([row])))


def merge_edition(
    connection: psycopg.Connection[Any],
    zones: OfficialZones,
    standing: Standing,
    file: ZoneFile,
    findings: dict[str, Any],
    report: LoadReport,
) -> None:
    """Tell the division, what its checks found, and forget crosswalks that its former shapes gave."""
    row = {
        "kind": str(zones.kind),
        "edition": zones.edition,
        "valid_from": standing.since or zones.valid_from,
        "valid_to": standing.until if standing.since else find_end(connection, zones),
        "origin": "official",
        "source_id": zones.source,
        "file_digest": file.digest,
        "findings": findings,
    }
    counts = merge_rows(connection, "zone_edition", pd.DataFrame([row]), ("kind", "edition"))
    report.add("zone_edition", counts)
    if counts.changed:
        key = (str(zones.kind), zones.edition)
        connection.execute("UPDATE zone_edition SET loaded_at = now() WHERE (kind, edition) = (%s, %s)", key)
        connection.execute(_STALE, {"kind": key[0], "edition": key[1]})


def read_added(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Return kind and edition of the divisions that somebody added or drew anew here."""
    return connection.execute(_ADDED).fetchall()
