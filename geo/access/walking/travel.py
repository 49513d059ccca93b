"""Minutes on foot between places: one search, however many places it starts from.

One place and all services of a theme cost the same. Many places at once are searched in blocks of bounded
memory. Directions matter on slopes only: all walk from points, people or origins to places.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.searching import end_minutes, same_edge, search, search_rows, spread
from geo.access.walking.targets import make_ready

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
    minutes = _over_ends(node_minutes, graph, points, end_minutes(graph, points, arriving=False))
    if places is not None:
        point, _, direct = same_edge(graph, points, places)
        np.minimum.at(minutes, point, direct)
    return _told(minutes)


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
    if len(places) < len(origins):
        place, origin, through = _reach(graph, places, origins, limit_minutes, backwards=True)
    else:
        origin, place, through = _reach(graph, origins, places, limit_minutes, backwards=False)
    near, beside, along = same_edge(graph, origins, places)
    here = along <= limit_minutes
    key = np.concatenate([origin, near[here]]).astype(np.int64) * max(1, len(places))
    key += np.concatenate([place, beside[here]])
    order = np.argsort(key)
    key, minutes = key[order], np.concatenate([through, along[here]])[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    origin, place = (each.astype(np.int32) for each in np.divmod(key[first], max(1, len(places))))
    return origin, place, np.minimum.reduceat(minutes, first) if len(first) else minutes


def _reach(
    graph: Graph, sources: Snapped, targets: Snapped, limit_minutes: float, *, backwards: bool
) -> Pairs:
    """Return what sources reach over the ends of targets' edges, once for each end.

    `backwards`: by which targets the sources are reached.
    """
    links = graph.into if backwards else graph.out
    parts = end_minutes(graph, sources, arriving=backwards)
    ends = end_minutes(graph, targets, arriving=not backwards).ravel()
    nodes = graph.network.edge_nodes[targets.edge].ravel()
    by_node = np.argsort(nodes, kind="stable")
    first = np.searchsorted(nodes[by_node], np.arange(graph.network.node_count + 1))
    found: list[Pairs] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    size = max(1, BLOCK_BYTES // (16 * graph.network.node_count))
    for begin in range(0, len(sources), size):
        some, rows = sources.take(slice(begin, begin + size)), np.arange(min(size, len(sources) - begin))
        reached = search_rows(graph, links, parts[rows + begin], some, rows, len(rows), limit_minutes)
        source, node = np.nonzero(reached <= limit_minutes)
        for part in _cut_up(np.diff(first)[node], BLOCK_BYTES // 128):
            at, position = spread(first[node[part]], np.diff(first)[node[part]])
            end = by_node[position]
            minutes = reached[source[part][at], node[part][at]] + ends[end]
            within = minutes <= limit_minutes
            pair = (source[part][at] + begin)[within], (end // 2)[within]
            found.append((*(each.astype(np.int32) for each in pair), minutes[within]))
    one, other, minutes = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, other, minutes


def _cut_up(numbers: Any, most: int) -> Iterator[slice]:
    """Yield slices of a list whose numbers add up to about `most` at the most."""
    total = np.cumsum(numbers)
    cuts = np.searchsorted(total, np.arange(most, total[-1] + most, most)) + 1 if len(total) else total
    yield from (slice(start, end) for start, end in pairwise([0, *cuts.tolist()]))


def _over_ends(node_minutes: Floats, graph: Graph, places: Snapped, ends: Floats) -> Floats:
    """Return minutes of places through the better of their two ends, (…, p), from those of nodes, (…, n)."""
    nodes = graph.network.edge_nodes[places.edge]
    first = node_minutes[..., nodes[:, 0]] + ends[:, 0]
    minutes: Floats = np.minimum(first, node_minutes[..., nodes[:, 1]] + ends[:, 1])
    return minutes


def _cut(minutes: Floats, limit_minutes: float | None) -> Floats:
    if limit_minutes is not None:
        minutes[minutes > limit_minutes] = np.nan
    return minutes


def _told(minutes: Floats) -> Floats:
    minutes[np.isinf(minutes)] = np.nan
    return minutes
