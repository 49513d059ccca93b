"""Zones: which are valid today, which one a reference means, and where a point lies."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    CTE,
    ScalarSelect,
    Select,
    String,
    Uuid,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array, distinct_on
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, number, quoted, value
from geo.models.zones import Level, Zone, ZoneLink
from geo.vocabulary import ZoneKind

#: Within this distance of a generalised limit, the neighbouring zone is named too.
NEAR_LIMIT_M = 150

TOLD = ("id", "kind", "code", "name_fr", "name_nl", "name_en", "edition", "generalised", "provisional")


#: The same condition as `is_current` for SQL that is written as text.
IS_CURRENT: Final = "valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"


def is_current(zone: Any = Zone) -> ColumnElement[bool]:
    """Return the condition that a zone's edition is valid today."""
    today = func.current_date()
    return and_(zone.valid_from <= today, or_(zone.valid_to.is_(None), zone.valid_to > today))


def of_kind(kind: ZoneKind) -> ColumnElement[bool]:
    """Return the condition that a zone is of one kind."""
    return Zone.kind == quoted(kind.value)


def referenced_zone(column: Any, *, with_edition: bool = False) -> ScalarSelect[Any]:
    """Return `column` of the zone named by the values `zone_kind`, `zone_code` (and `edition`)."""
    chosen = Zone.edition == value("edition", String) if with_edition else is_current()
    return (
        select(column)
        .where(Zone.kind == value("zone_kind", String), Zone.code == value("zone_code", String), chosen)
        .scalar_subquery()
    )


def concerns_zone(record: Any, shape: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that a record concerns the zone of the values zone_kind, zone_code (and edition).

    Zones valid today are written on the record (`zone_ids`). Another edition is asked of what it names
    (`chosen_zone_ids`), with what lies in the zone and what that lies in, and of its place on the ground.
    """
    with_edition = "edition" in shape
    zone_id = referenced_zone(Zone.id, with_edition=with_edition)
    found = [record.zone_ids.contains(array([zone_id]))]
    if with_edition and hasattr(record, "chosen_zone_ids"):
        found.append(record.chosen_zone_ids.overlap(func.array(_kin(zone_id), type_=ARRAY(Uuid))))
    if with_edition and hasattr(record, "geom"):
        found.append(func.ST_Intersects(record.geom, referenced_zone(Zone.geom, with_edition=True)))
    return or_(*found)


def _kin(zone_id: ScalarSelect[Any]) -> ScalarSelect[Any]:
    """Return a zone, what lies in it and what it lies in, whether valid today or not."""
    linked = union_all(
        select(ZoneLink.parent_id.label("id")).where(ZoneLink.child_id == zone_id),
        select(ZoneLink.child_id).where(ZoneLink.parent_id == zone_id),
        select(zone_id),
    )
    return select(linked.subquery("kin").c.id).scalar_subquery()


def current_levels() -> Select[str, str, int]:
    """Return role, kind and rank of the levels of responsibility as they stand today."""
    return (
        select(Level.role, Level.kind, Level.rank)
        .ext(distinct_on(Level.role))
        .where(Level.valid_from <= func.current_date())
        .order_by(Level.role, Level.valid_from.desc())
    )


def covering(kind: ZoneKind, point: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that some zone of a kind valid today covers a point (EPSG:4326).

    Asked of sectors this tells whether a point lies in the region, and cheaper than the region's own
    outline does: sectors are small, and the index finds the one or two that can cover the point.
    """
    return exists().where(of_kind(kind), is_current(), func.ST_Covers(Zone.geom, point))


def level_zones(point: ColumnElement[Any]) -> CTE:
    """Return the zone of each level that covers a point: role, rank, and the zone's columns."""
    levels = current_levels().subquery("levels")
    return (
        select(levels.c.role, levels.c.rank, *(getattr(Zone, name) for name in TOLD), Zone.geom_m)
        .join(Zone, Zone.kind == levels.c.kind)
        .where(is_current(), func.ST_Covers(Zone.geom, point))
        .cte("home")
    )


def zone_reference(zone: Any, **more: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """Return the JSON in which a zone is named elsewhere, with further fields at its end."""
    return json_object(
        kind=zone.kind,
        code=zone.code,
        name=json_object(fr=zone.name_fr, nl=zone.name_nl, en=zone.name_en),
        edition=zone.edition,
        generalised=zone.generalised,
        provisional=zone.provisional,
        **more,
    )


def near_limits(home: CTE, point_m: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the JSON array of other zones of the same levels whose generalised limit is near the point.

    While limits are generalised, an answer within `NEAR_LIMIT_M` of one may belong to the neighbour.
    """
    kinds = select(home.c.kind)
    ids = select(home.c.id)
    near = select(zone_reference(Zone).label("told"), Zone.kind, Zone.code).where(
        is_current(),
        Zone.generalised,
        Zone.kind.in_(kinds),
        Zone.id.not_in(ids),
        func.ST_DWithin(Zone.geom_m, point_m, number(NEAR_LIMIT_M)),
    )
    rows = near.subquery("near_limit")
    listed = func.json_agg(aggregate_order_by(rows.c.told, rows.c.kind, rows.c.code))
    return func.coalesce(select(listed).scalar_subquery(), literal_column("'[]'::json"))
