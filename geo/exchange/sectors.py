"""Shapes of the statistical sectors: drawn from points, read from an official file, or kept from before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import shapely

from geo.crs import LAMBERT_2008
from geo.errors import RowProblem
from geo.exchange.tables import TableError, row_problem
from geo.territory.hierarchy import ATOM, find_unplaced
from geo.territory.partition import (
    Shapes,
    dissolve_shapes,
    draw_partition,
    find_faults,
    to_degrees,
    to_metres,
)

OUTSIDE = "outside"
"""Label of a point that lies in no sector."""


def draw_sectors(points: pd.DataFrame) -> Shapes[str]:
    """Draw the sectors, in EPSG:3812, from a table of sector, lon, lat."""
    labels = [None if label == OUTSIDE else str(label) for label in points["sector"]]
    return draw_partition(points[["lon", "lat"]].to_numpy(dtype="float64"), labels)


def read_official(connection: psycopg.Connection[Any], zones: pd.DataFrame) -> Shapes[str] | None:
    """Return the official shapes (EPSG:3812) that an earlier load left in the database, if one did."""
    editions = list(zones.loc[zones["kind"] == ATOM, "edition"].unique())
    rows = connection.execute(
        "SELECT code, ST_AsBinary(geom) FROM zone"
        " WHERE kind = %s AND edition = ANY(%s) AND NOT generalised AND geom IS NOT NULL",
        (str(ATOM), editions),
    ).fetchall()
    return {code: to_metres(shapely.from_wkb(bytes(wkb))) for code, wkb in rows} or None


def read_sectors(path: Path, code_field: str) -> Shapes[str]:
    """Read official sectors from any file that GDAL knows, as a clean coverage in EPSG:3812.

    Raises
    ------
    TableError
        The file cannot be read, has no such field or no coordinate system, or holds a shape that is not a
        valid area.
    """
    import geopandas  # imported late: only this command needs GDAL

    try:
        frame = geopandas.read_file(path)
    except (OSError, RuntimeError, ValueError) as error:
        raise TableError([RowProblem(path.name, None, None, f"cannot be read: {error}")]) from error
    if code_field not in frame.columns:
        known = ", ".join(map(str, frame.columns.drop("geometry", errors="ignore")))
        raise TableError([RowProblem(path.name, None, code_field, f"no such field; there are {known}")])
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.crs is None:
        raise TableError([RowProblem(path.name, None, None, "holds no shapes in a known coordinate system")])
    codes = [str(code) for code in frame[code_field]]
    faults = [
        RowProblem(path.name, place, None, f"{code}: {fault}")
        for place, (code, shape) in enumerate(zip(codes, frame.geometry, strict=True), start=1)
        if (fault := _find_fault(shape))
    ]
    if faults:
        raise TableError(faults)
    clean = shapely.coverage_clean(frame.to_crs(LAMBERT_2008).geometry.to_numpy())
    shapes = dissolve_shapes(dict(enumerate(clean)), {place: [code] for place, code in enumerate(codes)})
    # By way of the degrees that will be stored, so that reading them back gives these very metres.
    return {code: to_metres(to_degrees(shape)) for code, shape in shapes.items()}


def _find_fault(shape: Any) -> str | None:
    if shape is None or shape.is_empty:
        return "no shape"
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return f"a {shape.geom_type} is not an area"
    return None if shape.is_valid else str(shapely.is_valid_reason(shape))


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
