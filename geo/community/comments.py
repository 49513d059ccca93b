"""What a team and a moderator say to each other about a project. Signed by a role, never by a name."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.texts import clean_text
from geo.errors import ContentRefused, Fault
from geo.models.projects import Project, ProjectComment

MAX_BODY = 4_000


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark as it is read."""

    id: uuid.UUID
    role: str
    body: str
    written_at: dt.datetime
    is_mine: bool


async def add_comment(
    session: AsyncSession, actor: Actor, project: Project, body: str, field: str
) -> ProjectComment:
    """Keep a remark. The verb has checked who may; `field` is its name where it was typed.

    Raises
    ------
    ContentRefused
        If it is empty, too long, or not a text.
    """
    is_team = project.team_id in actor.team_ids or not actor.may_everywhere(Right.MODERATE)
    comment = ProjectComment(
        id=uuid.UUID(int=uuid7().int),
        project_id=project.id,
        author_key=actor.key,
        author_role="team" if is_team else "moderator",
        body=_checked(body, field),
    )
    session.add(comment)
    await session.flush()
    return comment


def _checked(body: str, field: str) -> str:
    try:
        text = clean_text(body)
    except PydanticCustomError as error:
        raise ContentRefused(Fault(field, error.type)) from None
    if not isinstance(text, str):
        raise ContentRefused(Fault(field, "missing"))
    if len(text) > MAX_BODY:
        raise ContentRefused(Fault(field, "string_too_long", {"max_length": MAX_BODY}))
    return text


async def list_comments(session: AsyncSession, project_id: uuid.UUID, actor: Actor) -> tuple[Comment, ...]:
    """Return a project's remarks, the oldest first."""
    rows = select(ProjectComment).where(ProjectComment.project_id == project_id)
    found = await session.scalars(rows.order_by(ProjectComment.written_at, ProjectComment.id))
    return tuple(told(each, actor) for each in found)


def told(comment: ProjectComment, actor: Actor) -> Comment:
    """Return a remark as the actor reads it."""
    is_mine = actor.key is not None and comment.author_key == actor.key
    return Comment(comment.id, comment.author_role, comment.body, comment.written_at, is_mine)
