"""A project's history: its content after every save and step, and what differs between two states."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.community.project_draft import ProjectDraft
from geo.community.steps import Step
from geo.errors import NotFound
from geo.models.projects import Project, ProjectRevision

Content = Mapping[str, Any]

SAVED = "saved"
#: What a revision is called after a step.
AFTER = {
    Step.SUBMIT: "submitted",
    Step.WITHDRAW: "withdrawn",
    Step.RETURN: "returned",
    Step.PUBLISH: "published",
    Step.CLOSE: "closed",
    Step.REOPEN: "reopened",
    Step.ARCHIVE: "archived",
    Step.RESTORE: "restored",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose value differs, such as `title.nl` or `where.geometry`; values as JSON has them."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RevisionName:
    """A revision as it is listed."""

    number: int
    step: str
    saved_at: dt.datetime
    is_mine: bool


def content_of(draft: ProjectDraft) -> dict[str, Any]:
    """Return a draft as a revision keeps it."""
    return draft.model_dump(mode="json")


def compare_revisions(before: Content, after: Content) -> list[Difference]:
    """Return the fields in which two contents differ, texts language by language."""
    old, new = dict(_flat(before)), dict(_flat(after))
    fields = dict.fromkeys([*old, *new])
    return [
        Difference(field, old.get(field), new.get(field))
        for field in fields
        if (old.get(field) or None) != (new.get(field) or None)
    ]


def _flat(content: Content, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, told in content.items():
        if isinstance(told, Mapping) and name != "geometry":
            yield from _flat(told, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", told


async def last_revision(session: AsyncSession, project_id: uuid.UUID) -> ProjectRevision:
    """Return the newest revision: the content as it stands."""
    rows = select(ProjectRevision).where(ProjectRevision.project_id == project_id)
    return (await session.scalars(rows.order_by(ProjectRevision.number.desc()).limit(1))).one()


async def revision_of_version(
    session: AsyncSession, project_id: uuid.UUID, version: int
) -> ProjectRevision | None:
    """Return the content that somebody read as `version` of the project, or the nearest one before."""
    rows = select(ProjectRevision).where(
        ProjectRevision.project_id == project_id, ProjectRevision.version <= version
    )
    return (await session.scalars(rows.order_by(ProjectRevision.number.desc()).limit(1))).one_or_none()


async def read_revision(session: AsyncSession, project_id: uuid.UUID, number: int) -> ProjectRevision:
    """Return one revision.

    Raises
    ------
    NotFound
        If the project has none of that number.
    """
    rows = select(ProjectRevision).where(
        ProjectRevision.project_id == project_id, ProjectRevision.number == number
    )
    found = (await session.scalars(rows)).one_or_none()
    if found is None:
        raise NotFound(kind="revision", id=str(number))
    return found


async def list_revisions(
    session: AsyncSession, project_id: uuid.UUID, actor: Actor
) -> tuple[RevisionName, ...]:
    """Return a project's revisions, the newest first, without their content."""
    rows = select(
        ProjectRevision.number, ProjectRevision.step, ProjectRevision.saved_at, ProjectRevision.author_key
    ).where(ProjectRevision.project_id == project_id)
    found = await session.execute(rows.order_by(ProjectRevision.number.desc()))
    return tuple(
        RevisionName(
            row.number, row.step, row.saved_at, actor.key is not None and row.author_key == actor.key
        )
        for row in found
    )


async def keep_revision(
    session: AsyncSession,
    project: Project,
    content: Content,
    actor: Actor,
    *,
    step: str = SAVED,
    autosave: bool = False,
    last: ProjectRevision | None = None,
) -> ProjectRevision:
    """Keep the project's content as it stands; a save takes the place of the author's autosave before it."""
    if step == SAVED and last and last.is_autosave and last.author_key == actor.key:
        last.content, last.version, last.is_autosave = dict(content), project.version, autosave
        last.saved_at = dt.datetime.now(dt.UTC)
        return last
    revision = ProjectRevision(
        id=uuid.UUID(int=uuid7().int),
        project_id=project.id,
        number=last.number + 1 if last else 1,
        version=project.version,
        step=step,
        is_autosave=autosave,
        content=dict(content),
        author_key=actor.key,
    )
    session.add(revision)
    return revision
