"""Sets a publisher's shapes in a division that stands, or adds a division; all or nothing."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg import sql

from geo.errors import RowProblem
from geo.exchange.official.checks import Repair, check_same_codes, repair_shapes
from geo.exchange.official.coverage import Partition, share_edges
from geo.exchange.official.findings import find_remarks, tell_findings
from geo.exchange.official.linking import Links, link_division, state_links
from geo.exchange.official.reading import ZoneFile, read_zones
from geo.exchange.official.rows import OfficialZones, new_zones, same_zones
from geo.exchange.official.standing import Standing, read_standing
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError
from geo.exchange.zone_rows import column, merge_bands, merge_links, refresh_dependents, simplify_bands
from geo.exchange.zones import load_zones
from geo.territory.hierarchy import ATOM
from geo.territory.partition import Shapes
from geo.vocabulary import ZoneKind, zone_id

TILING = {
    ZoneKind.REGION,
    ZoneKind.BASSIN,
    ZoneKind.COMMUNE,
    ZoneKind.QUARTIER,
    ZoneKind.SECTEUR,
    ZoneKind.QSS,
    ZoneKind.MESO,
}
"""Kinds whose zones together are the whole region; CLSS areas leave ground out."""

_FORMER: LiteralString = """
    UPDATE {table} SET valid_to = %(since)s
    WHERE kind = %(kind)s AND edition <> %(edition)s AND valid_from < %(since)s
        AND (valid_to IS NULL OR valid_to > %(since)s)
