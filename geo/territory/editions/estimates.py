"""Figures of one division estimated on another by their crosswalk, and always told to be estimates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from geo.db.reads import Reader, ReadQuery
from geo.errors import CannotAggregate, NotFound, UnknownValue
from geo.queries import estimates
from geo.territory.editions.crosswalks import CrosswalkTold, ShareTold, read_crosswalk
from geo.territory.editions.listing import Division
from geo.territory.figures.aggregation import aggregate
from geo.territory.figures.indicators import IndicatorFacts, list_known_indicators
from geo.vocabulary import Aggregation, Text, ValueStatus, ZoneKind

_FIGURES = ReadQuery(estimates.figures_of)

#: A share below this is the width of a line: a figure that is missing there hides nothing.
LINE = 0.001
#: Units of figures that belong to the ground, not to people.
_OF_GROUND = frozenset({"km2", "ha", "m2"})

Values = Mapping[str, float | None]
"""Figures by code of zone; None is missing or suppressed, never zero."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of a zone, estimated or missing; `uncertain` is the part that hangs on doubtful ground."""

    code: str
    name: Text
    value: float | None
    status: ValueStatus
    uncertain: float


@dataclass(frozen=True, slots=True)
class Estimates:
    """An indicator estimated on a division.

    `rule` is how it adds up (sum, rate), `weights` the indicator and period that a rate was weighed by, and
    `by` what was shared out: population or area. `method` is that of the crosswalk: sectors or area.
    """

    indicator: IndicatorFacts
    start: Division
    end: Division
    period: str
    rule: Aggregation
    weights: tuple[str, str] | None
    by: str
    method: str
    items: tuple[Estimate, ...]


def estimate_figures(
    values: Values,
    crosswalk: CrosswalkTold,
    rule: Aggregation,
    weights: Values | None = None,
    *,
    by: str = "population",
    indicator: str = "",
) -> tuple[Estimate, ...]:
    """Estimate figures of the zones of `crosswalk.start` on those of `crosswalk.end`.

    Parameters
    ----------
    values : mapping of code to float or None
        Of the zones that figures are known for.
    rule : Aggregation
        ``sum``: each zone gives the share of its figure that lies in the other. ``rate``: the mean of the
        zones, weighed by their denominators' shares.
    weights : mapping of code to float or None
        Denominators of a rate, in the zones of `start`.
    by : str
        ``population``: by the share of people (of ground where people are not known); ``area``.

    Raises
    ------
    CannotAggregate
        What is measured can't be added up, or a rate comes without its denominators. Params: indicator.

    Notes
    -----
    Areal and dasymetric weighting after Goodchild & Lam (1980): people are spread evenly over a sector only
    where a limit cuts it.
    """
    if rule is Aggregation.NONE or (rule is Aggregation.RATE and weights is None):
        raise CannotAggregate(indicator=indicator)
    shares: dict[str, list[ShareTold]] = defaultdict(list)
    for share in crosswalk.shares:
        shares[share.end].append(share)
    return tuple(
        _estimate(parts, values, rule, weights or {}, by, indicator)
        for _, parts in sorted(shares.items(), key=lambda each: (len(each[0]), each[0]))
    )


def _estimate(
    parts: list[ShareTold], values: Values, rule: Aggregation, weights: Values, by: str, indicator: str
) -> Estimate:
    told = [part for part in parts if values.get(part.start) is not None or _share(part, by) >= LINE]
    shares = [_share(part, by) for part in told]
    figures = [values.get(part.start) for part in told]
    if rule is Aggregation.RATE:
        known = [weights.get(part.start) for part in told]
        given = [None if each is None else each * share for each, share in zip(known, shares, strict=True)]
    else:
        known, given = figures, list(shares)
    value, status = aggregate(figures, given, rule, indicator=indicator)
    status = ValueStatus.ESTIMATED if value is not None else status
    return Estimate(parts[0].end, parts[0].end_name, value, status, _doubt(told, known, shares))


def _share(part: ShareTold, by: str) -> float:
    return part.share_area if by == "area" else part.weight


def _doubt(parts: list[ShareTold], amounts: list[float | None], shares: list[float]) -> float:
    """Return the part of what was shared out that hangs on ground whose zone is not certain."""
    whole = sum((amount or 0) * share for amount, share in zip(amounts, shares, strict=True))
    doubtful = sum((amount or 0) * part.uncertain for amount, part in zip(amounts, parts, strict=True))
    return round(min(1.0, doubtful / whole), 6) if whole > 0 else 0.0


async def estimate_indicator(
    reader: Reader, indicator_id: str, start: Division, end: Division, period: str | None = None
) -> Estimates:
    """Estimate an indicator of one division on another, in a period (default: the newest).

    A rate is weighed by its denominator of the same period, else of the newest one before it, else of the
    oldest; which one is told.

    Raises
    ------
    NotFound
        There is no such indicator.
    UnknownValue
        It has no figures for these zones, or not in this period. Params: name, value.
    CannotAggregate, UnknownCrosswalk
        It can't be added up; nobody computed how the divisions lie to each other.
    """
    facts = await _find_indicator(reader, indicator_id)
    if facts.aggregation is Aggregation.NONE:
        raise CannotAggregate(indicator=indicator_id)
    crosswalk = await read_crosswalk(reader, start, end)
    series = await _read_figures(reader, start, [indicator_id, facts.weight_id or indicator_id])
    own = series.get(indicator_id, {})
    chosen = period or max(own, default="")
    if chosen not in own:
        raise UnknownValue(name="period" if own else "from", value=period or str(start))
    weights = series.get(facts.weight_id, {}) if facts.weight_id else {}
    weighed = _nearest(weights, chosen)
    by = "area" if facts.unit in _OF_GROUND or facts.weight_id == "area" else "population"
    items = estimate_figures(
        own[chosen],
        crosswalk,
        facts.aggregation,
        weights[weighed] if weighed else None,
        by=by,
        indicator=indicator_id,
    )
    told = (facts.weight_id, weighed) if facts.weight_id and weighed else None
    return Estimates(facts, start, end, chosen, facts.aggregation, told, by, crosswalk.method, items)


async def _find_indicator(reader: Reader, indicator_id: str) -> IndicatorFacts:
    known = {each.id: each for each in await list_known_indicators(reader)}
    if indicator_id not in known:
        raise NotFound(kind="indicator", id=indicator_id)
    return known[indicator_id]


async def read_level(reader: Reader, indicator_id: str) -> ZoneKind:
    """Return the kind of zone that an indicator is published for; quartiers where that is not told.

    Raises
    ------
    NotFound
        There is no such indicator.
    """
    return (await _find_indicator(reader, indicator_id)).level or ZoneKind.QUARTIER


def _nearest(series: Mapping[str, Values], period: str) -> str | None:
    before = [each for each in series if each <= period]
    return max(before) if before else min(series, default=None)


async def _read_figures(
    reader: Reader, division: Division, indicators: list[str]
) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return figures by indicator, period and code of zone."""
    compiled = _FIGURES.compiled()
    values = {"indicators": indicators, "kind": division.kind.value, "edition": division.edition}
    found: dict[str, dict[str, dict[str, float | None]]] = defaultdict(lambda: defaultdict(dict))
    for row in await reader.fetch(compiled.sql, *compiled.arguments(values)):
        found[row["indicator_id"]][row["period"]][row["code"]] = row["value"]
    return found
