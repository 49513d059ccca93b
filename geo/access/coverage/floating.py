"""Capacity against the people who share it: the enhanced two-step floating catchment area (E2SFCA).

Luo, W. & Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial
accessibility to primary care physicians. Health & Place 15, 1100-1107. Their three bands of travel time with
weights from a Gaussian are kept; the bands are those of a walk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.access.walking.searching import spread
from geo.access.walking.travel import EPSILON_MINUTES

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

#: Minutes at which the bands of the catchment end, and how much a person there counts.
BANDS = ((5.0, 1.0), (10.0, 0.68), (15.0, 0.22))

#: Whoever walks longer is outside of the catchment.
CATCHMENT_MINUTES = BANDS[-1][0]


@dataclass(frozen=True, eq=False, slots=True)
class Reach:
    """Pairs of a resident and a place within the catchment, (q,) each; `minutes` on foot between them.

    In order of the place, so that those of some places are found without looking through all.
    """

    resident: Ints
    place: Ints
    minutes: Floats

    def among(self, chosen: NDArray[np.intp], places: int) -> Reach:
        """Return the pairs with the chosen ones of all `places`, which are numbered anew in that order."""
        # Of one type, else all pairs would be copied into the other.
        begin = np.searchsorted(self.place, np.arange(places + 1, dtype=self.place.dtype))
        number, kept = spread(begin[chosen], np.diff(begin)[chosen])
        return Reach(self.resident[kept], number.astype(np.int32), self.minutes[kept])


def weigh(minutes: Floats) -> Floats:
    """Return what a person at these minutes counts for; 0 outside of the catchment."""
    band = np.zeros(len(minutes), np.int8)
    for end, _ in BANDS:
        band += minutes > end + EPSILON_MINUTES
    weights = np.array([*(weight for _, weight in BANDS), 0.0])
    found: Floats = weights[band]
    return found


def find_supply(people: Floats, capacity: Floats, reach: Reach) -> Floats:
    """Return the capacity there is for each person at the places within their catchment.

    First each place's capacity is divided by the people around it, then each person adds up what the places
    around them offer; both weighted by `BANDS`.

    Parameters
    ----------
    people : ndarray, (r,)
        Inhabitants of each piece of street.
    capacity : ndarray, (p,)
        Of each place; NaN where not known.
    reach : Reach
        Who reaches which place.

    Returns
    -------
    ndarray, (r,)
        0 where no place is near. NaN where a place is near whose capacity nobody knows, and everywhere if
        no capacity is known at all: that is not "none".
    """
    if np.isnan(capacity).all():
        return np.full(len(people), np.nan)
    weight = weigh(reach.minutes)
    demand = np.bincount(reach.place, weight * people[reach.resident], minlength=len(capacity))
    offer = np.divide(capacity, demand, out=np.zeros(len(capacity)), where=demand > 0)
    offer[np.isnan(capacity)] = np.nan
    supply = np.bincount(reach.resident, weight * offer[reach.place], minlength=len(people))
    return supply.astype(np.float64)
