"""Reminders: to teams whose projects nobody touched for half a year, to carers whose year ends."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.audit import name_step
from geo.jobs.mail import Mail, post
from geo.models.accounts import AccountRole
from geo.models.projects import Project
from geo.vocabulary import Role, Status

UNTOUCHED = dt.timedelta(days=183)
BEFORE_END = dt.timedelta(days=30)


async def remind_teams(session: AsyncSession, today: dt.date) -> int:
    """Write to the team of each project that is open and that nobody touched for six months, once.

    A change of the project begins a new half year. The caller commits.

    Returns
    -------
    int
        How many projects.
    """
    untouched_since = dt.datetime.combine(today - UNTOUCHED, dt.time(), dt.UTC)
    forgotten = select(Project).where(
        Project.status.in_([Status.DRAFT, Status.SUBMITTED, Status.PUBLISHED]),
        Project.team_id.is_not(None),
        Project.changed_at < untouched_since,
        or_(Project.reminded_at.is_(None), Project.reminded_at < Project.changed_at),
        Project.example.is_(False),
    )
    projects = (await session.scalars(forgotten.with_for_update(skip_locked=True))).all()
    name_step(session, "remind")
    for project in projects:
        project.reminded_at = dt.datetime.now(dt.UTC)
        await post(session, Mail.REMINDER, project_id=project.id)
    return len(projects)


async def remind_carers(session: AsyncSession, today: dt.date) -> int:
    """Write to each carer whose year ends within thirty days that it wants renewing, once a year.

    Returns
    -------
    int
        How many carers. The caller commits.
    """
    ending = select(AccountRole).where(
        AccountRole.role == Role.CARER,
        AccountRole.valid_until.between(today, today + BEFORE_END),
        or_(
            AccountRole.renewal_asked_on.is_(None),
            AccountRole.renewal_asked_on < AccountRole.valid_until - BEFORE_END,
        ),
    )
    carers = (await session.scalars(ending.with_for_update(skip_locked=True))).all()
    name_step(session, "remind")
    for carer in carers:
        carer.renewal_asked_on = today
        await post(session, Mail.VOUCH_RENEWAL, account_id=carer.account_id)
    return len(carers)
