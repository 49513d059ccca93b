"""Walking minutes estimated from a straight line, for as long as no street network is loaded."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import number

#: Streets are longer than the straight line: a usual detour factor in dense European street networks.
DETOUR_FACTOR = 1.3
#: An unhurried adult walks 4.5 km/h.
WALK_M_PER_MINUTE = 75.0


def estimate_walk_minutes(distance_m: float) -> int:
    """Return whole minutes on foot, rounded up, for a straight line of `distance_m` metres."""
    return math.ceil(distance_m * DETOUR_FACTOR / WALK_M_PER_MINUTE)


def estimate_reach_m(minutes: float) -> float:
    """Return the longest straight line in metres that counts as within `minutes`.

    Distances are told in whole metres, so half a metre more than the last whole one is still within.
    """
    return math.floor(minutes * WALK_M_PER_MINUTE / DETOUR_FACTOR) + 0.5


def tell_walk(distance_m: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """Return what a service says of the way to it: whole metres, and the minutes estimated from them."""
    rounded = func.round(distance_m)
    minutes = func.ceil(rounded * number(DETOUR_FACTOR) / number(WALK_M_PER_MINUTE))
    return {"distance_m": rounded, "walk_minutes": minutes, "estimated": number(True)}
