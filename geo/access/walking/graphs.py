"""The streets as one walker knows them: minutes, and the graph that is searched."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from geo.access.network.arrays import Bools, Floats, Ints, Network
from geo.access.walking.effort import measure_edges, open_ends
from geo.access.walking.walkers import WalkerFacts, read_walkers
from geo.vocabulary import Walker


@dataclass(eq=False)
class Desk:
    """A matrix with room for one row more, and the lock of whoever writes that row."""

    lock: Lock = field(default_factory=Lock)
    matrix: Any = None


@dataclass(frozen=True, eq=False)
class Links:
    """Steps from junction to junction, row by row (compressed sparse rows).

    The steps from node i are those at `start[i]:start[i + 1]`. Parallel edges and loops all stay: a search
    takes the quickest by itself, and each step knows its edge. `desk` is what searches from a single place
    share (`geo.access.walking.searching`).
    """

    start: Ints
    to: Ints
    minutes: Floats
    edge: Ints
    desk: Desk = field(default_factory=Desk, repr=False)


@dataclass(frozen=True, eq=False)
class Graph:
    """A network for one walker; an edge that is closed to them isn't in it.

    Attributes
    ----------
    network, walker, evening, facts
        What it was made of.
    edge_minutes : (m, 2) float64
        From the first end to the second, and back; infinity: closed. They differ on slopes only.
    edge_open : (m, 2) bool
        Whether one can pass over each end.
    usable : (m,) bool
        Edges that are not closed.
    out, into : Links
        Steps away from a node; steps by which it is reached (the same walked backwards). One object where
        no slope is told.
    """

    network: Network
    walker: Walker
    evening: bool
    facts: WalkerFacts
    edge_minutes: Floats
    edge_open: Bools
    usable: Bools
    out: Links
    into: Links

    @property
    def speed_m_per_min(self) -> float:
        """Speed on level ground, also between a place and its street."""
        return self.facts.speed_m_per_min


def graph_of(network: Network, walker: Walker = Walker.ADULT, evening: bool = False) -> Graph:
    """Return the graph of a network for a walker. Made once and kept with the network."""
    return network.keep(("graph", walker, evening), lambda: _build(network, walker, evening))


def _build(network: Network, walker: Walker, evening: bool) -> Graph:
    facts = read_walkers()[walker]
    minutes, passable = measure_edges(network, facts, evening), open_ends(network, facts)
    usable = np.isfinite(minutes[:, 0])
    linked = np.flatnonzero(usable & passable.all(axis=1)).astype(np.int32)
    ends = network.edge_nodes[linked]
    both, pair = np.concatenate([linked, linked]), np.concatenate([ends, ends[:, ::-1]])
    there = np.concatenate([minutes[linked, 0], minutes[linked, 1]])
    back = np.concatenate([minutes[linked, 1], minutes[linked, 0]])
    out = _link(network.node_count, pair, there, both)
    into = out if np.array_equal(there, back) else _link(network.node_count, pair, back, both)
    return Graph(network, walker, evening, facts, minutes, passable, usable, out, into)


def _link(node_count: int, pair: Ints, minutes: Floats, edge: Ints) -> Links:
    order = np.argsort(pair[:, 0], kind="stable")
    start = np.zeros(node_count + 1, np.int32)
    np.cumsum(np.bincount(pair[:, 0], minlength=node_count), out=start[1:])
    return Links(start, np.ascontiguousarray(pair[order, 1]), minutes[order], edge[order])
