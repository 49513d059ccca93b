"""Figures of zones, those of publishers and those computed here: the one place they are read from.

`FIGURE` is the view that unites both tables. The plain figure of a zone has the dimensions `{}`; indicators
that are not published are never told.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Double,
    Select,
    String,
    Uuid,
    and_,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, distinct_on
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, value
from geo.models.indicators import Indicator
from geo.models.sources import Source
from geo.models.zones import Zone
from geo.queries.service_told import texts
from geo.queries.zones import is_current, of_kind
from geo.vocabulary import ZoneKind

#: The view `figure`: indicator_value and derived_value together.
FIGURE = table(
    "figure",
    column("indicator_id", String),
    column("zone_id", Uuid),
    column("period", String),
    column("dimensions", JSONB),
    column("value", Double),
    column("status", String),
    column("source_id", String),
)

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def is_plain(figure: Any = FIGURE) -> ColumnElement[bool]:
    """Return the condition that a figure is about everybody, not about a group of people."""
    condition: ColumnElement[bool] = figure.c.dimensions == literal_column("'{}'::jsonb")
    return condition


def is_told(figure: Any = FIGURE) -> ColumnElement[bool]:
    """Return the condition that a figure may be told: plain, and of an indicator that is published."""
    published = select(Indicator.id).where(Indicator.is_published)
    return and_(is_plain(figure), figure.c.indicator_id.in_(published))


def latest_figures(kind: ZoneKind, edition: str | None = None) -> Select[Any]:
    """Return the newest plain figure of each published indicator in each zone of a kind.

    Columns are those of `FIGURE` without dimensions. Zones may have different newest periods: each row
    says its own.

    Parameters
    ----------
    kind : ZoneKind
        Of the zones.
    edition : str, optional
        None: the zones valid today. Else those of the edition bound as the value `edition`; what is
        given here only says that there is one.
    """
    chosen = is_current() if edition is None else Zone.edition == value("edition", String)
    names = ("indicator_id", "zone_id", "period", "value", "status", "source_id")
    return (
        select(*(FIGURE.c[name] for name in names))
        .ext(distinct_on(FIGURE.c.zone_id, FIGURE.c.indicator_id))
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .where(of_kind(kind), chosen, is_told())
        .order_by(FIGURE.c.zone_id, FIGURE.c.indicator_id, FIGURE.c.period.desc())
    )


def catalogue(kind: ZoneKind | None = None, *, with_reach: bool = True) -> Select[bytes, int]:
    """Return the published indicators (with figures for zones of a kind) as a JSON array, by rank.

    Without reach, `periods` and `kinds` stay empty: to know them, every figure is looked at.
    """
    told = json_object(
        id=Indicator.id,
        name=texts(Indicator, "name"),
        definition=texts(Indicator, "definition"),
        unit=Indicator.unit,
        decimals=Indicator.decimals,
        direction=Indicator.direction,
        topic=Indicator.topic,
        level=Indicator.level,
        aggregation=Indicator.aggregation,
        weight_id=Indicator.weight_id,
        source=Indicator.source_id,
        licence=Source.licence,
        attribution=Source.attribution,
        is_derived=Indicator.is_derived,
        periods=_reach(FIGURE.c.period, kind) if with_reach else EMPTY,
        kinds=_reach(Zone.kind, None) if with_reach else EMPTY,
    )
    listed = func.json_agg(aggregate_order_by(told, Indicator.rank, Indicator.id))
    rows = (
        select(as_bytes(func.coalesce(listed, EMPTY)).label("items"), func.count().label("number"))
        .select_from(Indicator)
        .join(Source, Source.id == Indicator.source_id)
        .where(Indicator.is_published)
    )
    return rows if kind is None else rows.where(exists(_figures_of(kind)))


def _figures_of(kind: ZoneKind | None) -> Select[Any]:
    of_zones = true() if kind is None else of_kind(kind)
    return (
        select(FIGURE.c.indicator_id)
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .where(FIGURE.c.indicator_id == Indicator.id, is_plain(), of_zones)
        .correlate(Indicator)
    )


def _reach(what: Any, kind: ZoneKind | None) -> ColumnElement[Any]:
    """Return the JSON array of the periods or kinds for which an indicator has figures."""
    found = _figures_of(kind).with_only_columns(what.label("reached")).distinct().subquery()
    listed = select(func.json_agg(aggregate_order_by(found.c.reached, found.c.reached)))
    return func.coalesce(listed.scalar_subquery(), EMPTY)
