"""Figures of an adopted division, added up from its sectors or quartiers when it is written."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.models.indicators import IndicatorValue
from geo.queries import adopted_figures as queries
from geo.territory.editions.listing import Division
from geo.territory.figures.aggregation import aggregate
from geo.vocabulary import Aggregation, ValueStatus

PEOPLE = "population"


class Part(NamedTuple):
    """A sector or quartier, with the share of it that lies in a zone."""

    zone_id: uuid.UUID
    share: float
    is_inferred: bool


class Series(NamedTuple):
    """The figures of one indicator in one period, by zone."""

    values: dict[uuid.UUID, float | None]
    source_id: str


Figures = dict[tuple[str, str], Series]
Parts = dict[str, dict[uuid.UUID, list[Part]]]
"""By kind of part, then by zone."""


async def add_up_figures(session: AsyncSession, division: Division) -> int:
    """Write the figures of the zones of a division, wherever the rule of an indicator allows.

    Statistical sectors are added up where they have figures for the period, else quartiers. Where one lies in
    a zone by a share or by inference, the figure is estimated. What can't be added up is not written.

    Returns
    -------
    int
        Number of figures written.
    """
    parts: Parts = defaultdict(lambda: defaultdict(list))
    found = await session.execute(queries.parts_of(division.kind.value, division.edition))
    for kind, id_, zone, *lies in found:
        parts[kind][zone].append(Part(id_, *lies))
    figures: Figures = {}
    for indicator, period, zone, value, source in await session.execute(queries.figures_of_parts()):
        figures.setdefault((indicator, period), Series({}, source)).values[zone] = value
    rules = {id_: rule for id_, *rule in await session.execute(queries.rules())}
    rows = [row for key in figures if key[0] in rules for row in _add_up(key, figures, parts, *rules[key[0]])]
    if rows:
        await session.execute(insert(IndicatorValue), rows)
    return len(rows)


def _add_up(
    key: tuple[str, str], figures: Figures, parts: Parts, rule: str, weight_id: str | None
) -> Iterator[dict[str, Any]]:
    indicator, period = key
    values, source = figures[key]
    kind = next((each for each in queries.PARTS if _has(parts.get(each.value), values)), None)
    counted = figures.get((weight_id or PEOPLE, period), Series({}, "")).values
    for zone, mine in parts[kind.value].items() if kind else ():
        told = [values.get(part.zone_id) for part in mine]
        weights = [_weight(part, values, counted, rule) for part in mine]
        value, status = aggregate(told, weights, rule, indicator=indicator)
        if value is None:
            continue
        is_parted = any(
            part.is_inferred or (part.share < 1 and weight != 0)
            for part, weight in zip(mine, weights, strict=True)
        )
        yield {
            "indicator_id": indicator,
            "zone_id": zone,
            "period": period,
            "value": float(f"{value:.12g}"),
            "status": (ValueStatus.ESTIMATED if is_parted else status).value,
            "source_id": source,
        }


def _has(of_kind: dict[uuid.UUID, list[Part]] | None, values: dict[uuid.UUID, float | None]) -> bool:
    return any(part.zone_id in values for mine in (of_kind or {}).values() for part in mine)


def _weight(
    part: Part, values: dict[uuid.UUID, float | None], counted: dict[uuid.UUID, float | None], rule: str
) -> float | None:
    """Return what a part counts for: its share in a sum (0 where nobody lives), its denominator in a rate."""
    people = counted.get(part.zone_id)
    if rule == Aggregation.RATE:
        return None if people is None else people * part.share
    return 0.0 if people == 0 and values.get(part.zone_id) is None else part.share
