"""How far one gets on foot: areas that follow the streets, not circles.

The method is a raster one. Each cell of a grid takes the minutes of the nearest street that the walker can
walk, plus the walk from there to it; the limits are contours of that surface. So a place lies within n
minutes exactly when `travel` says so, but for the size of a cell: a street walked in part ends where the
minutes end, and a canal stops those who can't cross it. Valhalla contours a grid as well (valhalla/valhalla,
docs, "Isochrone service"); the OSMnx recipe (gboeing/osmnx-examples, notebook 13) widens the edges of a
subgraph instead.

5, 10 and 15 minutes at once take about 12 ms on the streets of Brussels of 2013. Told elsewhere, for one
area: Valhalla 2.8 ms, the OSMnx recipe 9 ms for 440 junctions (`benchmarks/README.md` has all beside ours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geo.access.network.arrays import Floats, Network
from geo.access.network.snapping import MAX_OFFSET_M, STRAY_M, Snapped, place_xy
from geo.access.walking.graphs import Graph
from geo.access.walking.searching import spread
from geo.access.walking.travel import minutes_from

if TYPE_CHECKING:
    from shapely import MultiPolygon

Integers = NDArray[np.int64]

#: Cells across the widest area that is asked for; more are finer and slower.
CELLS_ACROSS = 180
FINEST_M = 5.0
#: Smaller holes are traces of the cells, not of the streets.
SPECK_CELLS = 6


@dataclass(frozen=True, slots=True)
class Isochrone:
    """The area within `minutes` on foot, EPSG:3812; its outline is exact to about `cell_m` metres."""

    minutes: float
    area: MultiPolygon
    cell_m: float


@dataclass(frozen=True, slots=True)
class _Grid:
    """Square cells, as many across as high, from a south-west corner in metres."""

    west_m: float
    south_m: float
    cell_m: float
    size: int

    def locate(self, xy: Floats) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the cell of each point (p, 2), counted row by row, and which points lie in the grid."""
        column, row = np.floor((xy - (self.west_m, self.south_m)) / self.cell_m).astype(np.int64).T
        inside = (column >= 0) & (column < self.size) & (row >= 0) & (row < self.size)
        return row * self.size + column, inside


def draw_isochrones(graph: Graph, origin: Snapped, minutes: Sequence[float]) -> list[Isochrone]:
    """Return the area within each of some minutes on foot from one place.

    Parameters
    ----------
    graph : Graph
        The streets as one walker walks them.
    origin : Snapped
        One place on them.
    minutes : sequence of float
        Limits, each more than 0; one search serves all.

    Returns
    -------
    list of Isochrone
        From the least to the most minutes; each lies within the next.
    """
    limits = sorted(set(minutes))
    speed = graph.speed_m_per_min
    grid = _lay_grid(place_xy(graph.network, origin)[0], limits[-1] * speed)
    streets, xy = _sample(graph, grid)
    walked = minutes_from(graph, origin, streets, limits[-1])
    stray = graph.network.node_part[graph.network.edge_nodes[streets.edge, 0]] > 0
    surface = _spread(grid, xy, np.where(np.isnan(walked), np.inf, walked), stray, speed)
    # All that is farther is told to be a cell farther, so that the last contour lies where the minutes end.
    areas = _trace(grid, np.minimum(surface, limits[-1] + grid.cell_m / speed), limits)
    return [Isochrone(limit, area, grid.cell_m) for limit, area in zip(limits, areas, strict=True)]


def _lay_grid(centre: Floats, reach_m: float) -> _Grid:
    cell_m = max(FINEST_M, 2 * reach_m / CELLS_ACROSS)
    half = int(np.ceil(reach_m / cell_m)) + 2
    west, south = centre - half * cell_m
    return _Grid(float(west), float(south), cell_m, 2 * half)


