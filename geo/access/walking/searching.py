"""Searches from places on edges, by SciPy's Dijkstra.

A search starts from rows added behind the nodes of the graph, whose steps lead to both ends of the edges on
which places stand, at the minutes that lead there: one row for one place, or for all places of a theme.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph, Links

#: Steps of a row that is written for one search and again for the next: two for each place.
ROOM = 8


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
    first, last = (np.searchsorted(places.edge[by_edge], origins.edge, side) for side in ("left", "right"))
    number = np.where((origins.edge >= 0) & graph.usable[origins.edge], last - first, 0)
    origin, position = spread(first, number)
    place = by_edge[position]
    along = places.fraction[place] - origins.fraction[origin]
    there = graph.edge_minutes[origins.edge[origin], (along < 0).astype(np.intp)]
    beside_m = origins.offset_m[origin] + places.offset_m[place]
    minutes = np.abs(along) * there + beside_m / graph.speed_m_per_min
    return origin.astype(np.int32), place.astype(np.int32), minutes


def search(
    graph: Graph,
    links: Links,
    part_minutes: Floats,
    seeds: Snapped,
    limit_minutes: float | None = None,
) -> Floats:
    """Return minutes from the nearest seed along `links` to every junction, (n,); infinity: no way."""
    if len(seeds) * 2 <= ROOM and links.desk.lock.acquire(blocking=False):
        try:
            return _search_at_desk(graph, links, part_minutes, seeds, limit_minutes)
        finally:
            links.desk.lock.release()
    rows = np.zeros(len(seeds), np.int64)
    minutes: Floats = search_rows(graph, links, part_minutes, seeds, rows, 1, limit_minutes)[0]
    return minutes


def _search_at_desk(
    graph: Graph, links: Links, part_minutes: Floats, seeds: Snapped, limit_minutes: float | None
) -> Floats:
    """Do so on the one matrix of these links, whose last row is written anew: nothing is copied."""
    from scipy.sparse.csgraph import dijkstra

    n, steps = graph.network.node_count, len(links.to)
    matrix = links.desk.matrix
    if matrix is None:
        matrix = links.desk.matrix = _with_room(links, n)
    open_ = np.isfinite(part_minutes)
    end = steps + np.count_nonzero(open_)
    matrix.indices[steps:end] = graph.network.edge_nodes[seeds.edge][open_]
    matrix.data[steps:end] = part_minutes[open_]
    matrix.indptr[-1] = end
    limit = np.inf if limit_minutes is None else limit_minutes
    minutes: Floats = dijkstra(matrix, indices=n, limit=limit)[:n]
    return minutes


def _with_room(links: Links, nodes: int) -> Any:
    """Return the steps as a SciPy matrix with a row behind that has room for `ROOM` steps."""
    from scipy.sparse import csr_array

    to = np.concatenate([links.to, np.zeros(ROOM, np.int32)])
    minutes = np.concatenate([links.minutes, np.zeros(ROOM)])
    start = np.append(links.start, np.int32(len(to)))
    return csr_array((minutes, to, start), shape=(nodes + 1, nodes + 1))


def search_rows(
    graph: Graph,
    links: Links,
    part_minutes: Floats,
    seeds: Snapped,
    rows: Any,
    row_count: int,
    limit_minutes: float | None = None,
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


def spread(first: Any, number: Any) -> tuple[Any, Any]:
    """Return all positions of runs that begin at `first` and are `number` long, and whose run each is of."""
    run = np.repeat(np.arange(len(number)), number)
    return run, np.arange(len(run)) + np.repeat(first - (np.cumsum(number) - number), number)
