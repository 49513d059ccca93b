"""Projects: registered, saved, moved on and discussed. Verbs; none commits.

The working copy (`Project`) is seen by its team and by moderators. The public sees the card of what was last
published: editing on leaves it as it is until a moderator publishes again.
"""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.mandates import Verdict, check_mandate
from geo.accounts.rights import Right
from geo.community.cards import mark_project_card, refresh_project_card, remove_project_card
from geo.community.comments import add_comment
from geo.community.project_draft import TEXTS, ProjectDraft
from geo.community.project_places import Location, locate
from geo.community.revisions import (
    AFTER,
    Content,
    compare_revisions,
    content_of,
    keep_revision,
    last_revision,
    revision_of_version,
)
from geo.community.steps import Step, expect_version, is_theirs, note_edit, take_step
from geo.errors import (
    AlreadyThere,
    ContentRefused,
    Fault,
    NotAllowed,
    NotFound,
    StaleVersion,
    WrongStep,
)
from geo.jobs.mail import Mail, post
from geo.models.organizations import Organization
from geo.models.projects import Project, ProjectComment
from geo.models.taxonomies import TaxonomyTerm
from geo.vocabulary import LANGS, Status

RIGHT = Right.PROJECTS_WRITE

#: In these the team may write; what a moderator reads or what is put away has to be taken back first.
EDITABLE = frozenset({Status.DRAFT, Status.PUBLISHED, Status.CLOSED})

_MAILS = {
    Step.SUBMIT: Mail.PROJECT_SUBMITTED,
    Step.RETURN: Mail.PROJECT_RETURNED,
    Step.PUBLISH: Mail.PROJECT_PUBLISHED,
    Step.WITHDRAW: Mail.PROJECT_WITHDRAWN,
    Step.CLOSE: Mail.PROJECT_CLOSED,
    Step.REOPEN: Mail.PROJECT_REOPENED,
    Step.ARCHIVE: Mail.PROJECT_ARCHIVED,
    Step.RESTORE: Mail.PROJECT_RESTORED,
}


async def register_project(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID,
    draft: ProjectDraft,
    *,
    project_id: uuid.UUID | None = None,
    autosave: bool = False,
) -> Project:
    """Keep a new project as the team's draft.

    Parameters
    ----------
    project_id : UUID, optional
        Given by the form: sent twice by the same author, it is one project, and the first sending counts.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed, OutsideMandate
        If who acts may not write for this team, or not there.
    ContentRefused
        Naming each field that can't be taken, what is wrong and where.
    AlreadyThere
        If something else has this id.
    """
    actor.require(RIGHT, team_id)
    if project_id and (known := await _find_again(session, actor, team_id, project_id)):
        return known
    project = Project(
        id=project_id or uuid.UUID(int=uuid7().int),
        team_id=team_id,
        author_key=actor.key,
        status=Status.DRAFT.value,
        version=1,
    )
    await _fill(session, actor, project, draft)
    session.add(project)
    await session.flush()
    await keep_revision(session, project, content_of(draft), actor, autosave=autosave)
    await session.flush()
    return project


async def save_project(
    session: AsyncSession,
    actor: Actor,
    project_id: uuid.UUID,
    draft: ProjectDraft,
    *,
    version: int | None,
    autosave: bool = False,
) -> Project:
    """Change the working copy. What is published stays as it is; its edited copy is a draft again.

    Parameters
    ----------
    version : int or None
        The version that was read; None overwrites whatever is there.
    autosave : bool
        Saved by the form itself: the author's next save takes this revision's place.

    Raises
    ------
    StaleVersion
        If somebody saved since: params `mine` and `theirs` are what each of the two changed.
    WrongStep
        If it is submitted or archived.
    NotFound, NotSignedIn, SecondFactorNeeded, NotAllowed, OutsideMandate, ContentRefused
        As in `register_project`.
    """
    project = await _load_mine(session, actor, project_id)
    last = await last_revision(session, project.id)
    content = content_of(draft)
    await _expect(session, project, version, content, last.content)
    if Status(project.status) not in EDITABLE:
        raise WrongStep(status=project.status, step="save")
    if content == last.content and (autosave or not last.is_autosave):
        return project
    verdict = await _fill(session, actor, project, draft)
    note_edit(project, by_team=False, verdict=verdict)
    await keep_revision(session, project, content, actor, autosave=autosave, last=last)
    await session.flush()
    return project


async def step_project(
    session: AsyncSession,
    actor: Actor,
    project_id: uuid.UUID,
    step: Step,
    *,
    version: int | None,
    comment: str | None = None,
) -> Project:
    """Take a step with a project, and have those told by mail whom it concerns.

    Parameters
    ----------
    comment : str, optional
        A remark that goes with it; returning a project to its team needs one.

    Raises
    ------
    StaleVersion, WrongStep
        If somebody was faster.
    ContentRefused
        If something is still missing before it can be submitted, or the comment is.
    NotFound, NotSignedIn, SecondFactorNeeded, NotAllowed, OutsideMandate
        If it can't be taken by who acts.
    """
    project = await load_project(session, actor, project_id, for_update=True)
    last = await last_revision(session, project.id)
    expect_version(project, version)
    verdict = await _judge(session, actor, project, last.content) if step is Step.SUBMIT else None
    name_step(session, step.value)
    take_step(project, step, actor, by_team=False, verdict=verdict)
    if comment or step is Step.RETURN:
        await add_comment(session, actor, project, comment or "", "comment")
    await keep_revision(session, project, last.content, actor, step=AFTER[step], last=last)
    await _show(session, project, step)
    await post(session, _MAILS[step], project_id=project.id, team_id=project.team_id)
    await session.flush()
    return project


