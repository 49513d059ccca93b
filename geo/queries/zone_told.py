"""Zones as they are told: one in full, all in a list, those at a point. JSON made by one query each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import named_point, named_point_m
from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.cards import ServiceCard
from geo.models.indicators import Indicator
from geo.models.zones import Zone, ZoneLink
from geo.queries.figures import FIGURE, is_plain
from geo.queries.services import is_to_check
from geo.queries.visibility import is_visible
from geo.queries.zones import is_current, level_zones, near_limits, zone_reference
from geo.vocabulary import Viewer

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def detail(with_edition: bool, viewer: Viewer) -> Select[bytes]:
    """Return the JSON of the zone of the values `zone_kind`, `zone_code` (and `edition`)."""
    zone = chosen_zone(with_edition)
    return select(as_bytes(told_in_full(zone, viewer, with_edition=with_edition))).select_from(zone)


def chosen_zone(with_edition: bool) -> CTE:
    """Return the zone of the values `zone_kind`, `zone_code` (and `edition`), all its columns."""
    chosen = Zone.edition == value("edition", String) if with_edition else is_current()
    return (
        select(*Zone.__table__.c)
        .where(Zone.kind == value("zone_kind", String), Zone.code == value("zone_code", String), chosen)
        .cte("zone_told")
    )


def told_in_full(zone: CTE, viewer: Viewer, *, with_edition: bool = False) -> ColumnElement[Any]:
    """Return the JSON of all that is told of a zone, but how its figures compare.

    With an edition it may be one that is not valid today: its services are then found on the ground.
    """
    box = func.ST_Envelope(zone.c.geom)
    corners = array([func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)])
    return json_object(
        kind=zone.c.kind,
        code=zone.c.code,
        name=_texts(zone, "name"),
        edition=zone.c.edition,
        valid_from=zone.c.valid_from,
        valid_to=zone.c.valid_to,
        generalised=zone.c.generalised,
        provisional=zone.c.provisional,
        note=_texts(zone, "note"),
        residential=zone.c.residential,
        carrier=zone.c.carrier,
        area_km2=_area(zone.c.area_km2),
        lon=func.ST_X(zone.c.point),
        lat=func.ST_Y(zone.c.point),
        bbox=case((zone.c.geom.is_not(None), corners), else_=literal_column("NULL")),
        source=zone.c.source_id,
        parents=_parents(zone),
        neighbours=_neighbours(zone),
        indicators=_indicators(zone),
        services_by_theme=_services_by_theme(zone, viewer, with_edition),
    )


def _area(column: Any) -> ColumnElement[Any]:
    return func.round(cast(column, Numeric), number(3))


def _texts(row: Any, name: str) -> ColumnElement[Any]:
    columns = row.c if hasattr(row, "c") else row.__table__.c
    return json_object(fr=columns[f"{name}_fr"], nl=columns[f"{name}_nl"], en=columns[f"{name}_en"])


def _parents(zone: CTE) -> ColumnElement[Any]:
    """Tell in which zones a zone lies: those valid with it today, on its last day, or on its first."""
    last = func.coalesce(zone.c.valid_to - number(1), func.current_date())
    day = func.greatest(zone.c.valid_from, func.least(func.current_date(), last))
    with_it = and_(Zone.valid_from <= day, or_(Zone.valid_to.is_(None), Zone.valid_to > day))
    parent = json_object(
        kind=Zone.kind,
        code=Zone.code,
        name=_texts(Zone, "name"),
        edition=Zone.edition,
        share_area=ZoneLink.share_area,
        share_population=ZoneLink.share_population,
        main=ZoneLink.is_main,
        basis=ZoneLink.basis,
        provisional=Zone.provisional,
    )
    order = aggregate_order_by(
        parent, Zone.kind, ZoneLink.is_main.desc(), ZoneLink.share_area.desc(), Zone.code
    )
    rows = select(func.json_agg(order)).join(ZoneLink, ZoneLink.parent_id == Zone.id)
    return func.coalesce(rows.where(ZoneLink.child_id == zone.c.id, with_it).scalar_subquery(), EMPTY)


def _neighbours(zone: CTE) -> ColumnElement[Any]:
    """Tell zones of the same kind and edition that share a limit, or all but touch."""
    near = func.ST_DWithin(Zone.geom_m, zone.c.geom_m, number(1))
    rows = select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.code))).where(
        Zone.kind == zone.c.kind, Zone.edition == zone.c.edition, Zone.id != zone.c.id, near
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _indicators(zone: CTE) -> ColumnElement[Any]:
    """Tell the latest value of each published indicator, and its whole series."""
    point = json_object(period=FIGURE.c.period, value=FIGURE.c.value, status=FIGURE.c.status)
    newest_first = aggregate_order_by(FIGURE.c.source_id, FIGURE.c.period.desc())
    mine = (
        select(
            FIGURE.c.indicator_id,
            func.json_agg(aggregate_order_by(point, FIGURE.c.period)).label("series"),
            func.json_agg(newest_first).op("->")(number(0)).label("source"),
        )
        .where(FIGURE.c.zone_id == zone.c.id, is_plain())
        .group_by(FIGURE.c.indicator_id)
        .subquery("mine")
    )
    latest = mine.c.series.op("->")(number(-1))
    told = json_object(
        id=Indicator.id,
        name=_texts(Indicator, "name"),
        definition=_texts(Indicator, "definition"),
        unit=Indicator.unit,
        decimals=Indicator.decimals,
        direction=Indicator.direction,
        topic=Indicator.topic,
        aggregation=Indicator.aggregation,
        is_derived=Indicator.is_derived,
        period=latest.op("->")(quoted("period")),
        value=latest.op("->")(quoted("value")),
        status=latest.op("->")(quoted("status")),
        source=mine.c.source,
        series=mine.c.series,
    )
    rows = (
        select(func.json_agg(aggregate_order_by(told, Indicator.rank, Indicator.id)))
        .select_from(mine)
        .join(Indicator, Indicator.id == mine.c.indicator_id)
        .where(Indicator.is_published)
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _services_by_theme(zone: CTE, viewer: Viewer, with_edition: bool) -> ColumnElement[Any]:
    """Count services of each main theme; examples and records to check are not counted."""
    inside = ServiceCard.zone_ids.contains(array([zone.c.id]))
    if with_edition:
        inside = or_(inside, func.ST_Covers(zone.c.geom, ServiceCard.geom))
    counted = (
        select(ServiceCard.theme, func.count().label("number"))
        .where(
            is_visible(ServiceCard.visibility, viewer),
            inside,
            ~is_to_check(),
            ~ServiceCard.example,
        )
        .group_by(ServiceCard.theme)
        .lateral("counted")
    )
    rows = select(func.json_object_agg(counted.c.theme, counted.c.number)).select_from(counted)
    return func.coalesce(rows.scalar_subquery(), literal_column("'{}'::json"))


def every(viewer: Viewer, shape: frozenset[str]) -> Select[bytes, int]:
    """Return zones as a JSON array, without geometry: those valid today, else of the value `edition`.

    With the values `kind` and `q`: only those of a kind, whose name holds these words.
    """
    chosen = Zone.edition == value("edition", String) if "edition" in shape else is_current()
    rows = (
        select(
            zone_reference(
                Zone,
                area_km2=_area(Zone.area_km2),
                residential=Zone.residential,
                lon=func.ST_X(Zone.point),
                lat=func.ST_Y(Zone.point),
            ).label("told")
        )
        .add_columns(Zone.kind, Zone.code)
        .where(chosen)
    )
    if "kind" in shape:
        rows = rows.where(Zone.kind == value("kind", String))
    if "q" in shape:
        words = func.fold(value("q", String))
        names = func.fold(func.concat_ws(quoted(" "), Zone.name_fr, Zone.name_nl, Zone.name_en))
        rows = rows.where(words != quoted(""), names.like(quoted("%").concat(words).concat(quoted("%"))))
    matched = rows.subquery("matched")
    page = (
        select(matched)
        .order_by(matched.c.kind, func.length(matched.c.code), matched.c.code)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("page")
    )
    order = aggregate_order_by(page.c.told, page.c.kind, func.length(page.c.code), page.c.code)
    return select(
        as_bytes(func.coalesce(select(func.json_agg(order)).scalar_subquery(), EMPTY)).label("items"),
        select(func.count()).select_from(page).scalar_subquery().label("returned"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
    )


def at_point() -> Select[bytes, bool]:
    """Return every zone valid today that covers the point of the values lon, lat; and what is near."""
    here = select(zone_reference(Zone).label("told"), Zone.kind, Zone.code).where(
        is_current(), func.ST_Covers(Zone.geom, named_point())
    )
    rows = here.subquery("here")
    order = aggregate_order_by(rows.c.told, rows.c.kind, rows.c.code)
    home = level_zones(named_point())
    return select(
        as_bytes(func.coalesce(select(func.json_agg(order)).scalar_subquery(), EMPTY)).label("items"),
        select(func.count()).select_from(rows).scalar_subquery().label("number"),
        as_bytes(near_limits(home, named_point_m())).label("near_limit"),
    )
