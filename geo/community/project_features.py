"""Projects as features: written through the doors of the standards, published by a moderator as any other.

A feature that is written is submitted in the same transaction: who sends one means it to be seen, and the
standards know no drafts. What can't be submitted is refused as a whole.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.community.project_draft import ProjectDraft
from geo.community.project_values import ProjectValues, draft_of, values_of_draft
from geo.community.projects import RIGHT, load_project, register_project, save_project, step_project
from geo.community.steps import Step
from geo.community.working_copies import content_at
from geo.errors import ContentRefused, Fault, NotFound
from geo.features.received import (
    FeatureChanges,
    FeatureReceived,
    Written,
    changed,
    draft_from,
    replaced,
    values_of,
)
from geo.layers.projects import layer
from geo.models.projects import Project
from geo.queries.features import PRECISION
from geo.vocabulary import Status

#: What is missing of a project is named as the feature names it.
_FEATURE_NAMES = {"title": "name_fr", "summary": "summary_fr", "themes": "theme"}


async def create_feature(session: AsyncSession, actor: Actor, received: FeatureReceived) -> Written:
    """Register a project of one's team and submit it.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed, OutsideMandate, ContentRefused
        As `register_project` and `step_project` do.
    """
    values = draft_from(ProjectValues, values_of(layer, ProjectValues, received))
    with _named_as_features_do():
        draft = draft_from(ProjectDraft, draft_of(values))
        project = await register_project(session, actor, _team(actor, values.team_id), draft)
        return await _submitted(session, actor, project)


async def find_feature(session: AsyncSession, actor: Actor, fid: str) -> Project:
    """Return the project behind a feature, for writing. One that is put away is gone.

    Raises
    ------
    NotFound, NotSignedIn, SecondFactorNeeded, NotAllowed
        As `load_project` does.
    """
    try:
        found = await load_project(session, actor, uuid.UUID(fid), for_update=True)
    except ValueError:
        raise NotFound(kind="project", id=fid[:80]) from None
    if found.status == Status.ARCHIVED:
        raise NotFound(kind="project", id=fid)
    return found


async def replace_feature(
    session: AsyncSession, actor: Actor, found: Project, received: FeatureReceived, version: int
) -> Written:
    """Replace all that the layer tells of a project, and submit it. Raises as `save_project` does."""
    known, geometry = await _known(session, actor, found, version)
    values = draft_from(
        ProjectValues, replaced(layer, values_of_draft(known, found.team_id, geometry), received)
    )
    return await _save(session, actor, found, values, (known, geometry), version)


async def change_feature(
    session: AsyncSession, actor: Actor, found: Project, changes: FeatureChanges, version: int
) -> Written:
    """Change some of what a project says, and submit it. Raises as `save_project` does."""
    known, geometry = await _known(session, actor, found, version)
    values = draft_from(
        ProjectValues, changed(layer, values_of_draft(known, found.team_id, geometry), changes)
    )
    return await _save(session, actor, found, values, (known, geometry), version)


async def remove_feature(session: AsyncSession, actor: Actor, found: Project, version: int) -> None:
    """Put a project away; the public sees it no more. Raises as `step_project` does."""
    await step_project(session, actor, found.id, Step.ARCHIVE, version=version)


async def _save(
    session: AsyncSession,
    actor: Actor,
    found: Project,
    values: ProjectValues,
    before: tuple[ProjectDraft, dict[str, Any] | None],
    version: int,
) -> Written:
    known, geometry = before
    kept_where = known.where if values.geometry == geometry else None
    with _named_as_features_do():
        if values.team_id not in (None, found.team_id):
            raise ContentRefused(Fault("team_id", "not_known", {"value": str(values.team_id)}))
        draft = draft_from(ProjectDraft, draft_of(values, kept_where, known.links))
        saved = await save_project(session, actor, found.id, draft, version=version)
        return await _submitted(session, actor, saved)


async def _submitted(session: AsyncSession, actor: Actor, project: Project) -> Written:
    """Give a draft to the moderators; what says nothing new stays where it is."""
    if project.status == Status.DRAFT:
        project = await step_project(session, actor, project.id, Step.SUBMIT, version=None)
    return Written(str(project.id), project.version, is_waiting=project.status == Status.SUBMITTED)


async def _known(
    session: AsyncSession, actor: Actor, project: Project, version: int
) -> tuple[ProjectDraft, dict[str, Any] | None]:
    """Return what a project said when it was read, and its geometry as the layer tells it."""
    content = await content_at(session, actor, project.id, version)
    told = select(func.ST_AsGeoJSON(Project.geom, PRECISION, 0)).where(Project.id == project.id)
    return content, json.loads(await session.scalar(told) or "null")


def _team(actor: Actor, team_id: uuid.UUID | None) -> uuid.UUID:
    mine = [each for each in actor.team_ids if actor.may(RIGHT, each)]
    if team_id is None and len(mine) != 1:
        raise ContentRefused(Fault("team_id", "missing"))
    return team_id or mine[0]


@contextmanager
def _named_as_features_do() -> Iterator[None]:
    """Name faults of a draft by the properties of the feature."""
    try:
        yield
    except ContentRefused as refused:
        raise ContentRefused(*map(_renamed, refused.faults)) from None


def _renamed(fault: Fault) -> Fault:
    field = fault.field.removeprefix("properties.")
    head, _, rest = field.partition(".")
    if head == "where":
        return Fault("geometry", fault.kind, fault.params)
    if rest and head in _FEATURE_NAMES:
        field = f"{'name' if head == 'title' else head}_{rest}"
    return Fault(f"properties.{_FEATURE_NAMES.get(field, field)}", fault.kind, fault.params)
