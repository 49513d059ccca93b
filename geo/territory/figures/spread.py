"""How one value stands among others and over the years: the one place for spread, rank, percentile, trend.

Pure numbers, no database: pages, comparisons and exports all say the same because they all ask here.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import Final, Literal, NamedTuple

#: A trend looks back this far from the last year that is known: older years say little about today.
TREND_YEARS: Final = 10
#: Two years make a difference, three make a trend.
TREND_PERIODS: Final = 3
#: A change over the whole of the years below this share of their mean is none.
FLAT_SHARE: Final = 0.02

_YEAR = re.compile(r"\d{4}")

Point = tuple[str, float | None]


@dataclass(frozen=True, slots=True)
class Spine:
    """Five numbers that tell how the values of several zones are spread, and how many zones they are."""

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float
    number: int


class Rank(NamedTuple):
    """The place of a value among `number` values.

    `position` is counted from the best value, where one way is better; else from the highest. Equal values
    share the better position. `percentile` is the share, 0 to 100, of values below it, with half of those
    equal to it, itself included; it doesn't depend on which way is better.
    """

    position: int
    number: int
    percentile: float


class Trend(NamedTuple):
    """Where a series is going: `per_year` in its own unit, over the periods that were looked at.

    `better` is None where no way is better, and where nothing changes.
    """

    direction: Literal["up", "down", "flat"]
    better: bool | None
    per_year: float
    periods: tuple[str, ...]


def spread_of(values: Iterable[float | None]) -> Spine | None:
    """Return how values are spread; None where there is no value.

    Parameters
    ----------
    values : iterable of float or None
        One a zone; None (not published, kept secret) is left out, never taken for zero.

    Returns
    -------
    Spine or None
        Quartiles by linear interpolation between the values in order (method 7 of Hyndman & Fan 1996, as in
        numpy and spreadsheets).
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    if len(known) == 1:
        only = known[0]
        return Spine(only, only, only, only, only, 1)
    lower, median, upper = statistics.quantiles(known, n=4, method="inclusive")
    return Spine(known[0], lower, median, upper, known[-1], len(known))


def rank_of(value: float | None, values: Iterable[float | None], direction: str = "neutral") -> Rank | None:
    """Return the place of one value among values, its own included; None where it isn't known.

    Parameters
    ----------
    value : float or None
        The value to place.
    values : iterable of float or None
        All values, `value` among them; None is left out.
    direction : {"higher-better", "lower-better", "neutral"}
        From which end positions are counted: from the lowest for "lower-better", else from the highest.
    """
    return _places(values, direction)[value] if value is not None else None


def ranks_of(values: Sequence[float | None], direction: str = "neutral") -> tuple[Rank | None, ...]:
    """Return the place of every value among all of them, in their order; see `rank_of`."""
    places = _places(values, direction)
    return tuple(None if value is None else places[value] for value in values)


def trend_of(
    series: Iterable[Point | tuple[str, float | None, str]], direction: str = "neutral"
) -> Trend | None:
    """Return where a series of (period, value) is going; None with fewer than `TREND_PERIODS` known values.

    Parameters
    ----------
    series : iterable of (str, float or None), or with the status of the value as a third
        Periods as published ("2023", "2013-2017": the middle of the years named counts), values or None.
    direction : {"higher-better", "lower-better", "neutral"}
        Which way is better.

    Returns
    -------
    Trend or None
        The slope of the line of least squares through the last `TREND_YEARS` years; flat where that line
        changes by less than `FLAT_SHARE` of the mean from its first to its last year.
    """
    known = [point for point in series if point[1] is not None]
    if len(known) < TREND_PERIODS:
        return None
    periods, every, *_ = zip(*known, strict=True)
    years = _recent(periods)
    if years is None:
        return None
    values = [every[place] for place in years.places]
    per_year = sum(map(mul, years.weights, values))
    if abs(per_year) * years.span <= FLAT_SHARE * abs(sum(values) / len(values)):
        return Trend("flat", None, per_year, years.periods)
    rises = per_year > 0
    better = None if direction == "neutral" else rises == (direction == "higher-better")
    return Trend("up" if rises else "down", better, per_year, years.periods)


def _places(values: Iterable[float | None], direction: str) -> dict[float, Rank]:
    """Return the place of each different value, in two walks through them in order."""
    ordered = sorted(value for value in values if value is not None)
    number = len(ordered)
    up_to = {value: place for place, value in enumerate(ordered, 1)}
    below = {value: number - place for place, value in enumerate(reversed(ordered), 1)}
    lowest_first = direction == "lower-better"
    return {
        value: Rank(
            1 + (below[value] if lowest_first else number - last),
            number,
            100 * (below[value] + last) / (2 * number),
        )
        for value, last in up_to.items()
    }


@dataclass(frozen=True, slots=True)
class _Recent:
    """The last `TREND_YEARS` of some periods: where they stand, and what each weighs in the slope."""

    places: tuple[int, ...]
    periods: tuple[str, ...]
    weights: tuple[float, ...]
    span: float


@lru_cache(maxsize=1000)
def _recent(periods: tuple[str, ...]) -> _Recent | None:
    """Return the recent ones of periods in any order; None with too few different years.

    Kept, because the zones of a division have the same periods: the years are weighed once for all.
    """
    points = sorted((_year(period), period, place) for place, period in enumerate(periods))
    recent = [each for each in points if each[0] >= points[-1][0] - TREND_YEARS]
    years = [each[0] for each in recent]
    if len(set(years)) < TREND_PERIODS:
        return None
    middle = sum(years) / len(years)
    square = sum((year - middle) ** 2 for year in years)
    return _Recent(
        places=tuple(each[2] for each in recent),
        periods=tuple(each[1] for each in recent),
        weights=tuple((year - middle) / square for year in years),
        span=years[-1] - years[0],
    )


def _year(period: str) -> float:
    years = [int(year) for year in _YEAR.findall(period)]
    return statistics.fmean(years) if years else 0.0
