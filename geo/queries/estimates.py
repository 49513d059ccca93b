"""Figures of one division, for being estimated on another."""

from __future__ import annotations

from sqlalchemy import Executable, String, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from geo.db.reads import value
from geo.models.zones import Zone
from geo.queries.figures import FIGURE, is_plain


def figures_of() -> Executable:
    """Return indicator, period, code and value of the plain figures of the zones of a division.

    Values: `indicators` (text[]), `kind`, `edition`.
    """
    return (
        select(FIGURE.c.indicator_id, FIGURE.c.period, Zone.code, FIGURE.c.value)
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .where(Zone.kind == value("kind", String), Zone.edition == value("edition", String), is_plain())
        .where(FIGURE.c.indicator_id == func.any(value("indicators", ARRAY(String))))
    )