async def comment_on_project(
    session: AsyncSession, actor: Actor, project_id: uuid.UUID, body: str
) -> ProjectComment:
    """Say something about a project to its team, or as its team to the moderators; they get a mail.

    Raises
    ------
    ContentRefused
        If there is nothing in it, or too much.
    NotFound, NotSignedIn, NotAllowed
        As in `step_project`.
    """
    project = await load_project(session, actor, project_id)
    name_step(session, "comment")
    comment = await add_comment(session, actor, project, body, "body")
    await post(session, Mail.PROJECT_COMMENTED, project_id=project.id, comment_id=comment.id)
    return comment


async def load_project(
    session: AsyncSession, actor: Actor, project_id: uuid.UUID, *, for_update: bool = False
) -> Project:
    """Return a working copy to its team or a moderator.

    Raises
    ------
    NotFound
        If there is none.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If it is another team's.
    """
    project = await session.get(Project, project_id, with_for_update=for_update, populate_existing=for_update)
    if not actor.may(RIGHT):
        actor.require(Right.PROJECTS_READ)
    if project is None:
        raise NotFound(kind="project", id=str(project_id))
    if not is_theirs(project, actor):
        raise NotAllowed(right=Right.PROJECTS_READ.value)
    return project


async def _load_mine(session: AsyncSession, actor: Actor, project_id: uuid.UUID) -> Project:
    project = await load_project(session, actor, project_id, for_update=True)
    actor.require(RIGHT, project.team_id)
    return project


async def _find_again(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID, project_id: uuid.UUID
) -> Project | None:
    """Return the project that the same form has made already; two sendings at once wait for each other."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(project_id), 0))))
    known = await session.get(Project, project_id)
    if known and (known.team_id != team_id or known.author_key != actor.key):
        raise AlreadyThere(kind="project")
    return known


async def _expect(
    session: AsyncSession, project: Project, version: int | None, content: Content, present: Content
) -> None:
    try:
        expect_version(project, version)
    except StaleVersion as stale:
        assert version is not None
        read = await revision_of_version(session, project.id, version)
        base = read.content if read else present
        stale.params["mine"] = compare_revisions(base, content)
        stale.params["theirs"] = compare_revisions(base, present)
        raise


async def _fill(session: AsyncSession, actor: Actor, project: Project, draft: ProjectDraft) -> Verdict:
    """Write what was typed into the record, once all of it is found right and inside the team's area."""
    faults = await _unknown(session, draft)
    try:
        where = await locate(session, draft.where)
    except ContentRefused as refused:
        faults += refused.faults
    if faults:
        raise ContentRefused(*faults)
    verdict = await _check_area(session, actor, project.team_id, draft, where)
    told = draft.model_dump(exclude={"where", "links", *TEXTS})
    for name, given in told.items():
        setattr(project, name, list(given) if isinstance(given, tuple) else given)
    for name in TEXTS:
        for lang in LANGS:
            setattr(project, f"{name}_{lang}", getattr(getattr(draft, name), lang))
    project.links = [each.model_dump() for each in draft.links]
    project.where_kind = draft.where.kind if draft.where else None
    project.address = draft.where.address if draft.where else None
    project.geom = where.geom
    project.chosen_zone_ids, project.street_ids = list(where.chosen_zone_ids), list(where.street_ids)
    project.zone_ids = list(where.zone_ids)
    project.waits_because = verdict.waits_because
    return verdict


async def _unknown(session: AsyncSession, draft: ProjectDraft) -> list[Fault]:
    """Return what names a theme or an organization that does not exist."""
    organizations = [*draft.partner_ids, *filter(None, [draft.lead_organization_id])]
    themes = set(await session.scalars(select(TaxonomyTerm.code).where(TaxonomyTerm.code.in_(draft.themes))))
    known = set(await session.scalars(select(Organization.id).where(Organization.id.in_(organizations))))
    given = [("themes", each, each in themes) for each in draft.themes]
    given += [("partner_ids", str(each), each in known) for each in draft.partner_ids]
    lead = draft.lead_organization_id
    given += [("lead_organization_id", str(lead), lead in known)] if lead else []
    return [Fault(field, "unknown_value", {"value": told}) for field, told, is_known in given if not is_known]


async def _check_area(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID | None, draft: ProjectDraft, where: Location
) -> Verdict:
    is_zones = draft.where is not None and draft.where.kind == "zones"
    geom = None if is_zones else where.geom
    return await check_mandate(session, actor, team_id, RIGHT, geom=geom, zone_ids=where.chosen_zone_ids)


async def _judge(session: AsyncSession, actor: Actor, project: Project, content: Content) -> Verdict:
    """Return what territory says of a project that is submitted, once nothing is missing."""
    actor.require(RIGHT, project.team_id)
    draft = ProjectDraft.model_validate(content)
    if gaps := draft.gaps():
        raise ContentRefused(*gaps)
    where = Location(geom=project.geom, chosen_zone_ids=tuple(project.chosen_zone_ids))
    return await _check_area(session, actor, project.team_id, draft, where)


async def _show(session: AsyncSession, project: Project, step: Step) -> None:
    if step is Step.PUBLISH:
        await refresh_project_card(session, project)
    elif step in (Step.CLOSE, Step.REOPEN):
        await session.flush()
        await mark_project_card(session, project)
    elif step is Step.ARCHIVE:
        await remove_project_card(session, project)
