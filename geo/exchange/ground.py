"""The ground of the map: the shipped table of generalised features into the table `ground_feature`."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import RowProblem
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError, read_package
from geo.vocabulary import record_id

LAYER = "orientation"
SURFACES = frozenset({"cemetery", "park", "water", "wood"})
STATIONS = frozenset({"metro-station", "rail-station"})
_DEGREE = 1e5


def load_ground(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Replace the ground of the map by that of a package. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    package : Path
        Folder with the tables ``ground`` and ``sources``.
    report : LoadReport
        Is told what happened, and that the layer ``orientation`` changed.

    Raises
    ------
    TableError
        If a table is not what its description says, or a shape can't be drawn; nothing is written then.
    """
    tables = read_package(package, report)
    rows = tables["ground"].drop(columns="shape")
    rows["geom"] = _read_shapes(tables["ground"])
    rows["id"] = _identify(rows)
    report.add("source", merge_sources(connection, tables["sources"]))
    report.add("ground_feature", merge_rows(connection, "ground_feature", rows, replace="true"))
    report.touch(LAYER)


def _identify(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return ids that stay the same while names do: source, kind, names, and which of them it is."""
    named = rows[["source_id", "kind", "name_fr", "name_nl"]].fillna("")
    nth = named.groupby(list(named)).cumcount()
    keys = zip(*(named[name] for name in named), nth, strict=True)
    ids = [record_id(source, "/".join(map(str, ("ground", *key)))) for source, *key in keys]
    return pd.Series(ids, index=rows.index, dtype=object)


def _read_shapes(table: pd.DataFrame) -> list[BaseGeometry]:
    shapes, problems = [], []
    for line, kind, text in zip(table.index, table["kind"], table["shape"], strict=True):
        try:
            shapes.append(read_shape(kind, text))
        except ValueError as error:
            problems.append(RowProblem(table.attrs["file"], int(line), "shape", str(error)))
    if problems:
        raise TableError(problems)
    return shapes


def read_shape(kind: str, text: str) -> BaseGeometry:
    """Return the geometry (EPSG:4326) of encoded polylines: lines, the rings of a surface, or a point.

    Raises
    ------
    ValueError
        If the text is cut off, or draws nothing.
    """
    parts = [decode_polyline(part) for part in text.split(" ")]
    if kind in STATIONS:
        return shapely.Point(parts[0][0])
    if min(map(len, parts)) < 2:
        raise ValueError("a line of one point")
    lines = shapely.MultiLineString(parts)
    if kind not in SURFACES:
        return lines
    surface = shapely.build_area(lines)
    if surface.is_empty:
        raise ValueError("the rings enclose nothing")
    return shapely.multipolygons([surface]) if surface.geom_type == "Polygon" else surface


def decode_polyline(text: str) -> list[tuple[float, float]]:
    """Return the lon/lat of an encoded polyline (5 decimals, latitude first).

    Source: the algorithm published as "Encoded Polyline Algorithm Format": differences, zigzag, base 32.

    Raises
    ------
    ValueError
        If the text is cut off in the middle of a point.
    """
    steps, value, shift = [], 0, 0
    for digit in (ord(letter) - 63 for letter in text):
        value |= (digit & 0x1F) << shift
        shift += 5
        if digit < 0x20:
            steps.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(steps) % 2 or not steps:
        raise ValueError("an encoded polyline that is cut off")
    return [
        (lon / _DEGREE, lat / _DEGREE)
        for lon, lat in zip(accumulate(steps[1::2]), accumulate(steps[::2]), strict=True)
    ]
