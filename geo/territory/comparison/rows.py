"""The rows of a comparison: which period counts, ranks, trends, what is worse and worsening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from geo.territory.comparison.compared import Cell, ComparedRow, Per
from geo.territory.figures.indicators import IndicatorFacts
from geo.territory.figures.spread import Rank, ranks_of, spread_of, trend_of
from geo.vocabulary import Aggregation, Direction, Text

POPULATION: Final = "population"

#: (period, value, status), oldest first.
Series = list[tuple[str, float | None, str]]

PERIODS_DIFFER: Final = Text(
    "Années différentes selon la zone : chaque zone n’est classée qu’avec celles de la même année.",
    "Verschillende jaren per gebied: elk gebied wordt alleen gerangschikt met gebieden van hetzelfde jaar.",
    "Years differ between zones: each zone is ranked with those of the same year only.",
)


class RowOfAll:
    """One indicator over all zones of the kind, from which the compared ones are told.

    Parameters
    ----------
    facts : IndicatorFacts
        The indicator.
    number : int
        How many zones the kind has; they are known by their place, the region by the one after.
    series, people : mapping of place to series
        Figures of the indicator and of the population: (period, value, status), oldest first.
    per : {"value", "head", "percentile"}
        See `compare_zones`.
    """

    def __init__(
        self,
        facts: IndicatorFacts,
        number: int,
        series: Mapping[int, Series],
        people: Mapping[int, Series],
        per: Per,
    ) -> None:
        is_count = facts.aggregation is Aggregation.SUM and facts.id != POPULATION
        self.is_per_head = per == "head" and is_count
        if self.is_per_head:
            series = {place: _per_head(each, people.get(place, [])) for place, each in series.items()}
        self.facts, self.series = facts, series
        self.latest = [series[place][-1] if place in series else None for place in range(number)]
        known = Counter(each[0] for each in self.latest if each and each[1] is not None)
        self.period = max(known, key=lambda each: (known[each], each)) if known else None
        self.ranks: list[Rank | None] = [None] * number
        self.medians: dict[str, float] = {}
        for period in known:
            self._rank(period)
        self._cells: dict[int, Cell] = {}

    def _rank(self, period: str) -> None:
        values = [each[1] if each and each[0] == period else None for each in self.latest]
        ranks = ranks_of(values, self.facts.direction)
        self.ranks = [new or old for new, old in zip(ranks, self.ranks, strict=True)]
        spine = spread_of(values)
        if spine:
            self.medians[period] = spine.median

    def order(self, place: int) -> tuple[bool, bool, int]:
        """Return the key that sorts zones: best first, other periods after, unknown last."""
        latest, rank = self.latest[place], self.ranks[place]
        is_other = latest is not None and latest[0] != self.period
        return rank is None, is_other, rank.position if rank else 0

    def told(self, places: Sequence[int]) -> ComparedRow:
        """Return the row of the zones at these places."""
        cells = tuple(self._cells.get(place) or self._cell(place) for place in places)
        periods = tuple(sorted({each.period for each in cells if each.period and each.value is not None}))
        values = (each[1] for each in self.latest if each and each[0] == self.period)
        return ComparedRow(
            indicator=self.facts,
            unit="per-1000" if self.is_per_head else self.facts.unit,
            decimals=1 if self.is_per_head else self.facts.decimals,
            cells=cells,
            spine=spread_of(values),
            period=self.period,
            periods=periods,
            region=self._region(),
            note=PERIODS_DIFFER if len(periods) > 1 else None,
        )

    def _cell(self, place: int) -> Cell:
        """Return the cell of a zone, and remember it: rows are kept, and asked for other zones."""
        cell = self._cells[place] = self._make_cell(place)
        return cell

    def _make_cell(self, place: int) -> Cell:
        latest = self.latest[place]
        if latest is None:
            return Cell(None, "missing", None)
        period, value, status = latest
        trend = trend_of(self.series[place], self.facts.direction)
        worse = value is not None and self._is_worse(value, self.medians[period])
        worsening = trend is not None and trend.better is False
        return Cell(value, status, period, self.ranks[place], trend, worse and worsening)

    def _is_worse(self, value: float, median: float) -> bool:
        if self.facts.direction is Direction.NEUTRAL:
            return False
        return value < median if self.facts.direction is Direction.HIGHER_BETTER else value > median

    def _region(self) -> Cell | None:
        """Return the region's figure of the row's period; its newest one where it has none of that period."""
        series = self.series.get(len(self.latest))
        if not series:
            return None
        period, value, status = next((each for each in series if each[0] == self.period), series[-1])
        return Cell(value, status, period)


def _per_head(series: Series, people: Series) -> Series:
    """Return counts per 1,000 inhabitants of the same period; missing where these are not known."""
    known = {period: number for period, number, _ in people if number}
    return [
        (period, value / known[period] * 1000, status)
        if value is not None and period in known
        else (period, None, "missing" if value is not None else status)
        for period, value, status in series
    ]
