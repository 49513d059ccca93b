"""What a comparison says: zones as columns, indicators as rows, one figure a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from geo.errors import UnknownIndicator
from geo.territory.figures.indicators import IndicatorFacts
from geo.territory.figures.spread import Rank, Spine, Trend
from geo.vocabulary import Text, ZoneKind, ZoneRef

#: What is laid side by side: values as published, counts per 1,000 inhabitants, or places among all zones.
Per = Literal["value", "head", "percentile"]


@dataclass(frozen=True, slots=True)
class ComparedZone:
    """A column of a comparison. `letter` marks it on maps and charts; empty where all zones are ranked."""

    letter: str
    ref: ZoneRef
    name: Text
    generalised: bool
    residential: bool | None
    population: float | None


class Cell(NamedTuple):
    """One figure of one zone. `value` is None exactly where `status` is `missing` or `suppressed`.

    `rank` is the place among all zones of the kind that have a figure of the same period, compared or not.
    `worse_and_worsening`: on the worse side of the median of these zones, and its trend goes that way too.
    """

    value: float | None
    status: str
    period: str | None
    rank: Rank | None = None
    trend: Trend | None = None
    worse_and_worsening: bool = False

    @property
    def percentile(self) -> float | None:
        """The share, 0 to 100, of zones that have less; None where the cell is not ranked."""
        return self.rank.percentile if self.rank else None


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One indicator over the zones: `cells` are aligned with the zones of the comparison.

    `spine` tells the spread over all zones of the kind, for `period`, the period of most of them; `periods`
    are all that the cells have. `unit` and `decimals` are those of the values, which per head differ from
    the indicator's.
    """

    indicator: IndicatorFacts
    unit: str
    decimals: int
    cells: tuple[Cell, ...]
    spine: Spine | None
    period: str | None
    periods: tuple[str, ...]
    region: Cell | None
    note: Text | None

    def numbers(self, per: Per = "value") -> tuple[float | None, ...]:
        """Return what a map or chart of this row shows, aligned with the zones."""
        return tuple(
            None if cell.period != self.period else cell.percentile if per == "percentile" else cell.value
            for cell in self.cells
        )


@dataclass(frozen=True, slots=True)
class ZoneComparison:
    """Zones of one kind and edition, and a row for each indicator."""

    kind: ZoneKind
    edition: str
    per: Per
    zones: tuple[ComparedZone, ...]
    rows: tuple[ComparedRow, ...]

    @property
    def is_ranking(self) -> bool:
        """Whether all zones of the kind are compared, best first in the first row."""
        return not any(zone.letter for zone in self.zones)

    def row(self, indicator_id: str) -> ComparedRow:
        """Return the row of an indicator.

        Raises
        ------
        UnknownIndicator
            If it is not one of the comparison.
        """
        for each in self.rows:
            if each.indicator.id == indicator_id:
                return each
        raise UnknownIndicator(name="indicator", value=indicator_id)
