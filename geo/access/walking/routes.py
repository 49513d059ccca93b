"""The quickest way between two places, as a line and as legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.legs import Leg
from geo.access.walking.pieces import Piece, join_legs, join_lines, length_of, line_of, minutes_of
from geo.access.walking.searching import end_minutes, same_edge, with_rows
from geo.access.walking.travel import nearest
from geo.errors import NoWay

#: A search for ways goes that much beyond the minutes that were found: sums differ in their last digits.
SLACK_MINUTES = 1e-6


@dataclass(frozen=True, eq=False)
class Route:
    """A walk.

    Attributes
    ----------
    minutes, length_m : float
        The whole of it, with the straight lines between the places and their streets.
    line_xy : (j, 2) float64
        Along the streets, EPSG:3812; one point or none where nothing is walked along them.
    edges : (e,) int32
        Numbers of the edges in the order walked.
    legs : tuple of Leg
        What to do, street by street; their lengths and minutes are those along the streets.
    """

    minutes: float
    length_m: float
    line_xy: Floats
    edges: Ints
    legs: tuple[Leg, ...]


@dataclass(frozen=True, eq=False)
class _Tree:
    """The quickest ways from one origin, as far as needed: minutes to junctions, and the one before each."""

    origin: Snapped
    minutes: Floats
    before: Ints


def find_route(graph: Graph, origin: Snapped, destination: Snapped) -> Route:
    """Return the quickest walk from one place to another.

    Raises
    ------
    NoWay
        If there is none for this walker.
    """
    (route,) = find_routes(graph, origin, destination)
    if route is None:
        raise NoWay(walker=graph.walker.value)
    return route


def find_routes(
    graph: Graph, origin: Snapped, destinations: Snapped, limit_minutes: float | None = None
) -> list[Route | None]:
    """Return the quickest walk from one place to each of several.

    None where there is no way for this walker, or none within the limit.
    """
    routes: list[Route | None] = [None] * len(destinations)
    reached, minutes = nearest(graph, origin, destinations, len(destinations), limit_minutes)
    if len(reached):
        tree = _grow(graph, origin, float(minutes[-1]) + SLACK_MINUTES)
        for at in reached.tolist():
            routes[at] = _find(graph, tree, destinations.take([at]))
    return routes


def _find(graph: Graph, tree: _Tree, destination: Snapped) -> Route:
    """Return the way to a place that the tree reaches."""
    edge, fraction = int(destination.edge[0]), float(destination.fraction[0])
    ends = end_minutes(graph, destination, arriving=True)[0]
    through = tree.minutes[graph.network.edge_nodes[edge]] + ends
    along = same_edge(graph, tree.origin, destination)[2]
    if len(along) and along[0] <= through.min():
        pieces = [Piece(edge, float(tree.origin.fraction[0]), fraction)]
    else:
        pieces = _trace(graph, tree, Piece(edge, 0.0, fraction), int(through.argmin()))
    return _lay_out(graph, pieces, float(tree.origin.offset_m[0] + destination.offset_m[0]))


def _grow(graph: Graph, origin: Snapped, limit_minutes: float) -> _Tree:
    from scipy.sparse.csgraph import dijkstra

    parts = end_minutes(graph, origin, arriving=False)
    matrix = with_rows(graph, graph.out, parts, origin, np.zeros(1, np.int64), 1)
    root = graph.network.node_count
    minutes, before = dijkstra(matrix, indices=root, limit=limit_minutes, return_predecessors=True)
    return _Tree(origin, minutes, before)


def _trace(graph: Graph, tree: _Tree, goal: Piece, end: int) -> list[Piece]:
    """Return the pieces from the origin to a place that is entered over an end of its edge."""
    root, nodes = graph.network.node_count, graph.network.edge_nodes
    node = int(nodes[goal.edge, end])
    pieces = [goal._replace(begin=float(end))]
    while (before := int(tree.before[node])) != root:
        edge = _quickest(graph, before, node)
        begin = 0.0 if nodes[edge, 0] == before else 1.0
        pieces.append(Piece(edge, begin, 1.0 - begin))
        node = before
    first, at = int(tree.origin.edge[0]), float(tree.origin.fraction[0])
    leaving = end_minutes(graph, tree.origin, arriving=False)[0]
    over = int(np.where(nodes[first] == node, leaving, np.inf).argmin())
    pieces.append(Piece(first, at, float(over)))
    return pieces[::-1]


def _quickest(graph: Graph, start: int, to: int) -> int:
    """Return the edge by which one goes from a junction to the next."""
    steps = slice(graph.out.start[start], graph.out.start[start + 1])
    minutes = np.where(graph.out.to[steps] == to, graph.out.minutes[steps], np.inf)
    return int(graph.out.edge[steps][minutes.argmin()])


def _lay_out(graph: Graph, pieces: list[Piece], beside_m: float) -> Route:
    pieces = [piece for piece in pieces if piece.begin != piece.end]
    lines = [line_of(graph.network, piece) for piece in pieces]
    along_m = sum(length_of(graph.network, piece) for piece in pieces)
    minutes = sum(minutes_of(graph, piece) for piece in pieces)
    return Route(
        minutes=minutes + beside_m / graph.speed_m_per_min,
        length_m=along_m + beside_m,
        line_xy=join_lines(lines),
        edges=np.array([piece.edge for piece in pieces], np.int32),
        legs=join_legs(graph, pieces, lines),
    )
