"""Loads the zones: names and links from tables, shapes from labelled points or from official files."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.errors import RowProblem
from geo.exchange.official.parents import set_measured
from geo.exchange.report import LoadReport
from geo.exchange.sectors import draw_sectors, read_official, refuse_faults, refuse_gaps
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package
from geo.exchange.zone_rows import (
    ZoneKey,
    column,
    end_editions,
    merge_bands,
    merge_links,
    refresh_dependents,
    simplify_bands,
)
from geo.territory.hierarchy import ATOM, LADDER, compute_parents, place_atoms
from geo.territory.partition import BANDS, Shapes, dissolve_shapes, simplify_shapes, to_degrees
from geo.vocabulary import LevelRole, ZoneKind, zone_id

_LEVELS = {
    LevelRole.QUARTIER: ZoneKind.QUARTIER,
    LevelRole.MESO: ZoneKind.BASSIN,
    LevelRole.REGION: ZoneKind.REGION,
}
_SAME_DIVISION: LiteralString = (
    "(t.kind, t.edition) IN (SELECT kind, edition FROM staging)"
    " AND t.source_id IN (SELECT source_id FROM staging)"
)

Ids = dict[ZoneKey, uuid.UUID]
Members = dict[str, list[ZoneKey]]
"""Sector → every zone it is a part of, itself included."""


def load_zones(
    connection: psycopg.Connection[Any],
    package: Path,
    report: LoadReport,
    sectors: Shapes[str] | None = None,
) -> None:
    """Load the zones of a package, their parents and their shapes per zoom. Never commits.

    Shapes that an official file gave before are kept, kind by kind; the others are unions of the sectors.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    package : Path
        Folder with the tables sources, zones, zone_links, sector_points and indicator_values.
    report : LoadReport
        Gets counts, progress and the layers touched.
    sectors : dict of sector code to MultiPolygon, optional
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
    own = read_official(connection, tables["zones"])
    exact = sectors or own.get(ATOM)
    own.pop(ATOM, None)
    atoms = dict(sorted((exact or draw_sectors(tables["sector_points"])).items()))
    refuse_faults(atoms, tables["zones"])
    report.step("zones", 2, 5)
    report.add("source", merge_sources(connection, tables["sources"]))
    members = _gather_members(placed, own)
    shapes = dissolve_shapes(atoms, members)
    shapes |= {(kind, code): shape for kind, mine in own.items() for code, shape in mine.items()}
    drawn = set() if exact else {kind for kind, _ in shapes} - own.keys()
    ids = _merge_zones(connection, tables["zones"], shapes, report, drawn)
    report.step("zones", 3, 5)
    bands = [(band, dissolve_shapes(simplify_shapes(atoms, band.tolerance_m), members)) for band in BANDS]
    bands += [each for kind, mine in own.items() for each in simplify_bands(mine, kind)]
    merge_bands(connection, ids, bands, report)
    report.step("zones", 4, 5)
    areas_m2 = {code: shape.area for code, shape in atoms.items()}
    people = _read_population(tables["indicator_values"])
    parents = compute_parents(placed, areas_m2, people, tables["zone_links"])
    merge_links(connection, ids, set_measured(parents, *_measurable(shapes, own, drawn)), report)
    _merge_editions(connection, tables["zones"], report)
    _set_levels(connection, tables["zones"]["valid_from"].min())
    refresh_dependents(connection, report)
    report.step("zones", 5, 5)


def _measurable(
    shapes: Shapes[ZoneKey], own: Mapping[str, Shapes[str]], drawn: set[str]
) -> tuple[list[tuple[str, str]], dict[str, Shapes[str]]]:
    """Return the pairs of kinds whose common ground official shapes can tell, and the shapes by kind."""
    by_kind: dict[str, Shapes[str]] = {}
    for (kind, code), shape in shapes.items():
        by_kind.setdefault(kind, {})[code] = shape
    exact = [str(kind) for kind in LADDER[1:] if kind in by_kind and kind not in drawn]
    return [pair for pair in combinations(exact, 2) if own.keys() & set(pair)], by_kind


def _gather_members(placed: pd.DataFrame, own: Mapping[str, Shapes[str]]) -> Members:
    """Return of what each sector is a part, but for the kinds that have shapes of their own."""
    members: Members = {sector: [(str(ATOM), sector)] for sector in placed["sector"].unique()}
    for sector, kind, code, _ in placed.itertuples(index=False):
        if kind not in own:
            members[sector].append((kind, code))
    return members


def _merge_zones(
    connection: psycopg.Connection[Any],
    zones: pd.DataFrame,
    shapes: Shapes[ZoneKey],
    report: LoadReport,
    drawn: set[str],
) -> Ids:
    keys: list[ZoneKey] = list(zip(zones["kind"], zones["code"], strict=True))
    editions = zones["edition"].to_list()
    ids = {
        (kind, code): zone_id(kind, code, edition)
        for (kind, code), edition in zip(keys, editions, strict=True)
    }
    found = [shapes.get(key) for key in keys]
    rows = zones.rename(columns={"source": "source_id"})
    rows["valid_to"] = end_editions(connection, rows)
    rows["id"] = column(list(ids.values()), rows)
    rows["geom"] = column([shape and to_degrees(shape) for shape in found], rows)
    rows["generalised"] = rows["kind"].isin(drawn)
    report.add("zone", merge_rows(connection, "zone", rows, replace=_SAME_DIVISION))
    broken = connection.execute("SELECT kind || ':' || code FROM zone WHERE NOT ST_IsValid(geom)").fetchall()
    if broken:
        raise TableError(
            [RowProblem("zones.csv", None, None, f"{name}: shape not valid") for (name,) in broken]
        )
    return ids


def _merge_editions(connection: psycopg.Connection[Any], zones: pd.DataFrame, report: LoadReport) -> None:
    """Tell the divisions of the tables; what is known of one that an official file drew stays."""
    rows = zones.groupby(["kind", "edition"], as_index=False).agg(
        valid_from=("valid_from", "min"), valid_to=("valid_to", "max"), source_id=("source", "first")
    )
    keys = list(zip(rows["kind"], rows["edition"], strict=True))
    rows["valid_to"] = end_editions(connection, rows)
    known = connection.execute("SELECT kind, edition FROM zone_edition WHERE origin = 'official'").fetchall()
    rows = rows[[key not in known for key in keys]]
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