"""
_STALE: LiteralString = (
    "DELETE FROM crosswalk WHERE (from_kind, from_edition) = (%(kind)s, %(edition)s)"
    " OR (to_kind, to_edition) = (%(kind)s, %(edition)s)"
)


def load_division(
    connection: psycopg.Connection[Any], path: Path, report: LoadReport, zones: OfficialZones, package: Path
) -> None:
    """Load the zones of one kind from a publisher's file. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    path : Path
        GeoJSON, GeoPackage, Shapefile or GML, or a zip of one.
    report : LoadReport
        Gets counts, remarks and the layers touched.
    zones : OfficialZones
    package : Path
        Our own tables of zones; the sectors of their edition draw all other kinds that have no shapes of
        their own.

    Raises
    ------
    TableError
        Names every zone that is wrong, and what is.
    """
    file = read_zones(path, zones.kind, zones.reading)
    report.step("zones", 1, 5)
    standing = read_standing(connection, zones.kind, zones.edition, zones.valid_from)
    if not standing.editions:
        load_zones(connection, package, report)
        standing = read_standing(connection, zones.kind, zones.edition, zones.valid_from)
    rows, repairs = _check(file, zones, standing)
    report.step("zones", 2, 5)
    shapes, partition = _tile(file, rows, zones.kind, standing)
    report.step("zones", 3, 5)
    _merge_source(connection, zones, file, report)
    if zones.kind == ATOM and zones.edition == our_sectors(package)[0]:
        links = state_links(zones.kind, standing)
        load_zones(connection, package, report, shapes)
    else:
        links = link_division(zones.kind, shapes, standing)
        _merge(connection, rows, shapes, links, zones, standing, report)
        refresh_dependents(connection, report)
    report.step("zones", 4, 5)
    told = find_remarks(file, rows, shapes, links, zones.kind, standing, repairs, partition)
    for row, remark in told.remarks:
        report.remark(RowProblem(file.name, row, None, remark))
    _merge_edition(connection, zones, standing, file, tell_findings(file, links, partition, told), report)
    connection.execute(_STALE, {"kind": str(zones.kind), "edition": zones.edition})
    report.step("zones", 5, 5)


def our_sectors(package: Path) -> tuple[str, str]:
    """Return edition and source of the sectors of which our tables make all other zones."""
    with (package / "zones.csv").open(encoding="utf-8", newline="") as file:
        return next((row["edition"], row["source"]) for row in csv.DictReader(file) if row["kind"] == ATOM)


def _check(file: ZoneFile, zones: OfficialZones, standing: Standing) -> tuple[pd.DataFrame, list[Repair]]:
    if standing.since is None and zones.valid_from is None:
        raise _refusal(file, f"{zones.edition} is a new edition: --valid-from says when it begins")
    if standing.since is not None and zones.valid_from not in (None, standing.since):
        raise _refusal(
            file, f"the edition {zones.edition} begins on {standing.since}, not {zones.valid_from}"
        )
    known = standing.zones.get(zones.kind, {})
    _spell_codes(file.rows, set(known))
    rows, repairs = repair_shapes(file, _region(zones.kind, standing))
    if standing.since is not None:
        check_same_codes(file, set(known), zones.edition)
    return rows, repairs


def _spell_codes(rows: pd.DataFrame, known: set[str]) -> None:
    """Give codes back the zeros that a column of numbers loses, if that makes all of them known."""
    spelt = {code.lstrip("0"): code for code in known}
    codes = [code and spelt.get(code.lstrip("0"), code) for code in rows["code"]]
    if known.issuperset(codes):
        rows["code"] = column(codes, rows)


def _tile(
    file: ZoneFile, rows: pd.DataFrame, kind: ZoneKind, standing: Standing
) -> tuple[Shapes[str], Partition]:
    given = dict(zip(rows["code"], rows["shape"], strict=True))
    generalised = ZoneKind.REGION in standing.generalised
    shapes, partition = share_edges(given, _region(kind, standing), generalised, kind in TILING)
    if partition.faults:
        raise TableError([RowProblem(file.name, None, None, fault) for fault in partition.faults])
    return shapes, partition


def _region(kind: ZoneKind, standing: Standing) -> Any:
    """Return the shape of the region: the official one once it is loaded, else that of the sectors."""
    return next(iter(standing.shapes.get(ZoneKind.REGION, {}).values()), None)


def _merge(
    connection: psycopg.Connection[Any],
    rows: pd.DataFrame,
    shapes: Shapes[str],
    links: Links,
    zones: OfficialZones,
    standing: Standing,
    report: LoadReport,
) -> None:
    if standing.since is None:
        _end_former(connection, zones)
        report.add("zone", merge_rows(connection, "zone", new_zones(rows, shapes, zones, standing)))
    else:
        report.add("zone", merge_rows(connection, "zone", same_zones(connection, shapes, zones)))
    ids = {(str(zones.kind), code): zone_id(zones.kind, code, zones.edition) for code in shapes}
    for kind, known in standing.zones.items():
        if kind != zones.kind:
            ids |= {(str(kind), code): zone.id for code, zone in known.items()}
    merge_bands(connection, ids, simplify_bands(shapes, str(zones.kind)), report)
    merge_links(connection, ids, links.parents, report, of=(str(zones.kind), zones.edition))


def _end_former(connection: psycopg.Connection[Any], zones: OfficialZones) -> None:
    """Let the edition before end where this one begins; a later one that is known already ends this one."""
    values = {"kind": str(zones.kind), "edition": zones.edition, "since": zones.valid_from}
    for table in ("zone", "zone_edition"):
        connection.execute(sql.SQL(_FORMER).format(table=sql.Identifier(table)), values)


def _merge_source(
    connection: psycopg.Connection[Any], zones: OfficialZones, file: ZoneFile, report: LoadReport
) -> None:
    if connection.execute("SELECT FROM source WHERE id = %s", (zones.source,)).fetchone():
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


def _merge_edition(
    connection: psycopg.Connection[Any],
    zones: OfficialZones,
    standing: Standing,
    file: ZoneFile,
    findings: dict[str, Any],
    report: LoadReport,
) -> None:
    row = {
        "kind": str(zones.kind),
        "edition": zones.edition,
        "valid_from": standing.since or zones.valid_from,
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


def _refusal(file: ZoneFile, message: str) -> TableError:
    return TableError([RowProblem(file.name, None, None, message)])
