"""All themes at once: how many people of the region have one near, and how far they walk."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from sqlalchemy import Select, String, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.access.network.credit import NetworkTold
from geo.db.reads import Reader, ReadQuery, json_object, quoted, value
from geo.models.coverage import Coverage, StreetResidents
from geo.models.sources import Source
from geo.models.streets import StreetNetwork
from geo.models.zones import Zone
from geo.queries.zones import is_current
from geo.vocabulary import Walker, ZoneKind


@dataclass(frozen=True, slots=True)
class ThemeReach:
    """How the people of the region reach a theme; `median_minutes` is None where half have no way to any."""

    theme: str
    people: float
    within: tuple[float, float, float, float]
    median_minutes: float | None
    services: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The streets in use, the year of the inhabitants along them, and each theme that was computed."""

    network: NetworkTold
    period: str | None
    themes: tuple[ThemeReach, ...]


def _overview() -> Select[tuple[str]]:
    told = json_object(
        theme=Coverage.theme,
        people=Coverage.people,
        within=func.json_build_array(
            Coverage.within_5, Coverage.within_10, Coverage.within_15, Coverage.within_20
        ),
        median_minutes=Coverage.median_minutes,
        services=Coverage.services,
    )
    themes = (
        select(func.json_agg(aggregate_order_by(told, Coverage.theme)))
        .join(Zone, Zone.id == Coverage.zone_id)
        .where(
            Coverage.edition == StreetNetwork.edition,
            Coverage.walker == value("walker", String),
            Zone.kind == quoted(ZoneKind.REGION.value),
            is_current(),
        )
        .scalar_subquery()
    )
    period = (
        select(func.max(StreetResidents.period))
        .where(StreetResidents.edition == StreetNetwork.edition)
        .scalar_subquery()
    )
    return (
        select(
            json_object(
                edition=StreetNetwork.edition,
                observed_on=StreetNetwork.observed_on,
                attribution=Source.attribution,
                period=period,
                themes=themes,
            )
        )
        .join_from(StreetNetwork, Source, Source.id == StreetNetwork.source_id)
        .where(StreetNetwork.is_current)
    )


_OVERVIEW = ReadQuery(_overview)


async def read_overview(reader: Reader, walker: Walker = Walker.ADULT) -> Overview | None:
    """Return how people reach every theme; None while no streets are loaded."""
    compiled = _OVERVIEW.compiled()
    row = await reader.fetchval(compiled.sql, *compiled.arguments({"walker": walker.value}))
    if row is None:
        return None
    told = json.loads(row)
    network = NetworkTold(told["edition"], dt.date.fromisoformat(told["observed_on"]), told["attribution"])
    themes = (ThemeReach(**each | {"within": tuple(each["within"])}) for each in told["themes"] or ())
    return Overview(network, told["period"], tuple(themes))
