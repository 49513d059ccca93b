"""Classes of values for a map: equally many zones, natural breaks, equal steps.

The three methods of mapclassify, which takes seven seconds and 170 MB to import: too much for a server that
draws a map on request. The tests hold these against it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Method = Literal["quantiles", "natural", "equal"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
#: Fewer say nothing, more cannot be told apart in print.
MIN_CLASSES, MAX_CLASSES = 3, 7


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes from the lowest to the highest.

    `bounds` are one more than there are classes: the least value, then the highest value that each class
    takes. `counts` says how many values each took.
    """

    method: Method
    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def number(self) -> int:
        """How many classes there are: fewer than asked for where there are few different values."""
        return len(self.counts)

    def place(self, value: float | None) -> int | None:
        """Return the class of a value, 0 for the lowest; None for none, and for what lies outside."""
        if value is None or not self.counts or not self.bounds[0] <= value <= self.bounds[-1]:
            return None
        return bisect_left(self.bounds, value, 1) - 1


def classify(values: Iterable[float | None], method: Method = "quantiles", k: int = 5) -> Classes:
    """Put values into at most k classes.

    Parameters
    ----------
    values : iterable of float or None
        One a zone; None (missing, suppressed) is in no class.
    method : {"quantiles", "natural", "equal"}
        Equally many zones in each; the breaks that leave the least variance within (Fisher 1958, Jenks
        1977, exact); or steps of equal width.
    k : int
        How many classes are wanted.

    Returns
    -------
    Classes
        Equal values always share a class, no class is empty, and there are never more classes than
        different values. No value at all: no class.
    """
    known = np.sort(np.array([each for each in values if each is not None], dtype=np.float64))
    if not known.size:
        return Classes(method, (), ())
    different = np.unique(known)
    tops = different if different.size <= k else _TOPS[method](known, k)
    kept, counts = np.unique(np.searchsorted(tops, known), return_counts=True)
    bounds = (known[0], *(tops[each] for each in kept))
    return Classes(method, tuple(map(float, bounds)), tuple(map(int, counts)))


def _quantiles(known: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.unique(np.quantile(known, np.arange(1, k + 1) / k))


def _equal(known: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    tops = np.linspace(known[0], known[-1], k + 1)[1:]
    tops[-1] = known[-1]
    return tops


def _natural(known: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return the highest value of each class, by Fisher's dynamic programme over the different values."""
    different, weights = np.unique(known, return_counts=True)
    costs = _variances(different, weights.astype(np.float64))
    best, cuts = costs[0], []
    for _ in range(1, k):
        through = best[:-1, None] + costs[1:, :]  # the last class begins after place i, ends at place j
        cut = np.argmin(through, axis=0)
        best = through[cut, np.arange(different.size)]
        cuts.append(cut)
    return different[_ends(cuts, different.size)]


def _variances(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of squared deviations of values[i..j] at [i, j]; infinite where j < i."""
    centred = values - np.average(values, weights=weights)  # keeps the digits of large values
    sums = [np.concatenate([[0.0], np.cumsum(weights * centred**power)]) for power in (0, 1, 2)]
    number, total, squares = (each[None, 1:] - each[:-1, None] for each in sums)
    upper = np.triu(np.ones((values.size, values.size), dtype=bool))
    costs = squares - total**2 / np.where(upper, number, 1)
    return np.where(upper, np.maximum(costs, 0), np.inf)


def _ends(cuts: Sequence[NDArray[np.intp]], size: int) -> list[int]:
    ends = [size - 1]
    for cut in reversed(cuts):
        ends.append(int(cut[ends[-1]]))
    return ends[::-1]


_TOPS: Final = {"quantiles": _quantiles, "natural": _natural, "equal": _equal}
