"""Which sites save most: a good choice at once, a bound on the best, and the best itself where time allows.

1. Greedy, then swaps of one site for another as long as that helps (Teitz & Bart, Operations Research 16,
   1968): the choice to begin with.
2. A Lagrangian bound by subgradients (Cornuéjols, Fisher & Nemhauser, Management Science 23, 1977). With it,
   every candidate is left out that no choice better than the one at hand can contain, and every one is fixed
   that each such choice must contain.
3. What is left goes to HiGHS as an integer programme (`scipy.optimize.milp`): each point walks through its
   sites from the best on, as in Elloumi's formulation (Journal of Combinatorial Optimization 19, 2010), and
   points share the beginnings that they have in common.

Nothing is lost by the second step, so a proof in the third holds for all candidates.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.access.network.arrays import Bools, Floats, Ints
from geo.access.siting.savings import Savings, add_up, set_hashes

Chosen = NDArray[np.intp]

#: Two totals that differ by less than this share are the same.
TOLERANCE = 1e-7

#: Steps of the subgradient method at most, and the part of the time that they may take.
_STEPS, _PART = 1_500, 0.4

#: After so many steps without a better bound the step is shortened; it starts anew from the best.
_PATIENCE = 20


@dataclass(frozen=True, eq=False, slots=True)
class Solution:
    """Sites, what they save together, and what no choice of so many can exceed."""

    sites: Chosen
    value: float
    bound: float
    first_value: float

    @property
    def gap_percent(self) -> float:
        """How much better, in percent of what they save, another choice might be."""
        return 0.0 if self.is_optimal else 100 * (self.bound - self.value) / self.value

    @property
    def is_optimal(self) -> bool:
        """Whether it is proved that no other choice saves more."""
        return self.bound - self.value <= TOLERANCE * max(abs(self.value), 1.0)


def solve(savings: Savings, number: int, deadline: float) -> Solution:
    """Return the best choice of `number` sites that was found before the deadline (`time.monotonic`)."""
    number = min(number, savings.sites)
    if not len(savings.saved) or not number:
        return Solution(np.arange(number), 0.0, 0.0, 0.0)
    greedy = choose_greedily(savings, number)
    first = total(savings, greedy)
    chosen = improve(savings, greedy, deadline)
    value = total(savings, chosen)
    started = time.monotonic()
    found = bound_above(savings, number, value, started + _PART * max(0.0, deadline - started))
    kept, forced = reduce(found, number, value)
    solution = Solution(chosen, value, max(value, found.bound), first)
    if solution.is_optimal:
        return solution
    return _finish(savings, number, kept, forced, solution, deadline)


def total(savings: Savings, chosen: Chosen) -> float:
    """Return what some sites save together."""
    return float(_best(savings, chosen).sum())


def choose_greedily(savings: Savings, number: int) -> Chosen:
    """Return sites, each the one that adds most to those before it."""
    best = np.zeros(savings.points)
    chosen: list[int] = []
    for _ in range(number):
        gain = _gains(savings, best)
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
        best = np.maximum(best, _best(savings, np.array(chosen[-1:])))
    return np.array(chosen, np.intp)


def improve(savings: Savings, chosen: Chosen, deadline: float) -> Chosen:
    """Return sites of which none can be swapped for another with a gain."""
    chosen, value = chosen.copy(), total(savings, chosen)
    place, tried = 0, 0
    while tried < len(chosen) and time.monotonic() < deadline:
        others = np.delete(chosen, place)
        best = _best(savings, others)
        gain = _gains(savings, best)
        gain[others] = -1.0
        swapped = best.sum() + gain.max()
        tried += 1
        if swapped > value + TOLERANCE * max(value, 1.0):
            chosen[place], value, tried = gain.argmax(), swapped, 0
        place = (place + 1) % len(chosen)
    return chosen


@dataclass(frozen=True, eq=False, slots=True)
class Bound:
    """No choice saves more than `bound`; `worth` (sites,) is what each site adds at the prices of it."""

    bound: float
    worth: Floats


def bound_above(savings: Savings, number: int, value: float, deadline: float) -> Bound:
    """Return a bound on what `number` sites can save, knowing a choice that saves `value`.

    Each point pays a price; a site is worth what it saves points beyond their prices. All prices and the
    worth of the `number` best sites are at least what any choice saves.
    """
    point = savings.point
    price = np.zeros(savings.points)
    np.maximum.at(price, point, savings.saved)
    price /= 2
    found, kept, scale, waited = Bound(np.inf, np.zeros(savings.sites)), price, 1.0, 0
    for _ in range(_STEPS):
        beyond = savings.saved - price[point]
        worth = add_up(savings.site, np.maximum(beyond, 0.0), savings.sites)
        best = np.argpartition(-worth, number - 1)[:number]
        bound = float(price.sum() + worth[best].sum())
        waited += 1
        if bound < found.bound - 1e-5 * abs(value):
            waited = 0
        if bound < found.bound:
            found, kept = Bound(bound, worth), price
        if found.bound - value <= TOLERANCE * max(value, 1.0) or time.monotonic() > deadline or scale < 1e-4:
            break
        if waited >= _PATIENCE:
            price, scale, waited = kept, scale / 2, 0
            continue
        serves = np.zeros(savings.sites, np.bool_)
        serves[best] = True
        served = np.bincount(point[serves[savings.site] & (beyond > 0)], minlength=savings.points)
        slope = 1.0 - served
        slope[(price <= 0) & (slope > 0)] = 0.0
        length = float((slope**2).sum())
        if length == 0:
            break
        price = np.maximum(price - scale * (bound - value) / length * slope, 0.0)
    return found


def reduce(found: Bound, number: int, value: float) -> tuple[Bools, Bools]:
    """Return which sites a better choice may contain, and which each better choice must contain, (sites,)."""
    worth, slack = found.worth, TOLERANCE * max(value, 1.0)
    order = np.argsort(-worth, kind="stable")
    is_best = np.zeros(len(worth), np.bool_)
    is_best[order[:number]] = True
    last_in = worth[order[number - 1]]
    first_out = worth[order[number]] if len(worth) > number else -np.inf
    kept: Bools = is_best | (found.bound - last_in + worth > value + slack)
    forced: Bools = is_best & (found.bound - worth + first_out < value + slack)
    return kept, forced


def _finish(
    savings: Savings, number: int, kept: Bools, forced: Bools, solution: Solution, deadline: float
) -> Solution:
    """Return the best choice among the sites that are left, by an integer programme."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    left = deadline - time.monotonic()
    if left <= 0:
        return solution
    names = np.flatnonzero(kept)
    parent, site, weight = _beginnings(savings, kept)
    sites, size = len(names), len(weight)
    at = np.arange(size)
    has_parent = parent >= 0
    # A beginning is served if its last site is chosen, or the beginning without that site is served.
    rows = np.concatenate([at, at, at[has_parent], np.full(sites, size)])
    columns = np.concatenate([sites + at, site, sites + parent[has_parent], np.arange(sites)])
    values = np.concatenate([np.ones(size), np.full(size + has_parent.sum(), -1.0), np.ones(sites)])
    matrix = coo_array((values, (rows, columns)), shape=(size + 1, sites + size)).tocsr()
    low = np.concatenate([np.full(size, -np.inf), [number]])
    high = np.concatenate([np.zeros(size), [number]])
    at_least = np.concatenate([forced[names].astype(float), np.zeros(size)])
    outcome = milp(
        -np.concatenate([np.zeros(sites), weight]),
        constraints=LinearConstraint(matrix, low, high),
        integrality=np.concatenate([np.ones(sites), np.zeros(size)]),
        bounds=Bounds(at_least, 1.0),
        options={"time_limit": left, "mip_rel_gap": TOLERANCE / 10},
    )
    bound = solution.bound
    if outcome.mip_dual_bound is not None and np.isfinite(outcome.mip_dual_bound):
        bound = min(bound, max(solution.value, -float(outcome.mip_dual_bound)))
    if outcome.status == 2:  # none of the choices that are left is possible: the one at hand is the best
        return Solution(solution.sites, solution.value, solution.value, solution.first_value)
    if outcome.x is not None:
        chosen = names[np.flatnonzero(outcome.x[:sites] > 0.5)]
        value = total(savings, chosen)
        if len(chosen) == number and value > solution.value:
            return Solution(chosen, value, max(value, bound), solution.first_value)
    return Solution(solution.sites, solution.value, bound, solution.first_value)


