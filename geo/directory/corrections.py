"""Reports that a record is wrong. They carry no name and no address of a person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.errors import NotFound
from geo.models.corrections import Correction
from geo.models.projects import ProjectCard
from geo.models.services import Service
from geo.models.zones import Zone
from geo.queries.visibility import is_visible
from geo.vocabulary import ANONYMOUS, Lang, Viewer

Subject = Literal["service", "zone", "project"]
Reason = Literal["closed", "moved", "hours", "contact", "other"]
MAX_MESSAGE = 2000


async def report_error(
    session: AsyncSession,
    subject: Subject,
    subject_id: uuid.UUID,
    reason: Reason,
    message: str,
    lang: Lang,
    viewer: Viewer = ANONYMOUS,
) -> uuid.UUID:
    """Keep a report for a moderator and return its id. The caller commits.

    Raises
    ------
    NotFound
        If there is no such service, zone or project, or the viewer may not know that there is.
    """
    known = exists().where(Zone.id == subject_id)
    if subject == "service":
        known = exists().where(Service.id == subject_id, is_visible(Service.visibility, viewer))
    if subject == "project":
        known = exists().where(ProjectCard.id == subject_id, is_visible(ProjectCard.visibility, viewer))
    if not await session.scalar(select(known)):
        raise NotFound(kind=subject, id=str(subject_id))
    correction = Correction(
        id=uuid.UUID(str(uuid7())),
        subject_kind=subject,
        subject_id=subject_id,
        reason=reason,
        message=message.strip()[:MAX_MESSAGE],
        lang=lang,
        received_on=dt.datetime.now(ZoneInfo("Europe/Brussels")).date(),
    )
    session.add(correction)
    await session.flush()
    return correction.id
