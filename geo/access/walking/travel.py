"""Minutes on foot between places: one search of SciPy's Dijkstra, however many places it starts from.

Places stand on edges. A search starts from a row added behind the nodes of the graph, whose steps lead to
both ends of the edges on which the places stand, at the minutes that lead there. So one place and all
services of a theme cost the same: one search from one row. Many places at once are many rows, in blocks of
bounded memory.

Directions matter on slopes only: `minutes_from` walks from the origin, the others walk to the places.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph, Links

#: Most bytes of the tables that a search between many and many holds at one time.
BLOCK_BYTES = 32 * 2**20
#: Where the k nearest are asked for, the search goes so far first, then three times as far again and again.
FIRST_LOOK_MINUTES = 15.0


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
    reached = search(graph, graph.out, end_minutes(graph, origin, arriving=False), origin, limit_minutes)
    minutes = _over_ends(reached, graph, places, end_minutes(graph, places, arriving=True))
    _, place, direct = same_edge(graph, origin, places)
    np.minimum.at(minutes, place, direct)
    return _cut(_told(minutes), limit_minutes)


def nearest(
    graph: Graph, origin: Snapped, places: Snapped, k: int, limit_minutes: float | None = None
) -> tuple[Ints, Floats]:
    """Return the k places that are nearest on foot, and their minutes, nearest first.

    Fewer where fewer can be reached. Places equally near keep their order.
    """
    most = np.inf if limit_minutes is None else limit_minutes
    look = FIRST_LOOK_MINUTES
    while True:
        minutes = minutes_from(graph, origin, places, min(look, most))
        reached = np.flatnonzero(~np.isnan(minutes))
        if len(reached) >= min(k, len(places)) or look >= most:
            order = reached[np.argsort(minutes[reached], kind="stable")][:k].astype(np.int32)
            return order, minutes[order]
        look = look * 3 if look < 100 else np.inf


def pairs_within(
    graph: Graph, origins: Snapped, places: Snapped, limit_minutes: float
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs of an origin and a place that it reaches: indices of both and minutes, (q,) each.

    In order of the origin, then of the place. Memory beside the answer stays near `BLOCK_BYTES`.
    """
    swap = len(places) < len(origins)
    found = list(
        _blocks(graph, places, origins, limit_minutes, True)
        if swap
        else _blocks(graph, origins, places, limit_minutes, False)
    )
    if not found:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    source, target, minutes = (np.concatenate(column) for column in zip(*found, strict=True))
    origin, place = (target, source) if swap else (source, target)
    order = np.lexsort((place, origin))
    return origin[order], place[order], minutes[order]


def search(
    graph: Graph,
    links: Links,
    part_minutes: Floats,
    seeds: Snapped,
    limit_minutes: float | None = None,
) -> Floats:
    """Return minutes from the nearest seed along `links` to every junction, (n,); infinity: no way."""
    rows = np.zeros(len(seeds), np.int64)
    minutes: Floats = _dijkstra(graph, links, part_minutes, seeds, rows, 1, limit_minutes)[0]
    return minutes


def end_minutes(graph: Graph, places: Snapped, *, arriving: bool) -> Floats:
    """Return minutes between each place and both ends of its edge, (p, 2): from the ends, or else to them.

    The way to the street counts, at the speed on level ground. Infinity: closed, barred or too far.
    """
    edge = places.edge
    towards = graph.edge_minutes[edge] if arriving else graph.edge_minutes[edge][:, ::-1]
    share = np.stack([places.fraction, 1 - places.fraction], axis=1)
    usable = graph.edge_open[edge] & (graph.usable[edge] & (edge >= 0))[:, None]
    minutes: Floats = np.full((len(places), 2), np.inf)
    np.multiply(share, towards, out=minutes, where=usable)
    minutes += (places.offset_m / graph.speed_m_per_min)[:, None]
    return minutes


