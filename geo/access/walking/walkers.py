"""Who walks: a speed and difficulties for each, read from `data/walking/walkers.csv` with their sources."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from geo.settings import SHIPPED_DATA
from geo.vocabulary import Walker


@dataclass(frozen=True, slots=True)
class WalkerFacts:
    """How somebody walks; None: they can't, an edge or junction that asks for it is closed to them.

    Attributes
    ----------
    speed_m_per_min : float
        On level, even ground.
    steps_s_per_m : float or None
        Seconds that a metre of steps costs on top.
    kerb_s : float or None
        Seconds that a raised kerb costs.
    barrier_s : float or None
        Seconds that a gate or stile costs.
    lift_s : float
        Seconds that a lift costs, with waiting for it.
    rough_factor, unpaved_factor : float
        Times as long over cobbles; over unpaved ground.
    max_incline_percent : float or None
        Steeper is impossible; None: no limit.
    wheels : bool
        Whether tags for wheelchairs speak of them: `wheelchair=no` closes a way, `wheelchair=yes` opens it.
    sources : mapping of str to str
        Where each value comes from, by its name.
    """

    speed_m_per_min: float
    steps_s_per_m: float | None
    kerb_s: float | None
    barrier_s: float | None
    lift_s: float
    rough_factor: float
    unpaved_factor: float
    max_incline_percent: float | None
    wheels: bool
    sources: Mapping[str, str]


#: Names of the values, one row of the table for each walker.
FACTS = (
    "speed_m_per_min",
    "steps_s_per_m",
    "kerb_s",
    "barrier_s",
    "lift_s",
    "rough_factor",
    "unpaved_factor",
    "max_incline_percent",
    "wheels",
)


@lru_cache(maxsize=1)
def read_walkers() -> Mapping[Walker, WalkerFacts]:
    """Return what is known of every walker.

    Raises
    ------
    ValueError
        If the table doesn't tell every fact of every walker exactly once, or one isn't a number.
    """
    path = SHIPPED_DATA / "walking" / "walkers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {(row["walker"], row["fact"]): row for row in csv.DictReader(file)}
    expected = {(walker.value, fact) for walker in Walker for fact in FACTS}
    if expected != set(rows):
        raise ValueError(f"walkers.csv: missing or unknown: {sorted(expected ^ set(rows))}")
    return MappingProxyType({walker: _facts_of(walker, rows) for walker in Walker})


def _facts_of(walker: Walker, rows: Mapping[tuple[str, str], Mapping[str, str]]) -> WalkerFacts:
    told = {fact: rows[walker.value, fact] for fact in FACTS}
    number = {fact: float(row["value"]) if row["value"] else None for fact, row in told.items()}
    sources = MappingProxyType({fact: row["source"] for fact, row in told.items()})

    def known(fact: str) -> float:
        found = number[fact]
        if found is None:
            raise ValueError(f"walkers.csv: {walker.value}: {fact} needs a value")
        return found

    return WalkerFacts(
        speed_m_per_min=known("speed_m_per_min"),
        steps_s_per_m=number["steps_s_per_m"],
        kerb_s=number["kerb_s"],
        barrier_s=number["barrier_s"],
        lift_s=known("lift_s"),
        rough_factor=known("rough_factor"),
        unpaved_factor=known("unpaved_factor"),
        max_incline_percent=number["max_incline_percent"],
        wheels=bool(known("wheels")),
        sources=sources,
    )
