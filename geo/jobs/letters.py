"""Letters: to whom a mail goes, in which language, about what. Read when it is sent, not before."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.links import Purpose, make_link
from geo.community.parking_links import lender_path
from geo.jobs.mail import Mail
from geo.models.accounts import Account, AccountRole
from geo.models.organizations import Organization
from geo.models.parking import ParkingPlace
from geo.models.projects import Project, ProjectCard, ProjectComment
from geo.models.teams import Team, TeamMember
from geo.vocabulary import Lang, Role, Text

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has words.

    Attributes
    ----------
    to : str
        The address; never logged.
    path : str
        Where the link of the mail leads, without the public address.
    title : Text or None
        Name of the project, team or organization it is about.
    day : date or None
        The day it speaks of.
    """

    kind: Mail
    lang: Lang
    to: str = field(repr=False)
    path: str = field(repr=False)
    title: Text | None = None
    day: dt.date | None = None


async def find_recipients(session: AsyncSession, kind: Mail, facts: Facts) -> list[uuid.UUID]:
    """Return the accounts that a mail without an address concerns: moderators, or the members of a team."""
    moderators = (
        select(Account.id)
        .join(AccountRole)
        .where(AccountRole.role == Role.MODERATOR.value)
        .order_by(Account.id)
    )
    members = select(TeamMember.account_id).join(Account).order_by(Account.id)
    if await _goes_to_moderators(session, kind, facts):
        wanted = moderators
    else:
        wanted = members.where(TeamMember.team_id == await _team_id(session, facts))
    return list(await session.scalars(wanted.where(Account.status == "active")))


async def read_letter(session: AsyncSession, kind: Mail, facts: Facts) -> Letter | None:
    """Return a letter to one person, or None where there is nobody, or nothing, left to write about."""
    return await _WRITERS[kind](session, kind, facts)


async def _goes_to_moderators(session: AsyncSession, kind: Mail, facts: Facts) -> bool:
    if kind is Mail.PROJECT_COMMENTED:
        return await _last_speaker(session, facts) == "team"
    return kind in (Mail.PROJECT_SUBMITTED, Mail.PROJECT_WITHDRAWN)


async def _last_speaker(session: AsyncSession, facts: Facts) -> str | None:
    """Return who wrote the comment: a team's goes to the moderators, a moderator's to the team."""
    said = select(ProjectComment.author_role).where(ProjectComment.project_id == _id(facts, "project_id"))
    if "comment_id" in facts:
        said = said.where(ProjectComment.id == _id(facts, "comment_id"))
    return await session.scalar(said.order_by(ProjectComment.written_at.desc()).limit(1))


async def _team_id(session: AsyncSession, facts: Facts) -> uuid.UUID | None:
    if "team_id" in facts:
        return _id(facts, "team_id")
    return await session.scalar(select(Project.team_id).where(Project.id == _id(facts, "project_id")))


async def _about_account(session: AsyncSession, kind: Mail, facts: Facts) -> Letter | None:
    account = await session.get(Account, _id(facts, "account_id"))
    if account is None or account.status == "disabled":
        return None
    lang = cast(Lang, account.lang)
    if kind is Mail.VOUCH_RENEWAL:
        return await _renewal(session, account, lang)
    if kind in (Mail.EMAIL_NOTICE, Mail.FACTOR_ADDED, Mail.FACTOR_REMOVED):
        return Letter(kind, lang, account.email, f"/{lang}/account")
    if kind is Mail.EMAIL_CHANGED:
        link = make_link(Purpose.ADDRESS, account)
        return Letter(kind, lang, account.new_email, link) if account.new_email else None
    team = await session.get(Team, _id(facts, "team_id")) if "team_id" in facts else None
    link = make_link(Purpose(kind.value), account)
    return Letter(kind, lang, account.email, link, team.name if team else None)


async def _renewal(session: AsyncSession, account: Account, lang: Lang) -> Letter | None:
    vouched = await session.get(AccountRole, (account.id, Role.CARER.value))
    if vouched is None or vouched.vouched_by_id is None:
        return None
    voucher = await session.get(Organization, vouched.vouched_by_id)
    name = voucher.name if voucher else None
    return Letter(Mail.VOUCH_RENEWAL, lang, account.email, f"/{lang}/account", name, vouched.valid_until)


async def _about_project(session: AsyncSession, kind: Mail, facts: Facts) -> Letter | None:
    account = await session.get(Account, _id(facts, "account_id"))
    project = await session.get(Project, _id(facts, "project_id"))
    if account is None or account.status != "active" or project is None:
        return None
    lang = cast(Lang, account.lang)
    title = Text(project.title_fr, project.title_nl, project.title_en)
    card = await session.get(ProjectCard, project.id)
    if kind in (Mail.PROJECT_PUBLISHED, Mail.PROJECT_CLOSED, Mail.PROJECT_REOPENED) and card:
        path = f"/{lang}/projects/{project.id}"
    elif await _goes_to_moderators(session, kind, facts):
        path = f"/{lang}/moderation/project/{project.id}"
    else:
        path = f"/{lang}/team/projects/{project.id}"
    return Letter(kind, lang, account.email, path, title)


async def _about_parking(session: AsyncSession, kind: Mail, facts: Facts) -> Letter | None:
    place = await session.get(ParkingPlace, _id(facts, "place_id"))
    if place is None or (kind is Mail.PARKING_CHANGED) is (place.status == "unconfirmed"):
        return None
    return Letter(kind, cast(Lang, place.lang), place.lender_email, lender_path(place))


def _id(facts: Facts, name: str) -> uuid.UUID:
    return uuid.UUID(facts[name])


_WRITERS: dict[Mail, Callable[[AsyncSession, Mail, Facts], Awaitable[Letter | None]]] = {
    Mail.INVITATION: _about_account,
    Mail.RESET: _about_account,
    Mail.EMAIL_CHANGED: _about_account,
    Mail.EMAIL_NOTICE: _about_account,
    Mail.FACTOR_ADDED: _about_account,
    Mail.FACTOR_REMOVED: _about_account,
    Mail.VOUCH_RENEWAL: _about_account,
    Mail.PROJECT_SUBMITTED: _about_project,
    Mail.PROJECT_RETURNED: _about_project,
    Mail.PROJECT_PUBLISHED: _about_project,
    Mail.PROJECT_WITHDRAWN: _about_project,
    Mail.PROJECT_CLOSED: _about_project,
    Mail.PROJECT_REOPENED: _about_project,
    Mail.PROJECT_ARCHIVED: _about_project,
    Mail.PROJECT_RESTORED: _about_project,
    Mail.PROJECT_COMMENTED: _about_project,
    Mail.REMINDER: _about_project,
    Mail.PARKING_CONSENT: _about_parking,
    Mail.PARKING_CHANGED: _about_parking,
}
