"""Sets a publisher's shapes in a division that stands, or adds a division; all or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

from geo.directory.schedules import BRUSSELS
from geo.errors import RowProblem
from geo.exchange.official.checks import Repair, check_same_codes, repair_shapes
from geo.exchange.official.coverage import Partition, share_edges
from geo.exchange.official.divisions import (
    end_former,
    find_end,
    find_rival,
    merge_edition,
    merge_source,
    read_added,
    read_divisions,
)
from geo.exchange.official.findings import find_remarks, tell_findings
from geo.exchange.official.linking import Links, link_division, state_links
from geo.exchange.official.reading import ZoneFile, read_zones
from geo.exchange.official.rows import OfficialZones, new_zones, same_zones
from geo.exchange.official.standing import Standing, read_standing
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError
from geo.exchange.zone_rows import (
    ZoneKey,
    column,
    merge_bands,
    merge_links,
    refresh_dependents,
    simplify_bands,
)
from geo.exchange.zones import load_zones
from geo.territory.figures.derived import refresh_derived
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
    rows, repairs = _check(connection, file, zones, standing)
    report.step("zones", 2, 5)
    shapes, partition = _tile(file, rows, zones.kind, standing)
    report.step("zones", 3, 5)
    merge_source(connection, zones, file, report)
    by_table = (str(zones.kind), zones.edition) in read_divisions(package)
    if zones.kind == ATOM and by_table:
        links = state_links(zones.kind, standing)
        load_zones(connection, package, report, shapes)
        _link_others(connection, package, report)
    else:
        links = link_division(zones.kind, shapes, standing, by_table=by_table)
        _merge(connection, rows, shapes, links, zones, standing, report)
        refresh_dependents(connection, report)
    report.step("zones", 4, 5)
    told = find_remarks(file, rows, shapes, links, zones.kind, standing, repairs, partition)
    for row, remark in told.remarks:
        report.remark(RowProblem(file.name, row, None, remark))
    merge_edition(connection, zones, standing, file, tell_findings(file, links, partition, told), report)
    refresh_derived(connection, dt.datetime.now(BRUSSELS).date())
    report.step("zones", 5, 5)


def _check(
    connection: psycopg.Connection[Any], file: ZoneFile, zones: OfficialZones, standing: Standing
) -> tuple[pd.DataFrame, list[Repair]]:
    if standing.since is None and zones.valid_from is None:
        raise _refusal(file, f"{zones.edition} is a new edition: --valid-from says when it begins")
    if standing.since is not None and zones.valid_from not in (None, standing.since):
        raise _refusal(
            file, f"the edition {zones.edition} begins on {standing.since}, not {zones.valid_from}"
        )
    if (other := find_rival(connection, zones)) and standing.since is None:
        raise _refusal(file, f"the edition {other} of this kind begins on {zones.valid_from}, too")
    known = standing.zones.get(zones.kind, {})
    _spell_codes(file.rows, set(known))
    rows, repairs = repair_shapes(file, _region(zones.kind, standing))
    if standing.since is not None:
        check_same_codes(file, set(known), zones.edition)
    return rows, repairs


def _spell_codes(rows: pd.DataFrame, known: set[str]) -> None:
    """Give codes back the zeros that a column of numbers loses, if that makes them the known ones."""
    spelt = {code.lstrip("0"): code for code in known}
    codes = [code and spelt.get(code.lstrip("0"), code) for code in rows["code"]]
    if known == set(codes):
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
        end_former(connection, zones)
        fresh = new_zones(rows, shapes, zones, standing)
        fresh["valid_to"] = find_end(connection, zones)
        report.add("zone", merge_rows(connection, "zone", fresh))
    else:
        report.add("zone", merge_rows(connection, "zone", same_zones(connection, shapes, zones)))
    _merge_links(connection, zones.kind, zones.edition, links, standing, report)
    ids = {(str(zones.kind), code): zone_id(zones.kind, code, zones.edition) for code in shapes}
    merge_bands(connection, ids, simplify_bands(shapes, str(zones.kind)), report)


def _merge_links(
    connection: psycopg.Connection[Any],
    kind: ZoneKind,
    edition: str,
    links: Links,
    standing: Standing,
    report: LoadReport,
) -> None:
    ids: dict[ZoneKey, uuid.UUID] = {
        (each, code): zone.id for each, known in standing.zones.items() for code, zone in known.items()
    }
    here = {key for side in ("child", "parent") for key in _keys(links.parents, side) if key[0] == kind}
    ids |= {key: zone_id(kind, key[1], edition) for key in here}
    merge_links(connection, ids, links.parents, report, of=(str(kind), edition))


def _keys(parents: pd.DataFrame, side: str) -> Iterator[ZoneKey]:
    return zip(parents[f"{side}_kind"], parents[f"{side}_code"], strict=True)


def _link_others(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Link the divisions that are not of our tables with the sectors anew, now that these have new shapes."""
    ours = read_divisions(package)
    for name, edition in read_added(connection):
        kind = ZoneKind(name)
        standing = read_standing(connection, kind, edition, None)
        if (name, edition) not in ours and kind in standing.shapes:
            links = link_division(kind, standing.shapes[kind], standing)
            _merge_links(connection, kind, edition, links, standing, report)


def _refusal(file: ZoneFile, message: str) -> TableError:
    return TableError([RowProblem(file.name, None, None, message)])
