"""Points made ready to be walked to, or from, again and again, whatever is at the other end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.searching import end_minutes, same_edge, search, spread

#: The k nearest are looked for as far as straight lines let expect, and so much beyond; then twice as far
#: again and again, and in the end everywhere. How far one looks costs time, and changes no answer.
LOOK_DETOUR, LOOK_BEYOND_MINUTES, LOOK_FARTHER, LOOK_EVERYWHERE_MINUTES = 1.3, 3.0, 2.0, 100.0


@dataclass(frozen=True, eq=False, slots=True)
class Targets:
    """Places on the streets of a walker, with the junctions at both ends of their edges.

    Attributes
    ----------
    graph, places
        What it was made of.
    nodes : (2, p) int32
        Both ends of the edge of each place.
    end_minutes : (2, p) float64
        Minutes from these ends to the place; infinity: closed, barred or far from streets.
    """

    graph: Graph
    places: Snapped
    nodes: Ints
    end_minutes: Floats

    def minutes_from(self, origin: Snapped, limit_minutes: float | None = None) -> Floats:
        """Return minutes from one origin to each place, (p,); NaN: it can't be reached (within the limit)."""
        leaving = end_minutes(self.graph, origin, arriving=False)
        reached = search(self.graph, self.graph.out, leaving, origin, limit_minutes)
        minutes: Floats = (reached[self.nodes] + self.end_minutes).min(axis=0)
        beside = np.flatnonzero(self.places.edge == origin.edge[0])
        if len(beside):
            _, which, along = same_edge(self.graph, origin, self.places.take(beside))
            np.minimum.at(minutes, beside[which], along)
        minutes[~(minutes <= (np.inf if limit_minutes is None else limit_minutes))] = np.nan
        minutes[np.isinf(minutes)] = np.nan
        return minutes

    def nearest(self, origin: Snapped, k: int, limit_minutes: float | None = None) -> tuple[Ints, Floats]:
        """Return the k places that are nearest on foot, and their minutes, nearest first.

        Fewer where fewer can be reached. Places equally near keep their order.
        """
        k = min(k, len(self.places))
        most = np.inf if limit_minutes is None else limit_minutes
        look = LOOK_BEYOND_MINUTES + self.expected_minutes(origin, k)
        while True:
            minutes = self.minutes_from(origin, min(look, most))
            reached = np.flatnonzero(~np.isnan(minutes))
            if len(reached) >= k or look >= most:
                order = reached[np.argsort(minutes[reached], kind="stable")][:k].astype(np.int32)
                return order, minutes[order]
            look = look * LOOK_FARTHER if look < LOOK_EVERYWHERE_MINUTES else np.inf

    def expected_minutes(self, origin: Snapped, k: int) -> float:
        """Return the minutes within which some k places are expected, from straight lines.

        Infinity where there are not so many.
        """
        if not 0 < k <= len(self.places):
            return np.inf
        network = self.graph.network
        here = network.node_xy[network.edge_nodes[origin.edge[0], 0]]
        x_m, y_m = (network.node_xy[self.nodes[0]] - here).T
        straight_m = math.sqrt(np.partition(x_m * x_m + y_m * y_m, k - 1)[k - 1])
        return straight_m * LOOK_DETOUR / self.graph.speed_m_per_min


def make_ready(graph: Graph, places: Snapped) -> Targets:
    """Return places made ready to be walked to."""
    nodes = np.ascontiguousarray(graph.network.edge_nodes[places.edge].T)
    ends = np.ascontiguousarray(end_minutes(graph, places, arriving=True).T)
    return Targets(graph, places, nodes, ends)


@dataclass(frozen=True, eq=False, slots=True)
class Starts:
    """Points on the streets of a walker, from which many tables of minutes are read.

    Attributes
    ----------
    graph, points
        What it was made of.
    nodes : (2, p) int32
        Both ends of the edge of each point.
    end_minutes : (2, p) float64
        Minutes from the point to these ends; infinity: closed, barred or far from streets.
    by_edge : (p,) intp
        The points in the order of their edges.
    """

    graph: Graph
    points: Snapped
    nodes: Ints
    end_minutes: Floats
    by_edge: NDArray[np.intp]

    def minutes_to(self, node_minutes: Floats, places: Snapped | None = None) -> Floats:
        """Return minutes from the points to the places of a table, (p,); NaN: no way, or no street is near.

        Parameters
        ----------
        node_minutes : (n,) float64
            Of `geo.access.walking.travel.minutes_of_nodes`.
        places : Snapped, optional
            Those of the table: needed where a point and a place may stand on the same edge.
        """
        minutes: Floats = node_minutes[self.nodes[0]] + self.end_minutes[0]
        np.minimum(minutes, node_minutes[self.nodes[1]] + self.end_minutes[1], out=minutes)
        if places is not None:
            beside = self._beside(places)
            point, _, direct = same_edge(self.graph, self.points.take(beside), places)
            np.minimum.at(minutes, beside[point], direct)
        minutes[np.isinf(minutes)] = np.nan
        return minutes

    def _beside(self, places: Snapped) -> NDArray[np.intp]:
        """Return the points on edges where a place stands: few, however many points there are."""
        edges = np.unique(places.edge[places.edge >= 0])
        first, last = (
            np.searchsorted(self.points.edge, edges, side, self.by_edge) for side in ("left", "right")
        )
        beside: NDArray[np.intp] = self.by_edge[spread(first, last - first)[1]]
        return beside


def make_starts(graph: Graph, points: Snapped) -> Starts:
    """Return points made ready to set out from."""
    nodes = np.ascontiguousarray(graph.network.edge_nodes[points.edge].T)
    ends = np.ascontiguousarray(end_minutes(graph, points, arriving=False).T)
    return Starts(graph, points, nodes, ends, np.argsort(points.edge, kind="stable"))