def same_edge(graph: Graph, origins: Snapped, places: Snapped) -> tuple[Ints, Ints, Floats]:
    """Return every origin and place that stand on one edge, and the minutes straight along it, (q,) each."""
    by_edge = np.argsort(places.edge, kind="stable")
    ordered = places.edge[by_edge]
    first, last = (
        np.searchsorted(ordered, origins.edge, "left"),
        np.searchsorted(ordered, origins.edge, "right"),
    )
    number = np.where((origins.edge >= 0) & graph.usable[origins.edge], last - first, 0)
    origin = np.repeat(np.arange(len(origins)), number)
    within = np.arange(len(origin)) - np.repeat(np.cumsum(number) - number, number)
    place = by_edge[np.repeat(first, number) + within]
    along = places.fraction[place] - origins.fraction[origin]
    there = graph.edge_minutes[origins.edge[origin], (along < 0).astype(np.intp)]
    beside_m = origins.offset_m[origin] + places.offset_m[place]
    minutes = np.abs(along) * there + beside_m / graph.speed_m_per_min
    return origin.astype(np.int32), place.astype(np.int32), minutes


def _blocks(
    graph: Graph, sources: Snapped, targets: Snapped, limit_minutes: float, arriving: bool
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield pairs block by block, searching from sources (towards them, if `arriving`)."""
    links = graph.into if arriving else graph.out
    starts = end_minutes(graph, sources, arriving=arriving)
    ends = end_minutes(graph, targets, arriving=not arriving)
    first, second = (targets, sources) if arriving else (sources, targets)
    on_origin, on_place, direct = same_edge(graph, first, second)
    source_at, target_at = (on_place, on_origin) if arriving else (on_origin, on_place)
    size = max(1, BLOCK_BYTES // (8 * (graph.network.node_count + 3 * len(targets) + 1)))
    for begin in range(0, len(sources), size):
        block = slice(begin, begin + size)
        some = sources.take(block)
        rows = np.arange(len(some))
        reached = _dijkstra(graph, links, starts[block], some, rows, len(some), limit_minutes)
        minutes = _over_ends(reached, graph, targets, ends)
        here = (source_at >= begin) & (source_at < begin + size)
        np.minimum.at(minutes, (source_at[here] - begin, target_at[here]), direct[here])
        source, target = np.nonzero(minutes <= limit_minutes)
        yield (source + begin).astype(np.int32), target.astype(np.int32), minutes[source, target]


def _dijkstra(
    graph: Graph,
    links: Links,
    part_minutes: Floats,
    seeds: Snapped,
    rows: Any,
    row_count: int,
    limit_minutes: float | None,
) -> Floats:
    """Return minutes from each added row to every junction, (row_count, n); `rows`: whose is each seed."""
    from scipy.sparse.csgraph import dijkstra

    n = graph.network.node_count
    matrix = with_rows(graph, links, part_minutes, seeds, rows, row_count)
    limit = np.inf if limit_minutes is None else limit_minutes
    minutes: Floats = dijkstra(matrix, indices=np.arange(n, n + row_count), limit=limit)[:, :n]
    return minutes


def with_rows(
    graph: Graph, links: Links, part_minutes: Floats, seeds: Snapped, rows: Any, row_count: int
) -> Any:
    """Return the steps as a SciPy matrix with rows added behind, from which the seeds' ends are reached.

    Nothing leads back to an added row. `rows` (p,) must not descend.
    """
    from scipy.sparse import csr_array

    open_ = np.isfinite(part_minutes)
    nodes, minutes = graph.network.edge_nodes[seeds.edge][open_], part_minutes[open_]
    lengths = np.bincount(np.repeat(rows, 2).reshape(-1, 2)[open_], minlength=row_count)
    size = graph.network.node_count + row_count
    start = np.concatenate(
        [links.start, links.start[-1] + np.cumsum(lengths, dtype=np.int32)], dtype=np.int32
    )
    to, cost = np.concatenate([links.to, nodes]), np.concatenate([links.minutes, minutes])
    return csr_array((cost, to, start), shape=(size, size))


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
