"""Figures of zones, those of publishers and those computed here: the one place they are read from.

`FIGURE` is the view that unites both tables. The plain figure of a zone has the dimensions `{}`; indicators
that are not published are never told.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Double,
    Integer,
    Select,
    String,
    Subquery,
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

from geo.db.reads import as_bytes, json_object, quoted, value
from geo.models.indicators import Indicator
from geo.models.sources import Source
from geo.models.zones import Zone
from geo.queries.service_told import texts
from geo.queries.zones import is_current, of_kind, zone_reference
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

    `periods` are those of figures for that kind, `kinds` those of all figures. Without reach both stay
    empty: to know them, every figure is looked at.
    """
    reach = _reach(kind) if with_reach else None
    periods, kinds = (
        (EMPTY, EMPTY) if reach is None else (_or_empty(reach.c.periods), _or_empty(reach.c.kinds))
    )
    listed = func.json_agg(aggregate_order_by(_indicator(periods, kinds), Indicator.rank, Indicator.id))
    rows = (
        select(as_bytes(func.coalesce(listed, EMPTY)).label("items"), func.count().label("number"))
        .select_from(Indicator)
        .join(Source, Source.id == Indicator.source_id)
        .where(Indicator.is_published)
    )
    if reach is None:
        return rows
    rows = rows.join(reach, reach.c.indicator_id == Indicator.id, isouter=kind is None)
    return rows if kind is None else rows.where(reach.c.periods.is_not(None))


def _or_empty(array: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(array, EMPTY)


def _reach(kind: ZoneKind | None) -> Subquery:
    """Return of each indicator the JSON arrays of its periods (for a kind) and of its kinds, in one scan."""
    pairs = (
        select(FIGURE.c.indicator_id, FIGURE.c.period, Zone.kind)
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .where(is_plain())
        .distinct()
        .subquery("pairs")
    )
    periods = aggregate_order_by(pairs.c.period.distinct(), pairs.c.period)
    wanted = true() if kind is None else pairs.c.kind == quoted(kind.value)
    return (
        select(
            pairs.c.indicator_id,
            func.json_agg(periods).filter(wanted).label("periods"),
            func.json_agg(aggregate_order_by(pairs.c.kind.distinct(), pairs.c.kind)).label("kinds"),
        )
        .group_by(pairs.c.indicator_id)
        .subquery("reach")
    )


def _indicator(periods: ColumnElement[Any], kinds: ColumnElement[Any]) -> ColumnElement[Any]:
    return json_object(
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
        periods=periods,
        kinds=kinds,
    )


def of_indicator(period: Literal["latest", "one", "all"], with_edition: bool) -> Select[Any]:
    """Return a page of figures of one indicator as JSON, each with its zone and source.

    Values: `indicator`, `zone_kind`, `period` (where one is asked for), `edition`, `limit`, `offset`. The
    answer has a row where the indicator is published, also without figures: `items`, `returned`, `matched`.
    """
    chosen = Zone.edition == value("edition", String) if with_edition else is_current()
    rows = (
        select(
            FIGURE.c.zone_id,
            FIGURE.c.period,
            func.length(Zone.code).label("length"),
            Zone.code,
            _figure().label("told"),
        )
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .join(Source, Source.id == FIGURE.c.source_id)
        .where(
            is_told(),
            FIGURE.c.indicator_id == value("indicator", String),
            Zone.kind == value("zone_kind", String),
            chosen,
        )
    )
    if period == "one":
        rows = rows.where(FIGURE.c.period == value("period", String))
    elif period == "latest":
        rows = rows.ext(distinct_on(FIGURE.c.zone_id)).order_by(FIGURE.c.zone_id, FIGURE.c.period.desc())
    matched = rows.subquery("matched")
    order = (matched.c.length, matched.c.code, matched.c.period)
    page = (
        select(matched)
        .order_by(*order)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("page")
    )
    listed = func.json_agg(aggregate_order_by(page.c.told, page.c.length, page.c.code, page.c.period))
    return select(
        as_bytes(func.coalesce(select(listed).scalar_subquery(), EMPTY)).label("items"),
        select(func.count()).select_from(page).scalar_subquery().label("returned"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
    ).where(exists().where(Indicator.id == value("indicator", String), Indicator.is_published))


def _figure() -> ColumnElement[Any]:
    return json_object(
        zone=zone_reference(Zone),
        period=FIGURE.c.period,
        value=FIGURE.c.value,
        status=FIGURE.c.status,
        source=FIGURE.c.source_id,
        attribution=Source.attribution,
        licence=Source.licence,
    )


def open_figures() -> Select[Any]:
    """Return all figures that are told, with zone, unit and source: a table for QGIS, shapes in EPSG:4326."""
    key = func.concat_ws(
        quoted("/"), FIGURE.c.indicator_id, Zone.kind, Zone.code, Zone.edition, FIGURE.c.period
    )
    return (
        select(
            key.label("id"),
            FIGURE.c.indicator_id.label("indicator"),
            Indicator.name_fr,
            Indicator.name_nl,
            Indicator.unit,
            Zone.kind.label("zone_kind"),
            Zone.code.label("zone_code"),
            Zone.edition.label("zone_edition"),
            Zone.name_fr.label("zone_fr"),
            Zone.name_nl.label("zone_nl"),
            FIGURE.c.period,
            FIGURE.c.value,
            FIGURE.c.status,
            FIGURE.c.source_id.label("source"),
            Source.attribution,
            Source.licence,
            Zone.geom,
        )
        .select_from(FIGURE)
        .join(Indicator, Indicator.id == FIGURE.c.indicator_id)
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .join(Source, Source.id == FIGURE.c.source_id)
        .where(is_plain(), Indicator.is_published)
    )
