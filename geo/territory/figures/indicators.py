"""The catalogue of indicators: what is measured, how it adds up, for which zones and periods."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from geo.db.reads import Reader, ReadQuery
from geo.errors import NotFound
from geo.queries import figures
from geo.vocabulary import Aggregation, Direction, Text, Topic, ZoneKind

_CATALOGUE, _FIGURES = ReadQuery(figures.catalogue), ReadQuery(figures.of_indicator)


#: Asks for every period instead of the newest.
ALL_PERIODS = "all"


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """What is known of an indicator.

    `weight_id` names the indicator that a rate is a share of. `periods` and `kinds` are those for which
    there are figures, oldest first and by name; an indicator that was not computed yet has none.
    """

    id: str
    name: Text
    definition: Text
    unit: str
    decimals: int
    direction: Direction
    topic: Topic
    level: ZoneKind | None
    aggregation: Aggregation
    weight_id: str | None
    source: str
    licence: str
    attribution: str
    is_derived: bool
    periods: tuple[str, ...]
    kinds: tuple[ZoneKind, ...]


@dataclass(frozen=True, slots=True)
class IndicatorList:
    """The catalogue as a JSON array of bytes, and how many indicators it holds."""

    items: bytes
    number: int


async def indicators_json(reader: Reader, *, kind: ZoneKind | None = None) -> IndicatorList:
    """Return the published indicators (with figures for zones of a kind) as JSON; see `list_indicators`."""
    row = await reader.fetchrow(_CATALOGUE.compiled(kind).sql)
    assert row is not None
    return IndicatorList(row["items"], row["number"])


async def list_indicators(reader: Reader, *, kind: ZoneKind | None = None) -> tuple[IndicatorFacts, ...]:
    """Return the published indicators in the order of the catalogue.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    kind : ZoneKind, optional
        Only indicators that have figures for zones of this kind; `periods` are then those of this kind.
    """
    return _parse_all((await indicators_json(reader, kind=kind)).items)


async def list_known_indicators(reader: Reader) -> tuple[IndicatorFacts, ...]:
    """Return the published indicators without looking for their figures: `periods` and `kinds` are empty."""
    return _parse_all(await reader.fetchval(_CATALOGUE.compiled(None, with_reach=False).sql))


def _parse_all(items: bytes) -> tuple[IndicatorFacts, ...]:
    return tuple(_parse(told) for told in json.loads(items))


@dataclass(frozen=True, slots=True)
class FigurePage:
    """A JSON array of figures as bytes, how many there are in it and how many match in all."""

    items: bytes
    returned: int
    matched: int


async def figures_json(
    reader: Reader,
    indicator: str,
    kind: ZoneKind,
    *,
    period: str | None = None,
    edition: str | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> FigurePage:
    """Return figures of one indicator for the zones of a kind, by code, as JSON. One query.

    Parameters
    ----------
    period : str, optional
        A year, or `ALL_PERIODS`; without it the newest of each zone, which says its own period.
    edition : str, optional
        Of the zones; without it those valid today.

    Raises
    ------
    NotFound
        There is no such indicator, or it is not published.
    """
    shape: Literal["latest", "one", "all"] = "latest" if period is None else "one"
    compiled = _FIGURES.compiled("all" if period == ALL_PERIODS else shape, edition is not None)
    values = {
        "indicator": indicator,
        "zone_kind": kind.value,
        "period": period,
        "edition": edition,
        "limit": limit,
        "offset": offset,
    }
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    if row is None:
        raise NotFound(indicator=indicator)
    return FigurePage(row["items"], row["returned"], row["matched"])


def _parse(told: dict[str, Any]) -> IndicatorFacts:
    read = {
        "name": Text(**told["name"]),
        "definition": Text(**told["definition"]),
        "direction": Direction(told["direction"]),
        "topic": Topic(told["topic"]),
        "level": ZoneKind(told["level"]) if told["level"] else None,
        "aggregation": Aggregation(told["aggregation"]),
        "periods": tuple(told["periods"]),
        "kinds": tuple(ZoneKind(each) for each in told["kinds"]),
    }
    return IndicatorFacts(**{**told, **read})
