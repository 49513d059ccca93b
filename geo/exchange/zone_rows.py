"""Writes zones: shapes per band of zooms, links, editions; and what depends on them anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.crs import WEB_MERCATOR
from geo.directory.cards import refresh_cards
from geo.exchange.adopted import redraw_adopted
from geo.exchange.local_facts import refresh_covered_zones
from geo.exchange.report import LoadReport
from geo.exchange.staging import merge_rows
from geo.exchange.touched_zones import refresh_touched_zones
from geo.territory.partition import BANDS, Band, Shapes, simplify_shapes, to_mercator

LAYERS = (
    "meso",
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

ZoneKey = tuple[str, str]
"""Kind and code."""
Ids = Mapping[ZoneKey, uuid.UUID]

_SAME_ZONES: LiteralString = (
    "t.child_id IN (SELECT child_id FROM staging) AND t.parent_id IN (SELECT parent_id FROM staging)"
)
_OF_DIVISION: LiteralString = (
    " AND (t.child_id IN (SELECT id FROM linked_division) OR t.parent_id IN (SELECT id FROM linked_division))"
)
_ENDS: LiteralString = """
    SELECT kind, edition, (
        SELECT min(later.valid_from) FROM zone_edition AS later
        WHERE later.kind = e.kind AND later.valid_from > e.valid_from
            AND (later.valid_to IS NULL OR later.valid_to > later.valid_from)
    ) FROM zone_edition AS e
"""


def simplify_bands(shapes: Shapes[str], kind: str) -> list[tuple[Band, Shapes[ZoneKey]]]:
    """Return the shapes of one kind for every band of zooms; within a band they share their edges."""
    ordered = dict(sorted(shapes.items()))  # the order of shapes moves a vertex here and there
    return [
        (band, {(kind, code): shape for code, shape in simplify_shapes(ordered, band.tolerance_m).items()})
        for band in BANDS
    ]


def merge_bands(
    connection: psycopg.Connection[Any],
    ids: Ids,
    bands: Sequence[tuple[Band, Shapes[ZoneKey]]],
    report: LoadReport,
) -> None:
    """Store every zone once a band of zooms. Shapes are in EPSG:3812."""
    rows = [
        (ids[key], band.max_zoom, band.tolerance_m, to_mercator(shape))
        for band, shapes in bands
        for key, shape in shapes.items()
    ]
    counts = merge_rows(
        connection,
        "zone_shape",
        pd.DataFrame(rows, columns=["zone_id", "max_zoom", "tolerance_m", "geom"]),
        ("zone_id", "max_zoom"),
        replace="t.zone_id IN (SELECT zone_id FROM staging)",
        srid=WEB_MERCATOR,
    )
    report.add("zone_shape", counts)


def merge_links(
    connection: psycopg.Connection[Any],
    ids: Ids,
    parents: pd.DataFrame,
    report: LoadReport,
    of: tuple[str, str] | None = None,
) -> None:
    """Store which zone lies in which; other links between the same zones go.

    Parameters
    ----------
    of : (kind, edition), optional
        The links are of this division alone: those between zones of other kinds stay.
    """
    rows = parents[["share_area", "share_population", "is_main", "basis"]].copy()
    for side in ("child", "parent"):
        keys = zip(parents[f"{side}_kind"], parents[f"{side}_code"], strict=True)
        rows[f"{side}_id"] = column([ids[key] for key in keys], rows)
    replace = _SAME_ZONES
    if of is not None:
        connection.execute("CREATE TEMPORARY TABLE linked_division (id uuid PRIMARY KEY) ON COMMIT DROP")
        connection.execute(
            "INSERT INTO linked_division SELECT id FROM zone WHERE (kind, edition) = (%s, %s)", of
        )
        replace += _OF_DIVISION
    counts = merge_rows(connection, "zone_link", rows, ("child_id", "parent_id"), replace=replace)
    connection.execute("DROP TABLE IF EXISTS linked_division")
    report.add("zone_link", counts)


def end_editions(connection: psycopg.Connection[Any], rows: pd.DataFrame) -> pd.Series[Any]:
    """Return `valid_to` of rows of kind, edition and valid_to: an open one ends where the next begins."""
    begun = {(kind, edition): day for kind, edition, day in connection.execute(_ENDS).fetchall()}
    told = zip(rows["kind"], rows["edition"], rows["valid_to"], strict=True)
    return column([begun.get((kind, edition)) if pd.isna(end) else end for kind, edition, end in told], rows)


def column(values: Sequence[Any], rows: pd.DataFrame) -> pd.Series[Any]:
    """Return a column of any values beside rows."""
    return pd.Series(values, index=rows.index, dtype="object")


def refresh_dependents(connection: psycopg.Connection[Any], report: LoadReport) -> None:
    """Write anew what is drawn from sectors, and what says in which zones it lies. Never commits."""
    redraw_adopted(connection)
    refresh_cards(connection)
    refresh_covered_zones(connection)
    refresh_touched_zones(connection)
    report.touch(*LAYERS)
