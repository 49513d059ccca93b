"""A zone among others: its figures beside those of its larger zones and of all of its kind, in one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, quoted
from geo.models.zones import Zone, ZoneLink
from geo.queries.figures import FIGURE, is_plain
from geo.queries.zone_told import EMPTY, chosen_zone, told_in_full
from geo.queries.zones import current_levels, is_current, zone_reference
from geo.vocabulary import LevelRole, Viewer

NOTHING: ColumnElement[Any] = literal_column("'{}'::json")


def profile(with_edition: bool, viewer: Viewer) -> Select[bytes, bytes, bytes, bytes]:
    """Return the zone of the values `zone_kind`, `zone_code` (and `edition`), and what it is held against.

    Four JSON values: `detail` of the zone; `larger`, an array of the zones of the levels above it; `beside`,
    by role of level and id of indicator their figures; `peers`, by id of indicator the values of all zones of
    its kind and edition in the period of its own latest figure.
    """
    zone = chosen_zone(with_edition)
    larger, latest = _larger(zone), _latest(zone)
    return select(
        as_bytes(told_in_full(zone, viewer, with_edition=with_edition)).label("detail"),
        as_bytes(_told_larger(larger)).label("larger"),
        as_bytes(_beside(larger, latest)).label("beside"),
        as_bytes(_peers(zone, latest)).label("peers"),
    ).select_from(zone)


def _larger(zone: CTE) -> CTE:
    """Return the zone's main parent in each level above: one valid today before one of the past."""
    levels = current_levels().subquery("levels")
    return (
        select(levels.c.role, levels.c.rank, *Zone.__table__.c)
        .ext(distinct_on(levels.c.role))
        .join(ZoneLink, ZoneLink.parent_id == Zone.id)
        .join(levels, levels.c.kind == Zone.kind)
        .where(
            ZoneLink.child_id == select(zone.c.id).scalar_subquery(),
            ZoneLink.is_main,
            levels.c.role != quoted(LevelRole.QUARTIER.value),
        )
        .order_by(levels.c.role, is_current().desc(), Zone.valid_from.desc())
        .cte("larger")
    )


def _told_larger(larger: CTE) -> ColumnElement[Any]:
    told = json_object(role=larger.c.role, zone=zone_reference(larger.c))
    rows = select(func.json_agg(aggregate_order_by(told, larger.c.rank)))
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _latest(zone: CTE) -> CTE:
    """Return each indicator of the zone and the period of its latest figure."""
    return (
        select(FIGURE.c.indicator_id, func.max(FIGURE.c.period).label("period"))
        .where(FIGURE.c.zone_id == select(zone.c.id).scalar_subquery(), is_plain())
        .group_by(FIGURE.c.indicator_id)
        .cte("latest")
    )


def _beside(larger: CTE, latest: CTE) -> ColumnElement[Any]:
    """Tell the figures of the larger zones: of the zone's own period, else their latest."""
    same = FIGURE.c.period == latest.c.period
    chosen = (
        select(larger.c.role, FIGURE.c.indicator_id, FIGURE.c.period, FIGURE.c.value, FIGURE.c.status)
        .ext(distinct_on(larger.c.role, FIGURE.c.indicator_id))
        .select_from(larger)
        .join(FIGURE, FIGURE.c.zone_id == larger.c.id)
        .join(latest, latest.c.indicator_id == FIGURE.c.indicator_id)
        .where(is_plain())
        .order_by(larger.c.role, FIGURE.c.indicator_id, same.desc(), FIGURE.c.period.desc())
        .subquery("chosen")
    )
    point = json_object(period=chosen.c.period, value=chosen.c.value, status=chosen.c.status)
    by_role = (
        select(chosen.c.role, func.json_object_agg(chosen.c.indicator_id, point).label("figures"))
        .group_by(chosen.c.role)
        .subquery("by_role")
    )
    rows = select(func.json_object_agg(by_role.c.role, by_role.c.figures))
    return func.coalesce(rows.scalar_subquery(), NOTHING)


def _peers(zone: CTE, latest: CTE) -> ColumnElement[Any]:
    peers = select(Zone.id).where(
        Zone.kind == select(zone.c.kind).scalar_subquery(),
        Zone.edition == select(zone.c.edition).scalar_subquery(),
    )
    # One look into the index for each indicator; "is true" keeps the peers a set that is hashed once.
    amounts = select(func.json_agg(FIGURE.c.value)).where(
        FIGURE.c.indicator_id == latest.c.indicator_id,
        FIGURE.c.period == latest.c.period,
        is_plain(),
        FIGURE.c.value.is_not(None),
        FIGURE.c.zone_id.in_(peers).is_(true()),
    )
    rows = select(func.json_object_agg(latest.c.indicator_id, amounts.scalar_subquery()))
    return func.coalesce(rows.scalar_subquery(), NOTHING)
