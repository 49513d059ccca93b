"""Need: how a quartier stands in one indicator, beside all the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.db.reads import Reader
from geo.errors import InvalidParameter, UnknownIndicator, UnknownValue
from geo.territory.comparison.comparing import compare_zones
from geo.territory.zones import ZoneName
from geo.vocabulary import Direction, Text, ZoneKind

#: What need is told by, if nothing else is asked for.
USUAL = "median-income"


@dataclass(frozen=True, slots=True)
class Need:
    """The figure of a zone, and the share of zones (0 to 100) that are better off."""

    value: float
    period: str
    better_off_percent: float


@dataclass(frozen=True, slots=True)
class Needs:
    """An indicator, and how each quartier stands in it."""

    indicator: str
    name: Text
    unit: str
    decimals: int
    attribution: str
    by_code: Mapping[str, Need]

    def of(self, quartier: ZoneName | None) -> Need | None:
        """Return how a quartier stands; None where that is not known."""
        return self.by_code.get(quartier.code) if quartier else None


async def read_needs(reader: Reader, indicator: str | None = None) -> Needs | None:
    """Return how all quartiers valid today stand in an indicator.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    indicator : str, optional
        Without it, the usual one; None is returned where that has no figures.

    Raises
    ------
    UnknownIndicator
        It doesn't exist, or has no figures for quartiers.
    InvalidParameter
        Neither more nor less of it is better, so that it tells no need.
    """
    asked = indicator or USUAL
    try:
        comparison = await compare_zones(reader, kind=ZoneKind.QUARTIER, indicators=(asked,))
    except (UnknownIndicator, UnknownValue):
        if indicator:
            raise
        return None
    row = comparison.row(asked)
    facts = row.indicator
    if facts.direction == Direction.NEUTRAL:
        expected = "an indicator of which more, or less, is better"
        raise InvalidParameter(name="need", value=asked, expected=expected)
    needs = {
        zone.ref.code: Need(
            cell.value, cell.period or "", 100 * (cell.rank.position - 1) / max(cell.rank.number - 1, 1)
        )
        for zone, cell in zip(comparison.zones, row.cells, strict=True)
        if cell.value is not None and cell.rank
    }
    return Needs(facts.id, facts.name, row.unit, row.decimals, facts.attribution, needs)
