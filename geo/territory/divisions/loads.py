"""Figures of indicators laid on atoms: counts that can be added up, with what they are out of."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.territory.divisions.atoms import Floats, Load

#: Inhabitants: the base of sums, and what shares figures of quartiers out to their sectors.
PEOPLE = "population"

Holders = Sequence[uuid.UUID | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """Values by indicator, period and zone."""

    values: Mapping[str, Mapping[str, Mapping[uuid.UUID, float]]]

    def newest(self, indicator: str, holders: Holders) -> str | None:
        """Return the newest period in which an indicator has a value for any of the zones."""
        zones = set(holders)
        periods = self.values.get(indicator, {}).items()
        return max((when for when, values in periods if not zones.isdisjoint(values)), default=None)

    def column(self, indicator: str, period: str | None, holders: Holders) -> Floats:
        """Return the value for each of the zones; NaN where there is none."""
        values = self.values.get(indicator, {}).get(period or "", {})
        return np.array([values.get(each, np.nan) if each else np.nan for each in holders], dtype=np.float64)


def read_loads(
    atoms: Sequence[uuid.UUID], quartiers: Holders, rows: Sequence[Any]
) -> tuple[Load, dict[str, Load]]:
    """Return inhabitants, and the load of every other indicator that can be added up.

    Figures published for quartiers only are shared out to their sectors by inhabitants, and marked
    `estimated`: a sector gets its part of the quartier's count, and its rate.

    Parameters
    ----------
    atoms : sequence of UUID
        In order.
    quartiers : sequence of UUID or None
        The main quartier of each atom.
    rows : sequence of records
        Of `geo.queries.scenarios.figures_of_atoms`.
    """
    figures, facts = _by_indicator(rows)
    period = figures.newest(PEOPLE, atoms)
    people = figures.column(PEOPLE, period, atoms)
    inhabitants = Load(people, people, period or "", "neutral", is_sum=True, estimated=False)
    part = _parts(people, quartiers)
    loads = {}
    for name, (aggregation, weight, direction) in facts.items():
        if name == PEOPLE:
            continue
        when, estimated = figures.newest(name, atoms), False
        if when is None:
            when, estimated = figures.newest(name, quartiers), True
        if when is None:
            continue
        holders = quartiers if estimated else atoms
        share = part if estimated else np.ones(len(atoms))
        value = figures.column(name, when, holders)
        if aggregation == "sum":
            amount, base = value * share, people
        else:
            base = _weights(figures, weight or PEOPLE, when, holders) * share
            amount = value * base
        loads[name] = Load(amount, base, when, direction, aggregation == "sum", estimated)
    return inhabitants, loads


def _by_indicator(rows: Sequence[Any]) -> tuple[Figures, dict[str, tuple[str, str | None, str]]]:
    values: dict[str, dict[str, dict[uuid.UUID, float]]] = defaultdict(lambda: defaultdict(dict))
    facts = {}
    for row in rows:
        values[row["indicator_id"]][row["period"]][row["zone_id"]] = row["value"]
        facts[row["indicator_id"]] = (row["aggregation"], row["weight_id"], row["direction"])
    return Figures(values), facts


def _weights(figures: Figures, weight: str, period: str, holders: Holders) -> Floats:
    """Return what a rate is out of: in its own year, else in the newest that is known."""
    same = figures.column(weight, period, holders)
    if not np.isnan(same).all():
        return same
    return figures.column(weight, figures.newest(weight, holders), holders)


def _parts(people: Floats, quartiers: Holders) -> Floats:
    """Return the part of its quartier's inhabitants who live in each atom; NaN where nobody does."""
    number = {each: place for place, each in enumerate(dict.fromkeys(quartiers))}
    quartier = np.array([number[each] for each in quartiers], dtype=np.int64)
    counted = np.nan_to_num(people)
    total = np.bincount(quartier, weights=counted, minlength=len(number))[quartier]
    parts: Floats = np.divide(counted, total, out=np.full(len(counted), np.nan), where=total > 0)
    return parts
