"""Reading a project as its team and its moderators see it: content, history, talk, and what may be done."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.community.comments import Comment, list_comments
from geo.community.project_draft import ProjectDraft
from geo.community.projects import EDITABLE, RIGHT, load_project
from geo.community.revisions import RevisionName, last_revision, list_revisions, revision_of_version
from geo.community.steps import Step, open_steps
from geo.models.organizations import Organization
from geo.models.projects import Project, ProjectCard
from geo.models.zones import Zone
from geo.queries.zones import zone_reference
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Lang, Status, Text, ZoneKind

#: The zones that are named: those in which a moderator thinks.
_NAMED = (ZoneKind.QUARTIER, ZoneKind.COMMUNE, ZoneKind.CLSS)


@dataclass(frozen=True)
class WorkingProject:
    """A project's working copy.

    Attributes
    ----------
    published_revision : int or None
        Number of the revision that the public sees, if any.
    zones : tuple of ZoneName
        The quartiers, communes and CLSS that it touches.
    organizations : dict
        Names of the lead and the partners, by id.
    missing : tuple of str
        Fields without which it can't be submitted.
    may : frozenset of Step
        Steps that who reads could take now; `may_edit`: whether they could save.
    """

    id: uuid.UUID
    team_id: uuid.UUID | None
    content: ProjectDraft
    status: Status
    version: int
    waits_because: str | None
    changed_at: dt.datetime
    published_revision: int | None
    zones: tuple[ZoneName, ...]
    organizations: dict[uuid.UUID, Text]
    revisions: tuple[RevisionName, ...]
    comments: tuple[Comment, ...]
    missing: tuple[str, ...]
    missing_languages: tuple[Lang, ...]
    may: frozenset[Step]
    may_edit: bool
    example: bool


async def read_working_copy(session: AsyncSession, actor: Actor, project_id: uuid.UUID) -> WorkingProject:
    """Return a project as its team and moderators see it.

    Raises
    ------
    NotFound
        If there is none.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If it is another team's.
    """
    project = await load_project(session, actor, project_id)
    content = ProjectDraft.model_validate((await last_revision(session, project.id)).content)
    shown = await session.scalar(select(ProjectCard.revision).where(ProjectCard.id == project.id))
    return WorkingProject(
        id=project.id,
        team_id=project.team_id,
        content=content,
        status=Status(project.status),
        version=project.version,
        waits_because=project.waits_because,
        changed_at=project.changed_at,
        published_revision=shown,
        zones=await _zones(session, project),
        organizations=await _organizations(session, content),
        revisions=await list_revisions(session, project.id, actor),
        comments=await list_comments(session, project.id, actor),
        missing=tuple(each.field for each in content.gaps()),
        missing_languages=content.missing_languages,
        may=open_steps(project, actor, by_team=False),
        may_edit=Status(project.status) in EDITABLE and actor.may(RIGHT, project.team_id),
        example=project.example,
    )


async def content_at(
    session: AsyncSession, actor: Actor, project_id: uuid.UUID, version: int
) -> ProjectDraft:
    """Return the content of a project as somebody read it at a version, to make a change of it.

    Raises
    ------
    NotFound, NotSignedIn, SecondFactorNeeded, NotAllowed
        As in `read_working_copy`.
    """
    project = await load_project(session, actor, project_id)
    read = await revision_of_version(session, project.id, version)
    return ProjectDraft.model_validate((read or await last_revision(session, project.id)).content)


async def _zones(session: AsyncSession, project: Project) -> tuple[ZoneName, ...]:
    named = [kind.value for kind in _NAMED]
    rows = select(zone_reference(Zone)).where(Zone.id.in_(project.zone_ids), Zone.kind.in_(named))
    found = await session.scalars(rows.order_by(Zone.kind.desc(), func.length(Zone.code), Zone.code))
    return tuple(parse_zone(told) for told in found)


async def _organizations(session: AsyncSession, content: ProjectDraft) -> dict[uuid.UUID, Text]:
    wanted = [*content.partner_ids, *filter(None, [content.lead_organization_id])]
    rows = await session.scalars(select(Organization).where(Organization.id.in_(wanted)))
    return {each.id: each.name for each in rows}
