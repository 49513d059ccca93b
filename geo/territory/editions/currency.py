"""What must be written anew when other zones are valid than before: all that says in which zones it lies.

Importers do the same on psycopg, after a load; here it is done in a session, when an edition begins or ends.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Uuid, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.reads import value
from geo.db.sessions import touch
from geo.directory.cards import refresh_cards_in
from geo.models.concertation import ConcertationSpace
from geo.models.functions import LocalFunction
from geo.models.notices import Notice
from geo.models.projects import Project, ProjectCard
from geo.models.zones import ZoneEdition
from geo.queries.coverage import TOUCHING, refresh_touched, related_zone_ids
from geo.territory.figures.derived import refresh_derived_in

#: Layers that draw zones, or whose records say in which zones they lie.
LAYERS = (
    "activities", "bassins", "clss", "communes", "concertation", "functions", "meso", "projects", "quartiers",
    "region", "services",
)  # fmt: skip

_COVERING: tuple[Any, ...] = (LocalFunction, ConcertationSpace, Notice, Project, ProjectCard)
_RELATED = select(related_zone_ids(value("ids", ARRAY(Uuid))))


async def refresh_zones(session: AsyncSession) -> None:
    """Write anew in which zones valid today everything lies, and touch the layers. Never commits."""
    await session.flush()
    await session.execute(text("SET LOCAL statement_timeout = 120000"))
    await refresh_cards_in(session)
    for model in _COVERING:
        await _refresh_chosen(session, model)
    for model in TOUCHING:
        await session.execute(refresh_touched(model.__table__))
    await refresh_derived_in(session, await session.scalar(select(func.current_date())) or dt.date.today())
    touch(session, *LAYERS)


async def _refresh_chosen(session: AsyncSession, model: Any) -> None:
    table = model.__table__
    for chosen in (await session.scalars(select(table.c.chosen_zone_ids).distinct())).all():
        if not chosen:
            continue
        related = await session.scalar(_RELATED, {"ids": chosen})
        stale = (table.c.chosen_zone_ids == chosen) & (table.c.zone_ids != related)
        await session.execute(update(table).where(stale).values(zone_ids=related))


async def begin_editions(session: AsyncSession, today: dt.date) -> None:
    """Do what is due when an edition begins or ends: today, or while no worker ran, in the week before."""
    week = today - dt.timedelta(days=7)
    due = or_(
        ZoneEdition.valid_from.between(week, today),
        ZoneEdition.valid_to.between(week, today),
    )
    if (await session.scalars(select(ZoneEdition.kind).where(due).limit(1))).first():
        await refresh_zones(session)
