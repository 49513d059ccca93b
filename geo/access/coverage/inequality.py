"""How unequally a theme is within reach: between all zones, and between the poorest and the richest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Fifths of fewer zones than this say nothing.
LEAST_ZONES = 10


@dataclass(frozen=True, slots=True)
class Fifths:
    """The fifths of zones with the lowest and the highest incomes.

    Attributes
    ----------
    poorest, richest : float
        Share of their people who are covered, 0 to 1.
    ratio : float or None
        Poorest to richest: below 1, the poor have less. None where nobody of the richest is covered.
    zones : int
        Zones in each of them.
    """

    poorest: float
    richest: float
    ratio: float | None
    zones: int


def measure_gini(values: Floats, weights: Floats) -> float | None:
    """Return the Gini coefficient of values, each held by as many people as its weight says.

    0: the same for everybody; towards 1: a few hold all. Half the mean difference between two people drawn
    at random, in relation to the mean. None if there is no one, or nobody holds anything.

    Parameters
    ----------
    values : ndarray, (z,)
        0 or more.
    weights : ndarray, (z,)
        People; those with 0 don't count.
    """
    order = np.argsort(values, kind="stable")
    held, people = (values * weights)[order], weights[order]
    if people.sum() <= 0 or held.sum() <= 0:
        return None
    lorenz = np.concatenate([[0.0], np.cumsum(held) / held.sum()])
    return float(1 - ((lorenz[1:] + lorenz[:-1]) * people / people.sum()).sum())


def compare_fifths(covered: Floats, people: Floats, income: Floats) -> Fifths | None:
    """Return the share of covered people in the poorest and in the richest fifth of zones.

    Parameters
    ----------
    covered, people : ndarray, (z,)
        People within reach, and all people.
    income : ndarray, (z,)
        NaN where not known: the zone is in no fifth.

    Returns
    -------
    Fifths or None
        None where income is known of fewer than `LEAST_ZONES` inhabited zones.
    """
    known = np.flatnonzero(~np.isnan(income) & (people > 0))
    if len(known) < LEAST_ZONES:
        return None
    ordered = known[np.argsort(income[known], kind="stable")]
    number = round(len(ordered) / 5)
    poor, rich = ordered[:number], ordered[-number:]
    poorest, richest = (float(covered[each].sum() / people[each].sum()) for each in (poor, rich))
    return Fifths(poorest, richest, poorest / richest if richest > 0 else None, number)
