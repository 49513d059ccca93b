"""The graph of atoms: which touch, what hangs together, and atoms united into larger units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.territory.divisions.atoms import MIN_BORDER_M, NOWHERE, Atoms, Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Geometry:
    """Areas (m²), perimeters (m) and shared limits of shapes; see `Atoms`."""

    area_m2: Floats
    perimeter_m: Floats
    borders: Ints
    border_m: Floats


@dataclass(frozen=True, slots=True)
class Units:
    """Atoms united: `unit` says which unit each atom is in, `links` which units touch."""

    unit: Ints
    population: Ints
    links: Ints

    def __len__(self) -> int:
        return len(self.population)


def measure_shapes(shapes: Sequence[bytes]) -> Geometry:
    """Return areas, perimeters and shared limits of polygons.

    Parameters
    ----------
    shapes : sequence of bytes
        WKB in EPSG:3812, a coverage: neighbours share their edges.

    Notes
    -----
    Parts that touch nothing else are joined to the nearest other shape by a bridge, a border of length 0.
    """
    import shapely

    drawn = shapely.from_wkb(list(shapes))
    first, second = shapely.STRtree(drawn).query(drawn, predicate="intersects")
    once = first < second
    pairs = np.column_stack([first[once], second[once]]).astype(np.int64)
    limits = shapely.boundary(drawn)
    length_m = shapely.length(shapely.intersection(limits[pairs[:, 0]], limits[pairs[:, 1]]))
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, length_m = pairs[order], length_m[order]
    pairs, length_m = pairs[length_m > 0], length_m[length_m > 0]
    bridges = _find_bridges(drawn, pairs[length_m >= MIN_BORDER_M])
    known = {(int(a), int(b)) for a, b in bridges}  # a bridge over a mere corner replaces it
    kept = np.array([(int(a), int(b)) not in known for a, b in pairs], dtype=bool)
    return Geometry(
        shapely.area(drawn),
        shapely.length(drawn),
        np.vstack([pairs[kept], bridges]),
        np.concatenate([length_m[kept], np.zeros(len(bridges))]),
    )


def _find_bridges(drawn: Any, links: Ints) -> Ints:
    """Return pairs of the nearest shapes that join the parts of a graph into one, larger parts first."""
    import shapely

    part = label_parts(len(drawn), links)
    bridges: list[tuple[int, int]] = []
    while part.size and part.max() > 0:
        sizes = np.bincount(part)
        lone = int(np.flatnonzero(sizes == sizes.min())[-1])
        inside, outside = np.flatnonzero(part == lone), np.flatnonzero(part != lone)
        near, far = shapely.STRtree(drawn[outside]).query_nearest(drawn[inside], all_matches=False)
        gaps = shapely.distance(drawn[inside[near]], drawn[outside[far]])
        best = int(np.argmin(gaps))
        pair = sorted((int(inside[near[best]]), int(outside[far[best]])))
        bridges.append((pair[0], pair[1]))
        part = label_parts(len(drawn), np.vstack([links, np.array(bridges, dtype=np.int64)]))
    return np.array(bridges, dtype=np.int64).reshape(-1, 2)


def label_parts(size: int, links: Ints) -> Ints:
    """Return for each node the number of the connected part that it is in, numbered by first occurrence."""
    import rustworkx

    graph = rustworkx.PyGraph(node_count_hint=size, edge_count_hint=len(links))
    graph.add_nodes_from(range(size))
    graph.add_edges_from_no_data([(a, b) for a, b in links.tolist()])
    part = np.empty(size, dtype=np.int64)
    for number, members in enumerate(sorted(rustworkx.connected_components(graph), key=min)):
        part[list(members)] = number
    return part


def count_parts(assignment: Ints, zones: int, links: Ints) -> Ints:
    """Return into how many connected parts each zone falls; 0 for a zone without atoms."""
    same = assignment[links[:, 0]] == assignment[links[:, 1]]
    part = label_parts(len(assignment), links[same])
    placed = assignment != NOWHERE
    owners = np.unique(np.column_stack([assignment[placed], part[placed]]), axis=0)[:, 0]
    return np.bincount(owners, minlength=zones).astype(np.int64)


def count_apart(atoms: Atoms, zone: Ints) -> int:
    """Return how many parts too many the zones of a whole division have; 0 if each hangs together."""
    zones = int(zone.max()) + 1
    return int(count_parts(zone, zones, atoms.links).sum()) - zones


def unite(population: Ints, links: Ints, groups: Ints) -> Units:
    """Unite atoms of the same group; an atom whose group is NOWHERE stays a unit of its own."""
    keys = np.where(groups == NOWHERE, groups.max(initial=0) + 1 + np.arange(len(groups)), groups)
    _, unit = np.unique(keys, return_inverse=True)
    between = np.sort(unit[links], axis=1)
    between = np.unique(between[between[:, 0] != between[:, 1]], axis=0).reshape(-1, 2)
    people = np.bincount(unit, weights=population, minlength=int(unit.max(initial=-1)) + 1)
    return Units(unit.astype(np.int64), np.rint(people).astype(np.int64), between.astype(np.int64))


def order_zones(zone: Ints) -> Ints:
    """Return a division with its zones numbered by the first atom in each: equal divisions, equal arrays."""
    _, first, inverse = np.unique(zone, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]


def mask_links(assignment: Ints, borders: Ints) -> Bools:
    """Return which pairs lie within one zone."""
    inside = assignment[borders[:, 0]] == assignment[borders[:, 1]]
    return np.asarray(inside & (assignment[borders[:, 0]] != NOWHERE), dtype=bool)