def _beginnings(savings: Savings, kept: Bools) -> tuple[Ints, Ints, Floats]:
    """Return the beginnings of the points' lists of sites, best first: each set of sites once.

    Returns
    -------
    parent : ndarray of int, (b,)
        The beginning without its last site; -1: it has no other.
    site : ndarray of int, (b,)
        Its last site, counted among those kept.
    weight : ndarray of float, (b,)
        What is saved if any of its sites is chosen, beyond what longer beginnings save.
    """
    inside = kept[savings.site]
    point, site, saved = (
        savings.point[inside],
        (np.cumsum(kept) - 1)[savings.site[inside]],
        savings.saved[inside],
    )
    order = np.lexsort((site, -saved, point))
    point, site, saved = point[order], site[order], saved[order]
    if not len(point):
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    is_first = np.concatenate([[True], point[1:] != point[:-1]])
    is_last = np.concatenate([is_first[1:], [True]])
    following = np.where(is_last, 0.0, np.concatenate([saved[1:], [0.0]]))
    summed = np.cumsum(set_hashes(int(kept.sum()))[site], dtype=np.uint64)
    before = np.concatenate([np.zeros(1, np.uint64), summed[:-1]])
    before = before[np.maximum.accumulate(np.where(is_first, np.arange(len(point)), 0))]
    sets, first, number = np.unique(summed - before, return_index=True, return_inverse=True)
    weight = add_up(number, saved - following, len(sets))
    parent = np.where(is_first[first], -1, number[np.maximum(first - 1, 0)])
    return parent.astype(np.int32), site[first].astype(np.int32), weight


def _best(savings: Savings, chosen: Chosen) -> Floats:
    """Return what the best of some sites saves each point, (points,)."""
    is_chosen = np.zeros(savings.sites, np.bool_)
    is_chosen[chosen] = True
    inside = is_chosen[savings.site]
    best = np.zeros(savings.points)
    np.maximum.at(best, savings.point[inside], savings.saved[inside])
    return best


def _gains(savings: Savings, best: Floats) -> Floats:
    """Return what each site would add to what the points have, (sites,)."""
    return add_up(savings.site, np.maximum(savings.saved - best[savings.point], 0.0), savings.sites)
