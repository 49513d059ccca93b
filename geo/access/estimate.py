"""Walking minutes estimated from a straight line, for as long as no street network is loaded."""

from __future__ import annotations

import math

#: Streets are longer than the straight line: a usual detour factor in dense European street networks.
DETOUR_FACTOR = 1.3
#: An unhurried adult walks 4.5 km/h.
WALK_M_PER_MINUTE = 75.0


def estimate_walk_minutes(distance_m: float) -> int:
    """Return whole minutes on foot, rounded up, for a straight line of `distance_m` metres."""
    return math.ceil(distance_m * DETOUR_FACTOR / WALK_M_PER_MINUTE)


def estimate_reach_m(minutes: float) -> float:
    """Return the straight line in metres that is walked within `minutes`."""
    return minutes * WALK_M_PER_MINUTE / DETOUR_FACTOR
