"""Shapes of the statistical sectors: drawn from points, or kept from an official file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
import shapely

from geo.errors import RowProblem
from geo.exchange.tables import TableError, row_problem
from geo.territory.hierarchy import ATOM, find_unplaced
from geo.territory.partition import (
    Shapes,
    draw_partition,
    find_faults,
    to_metres,
)

OUTSIDE = "outside"
"""Label of a point that lies in no sector."""


def draw_sectors(points: pd.DataFrame) -> Shapes[str]:
    """Draw the sectors, in EPSG:3812, from a table of sector, lon, lat."""
    labels = [None if label == OUTSIDE else str(label) for label in points["sector"]]
    return draw_partition(points[["lon", "lat"]].to_numpy(dtype="float64"), labels)


def read_official(connection: psycopg.Connection[Any], zones: pd.DataFrame) -> dict[str, Shapes[str]]:
    """Return by kind the official shapes (EPSG:3812) that earlier loads left in the database.

    Of sectors those that are not generalised; of other kinds, which may be unions of those, the ones whose
    edition says that a file gave them.
    """
    rows = connection.execute(
        "SELECT kind, code, ST_AsBinary(geom) FROM zone LEFT JOIN zone_edition AS e USING (kind, edition)"
        " WHERE kind || ':' || edition = ANY(%s) AND NOT generalised AND geom IS NOT NULL"
        " AND (kind = %s OR e.origin = 'official')",
        (list((zones["kind"] + ":" + zones["edition"]).unique()), str(ATOM)),
    ).fetchall()
    shapes: dict[str, Shapes[str]] = {}
    for kind, code, wkb in rows:
        shapes.setdefault(kind, {})[code] = to_metres(shapely.from_wkb(bytes(wkb)))
    return shapes


def refuse_gaps(tables: dict[str, pd.DataFrame], placed: pd.DataFrame) -> None:
    """Refuse points of unknown sectors, sectors without a point, and sectors that lie in no zone of a kind.

    Raises
    ------
    TableError
        Names the row of each.
    """
    zones, points = tables["zones"], tables["sector_points"]
    sectors = zones[zones["kind"] == ATOM]
    rows = dict(zip(sectors["code"], sectors.index, strict=True))
    labels = list(zip(points.index, points["sector"], strict=True))
    problems = [
        row_problem(points, row, "sector", f"“{label}” is not a sector of {zones.attrs['file']}")
        for row, label in labels
        if label not in rows and label != OUTSIDE
    ]
    drawn = {label for _, label in labels}
    problems += [
        row_problem(zones, row, "code", f"no point of {points.attrs['file']} lies in {code}")
        for code, row in rows.items()
        if code not in drawn
    ]
    problems += [
        row_problem(
            zones, rows[code], "code", f"{tables['zone_links'].attrs['file']} places {code} in no {kind}"
        )
        for code, kind in find_unplaced(placed, list(rows))
    ]
    if problems:
        raise TableError(problems)


def refuse_faults(sectors: Shapes[str], zones: pd.DataFrame) -> None:
    """Refuse shapes that aren't a clean partition into the sectors of the table.

    Raises
    ------
    TableError
        Names every sector without a shape, unknown, not valid, or whose edges its neighbours don't share.
    """
    wanted = set(zones.loc[zones["kind"] == ATOM, "code"])
    faults = [f"{code}: no shape" for code in sorted(wanted - set(sectors))]
    faults += [f"{code}: not a sector of this edition" for code in sorted(set(sectors) - wanted)]
    faults += find_faults(sectors)
    if faults:
        raise TableError([RowProblem("sectors", None, None, fault) for fault in faults])
