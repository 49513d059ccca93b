"""How figures of small zones become the figure of a larger one, and when they can't."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.errors import CannotAggregate
from geo.vocabulary import Aggregation, ValueStatus

Floats = npt.NDArray[np.float64]

#: A rate of a larger zone is told where parts with this share of its denominator are known.
ENOUGH = 0.95


def aggregate(
    values: Sequence[float | None] | Floats,
    weights: Sequence[float | None] | Floats,
    rule: Aggregation | str,
    *,
    indicator: str = "",
) -> tuple[float | None, ValueStatus]:
    """Add up the figures of parts.

    Parameters
    ----------
    values : sequence of float or None
        The figure of each part; None (NaN) is missing or suppressed, never zero.
    weights : sequence of float or None
        For a sum: the share of the part that belongs to the whole, 0 to 1. For a rate: its denominator in
        the part (people, km²), times that share; None is not known. Parts of weight 0 don't count.
    rule : Aggregation
        ``sum``: Σ value · weight. ``rate``: Σ value · weight / Σ weight.
    indicator : str
        Named in a refusal.

    Returns
    -------
    (float or None, ValueStatus)
        A sum of which a part is missing is missing. A rate is told, as an estimate, where `ENOUGH` of its
        denominator is known. A sum of parts that belong to it only by a share is an estimate.

    Raises
    ------
    CannotAggregate
        The rule is ``none``: medians, means of air or noise and indices of parts say nothing of the whole.
    """
    if rule not in (Aggregation.SUM, Aggregation.RATE):
        raise CannotAggregate(indicator=indicator)
    figures, shares = np.array(values, dtype=float), np.array(weights, dtype=float)  # None becomes NaN
    if figures.shape != shares.shape:
        raise ValueError("each value needs its weight")
    counted = shares != 0
    figures, shares = figures[counted], shares[counted]
    if not len(figures) or np.isnan(shares).any():
        return None, ValueStatus.MISSING
    return _sum(figures, shares) if rule == Aggregation.SUM else _rate(figures, shares)


def _sum(figures: Floats, shares: Floats) -> tuple[float | None, ValueStatus]:
    if np.isnan(figures).any():
        return None, ValueStatus.MISSING
    return float(figures @ shares), ValueStatus.OK if (shares == 1).all() else ValueStatus.ESTIMATED


def _rate(figures: Floats, weights: Floats) -> tuple[float | None, ValueStatus]:
    known = ~np.isnan(figures)
    covered = weights[known].sum()
    if covered < ENOUGH * weights.sum() or covered == 0:
        return None, ValueStatus.MISSING
    status = ValueStatus.OK if known.all() else ValueStatus.ESTIMATED
    return float(figures[known] @ weights[known] / covered), status
