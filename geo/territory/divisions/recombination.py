"""The edge to GerryChain: random connected divisions of units within a range of inhabitants.

Imported by the child process only: GerryChain takes seconds and brings GeoPandas and SciPy with it.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import networkx  # type: ignore[import-untyped]
import numpy as np
from gerrychain import Graph, MarkovChain, Partition
from gerrychain.proposals import recom
from gerrychain.proposals.tree_proposals import MetagraphError
from gerrychain.tree import bipartition_tree

from geo.territory.divisions.atoms import Ints
from geo.territory.divisions.graph import Units

_PEOPLE = "people"
#: Random trees that are drawn for one cut, and for one step of the chain, before something else is tried.
_TREES_PER_CUT, _TREES_PER_STEP = 60, 40
#: Part of an inhabitant by which bounds are widened, since GerryChain turns them into a share and back.
_HAIR = 0.25


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and greatest number of inhabitants of a zone, both allowed."""

    minimum: float
    maximum: float

    def hold(self, population: Ints) -> bool:
        """Return whether every zone lies within."""
        return bool(((population >= self.minimum) & (population <= self.maximum)).all())


class Stuck(Exception):
    """No random tree that was drawn could be cut within the bounds."""


class Recombination:
    """Draws divisions of connected units. The same units, bounds and seed give the same ones.

    Notes
    -----
    ReCom merges two neighbouring zones, draws a random spanning tree over both and cuts it where both sides
    lie within the bounds: D. DeFord, M. Duchin and J. Solomon, Recombination: A Family of Markov Chains for
    Redistricting, Harvard Data Science Review 3.1 (2021). A division that has many spanning trees, so one of
    round zones, is drawn more often than a ragged one.
    """

    def __init__(self, units: Units, bounds: Bounds, seed: int) -> None:
        self._units = units
        self._bounds = bounds
        self._rng = random.Random(seed)  # noqa: S311 - chance, not secrecy
        drawn = networkx.Graph()
        drawn.add_nodes_from((place, {_PEOPLE: int(people)}) for place, people in enumerate(units.population))
        drawn.add_edges_from(units.links.tolist())
        self._graph = Graph.from_networkx(drawn).convert_from_nx_to_rx()  # once, not at each burst

    def draw(self, zones: int) -> Ints:
        """Return a random division, by cutting the whole in two again and again.

        Raises
        ------
        Stuck
            If some part could not be cut within the bounds.
        """
        zone = np.zeros(len(self._units), dtype=np.int64)
        self._split(set(range(len(self._units))), zones, 0, zone)
        return zone

    def _split(self, nodes: set[int], zones: int, first: int, zone: Ints) -> None:
        if zones == 1:
            zone[list(nodes)] = first
            return
        left, right = zones // 2, zones - zones // 2
        people = int(self._units.population[list(nodes)].sum())
        least = max(left * self._bounds.minimum, people - right * self._bounds.maximum)
        most = min(left * self._bounds.maximum, people - right * self._bounds.minimum)
        if zones > 2:  # leave room for the cuts to come
            share, room = people * left / zones, (most - least) / 4
            least, most = max(least, share - room), min(most, share + room)
        side = self._cut(nodes, least, most)
        self._split(side, left, first, zone)
        self._split(nodes - side, right, first + left, zone)

    def _cut(self, nodes: set[int], least: float, most: float) -> set[int]:
        if most < least or most <= 0 or len(nodes) < 2:
            raise Stuck
        middle = (least + most) / 2
        try:
            side = bipartition_tree(
                self._graph.subgraph(nodes),
                pop_col=_PEOPLE,
                pop_target=middle,
                epsilon=(most - middle + _HAIR) / middle,
                single_district_cut=True,
                max_attempts=_TREES_PER_CUT,
                rng=self._rng,
            )
        except RuntimeError as error:
            raise Stuck from error
        return {int(node) for node in side}  # type: ignore[call-overload]

    def walk(self, start: Ints, steps: int) -> Iterator[Ints]:
        """Yield the divisions that a chain of ReCom passes through from a given one, that one left out.

        Raises
        ------
        Stuck
            If no pair of neighbouring zones can be merged and cut otherwise.
        """
        middle = (self._bounds.minimum + self._bounds.maximum) / 2
        proposal = partial(
            recom,
            pop_col=_PEOPLE,
            pop_target=middle,
            epsilon=(self._bounds.maximum - middle + _HAIR) / middle,
            bipartition_tree_fn=partial(
                bipartition_tree, max_attempts=_TREES_PER_STEP, allow_pair_reselection=True
            ),
        )
        named = {place: int(zone) for place, zone in enumerate(start)}
        chain = MarkovChain(
            proposal, initial_partition=Partition(self._graph, named), total_steps=steps + 1, rng=self._rng
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for place, partition in enumerate(chain):
                    if place:
                        yield partition.assignment_vector.astype(np.int64)
        except MetagraphError as error:
            raise Stuck from error
