"""Minutes on foot between places: one search, however many places it starts from.

One place and all services of a theme cost the same. Many places at once are searched in blocks of bounded
memory. Directions matter on slopes only: all walk from points, people or origins to places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.searching import end_minutes, same_edge, search, search_rows, spread
from geo.access.walking.targets import make_ready, make_starts

#: Most bytes of the tables that a search between many and many holds at one time, beside its answer.
BLOCK_BYTES = 32 * 2**20

#: Fifteen minutes are within fifteen: a few centimetres, by which projections differ, decide nothing. Whoever
#: counts what is within some minutes adds this to them.
EPSILON_MINUTES = 0.001

Pairs = tuple[Ints, Ints, Floats]


def minutes_of_nodes(graph: Graph, places: Snapped, limit_minutes: float | None = None) -> Floats:
    """Return minutes from every junction to the nearest place, (n,), inner table: infinity where none is."""
    return search(graph, graph.into, end_minutes(graph, places, arriving=True), places, limit_minutes)


def minutes_at(graph: Graph, node_minutes: Floats, points: Snapped, places: Snapped | None = None) -> Floats:
    """Return minutes from points to the places of a table, (p,); NaN: no way, or no street is near.

    Parameters
    ----------
    graph : Graph
        The walker's streets.
    node_minutes : (n,) float64
        Of `minutes_of_nodes`.
    points : Snapped
        Where people set out from.
    places : Snapped, optional
        Those of the table: needed where a point and a place may stand on the same edge.
    """
    return make_starts(graph, points).minutes_to(node_minutes, places)


def minutes_to_nearest(
    graph: Graph, points: Snapped, places: Snapped, limit_minutes: float | None = None
) -> Floats:
    """Return minutes from each point to its nearest place, (p,); NaN: none is reached (within the limit)."""
    node_minutes = minutes_of_nodes(graph, places, limit_minutes)
    return _cut(minutes_at(graph, node_minutes, points, places), limit_minutes)


def minutes_from(
    graph: Graph, origin: Snapped, places: Snapped, limit_minutes: float | None = None
) -> Floats:
    """Return minutes from one origin to each place, (p,); NaN: it can't be reached (within the limit)."""
    return make_ready(graph, places).minutes_from(origin, limit_minutes)


def nearest(
    graph: Graph, origin: Snapped, places: Snapped, k: int, limit_minutes: float | None = None
) -> tuple[Ints, Floats]:
    """Return the k places that are nearest on foot, and their minutes, nearest first.

    Fewer where fewer can be reached. Places equally near keep their order.
    """
    return make_ready(graph, places).nearest(origin, k, limit_minutes)


def pairs_within(graph: Graph, origins: Snapped, places: Snapped, limit_minutes: float) -> Pairs:
    """Return all pairs of an origin and a place that it reaches: indices of both and minutes, (q,) each.

    In order of the origin, then of the place. Memory beside the answer stays near `BLOCK_BYTES`.
    """
    origin, place, minutes = _pairs(graph, origins, places, limit_minutes)
    order = np.argsort(origin.astype(np.int64) * max(1, len(places)) + place)
    return origin[order], place[order], minutes[order]


def pairs_by_place(graph: Graph, origins: Snapped, places: Snapped, limit_minutes: float) -> Pairs:
    """Return the pairs of `pairs_within` in order of the place alone, which takes half the time."""
    origin, place, minutes = _pairs(graph, origins, places, limit_minutes)
    # NumPy sorts short integers by their digits, in one pass.
    order = np.argsort(place.astype(np.int16) if len(places) < 2**15 else place, kind="stable")
    return origin[order], place[order], minutes[order]


def _pairs(graph: Graph, origins: Snapped, places: Snapped, limit_minutes: float) -> Pairs:
    """Return each pair once, in no order: over streets, or where both stand on one edge, the shorter way."""
    if len(places) < len(origins):
        place, origin, minutes = _reach(graph, places, origins, limit_minutes, backwards=True)
    else:
        origin, place, minutes = _reach(graph, origins, places, limit_minutes, backwards=False)
    near, beside, along = same_edge(graph, origins, places)
    here = along <= limit_minutes
    around = origins.edge[origin] == places.edge[place]
    both = np.concatenate([origin[around], near[here]]), np.concatenate([place[around], beside[here]])
    ways = np.concatenate([minutes[around], along[here]])
    order = np.lexsort((ways, both[1], both[0]))
    pair = np.stack(both)[:, order]
    shortest = np.ones(len(order), np.bool_)
    shortest[1:] = (np.diff(pair) != 0).any(axis=0)
    return (
        np.concatenate([origin[~around], pair[0, shortest]]),
        np.concatenate([place[~around], pair[1, shortest]]),
        np.concatenate([minutes[~around], ways[order][shortest]]),
    )


def _reach(
    graph: Graph, sources: Snapped, targets: Snapped, limit_minutes: float, *, backwards: bool
) -> Pairs:
    """Return what sources reach over the ends of targets' edges, each pair once, block by block of sources.

    `backwards`: by which targets the sources are reached.
    """
    links = graph.into if backwards else graph.out
    parts = end_minutes(graph, sources, arriving=backwards)
    beyond = end_minutes(graph, targets, arriving=not backwards)
    edges, target, first, number = _by_edge(targets)
    one_end, other_end = graph.network.edge_nodes[edges].T.astype(np.intp)
    found: list[Pairs] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    size = max(1, BLOCK_BYTES // (16 * graph.network.node_count))
    for begin in range(0, len(sources), size):
        some, rows = sources.take(slice(begin, begin + size)), np.arange(min(size, len(sources) - begin))
        reached = search_rows(graph, links, parts[rows + begin], some, rows, len(rows), limit_minutes)
        # One source after the other: what belongs to one fits into the processor's cache.
        for source, row in enumerate(reached, begin):
            over_one, over_other = row[one_end], row[other_end]
            near = np.flatnonzero(np.minimum(over_one, over_other) <= limit_minutes)
            at, position = spread(first[near], number[near])
            there = target[position]
            minutes = np.minimum(
                over_one[near][at] + beyond[there, 0], over_other[near][at] + beyond[there, 1]
            )
            within = np.flatnonzero(minutes <= limit_minutes)
            found.append((np.full(len(within), source, np.int32), there[within], minutes[within]))
    one, other, minutes = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, other, minutes


def _by_edge(places: Snapped) -> tuple[Any, Ints, Any, Any]:
    """Return the edges with places; the places, edge by edge; where those of an edge begin, how many."""
    known = np.flatnonzero(places.edge >= 0)
    edges, edge, number = np.unique(places.edge[known], return_inverse=True, return_counts=True)
    return edges, known[np.argsort(edge, kind="stable")].astype(np.int32), np.cumsum(number) - number, number


def _cut(minutes: Floats, limit_minutes: float | None) -> Floats:
    if limit_minutes is not None:
        minutes[minutes > limit_minutes] = np.nan
    return minutes
