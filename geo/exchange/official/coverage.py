"""Makes a clean division of shapes that nearly are one: measures gaps and overlaps, closes the small ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.territory.partition import Shapes, dissolve_shapes, to_degrees, to_metres

CLOSED_M2 = 100.0
"""A gap or an overlap up to this size is closed; a larger one says that the file is no partition."""

GAP_WIDTH_M = 12.0
"""So wide are the widest gaps of `CLOSED_M2`."""

REGION_SHARE = {False: 0.0005, True: 0.01}
"""Share of the region that a partition may leave out or add; more where its limits are generalised (True)."""


@dataclass(frozen=True)
class Partition:
    """How well shapes tile the region, before their edges were shared. Areas in m²."""

    gaps: int
    gaps_m2: float
    overlaps_m2: float
    outside_m2: float
    uncovered_m2: float
    moved_m2: float
    faults: tuple[str, ...]


def share_edges(
    shapes: Mapping[str, Polygon | MultiPolygon], region: MultiPolygon | None, generalised: bool, whole: bool
) -> tuple[Shapes[str], Partition]:
    """Return the shapes with the same edges on both sides, and what was between them.

    Parameters
    ----------
    shapes : mapping of code to polygon
        Valid, in EPSG:3812, metres.
    region : MultiPolygon, optional
        What they should fill, in EPSG:3812; None where that is not known, or they are the region.
    generalised : bool
        The region's limits are.
    whole : bool
        The kind tiles the whole region; other kinds may leave ground out.

    Returns
    -------
    dict of code to MultiPolygon
        A valid coverage, as it will be read back from stored degrees.
    Partition
        With `faults`: what is too large to be closed. Empty for a partition.

    Notes
    -----
    Edges are shared by the coverage cleaner of GEOS (`shapely.coverage_clean`).
    """
    parts = list(shapes.values())
    union = shapely.union_all(parts)
    holes = [Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors] if whole else []
    overlaps_m2 = float(shapely.area(parts).sum() - union.area)
    faults = [_tell_gap(hole, shapes) for hole in holes if hole.area > CLOSED_M2]
    if overlaps_m2 > CLOSED_M2:
        faults += _find_overlaps(shapes)
    outside_m2 = uncovered_m2 = 0.0
    if region is not None:
        outside_m2 = union.difference(region).area
        uncovered_m2 = region.difference(union).area if whole else 0.0
        if outside_m2 + uncovered_m2 > REGION_SHARE[generalised] * region.area:
            faults.append(
                f"{uncovered_m2:.0f} m² of the region lie in no zone, {outside_m2:.0f} m² outside of it"
            )
    clean = {} if faults else _clean(shapes, whole)
    moved_m2 = max((abs(clean[code].area - shapes[code].area) for code in clean), default=0.0)
    gaps_m2 = sum(hole.area for hole in holes)
    return clean, Partition(
        len(holes), gaps_m2, overlaps_m2, outside_m2, uncovered_m2, moved_m2, tuple(faults)
    )


def _clean(shapes: Mapping[str, Polygon | MultiPolygon], whole: bool) -> Shapes[str]:
    """By way of the degrees that will be stored, so that reading them back gives these very metres."""
    cleaned = shapely.coverage_clean(list(shapes.values()), gap_width=GAP_WIDTH_M if whole else 0.0)
    united = dissolve_shapes(dict(enumerate(cleaned)), {place: [code] for place, code in enumerate(shapes)})
    return {code: to_metres(to_degrees(shape)) for code, shape in united.items()}


def _tell_gap(hole: Polygon, shapes: Mapping[str, Polygon | MultiPolygon]) -> str:
    around = [code for code, shape in shapes.items() if shape.intersects(hole)]
    return f"a gap of {hole.area:.0f} m² between {', '.join(sorted(around))}"


def _find_overlaps(shapes: Mapping[str, Polygon | MultiPolygon]) -> list[str]:
    codes, parts = list(shapes), np.array(list(shapes.values()), dtype=object)
    left, right = shapely.STRtree(parts).query(parts, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    areas = shapely.area(shapely.intersection(parts[left], parts[right]))
    return [
        f"{codes[one]} and {codes[other]} overlap by {area:.0f} m²"
        for one, other, area in zip(left, right, areas, strict=True)
        if area > CLOSED_M2
    ] or [f"overlaps of {areas.sum():.0f} m² in all"]
