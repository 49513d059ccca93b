"""Whether streets reach the region: what lies far away is left out, what is not covered is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import LAMBERT_2008, WGS84, transformer
from geo.exchange.streets.sources.ways import Way, WayFile

AROUND_M = 2_000.0
"""Streets so far outside the region are kept: the way to a service inside may lead over them."""

NEAR_M = 400.0
_GRID_M = 200.0


@dataclass(frozen=True, slots=True)
class Region:
    """The region's ground, in EPSG:3812, and the box around it (degrees) within which streets are kept."""

    shape: BaseGeometry
    box: tuple[float, float, float, float]

    def keep_near(self, file: WayFile) -> int:
        """Take the ways that lie wholly outside the box from a file; return how many they were."""
        before = len(file.ways)
        file.ways = [way for way in file.ways if self._meets(way)]
        return before - len(file.ways)

    def share_reached(self, lines: NDArray[Any]) -> float:
        """Return the share of the ground that has a street within `NEAR_M`, by points on a grid.

        Parameters
        ----------
        lines : (m,) object
            Streets, as shapely lines in EPSG:3812.
        """
        west, south, east, north = self.shape.bounds
        xs, ys = np.meshgrid(
            np.arange(west + _GRID_M / 2, east, _GRID_M), np.arange(south + _GRID_M / 2, north, _GRID_M)
        )
        points = shapely.points(xs.ravel(), ys.ravel())
        points = points[shapely.contains(self.shape, points)]
        if not len(points):
            return 0.0
        near = shapely.STRtree(lines).query(points, "dwithin", NEAR_M)[0]
        return len(np.unique(near)) / len(points)

    def _meets(self, way: Way) -> bool:
        west, south, east, north = self.box
        return any(west <= lon <= east and south <= lat <= north for lon, lat in way.places)


def read_region(connection: psycopg.Connection[Any]) -> Region | None:
    """Return the region as it is loaded and valid today; None: no zones are loaded."""
    row = connection.execute(
        "SELECT ST_AsBinary(ST_Transform(geom, 3812)) FROM zone WHERE kind = 'region' AND geom IS NOT NULL"
        " AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
        " ORDER BY valid_from DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    shape = shapely.from_wkb(bytes(row[0]))
    shapely.prepare(shape)
    west, south, east, north = shapely.buffer(shape, AROUND_M).bounds
    corners = transformer(LAMBERT_2008, WGS84).transform_bounds(west, south, east, north)
    return Region(shape, corners)


def to_metres(lines: NDArray[Any]) -> NDArray[Any]:
    """Return shapely lines in EPSG:3812 from lines in EPSG:4326."""
    change = transformer(WGS84, LAMBERT_2008)
    return np.asarray(
        shapely.transform(lines, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
    )
