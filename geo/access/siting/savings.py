"""What a new site would save whom: a table of demand points against candidate sites, for both goals.

"Covering" (the maximal covering location problem: Church & ReVelle, Papers of the Regional Science
Association 32, 1974) counts the people of a point whom a site brings within the minutes. "Median" (the
p-median problem: Hakimi, Operations Research 12, 1964) counts the minutes that they walk less. In both, a
point gains what the best of the chosen sites saves it, and the existing services are already counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.searching import end_minutes, same_edge, with_rows
from geo.access.walking.travel import EPSILON_MINUTES, pairs_within

#: A walk to anything farther, and to what can't be reached, counts as one of so many minutes.
MOST_MINUTES = 30.0

#: Less than this is nothing: what is left of sums that should come out even.
_TINY = 1e-9

#: People stand at no more points than this, so that a choice is proved in seconds.
MOST_POINTS = 4_000

#: Squares in which people are gathered begin with this side.
_SQUARE_M = 100.0


@dataclass(frozen=True, eq=False, slots=True)
class Savings:
    """What sites save points; pairs that save nothing are left out.

    Attributes
    ----------
    points : int
        Number of demand points.
    sites : int
        Number of candidates.
    point, site : ndarray of int32, (q,)
        Numbers of both, in order of the point.
    saved : ndarray of float, (q,)
        People brought within reach, or people times minutes; more than 0.
    error_minutes : float
        How far, on average, people stand from the point that stands for them.
    """

    points: int
    sites: int
    point: Ints
    site: Ints
    saved: Floats
    error_minutes: float


@dataclass(frozen=True, eq=False, slots=True)
class Demand:
    """People whose ways a site can change: pieces of streets, or fewer points that stand for them.

    Attributes
    ----------
    points : Snapped
        Where they stand, d of them.
    people, before : ndarray of float, (d,)
        How many, and their mean minutes to the nearest existing place, at most `MOST_MINUTES`.
    error_minutes : float
        How far people stand from their point, on average; 0 where each piece is its own point.
    """

    points: Snapped
    people: Floats
    before: Floats
    error_minutes: float


def gather_demand(graph: Graph, residents: Snapped, people: Floats, before: Floats, xy: Floats) -> Demand:
    """Return points that stand for people, not more than `MOST_POINTS`.

    Where there are more pieces of streets, the fullest piece of each square stands for all people to whom it
    is the nearest of these on foot; squares are as small as they can be.

    Parameters
    ----------
    graph : Graph
        The walker's streets.
    residents : Snapped
        Pieces of streets, (r,).
    people, before : ndarray of float, (r,)
        Who lives there, and their minutes to the nearest existing place; NaN: no way.
    xy : ndarray of float, (r, 2)
        Where the pieces are, EPSG:3812.
    """
    usual = np.minimum(np.nan_to_num(before, nan=MOST_MINUTES), MOST_MINUTES)
    if len(residents) <= MOST_POINTS:
        return Demand(residents, people, usual, 0.0)
    side_m = _SQUARE_M
    while len(chosen := _fullest(xy, people, side_m)) > MOST_POINTS:
        side_m *= 2**0.5
    points = residents.take(chosen)
    number, away = _nearest_point(graph, residents, points)
    near = number >= 0
    number, people, size = number[near], people[near], len(chosen)
    gathered = add_up(number, people, size)
    mean = add_up(number, people * usual[near], size) / np.maximum(gathered, _TINY)
    error = float(np.average(away[near], weights=people)) if len(people) else 0.0
    return Demand(points, gathered, mean, error)


def covering_savings(graph: Graph, demand: Demand, sites: Snapped, minutes: float) -> Savings:
    """Return whom each site would bring within the minutes; points with the same sites near become one.

    All of the demand is taken to lack a place within the minutes.
    """
    point, site, _ = pairs_within(graph, demand.points, sites, minutes + EPSILON_MINUTES)
    served, first_pair, number = np.unique(point, return_index=True, return_inverse=True)
    if not len(served):
        return Savings(0, len(sites), point, site, np.empty(0), demand.error_minutes)
    sets = np.add.reduceat(set_hashes(len(sites))[site], first_pair)
    _, first, group = np.unique(sets, return_index=True, return_inverse=True)
    together = add_up(group, demand.people[served], len(first))
    is_kept = np.zeros(len(served), np.bool_)
    is_kept[first] = True
    kept = is_kept[number]
    merged = group[number[kept]].astype(np.int32)
    order = np.argsort(merged, kind="stable")
    merged = merged[order]
    return Savings(len(first), len(sites), merged, site[kept][order], together[merged], demand.error_minutes)


def median_savings(graph: Graph, demand: Demand, sites: Snapped) -> Savings:
    """Return the minutes that each site would save the people of each point, all of them together."""
    point, site, walk = pairs_within(graph, demand.points, sites, MOST_MINUTES)
    saved = demand.people[point] * (demand.before[point] - walk)
    kept = saved > _TINY
    size = len(demand.points)
    return Savings(size, len(sites), point[kept], site[kept], saved[kept], demand.error_minutes)


def add_up(group: NDArray[np.integer[Any]], amounts: Floats, groups: int) -> Floats:
    """Return the amounts of each group, (groups,)."""
    return np.bincount(group, amounts, minlength=groups).astype(np.float64)


def set_hashes(number: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a random number for each candidate: the sum of a set's numbers names the set."""
    drawn = np.random.default_rng(20140).integers(1, 2**63, number, dtype=np.int64)
    return drawn.astype(np.uint64)


def _fullest(xy: Floats, people: Floats, side_m: float) -> Ints:
    """Return the piece with most people of each square."""
    square = np.floor(xy / side_m).astype(np.int64)
    order = np.lexsort((-people, square[:, 1], square[:, 0]))
    ordered = square[order]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return order[is_first].astype(np.int32)


def _nearest_point(graph: Graph, residents: Snapped, points: Snapped) -> tuple[Ints, Floats]:
    """Return the point nearest on foot to each resident, (r,), -1 where there is no way; and the minutes."""
    from scipy.sparse.csgraph import dijkstra

    n, size = graph.network.node_count, len(points)
    arriving = end_minutes(graph, points, arriving=True)
    matrix = with_rows(graph, graph.into, arriving, points, np.arange(size), size)
    minutes, _, source = dijkstra(
        matrix, indices=np.arange(n, n + size), min_only=True, return_predecessors=True
    )
    nodes = graph.network.edge_nodes[residents.edge]
    over = minutes[nodes] + end_minutes(graph, residents, arriving=False)
    row, end = np.arange(len(residents)), over.argmin(axis=1)
    away = over[row, end]
    number = np.where(np.isfinite(away), source[nodes[row, end]] - n, -1).astype(np.int32)
    resident, point, direct = same_edge(graph, residents, points)
    shorter = np.flatnonzero(direct < away[resident])
    shorter = shorter[np.argsort(-direct[shorter], kind="stable")]  # of several the shortest is written last
    number[resident[shorter]], away[resident[shorter]] = point[shorter], direct[shorter]
    return number, away
