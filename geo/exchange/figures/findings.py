"""What a file of figures lacks, and what looks wrong in it: told to whoever loads it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.vocabulary import ValueStatus

#: A value that comes back is suspicious where chance would bring it back less often than this.
CHANCE = 0.001
NEAR = 0.05
#: Two zones are told to hold the same figures from so many common figures on, if nearly all are equal.
TWIN_FIGURES = 10
TWIN_SHARE = 0.9
LISTED = 12


def name_some(codes: Iterable[str]) -> str:
    """Return codes as a list of words, the first dozen of them."""
    ordered = sorted(codes, key=lambda code: (len(code), code))
    more = f" and {len(ordered) - LISTED} more" if len(ordered) > LISTED else ""
    return ", ".join(ordered[:LISTED]) + more


def tell_lacks(figures: pd.DataFrame, zones: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (indicator or "", words) on zones, periods and statuses.

    Parameters
    ----------
    figures : DataFrame
        Columns indicator, code, period, value, status: one row a figure.
    zones : sequence of str
        Codes of the zones that could have figures.
    """
    absent = set(zones) - set(figures["code"])
    if absent:
        yield "", f"nothing on {len(absent)} of {len(zones)} zones: {name_some(absent)}"
    for indicator, rows in figures.groupby("indicator", sort=True):
        yield str(indicator), _tell_indicator(rows, zones)


def _tell_indicator(rows: pd.DataFrame, zones: Sequence[str]) -> str:
    known = rows[rows["value"].notna()]
    parts = [f"{len(known)} figures, {_tell_periods(rows['period'])}"]
    without = set(zones) - set(known["code"])
    if without:
        parts.append(f"none for {len(without)} of {len(zones)} zones: {name_some(without)}")
    for status in (ValueStatus.MISSING, ValueStatus.SUPPRESSED):
        number = int((rows["status"] == status).sum())
        if number:
            parts.append(f"{number} {status.value}")
    counts = known.groupby("period")["code"].nunique()
    if len(counts) > 1 and counts.min() < counts.max():
        parts.append(f"{counts.min()} to {counts.max()} zones a period")
    return "; ".join(parts)


def _tell_periods(periods: pd.Series[Any]) -> str:
    years = sorted({int(each) for each in periods})
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def find_repeats(figures: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield (indicator, words) on values that come back more often than chance would have it.

    Where n figures of a period lie within `NEAR` of a value, and b values could be told apart there, one of
    them is expected to stand k times in C(n, k) / b^(k - 1) cases (the birthday problem); below `CHANCE` it
    is told. Zero is never told.
    """
    known = figures[figures["value"].notna() & (figures["value"] != 0)]
    key = ["indicator", "period", "value"]
    times = known.groupby(key)["code"].size()
    often = times[times > 2].reset_index(name="times")
    for (indicator, period), rows in often.groupby(["indicator", "period"], sort=True):
        mine = known[(known["indicator"] == indicator) & (known["period"] == period)]
        values = mine["value"].to_numpy()
        grain = _grain(values)
        for value, number in zip(rows["value"], rows["times"], strict=True):
            near = int((np.abs(values - value) <= NEAR * abs(value)).sum())
            bins = max(1.0, 2 * NEAR * abs(value) / grain)
            if math.comb(near, number) / bins ** (number - 1) < CHANCE:
                codes = name_some(mine.loc[mine["value"] == value, "code"])
                yield str(indicator), f"{period}: {value:.10g} stands {number} times: {codes}; suspicious"


def _grain(values: npt.NDArray[np.float64]) -> float:
    """Return the step that the values are written in: prices often end in 000, shares in two decimals."""
    steps = [base * 10.0**power for power in range(5, -7, -1) for base in (5, 1)]
    return next((step for step in steps if _are_multiples(values, step)), steps[-1])


def _are_multiples(values: npt.NDArray[np.float64], step: float) -> bool:
    """Tell whether at least half of the values are multiples of a step."""
    parts = values / step
    return bool(np.isclose(parts, np.round(parts), atol=1e-6, rtol=0).mean() >= 0.5)


def find_twins(figures: pd.DataFrame) -> Iterator[tuple[str, str, int, int]]:
    """Yield (code, code, equal figures, common figures) of zones that hold the same figures."""
    known = figures[figures["value"].notna() & (figures["value"] != 0)]
    table = known.pivot_table(index="code", columns=["indicator", "period"], values="value")
    values, codes = table.to_numpy(), list(table.index)
    for place, code in enumerate(codes):
        both = ~np.isnan(values[place + 1 :]) & ~np.isnan(values[place])
        equal = ((values[place + 1 :] == values[place]) & both).sum(axis=1)
        common = both.sum(axis=1)
        for other in np.flatnonzero((common >= TWIN_FIGURES) & (equal >= TWIN_SHARE * common)):
            yield code, codes[place + 1 + other], int(equal[other]), int(common[other])
