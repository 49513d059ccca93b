"""Zones under the larger zone that most of them lies in: quartiers under communes."""

from __future__ import annotations

from sqlalchemy import Select, String, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from geo.db.reads import as_bytes, json_object, value
from geo.models.zones import Zone, ZoneLink
from geo.queries.zone_told import EMPTY
from geo.queries.zones import is_current, zone_reference


def grouped() -> Select[bytes]:
    """Return the zones of the value `kind` under those of the value `parent_kind`, as one JSON array."""
    parent = aliased(Zone)
    children = func.json_agg(aggregate_order_by(zone_reference(Zone), func.length(Zone.code), Zone.code))
    groups = (
        select(json_object(group=zone_reference(parent), zones=children).label("told"), parent.code)
        .select_from(Zone)
        .join(ZoneLink, ZoneLink.child_id == Zone.id)
        .join(parent, parent.id == ZoneLink.parent_id)
        .where(
            ZoneLink.is_main,
            Zone.kind == value("kind", String),
            parent.kind == value("parent_kind", String),
            is_current(),
            is_current(parent),
        )
        .group_by(parent.id)
        .subquery("groups")
    )
    order = aggregate_order_by(groups.c.told, groups.c.code)
    return select(as_bytes(func.coalesce(func.json_agg(order), EMPTY)).label("items"))
