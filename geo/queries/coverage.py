"""Coverage: which zones a geometry enters, which belong to others, and what a named zone consists of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    CompoundSelect,
    Update,
    Uuid,
    case,
    cast,
    exists,
    func,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import LAMBERT_2008
from geo.db.reads import number, quoted
from geo.models.activities import Activity
from geo.models.projects import Project, ProjectCard
from geo.models.teams import ZoneMember
from geo.models.zones import Zone, ZoneLink
from geo.queries.zones import is_current
from geo.vocabulary import ZoneKind

#: An area drawn along a limit strays over it by the width of a pen: so much is not entering.
PEN_M = 1.0

_IDS = ARRAY(Uuid)


def touched_zone_ids(geom: Any) -> ColumnElement[Any]:
    """Return the ids (uuid[]) of all zones valid today that a geometry really enters.

    A neighbour that an area only touches, or overlaps by less than `PEN_M`, is not entered; a point on a
    limit lies in both zones. A CLSS without limits is entered through its members.

    Parameters
    ----------
    geom : WKBElement or SQL expression
        In EPSG:4326; null gives an empty array.
    """
    geom_m = func.ST_Transform(geom, number(LAMBERT_2008))
    touched = zones_touched_by(select(number(1).label("id"), geom_m.label("geom_m")).cte("given"))
    return _as_array(touched.subquery("touched").c.zone_id)


def zones_touched_by(records: CTE) -> CompoundSelect[Any]:
    """Return rows of `id` and `zone_id` for records of `id` and `geom_m`, as `touched_zone_ids` says."""
    core = select(records.c.id, core_of(records.c.geom_m).label("geom_m")).cte("core")
    entered = (
        select(core.c.id, Zone.id.label("zone_id"))
        .join(Zone, func.ST_Intersects(Zone.geom_m, core.c.geom_m))
        .where(is_current())
        .cte("entered")
    )
    grouped = select(entered.c.id, ZoneMember.zone_id).join(
        ZoneMember, ZoneMember.member_id == entered.c.zone_id
    )
    return union(select(entered.c.id, entered.c.zone_id), grouped)


#: What is placed on the ground and says which zones it touches.
TOUCHING: tuple[Any, ...] = (Project, ProjectCard, Activity)


def refresh_touched(table: Any) -> Update:
    """Write anew which zones places and drawn areas touch; records of chosen zones are left as they are."""
    placed = select(table.c.id, table.c.geom_m).where(table.c.geom_m.is_not(None))
    if "chosen_zone_ids" in table.c:
        placed = placed.where(func.cardinality(table.c.chosen_zone_ids) == number(0))
    touched = zones_touched_by(placed.cte("placed")).subquery("touched")
    listed = func.array_agg(aggregate_order_by(touched.c.zone_id, touched.c.zone_id), type_=_IDS)
    fresh = select(touched.c.id, listed.label("zone_ids")).group_by(touched.c.id).subquery("fresh")
    return (
        update(table)
        .values(zone_ids=fresh.c.zone_ids)
        .where(table.c.id == fresh.c.id, table.c.zone_ids != fresh.c.zone_ids)
    )


def core_of(geom_m: Any) -> ColumnElement[Any]:
    """Return an area without its rim of `PEN_M`; what has no such core (points, lines, slivers) as it is."""
    shrunk = func.ST_Buffer(geom_m, number(-PEN_M))
    return case((func.ST_IsEmpty(shrunk), geom_m), else_=shrunk)


def related_zone_ids(ids: Any) -> ColumnElement[Any]:
    """Return the ids (uuid[]) of zones valid today: those chosen, what lies in them, what they lie in.

    Parameters
    ----------
    ids : sequence of UUID, or SQL expression
        A uuid[]: values or a column.
    """
    given = select(func.unnest(cast(ids, _IDS), type_=Uuid).label("id")).cte("given_zones")
    members = select(ZoneMember.member_id).where(ZoneMember.zone_id.in_(select(given.c.id)))
    chosen = union(select(given.c.id), members).cte("chosen_zones")
    mine = select(chosen.c.id)
    parts = [
        mine,
        select(ZoneLink.parent_id).where(ZoneLink.child_id.in_(mine)),
        select(ZoneLink.child_id).where(ZoneLink.parent_id.in_(mine)),
        select(ZoneMember.zone_id).where(ZoneMember.member_id.in_(mine)),
    ]
    related = union(*parts).subquery("related")
    return _as_array(select(Zone.id).where(Zone.id.in_(select(related.c.id)), is_current()).subquery().c.id)


def _as_array(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array(select(column).order_by(column).scalar_subquery(), type_=_IDS)


def pieces_of(named: Any, name: str) -> CTE:
    """Return what named zones consist of: their own limits, else their members, else their carrier's commune.

    Parameters
    ----------
    named : Select
        One column of zone ids.
    name : str
        Of the CTE.

    Returns
    -------
    CTE
        Columns named_id, zone_id, geom_m (EPSG:3812), generalised, and basis (official, members, carrier,
        unknown). A zone of which nothing is known has one row of basis unknown, without geometry.
    """
    zone, member, commune = aliased(Zone), aliased(Zone), aliased(Zone)
    has_members = exists().where(ZoneMember.zone_id == zone.id)
    carried = (
        exists()
        .where(ZoneLink.child_id == zone.id, ZoneLink.parent_id == commune.id)
        .where(commune.kind == quoted(ZoneKind.COMMUNE), commune.geom.is_not(None))
    )
    wanted = zone.id.in_(named)

    def piece(of: Any, basis: str) -> Any:
        return select(
            zone.id.label("named_id"),
            of.id.label("zone_id"),
            of.geom_m.label("geom_m"),
            of.generalised.label("generalised"),
            quoted(basis).label("basis"),
        )

    own = piece(zone, "official").where(wanted, zone.geom.is_not(None))
    members = (
        piece(member, "members")
        .join(ZoneMember, ZoneMember.zone_id == zone.id)
        .join(member, member.id == ZoneMember.member_id)
        .where(wanted, zone.geom.is_(None))
    )
    outer = (
        piece(commune, "carrier")
        .join(ZoneLink, ZoneLink.child_id == zone.id)
        .join(commune, commune.id == ZoneLink.parent_id)
        .where(wanted, zone.geom.is_(None), ~has_members)
        .where(commune.kind == quoted(ZoneKind.COMMUNE), commune.geom.is_not(None))
    )
    nothing = piece(zone, "unknown").where(wanted, zone.geom.is_(None), ~has_members, ~carried)
    return union_all(own, members, outer, nothing).cte(name)
