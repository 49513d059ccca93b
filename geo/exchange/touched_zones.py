"""Which zones projects and activities touch, written anew after zones changed."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Update, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.dialects.postgresql.psycopg import dialect

from geo.db.reads import number
from geo.models.activities import Activity
from geo.models.projects import Project, ProjectCard
from geo.queries.coverage import zones_touched_by


def refresh_touched_zones(connection: psycopg.Connection[Any]) -> None:
    """Write anew which zones places and drawn areas touch; records of chosen zones are left as they are.

    Never commits.
    """
    for model in (Project, ProjectCard, Activity):
        statement = _refresh(model.__table__).compile(dialect=dialect())  # type: ignore[no-untyped-call]
        connection.execute(str(statement).encode())


def _refresh(table: Any) -> Update:
    placed = select(table.c.id, table.c.geom_m).where(table.c.geom_m.is_not(None))
    if "chosen_zone_ids" in table.c:
        placed = placed.where(func.cardinality(table.c.chosen_zone_ids) == number(0))
    touched = zones_touched_by(placed.cte("placed")).subquery("touched")
    listed = func.array_agg(aggregate_order_by(touched.c.zone_id, touched.c.zone_id), type_=ARRAY(Uuid))
    fresh = select(touched.c.id, listed.label("zone_ids")).group_by(touched.c.id).subquery("fresh")
    return (
        update(table)
        .values(zone_ids=fresh.c.zone_ids)
        .where(table.c.id == fresh.c.id, table.c.zone_ids != fresh.c.zone_ids)
    )
