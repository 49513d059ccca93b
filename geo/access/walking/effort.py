"""How long a walker takes over each edge, and which edges are closed to them.

Every difficulty is spread evenly over its edge, so that a part of an edge costs its share. What stands at a
junction (a kerb, a gate, a lift) costs half on each edge that meets there: passing it costs the whole.

Slopes change speed after Tobler's hiking function (W. Tobler, "Three presentations on geographical analysis
and modeling", NCGIA Technical Report 93-1, 1993): exp(-3.5 |slope + 0.05|), relative to level ground.
"""

from __future__ import annotations

import numpy as np

from geo.access.network.arrays import Bits, Bools, Floats, Network
from geo.access.walking.walkers import WalkerFacts
from geo.street_flags import NodeFlag, StreetFlag


def measure_edges(network: Network, facts: WalkerFacts, evening: bool = False) -> Floats:
    """Return minutes over every edge, (m, 2): from its first end to its second, and back.

    Infinity where the walker can't go. In the evening, ways known to be unlit are closed; those of which
    nothing is known stay open.
    """
    flags = network.edge_flags
    factor = np.where(_has(flags, StreetFlag.UNPAVED), facts.unpaved_factor, 1.0)
    factor = np.where(_has(flags, StreetFlag.ROUGH), np.maximum(factor, facts.rough_factor), factor)
    level = network.edge_length_m / facts.speed_m_per_min * factor
    extra = _obstacles_s(network, facts) / 60
    minutes: Floats = level[:, None] * _slope_factors(network.edge_incline) + extra[:, None]
    minutes[_closed(network, facts, evening)] = np.inf
    return minutes


def open_ends(network: Network, facts: WalkerFacts) -> Bools:
    """Return whether the walker can pass over each end of the edges, (m, 2): not where a barrier is."""
    barred = np.zeros(network.node_count, np.bool_)
    if facts.barrier_s is None:
        barred |= _has(network.node_flags, NodeFlag.BARRIER)
    if facts.kerb_s is None:
        barred |= _has(network.node_flags, NodeFlag.KERB)
    passable: Bools = ~barred[network.edge_nodes]
    return passable


def _obstacles_s(network: Network, facts: WalkerFacts) -> Floats:
    """Return the seconds that what stands in the way costs, (m,); what is impossible costs nothing here."""
    edge, node = network.edge_flags, network.node_flags
    steps = _climbed(edge, facts)
    seconds = steps * network.edge_length_m * (facts.steps_s_per_m or 0)
    seconds = seconds + _has(edge, StreetFlag.KERB) * (facts.kerb_s or 0)
    seconds = seconds + _has(edge, StreetFlag.LIFT) * facts.lift_s
    at_node = _has(node, NodeFlag.KERB) * (facts.kerb_s or 0) + _has(node, NodeFlag.LIFT) * facts.lift_s
    at_node = at_node + _has(node, NodeFlag.BARRIER) * (facts.barrier_s or 0)
    total: Floats = seconds + at_node[network.edge_nodes].sum(axis=1) / 2
    return total


def _closed(network: Network, facts: WalkerFacts, evening: bool) -> Bools:
    """Return the edges that the walker can't use, (m,)."""
    flags, incline = network.edge_flags, np.nan_to_num(np.abs(network.edge_incline))
    closed = np.zeros(network.edge_count, np.bool_)
    if facts.steps_s_per_m is None:
        closed |= _climbed(flags, facts)
    if facts.kerb_s is None:
        closed |= _has(flags, StreetFlag.KERB)
    if facts.max_incline_percent is not None:
        closed |= incline > facts.max_incline_percent
    if facts.wheels:
        closed &= ~_has(flags, StreetFlag.WHEELCHAIR_YES)
        closed |= _has(flags, StreetFlag.WHEELCHAIR_NO)
    if evening:
        closed |= _has(flags, StreetFlag.UNLIT)
    return closed


def _climbed(flags: Bits, facts: WalkerFacts) -> Bools:
    """Return the edges on which steps are climbed, (m,). A ramp may be two rails: no wheelchair uses it."""
    eased = StreetFlag.LIFT if facts.wheels else StreetFlag.LIFT | StreetFlag.RAMP
    climbed: Bools = _has(flags, StreetFlag.STEPS) & ~_has(flags, eased)
    return climbed


def _slope_factors(incline_percent: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Floats:
    """Return times as long as on level ground, (m, 2): there and back; 1 where no slope is told."""
    slope = np.nan_to_num(incline_percent.astype(np.float64)) / 100
    both = np.stack([slope, -slope], axis=1)
    factors: Floats = np.exp(3.5 * (np.abs(both + 0.05) - 0.05))
    return factors


def _has(flags: Bits, flag: int) -> Bools:
    found: Bools = (flags & np.uint32(flag)) > 0
    return found
