"""Zones beside each other: the one function behind the page, the API, the exports, folium and notebooks.

Every cell carries its own period. A cell is ranked among the cells of the same period alone, so that two
years are never mixed; where the zones of a row have different periods, the row says so.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from geo.db.reads import Reader, ReadQuery
from geo.errors import MixedZones, TooManyZones, UnknownIndicator, UnknownValue, UnknownZone
from geo.queries import comparison as queries
from geo.territory.indicators import IndicatorFacts, list_indicators
from geo.territory.spread import Rank, Spine, Trend, ranks_of, spread_of, trend_of
from geo.vocabulary import Aggregation, Direction, Text, ZoneKind, ZoneRef

#: More columns than this cannot be read side by side.
MAX_ZONES: Final = 12
LETTERS: Final = "ABCDEFGHIJKL"
POPULATION: Final = "population"

#: What is laid side by side: values as published, counts per 1,000 inhabitants, or places among all zones.
Per = Literal["value", "head", "percentile"]
Series = list[tuple[str, float | None, str]]

_ZONES, _FIGURES = ReadQuery(queries.zones), ReadQuery(queries.figures)

PERIODS_DIFFER: Final = Text(
    "Années différentes selon la zone : chaque zone n’est classée qu’avec celles de la même année.",
    "Verschillende jaren per gebied: elk gebied wordt alleen gerangschikt met gebieden van hetzelfde jaar.",
    "Years differ between zones: each zone is ranked with those of the same year only.",
)


@dataclass(frozen=True, slots=True)
class ComparedZone:
    """A column of a comparison. `letter` marks it on maps and charts; empty where all zones are ranked."""

    letter: str
    ref: ZoneRef
    name: Text
    generalised: bool
    residential: bool | None
    population: float | None


@dataclass(frozen=True, slots=True)
class Cell:
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


async def compare_zones(
    reader: Reader,
    zones: Sequence[ZoneRef] = (),
    *,
    kind: ZoneKind | None = None,
    edition: str | None = None,
    indicators: Sequence[str] = (),
    per: Per = "value",
) -> ZoneComparison:
    """Lay up to 12 zones side by side, or rank all zones of a kind.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    zones : sequence of ZoneRef
        Zones of one kind and edition, in the order of the columns; none: all zones of `kind`.
    kind : ZoneKind, optional
        The kind to rank; quartiers where neither zones nor kind are given.
    edition : str, optional
        An edition; without it, the one valid today.
    indicators : sequence of str
        Ids in the order of the rows; none: all that have figures for the kind.
    per : {"value", "head", "percentile"}
        "head" divides counts by the inhabitants of the same year, times 1,000; rates stay as they are.
        "percentile" leaves the values and says that places among all zones are to be shown.

    Raises
    ------
    MixedZones
        Zones of several kinds or editions.
    TooManyZones
        More than `MAX_ZONES` side by side.
    UnknownZone, UnknownIndicator
        A reference that names nothing here, or nothing that may be told.
    """
    chosen = tuple(dict.fromkeys(zones))
    kind, edition = _division(chosen, kind, edition)
    facts = _pick(await list_indicators(reader, kind=kind), indicators)
    every = await _read_zones(reader, kind, edition)
    series = await _read_series(reader, kind, edition, facts)
    places = _places(chosen, every, edition)
    people = series.get(POPULATION, {})
    rows = [_Row(each, len(every), series.get(each.id, {}), people, per) for each in facts]
    if not chosen and rows:
        places = sorted(places, key=rows[0].order)
    return ZoneComparison(
        kind=kind,
        edition=every[0]["edition"],
        per=per,
        zones=tuple(
            _compared(every[place], LETTERS[column] if chosen else "", people.get(place, []))
            for column, place in enumerate(places)
        ),
        rows=tuple(row.told(places) for row in rows),
    )


def _division(
    zones: Sequence[ZoneRef], kind: ZoneKind | None, edition: str | None
) -> tuple[ZoneKind, str | None]:
    """Return the one kind and edition that is meant."""
    if len(zones) > MAX_ZONES:
        raise TooManyZones(name="zone", number=len(zones), most=MAX_ZONES)
    kinds = {zone.kind for zone in zones} | ({kind} if kind else set())
    editions = {zone.edition or edition for zone in zones} | ({edition} if edition else set())
    for found in (kinds, editions):
        if len(found) > 1:
            raise MixedZones(name="zone", found=tuple(sorted(str(each or "") for each in found)))
    return next(iter(kinds), ZoneKind.QUARTIER), next(iter(editions), None)


def _pick(known: Sequence[IndicatorFacts], asked: Sequence[str]) -> tuple[IndicatorFacts, ...]:
    if not asked:
        return tuple(known)
    by_id = {each.id: each for each in known}
    for id in asked:
        if id not in by_id:
            raise UnknownIndicator(name="indicator", value=id)
    return tuple(by_id[id] for id in dict.fromkeys(asked))


async def _read_zones(reader: Reader, kind: ZoneKind, edition: str | None) -> list[dict[str, Any]]:
    compiled = _ZONES.compiled(edition is not None)
    values = {"zone_kind": kind.value, "edition": edition}
    found: list[dict[str, Any]] = json.loads(await reader.fetchval(compiled.sql, *compiled.arguments(values)))
    if not found:
        if edition is not None:
            raise UnknownValue(name="edition", value=edition)
        raise UnknownValue(name="kind", value=kind.value)
    return found


async def _read_series(
    reader: Reader, kind: ZoneKind, edition: str | None, facts: Sequence[IndicatorFacts]
) -> dict[str, dict[int, Series]]:
    """Return the series of each indicator by place of the zone, -1 for the region, oldest first."""
    compiled = _FIGURES.compiled(edition is not None)
    asked = sorted({each.id for each in facts} | {POPULATION})
    values = {"zone_kind": kind.value, "edition": edition, "indicators": asked}
    found: dict[str, dict[int, Series]] = {}
    for row in await reader.fetch(compiled.sql, *compiled.arguments(values)):
        by_place: dict[int, Series] = defaultdict(list)
        arrays = (row["positions"], row["periods"], row["amounts"], row["statuses"])
        for place, period, amount, status in zip(*arrays, strict=True):
            by_place[place].append((period, amount, status))
        for series in by_place.values():
            series.sort(key=_period)
        found[row["indicator_id"]] = dict(by_place)
    return found


def _period(figure: tuple[str, float | None, str]) -> str:
    return figure[0]


def _places(zones: Sequence[ZoneRef], every: Sequence[Mapping[str, Any]], edition: str | None) -> list[int]:
    by_code = {zone["code"]: place for place, zone in enumerate(every)}
    for zone in zones:
        if zone.code not in by_code:
            raise UnknownZone(zone=str(zone), edition=edition)
    return [by_code[zone.code] for zone in zones] or list(range(len(every)))


def _compared(told: Mapping[str, Any], letter: str, people: Series) -> ComparedZone:
    return ComparedZone(
        letter=letter,
        ref=ZoneRef(ZoneKind(told["kind"]), told["code"], told["edition"]),
        name=Text(**told["name"]),
        generalised=told["generalised"],
        residential=told["residential"],
        population=people[-1][1] if people else None,
    )


class _Row:
    """One indicator over all zones of the kind, from which the compared ones are told."""

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
        return rank is None, bool(latest) and latest[0] != self.period, rank.position if rank else 0

    def told(self, places: Sequence[int]) -> ComparedRow:
        """Return the row of the zones at these places."""
        cells = tuple(self._cell(place) for place in places)
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
        latest = self.latest[place]
        if latest is None:
            return Cell(None, "missing", None)
        period, value, status = latest
        trend = trend_of([each[:2] for each in self.series[place]], self.facts.direction)
        worse = value is not None and self._is_worse(value, self.medians[period])
        worsening = trend is not None and trend.better is False
        return Cell(value, status, period, self.ranks[place], trend, worse and worsening)

    def _is_worse(self, value: float, median: float) -> bool:
        if self.facts.direction is Direction.NEUTRAL:
            return False
        return value < median if self.facts.direction is Direction.HIGHER_BETTER else value > median

    def _region(self) -> Cell | None:
        """Return the region's figure of the row's period; its newest one where it has none of that period."""
        series = self.series.get(-1)
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
