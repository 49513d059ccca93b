"""Draws a partition of the region from labelled points, when no official limits are loaded.

A table of points says which sector each place lies in, or that it lies outside. The cells of their Voronoi
diagram, dissolved by label, give the sectors; every other zone is a union of sectors. So zones of all kinds
share their edges exactly: no gap, no overlap, at every zoom.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import LAMBERT_2008, WEB_MERCATOR, WGS84, transformer

Label = TypeVar("Label", bound=Hashable)
Part = TypeVar("Part", bound=Hashable)
Shapes = dict[Label, MultiPolygon]

SMOOTHING_M = 14.0
"""Tolerance that takes the zigzag of the cells away and leaves their course."""

GRID_DEGREES = 9
"""Decimals of stored degrees: a tenth of a millimetre, so that rounding never makes lines cross."""


@dataclass(frozen=True)
class Band:
    """Zooms up to `max_zoom` are served by shapes simplified with `tolerance_m`."""

    max_zoom: int
    tolerance_m: float


BANDS = (Band(9, 150.0), Band(11, 60.0), Band(13, 25.0), Band(24, 0.0))


def draw_partition(
    lonlat: NDArray[np.float64], labels: Sequence[Label | None], smoothing_m: float = SMOOTHING_M
) -> Shapes[Label]:
    """Draw one zone per label from labelled points.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
        Longitude and latitude in EPSG:4326. No place twice.
    labels : sequence of length n
        The zone each point lies in; None means outside of all of them.
    smoothing_m : float
        Tolerance of the smoothing in metres; 0 keeps the cells as they are.

    Returns
    -------
    dict of label to MultiPolygon
        In EPSG:3812, metres. Together a valid coverage: neighbours share their edges vertex by vertex.

    Raises
    ------
    ValueError
        If a point is there twice, or fewer than three are given.

    Notes
    -----
    Voronoi cells after Fortune (GEOS); smoothing by Visvalingam-Whyatt on the edges of the coverage.
    """
    if len(lonlat) < 3 or len(np.unique(lonlat, axis=0)) < len(lonlat):
        raise ValueError("a partition takes three points or more, each in a place of its own")
    x, y = transformer(WGS84, LAMBERT_2008).transform(lonlat[:, 0], lonlat[:, 1])
    sites = shapely.multipoints(np.column_stack([x, y]))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, ordered=True))
    inside = {place: [label] for place, label in enumerate(labels) if label is not None}
    return simplify_shapes(dissolve_shapes({place: cells[place] for place in inside}, inside), smoothing_m)


def dissolve_shapes(
    shapes: Mapping[Part, Polygon | MultiPolygon], parents: Mapping[Part, Sequence[Label]]
) -> Shapes[Label]:
    """Unite the parts of a coverage under the parents they belong to.

    Parameters
    ----------
    shapes : mapping of part to polygon
        A valid coverage, in metres.
    parents : mapping of part to labels
        Each part's parents: none, one or several.

    Returns
    -------
    dict of label to MultiPolygon
        In the order in which the labels first occur.
    """
    members: dict[Label, list[Polygon | MultiPolygon]] = {}
    for part, shape in shapes.items():
        for label in parents.get(part, ()):
            members.setdefault(label, []).append(shape)
    return {label: _as_multi(shapely.coverage_union_all(parts)) for label, parts in members.items()}


def simplify_shapes(shapes: Shapes[Label], tolerance_m: float) -> Shapes[Label]:
    """Simplify a coverage so that neighbours still share their edges; 0 leaves it as it is."""
    if tolerance_m <= 0:
        return dict(shapes)
    simplified = shapely.coverage_simplify(list(shapes.values()), tolerance_m)
    return {label: _as_multi(shape) for label, shape in zip(shapes, simplified, strict=True)}


def find_faults(shapes: Mapping[Label, MultiPolygon]) -> list[str]:
    """Say what keeps shapes in metres from being a partition: invalid parts, overlaps, gaps inside.

    Returns
    -------
    list of str
        One sentence a fault; empty for a clean partition.
    """
    parts = list(shapes.values())
    faults = [
        f"{label}: {shapely.is_valid_reason(shape)}" for label, shape in shapes.items() if not shape.is_valid
    ]
    faults += [f"{label}: empty" for label, shape in shapes.items() if shape.is_empty]
    if not faults and not shapely.coverage_is_valid(parts):
        edges = shapely.coverage_invalid_edges(parts)
        faults += [
            f"{label}: {edge.length:.1f} m of edge not shared"
            for label, edge in zip(shapes, edges, strict=True)
            if not edge.is_empty
        ]
    if not faults:
        overlap_m2 = sum(part.area for part in parts) - shapely.union_all(parts).area
        if abs(overlap_m2) > 1:
            faults.append(f"overlaps of {overlap_m2:.0f} m²")
    return faults


def to_degrees(shape: MultiPolygon) -> MultiPolygon:
    """Return a shape in metres (EPSG:3812) in degrees (EPSG:4326), rounded to a tenth of a millimetre."""
    project = transformer(LAMBERT_2008, WGS84).transform

    def reproject(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.column_stack(project(xy[:, 0], xy[:, 1])), GRID_DEGREES)

    return shapely.transform(shape, reproject)


def to_metres(shape: MultiPolygon) -> MultiPolygon:
    """Return a shape in degrees (EPSG:4326) in metres (EPSG:3812), which `to_degrees` turns back exactly."""
    return shapely.transform(shape, transformer(WGS84, LAMBERT_2008).transform, interleaved=False)


def to_mercator(shape: MultiPolygon) -> MultiPolygon:
    """Return a shape in metres (EPSG:3812) on the grid of web maps (EPSG:3857), rounded to a millimetre."""
    project = transformer(LAMBERT_2008, WEB_MERCATOR).transform
    return shapely.transform(shape, lambda xy: np.round(np.column_stack(project(xy[:, 0], xy[:, 1])), 3))


def _as_multi(shape: Polygon | MultiPolygon) -> MultiPolygon:
    """Return the shape with its rings in one order and start: the same ground gives the same bytes."""
    multi = shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])
    return shapely.orient_polygons(shapely.normalize(multi))