def _sample(graph: Graph, grid: _Grid) -> tuple[Snapped, Floats]:
    """Return points at most a cell apart on the streets in the grid, and their places (s, 2)."""
    network = graph.network
    low, high = network.keep("boxes", lambda: _boxes(network))
    corner = np.array([grid.west_m, grid.south_m])
    edges = np.flatnonzero(
        graph.usable & ((high >= corner) & (low <= corner + grid.size * grid.cell_m)).all(axis=1)
    )
    counts = network.line_start[edges + 1] - network.line_start[edges]
    owner, at = spread(network.line_start[edges], counts)
    xy = network.line_xy[at]
    starts = np.flatnonzero(owner[1:] == owner[:-1])  # points of lines from which a segment leads on
    step = xy[starts + 1] - xy[starts]
    length_m = np.hypot(*step.T)
    pieces = np.maximum(1, np.ceil(length_m / grid.cell_m)).astype(np.int64)
    segment, within = spread(np.zeros_like(pieces), pieces + 1)
    share = within / pieces[segment]
    of = owner[starts]
    line_m = np.bincount(of, length_m, minlength=len(edges))
    before_m = np.cumsum(length_m) - length_m - (np.cumsum(line_m) - line_m)[of]
    fraction = (before_m[segment] + share * length_m[segment]) / line_m[of][segment]
    streets = Snapped(edges[of][segment].astype(np.int32), np.clip(fraction, 0, 1), np.zeros(len(segment)))
    return streets, xy[starts][segment] + share[:, None] * step[segment]


def _boxes(network: Network) -> tuple[Floats, Floats]:
    """Return the south-west and north-east corners of every edge, (m, 2) each."""
    starts = network.line_start[:-1]
    return np.minimum.reduceat(network.line_xy, starts), np.maximum.reduceat(network.line_xy, starts)


def _spread(
    grid: _Grid, xy: Floats, minutes: Floats, stray: NDArray[np.bool_], speed_m_per_min: float
) -> Floats:
    """Return minutes of every cell, (size, size): of its nearest street, and of the walk from there to it.

    As `snap` does, stray pieces are passed over where the main part is little farther.
    """
    street, offset_m = _nearest(grid, xy[~stray], minutes[~stray])
    if stray.any():
        other, other_m = _nearest(grid, xy[stray], minutes[stray])
        is_main = offset_m <= other_m + STRAY_M
        street, offset_m = np.where(is_main, street, other), np.where(is_main, offset_m, other_m)
    surface: Floats = street + offset_m / speed_m_per_min
    surface[offset_m > MAX_OFFSET_M] = np.inf
    return surface


def _nearest(grid: _Grid, xy: Floats, minutes: Floats) -> tuple[Floats, Floats]:
    """Return minutes at the street nearest to every cell, and metres to it, (size, size) each."""
    from scipy.ndimage import distance_transform_edt

    square = (grid.size, grid.size)
    cell, inside = grid.locate(xy)
    cell = cell[inside]
    if not len(cell):
        return np.full(square, np.inf), np.full(square, np.inf)
    least = np.full(grid.size**2, np.inf)
    np.minimum.at(least, cell, minutes[inside])
    has_no_street = np.ones(grid.size**2, np.bool_)
    has_no_street[cell] = False
    row, column = distance_transform_edt(
        has_no_street.reshape(square), return_distances=False, return_indices=True
    )
    rows, columns = np.ogrid[: grid.size, : grid.size]
    return least.reshape(square)[row, column], grid.cell_m * np.hypot(row - rows, column - columns)


def _trace(grid: _Grid, surface: Floats, limits: Sequence[float]) -> list[MultiPolygon]:
    """Return the area below each limit, holes and all, with no more corners than a cell is worth."""
    import shapely
    from contourpy import FillType, contour_generator

    middles = grid.cell_m * (np.arange(grid.size) + 0.5)
    # Turned round, so that the area lies above its contour: below, filling would begin at minus infinity.
    contours = contour_generator(
        grid.west_m + middles, grid.south_m + middles, -surface, fill_type=FillType.OuterOffset
    )
    areas = []
    for limit in limits:
        least_m2 = SPECK_CELLS * grid.cell_m**2
        rings = zip(*contours.filled(-limit, 1.0), strict=True)
        parts = [_polygon(points, cuts, least_m2) for points, cuts in rings]
        area = shapely.simplify(shapely.MultiPolygon(parts), grid.cell_m / 4, preserve_topology=False)
        areas.append(area if area.geom_type == "MultiPolygon" else shapely.MultiPolygon([area]))
    return areas


def _polygon(points: Floats, cuts: Any, least_m2: float) -> Any:
    import shapely

    outline, *holes = (points[first:last] for first, last in pairwise(cuts))
    return shapely.Polygon(outline, [hole for hole in holes if shapely.Polygon(hole).area >= least_m2])
