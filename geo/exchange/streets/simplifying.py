"""From ways to a network: cut where ways meet, then merge again what only a change of way had parted.

Nothing of a street's length or course is lost: points of merged lines all stay. Metres are EPSG:3812.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.crs import LAMBERT_2008, WGS84, transformer
from geo.exchange.streets.rules import Rules, read_incline
from geo.exchange.streets.sources.ways import LonLat, Way, WayFile, tell_names

LEAST_M = 0.01
"""Length of an edge whose ends lie on the same spot: none is without."""


class Look(NamedTuple):
    """What must be the same for two edges to become one."""

    highway: str
    name_fr: str | None
    name_nl: str | None
    flags: int
    incline_percent: float | None

    def turned(self) -> Look:
        """Return the same street, seen from its other end."""
        return self if self.incline_percent is None else self._replace(incline_percent=-self.incline_percent)


class Edge(NamedTuple):
    """A street between two nodes (ids of OSM), with its places (lon, lat) from the one to the other."""

    start: int
    end: int
    places: list[LonLat]
    length_m: float
    look: Look
    way_ids: tuple[int, ...]

    def turned(self) -> Edge:
        """Return the same street from its other end."""
        return Edge(self.end, self.start, self.places[::-1], self.length_m, self.look.turned(), self.way_ids)


@dataclass(slots=True)
class Streets:
    """Edges, the bits of nodes that have any, and how many ways were left out, by the tag that did it."""

    edges: list[Edge]
    node_flags: dict[int, int] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def length_km(self) -> float:
        """Length of all edges together."""
        return sum(edge.length_m for edge in self.edges) / 1_000


def cut_ways(file: WayFile, rules: Rules) -> Streets:
    """Choose the ways that are walked and cut them wherever two meet, or at a node that says something."""
    flagged = {node: bits for node, tags in file.node_tags.items() if (bits := rules.node_flags(tags))}
    walked: list[Way] = []
    left_out: Counter[str] = Counter()
    for way in file.ways:
        reason = rules.why_left_out(way.tags)
        if reason is None:
            walked.append(_without_pauses(way))
        else:
            left_out[reason] += 1
    walked = [way for way in walked if len(way.refs) > 1]
    meetings = _meetings(walked) | flagged.keys()
    edges = [edge for way, along in zip(walked, _measure(walked), strict=True)
             for edge in _cut(way, along, meetings, rules)]  # fmt: skip
    used = {node for edge in edges for node in (edge.start, edge.end)}
    return Streets(edges, {node: bits for node, bits in flagged.items() if node in used}, left_out)


def simplify(streets: Streets) -> Streets:
    """Merge the two edges at every node where just two meet, look the same, and nothing is told of the node.

    A ring without any other node keeps one.
    """
    at = _edges_at(streets.edges)
    passed = {node for node in at if _is_passed(node, at[node], streets)}
    left = dict.fromkeys(range(len(streets.edges)))
    merged: list[Edge] = []
    begun = [number for number, edge in enumerate(streets.edges) if not passed >= {edge.start, edge.end}]
    for number in [*begun, *left]:
        if number not in left:
            continue
        del left[number]
        edge = streets.edges[number]
        if edge.start in passed and edge.end not in passed:
            edge = edge.turned()
        merged.append(_follow(edge, at, passed, left, streets.edges))
    return Streets(merged, streets.node_flags, streets.left_out)


def _follow(
    edge: Edge,
    at: Mapping[int, list[int]],
    passed: set[int],
    left: dict[int, None],
    edges: list[Edge],
) -> Edge:
    """Go on from the end of an edge as long as nodes are passed; take what is gone over from `left`."""
    chain = [edge]
    while chain[-1].end in passed:
        here = chain[-1].end
        following = next((number for number in at[here] if number in left), None)
        if following is None:
            break
        del left[following]
        taken = edges[following]
        chain.append(taken if taken.start == here else taken.turned())
    if len(chain) == 1:
        return edge
    places = [*edge.places, *(place for each in chain[1:] for place in each.places[1:])]
    way_ids = dict.fromkeys(way for each in chain for way in each.way_ids)
    length_m = sum(each.length_m for each in chain)
    return Edge(edge.start, chain[-1].end, places, length_m, edge.look, tuple(way_ids))


def _edges_at(edges: Iterable[Edge]) -> dict[int, list[int]]:
    at: dict[int, list[int]] = {}
    for number, edge in enumerate(edges):
        at.setdefault(edge.start, []).append(number)
        at.setdefault(edge.end, []).append(number)
    return at


def _is_passed(node: int, numbers: list[int], streets: Streets) -> bool:
    if len(numbers) != 2 or numbers[0] == numbers[1] or node in streets.node_flags:
        return False
    first, second = (streets.edges[number] for number in numbers)
    into = first.look if first.end == node else first.look.turned()
    out_of = second.look if second.start == node else second.look.turned()
    return into == out_of


def _without_pauses(way: Way) -> Way:
    """Return a way that never names the same node twice in a row."""
    kept = [0, *(n for n in range(1, len(way.refs)) if way.refs[n] != way.refs[n - 1])]
    if len(kept) == len(way.refs):
        return way
    refs, places = [way.refs[n] for n in kept], [way.places[n] for n in kept]
    return Way(way.ids, refs, places, way.tags, way.length_m)


def _meetings(ways: list[Way]) -> set[int]:
    """Return the nodes that occur twice or more, and all ends."""
    counts = Counter(node for way in ways for node in way.refs)
    ends = {node for way in ways for node in (way.refs[0], way.refs[-1])}
    return ends | {node for node, times in counts.items() if times > 1}


def _measure(ways: list[Way]) -> Iterable[NDArray[np.float64]]:
    """Return, for each way, the metres from its start to each of its places."""
    sizes = [len(way.places) for way in ways]
    places = np.array([place for way in ways for place in way.places], dtype=np.float64).reshape(-1, 2)
    xy = np.column_stack(transformer(WGS84, LAMBERT_2008).transform(places[:, 0], places[:, 1]))
    for way, points in zip(ways, np.split(xy, np.cumsum(sizes)[:-1]), strict=True):
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        stretch = way.length_m / along[-1] if way.length_m is not None and along[-1] else 1.0
        yield along * stretch


def _cut(way: Way, along: NDArray[np.float64], meetings: set[int], rules: Rules) -> Iterable[Edge]:
    look = Look(way.tags["highway"], *tell_names(way.tags), rules.way_flags(way.tags), read_incline(way.tags))
    last = len(way.refs) - 1
    stops = [place for place, node in enumerate(way.refs) if place in (0, last) or node in meetings]
    for start, end in pairwise(stops):
        length_m = max(float(along[end] - along[start]), LEAST_M)
        yield Edge(way.refs[start], way.refs[end], way.places[start : end + 1], length_m, look, way.ids)
