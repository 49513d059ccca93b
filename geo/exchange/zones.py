"""Loads the zones: names and links from tables, shapes from labelled points or from an official file."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.crs import WEB_MERCATOR
from geo.directory.cards import refresh_cards
from geo.errors import RowProblem
from geo.exchange.local_facts import refresh_covered_zones
from geo.exchange.report import LoadReport
from geo.exchange.sectors import draw_sectors, read_official, refuse_faults, refuse_gaps
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package
from geo.exchange.touched_zones import refresh_touched_zones
from geo.territory.hierarchy import ATOM, compute_parents, place_atoms
from geo.territory.partition import BANDS, Shapes, dissolve_shapes, simplify_shapes, to_degrees, to_mercator
from geo.vocabulary import LevelRole, ZoneKind, zone_id

LAYERS = (
    "region",
    "bassins",
    "communes",
    "quartiers",
    "clss",
    "services",
    "functions",
    "concertation",
    "projects",
    "activities",
)

_LEVELS = {
    LevelRole.QUARTIER: ZoneKind.QUARTIER,
    LevelRole.MESO: ZoneKind.BASSIN,
    LevelRole.REGION: ZoneKind.REGION,
}
_SAME_DIVISION: LiteralString = (
    "(t.kind, t.edition) IN (SELECT kind, edition FROM staging)"
    " AND t.source_id IN (SELECT source_id FROM staging)"
)
_SAME_ZONES: LiteralString = (
    "t.child_id IN (SELECT child_id FROM staging) AND t.parent_id IN (SELECT parent_id FROM staging)"
)

ZoneKey = tuple[str, str]
"""Kind and code."""
Ids = dict[ZoneKey, uuid.UUID]
Members = dict[str, list[ZoneKey]]
"""Sector → every zone it is a part of, itself included."""


def load_zones(
    connection: psycopg.Connection[Any],
    package: Path,
    report: LoadReport,
    official: Shapes[str] | None = None,
) -> None:
    """Load the zones of a package, their parents and their shapes per zoom. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    package : Path
        Folder with the tables sources, zones, zone_links, sector_points and indicator_values.
    report : LoadReport
        Gets counts, progress and the layers touched.
    official : dict of sector code to MultiPolygon, optional
        Official shapes in EPSG:3812, which replace the generalised ones for good: later loads keep them.

    Raises
    ------
    TableError
        A table is wrong, a sector is placed nowhere, or the points draw no clean partition.
    """
    tables = read_package(package, report)
    placed = place_atoms(tables["zone_links"])
    refuse_gaps(tables, placed)
    report.step("zones", 1, 5)
    exact = official or read_official(connection, tables["zones"])
    sectors = dict(sorted((exact or draw_sectors(tables["sector_points"])).items()))
    refuse_faults(sectors, tables["zones"])
    report.step("zones", 2, 5)
    report.add("source", merge_sources(connection, tables["sources"]))
    members = _gather_members(placed)
    ids = _merge_zones(connection, tables["zones"], dissolve_shapes(sectors, members), report, not exact)
    report.step("zones", 3, 5)
    _merge_bands(connection, ids, sectors, members, report)
    report.step("zones", 4, 5)
    areas_m2 = {code: shape.area for code, shape in sectors.items()}
    people = _read_population(tables["indicator_values"])
    parents = compute_parents(placed, areas_m2, people, tables["zone_links"])
    _merge_parents(connection, ids, parents, report)
    _merge_editions(connection, tables["zones"], report)
    _set_levels(connection, tables["zones"]["valid_from"].min())
    refresh_cards(connection)
    refresh_covered_zones(connection)
    refresh_touched_zones(connection)
    report.touch(*LAYERS)
    report.step("zones", 5, 5)


def _gather_members(placed: pd.DataFrame) -> Members:
    members: Members = {sector: [(str(ATOM), sector)] for sector in placed["sector"].unique()}
    for sector, kind, code, _ in placed.itertuples(index=False):
        members[sector].append((kind, code))
    return members


def _merge_zones(
    connection: psycopg.Connection[Any],
    zones: pd.DataFrame,
    shapes: Shapes[ZoneKey],
    report: LoadReport,
    generalised: bool,
) -> Ids:
    keys: list[ZoneKey] = list(zip(zones["kind"], zones["code"], strict=True))
    editions = zones["edition"].to_list()
    ids = {
        (kind, code): zone_id(kind, code, edition)
        for (kind, code), edition in zip(keys, editions, strict=True)
    }
    found = [shapes.get(key) for key in keys]
    rows = zones.rename(columns={"source": "source_id"})
    rows["id"] = _column(list(ids.values()), rows)
    rows["geom"] = _column([shape and to_degrees(shape) for shape in found], rows)
    rows["generalised"] = [generalised and shape is not None for shape in found]
    report.add("zone", merge_rows(connection, "zone", rows, replace=_SAME_DIVISION))
    broken = connection.execute("SELECT kind || ':' || code FROM zone WHERE NOT ST_IsValid(geom)").fetchall()
    if broken:
        raise TableError(
            [RowProblem("zones.csv", None, None, f"{name}: shape not valid") for (name,) in broken]
        )
    return ids


def _column(values: list[Any], rows: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series(values, index=rows.index, dtype="object")


def _merge_bands(
    connection: psycopg.Connection[Any],
    ids: Ids,
    sectors: Shapes[str],
    members: Members,
    report: LoadReport,
) -> None:
    """Store every zone once a band of zooms; within a band zones of all kinds share their edges."""
    rows: list[tuple[Any, ...]] = []
    for band in BANDS:
        simplified = dissolve_shapes(simplify_shapes(sectors, band.tolerance_m), members)
        rows += [
            (ids[key], band.max_zoom, band.tolerance_m, to_mercator(shape))
            for key, shape in simplified.items()
        ]
    frame = pd.DataFrame(rows, columns=["zone_id", "max_zoom", "tolerance_m", "geom"])
    counts = merge_rows(
        connection,
        "zone_shape",
        frame,
        ("zone_id", "max_zoom"),
        replace="t.zone_id IN (SELECT zone_id FROM staging)",
        srid=WEB_MERCATOR,
    )
    report.add("zone_shape", counts)


def _merge_parents(
    connection: psycopg.Connection[Any], ids: Ids, parents: pd.DataFrame, report: LoadReport
) -> None:
    rows = parents[["share_area", "share_population", "is_main", "basis"]].copy()
    for side in ("child", "parent"):
        keys = zip(parents[f"{side}_kind"], parents[f"{side}_code"], strict=True)
        rows[f"{side}_id"] = _column([ids[key] for key in keys], rows)
    counts = merge_rows(connection, "zone_link", rows, ("child_id", "parent_id"), replace=_SAME_ZONES)
    report.add("zone_link", counts)


def _merge_editions(connection: psycopg.Connection[Any], zones: pd.DataFrame, report: LoadReport) -> None:
    rows = zones.groupby(["kind", "edition"], as_index=False).agg(
        valid_from=("valid_from", "min"), valid_to=("valid_to", "max"), source_id=("source", "first")
    )
    report.add("zone_edition", merge_rows(connection, "zone_edition", rows, ("kind", "edition")))


def _read_population(values: pd.DataFrame) -> dict[str, float]:
    """Return the newest population of each sector."""
    chosen = values[(values["indicator"] == "population") & (values["zone_kind"] == ATOM)]
    newest = chosen.sort_values("period").drop_duplicates("zone_code", keep="last")
    return dict(zip(newest["zone_code"], newest["value"], strict=True))


def _set_levels(connection: psycopg.Connection[Any], since: dt.date) -> None:
    """Give the three levels their usual kinds, where nobody has decided otherwise."""
    for rank, (role, kind) in enumerate(_LEVELS.items()):
        connection.execute(
            "INSERT INTO level (role, valid_from, kind, rank) SELECT %s, %s, %s, %s"
            " WHERE NOT EXISTS (SELECT FROM level WHERE role = %s)",
            (str(role), since, str(kind), rank, str(role)),
        )
