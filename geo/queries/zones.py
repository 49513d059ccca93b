"""Zones: which are valid today, which one a reference means, and where a point lies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, String, and_, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted, value
from geo.models.zones import Level, Zone
from geo.vocabulary import ZoneKind


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


def current_levels() -> Select[str, str, int]:
    """Return role, kind and rank of the levels of responsibility as they stand today."""
    return (
        select(Level.role, Level.kind, Level.rank)
        .distinct(Level.role)
        .where(Level.valid_from <= func.current_date())
        .order_by(Level.role, Level.valid_from.desc())
    )


def covering(kind: ZoneKind, point: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that some zone of a kind valid today covers a point (EPSG:4326).

    Asked of sectors this tells whether a point lies in the region, and cheaper than the region's own
    outline does: sectors are small, and the index finds the one or two that can cover the point.
    """
    return exists().where(of_kind(kind), is_current(), func.ST_Covers(Zone.geom, point))
