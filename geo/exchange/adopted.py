"""Adopted divisions drawn anew from their sectors, after these got better shapes."""

from __future__ import annotations

from typing import Any

import psycopg


def redraw_adopted(connection: psycopg.Connection[Any]) -> int:
    """Draw the zones of adopted editions, at every zoom, from the sectors that they are made of.

    An edition whose sectors are not linked one by one is left as it is. Never commits.

    Returns
    -------
    int
        Number of zones drawn.
    """
    connection.execute(_PARTS)
    drawn = connection.execute(_ZONES).rowcount
    connection.execute("DELETE FROM zone_shape WHERE zone_id IN (SELECT parent_id FROM adopted_part)")
    connection.execute(_SHAPES)
    connection.execute("DROP TABLE adopted_part")
    return drawn


_PARTS = """
CREATE TEMPORARY TABLE adopted_part ON COMMIT DROP AS
SELECT link.parent_id, sector.id AS sector_id
FROM zone_link AS link
JOIN zone AS sector ON sector.id = link.child_id AND sector.kind = 'secteur' AND sector.geom IS NOT NULL
JOIN zone AS parent ON parent.id = link.parent_id
JOIN zone_edition AS edition ON edition.kind = parent.kind AND edition.edition = parent.edition
WHERE edition.origin = 'scenario' AND link.is_main AND coalesce(link.share_area, 1) >= 0.999
"""
_ZONES = """
UPDATE zone
SET geom = fresh.geom, generalised = fresh.generalised
FROM (
    SELECT part.parent_id, bool_or(sector.generalised) AS generalised,
        ST_Multi(ST_CollectionExtract(ST_Union(sector.geom, 1e-9), 3)) AS geom
    FROM adopted_part AS part
    JOIN zone AS sector ON sector.id = part.sector_id
    GROUP BY part.parent_id
) AS fresh
WHERE zone.id = fresh.parent_id
"""
_SHAPES = """
INSERT INTO zone_shape (zone_id, max_zoom, tolerance_m, geom)
SELECT part.parent_id, shape.max_zoom, min(shape.tolerance_m),
    ST_Multi(ST_CollectionExtract(ST_Union(shape.geom, 1e-3), 3))
FROM adopted_part AS part
JOIN zone_shape AS shape ON shape.zone_id = part.sector_id
GROUP BY part.parent_id, shape.max_zoom
"""
