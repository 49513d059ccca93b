"""What happens as days go by: reminders once, and the nightly work of the worker."""

from __future__ import annotations

import datetime as dt
import uuid

import psycopg
import pytest
from procrastinate import PsycopgConnector
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import WORKER
from geo.accounts.audit import record_writes
from geo.community.reminders import remind_carers, remind_teams
from geo.jobs.worker import build_app, work_off
from geo.models.accounts import Account, AccountRole
from geo.models.organizations import Organization
from geo.models.projects import Project
from geo.models.teams import Team
from maps.web.mails import write_letter
from tests.harness.mail import Mailbox

TODAY = dt.date(2026, 11, 22)
WAITING = text("SELECT args FROM jobs.procrastinate_jobs WHERE status = 'todo'")


def months_ago(months: int) -> dt.datetime:
    return dt.datetime(2026, 11, 22, tzinfo=dt.UTC) - dt.timedelta(days=31 * months)


async def add_project(session: AsyncSession, status: str, changed_at: dt.datetime, **more: object) -> Project:
    team = Team(id=uuid.uuid4(), name_fr="Équipe inventée")
    session.add(team)
    await session.flush()
    project = Project(id=uuid.uuid4(), team_id=team.id, status=status, title_fr="x", changed_at=changed_at)
    for name, given in more.items():
        setattr(project, name, given)
    session.add(project)
    await session.flush()
    return project


async def test_a_team_is_reminded_once_of_what_nobody_touched(session: AsyncSession) -> None:
    await remind_teams(session, TODAY)
    await session.execute(text("DELETE FROM jobs.procrastinate_jobs"))
    record_writes(session, WORKER)
    old = await add_project(session, "published", months_ago(8))
    await add_project(session, "published", months_ago(3))
    await add_project(session, "archived", months_ago(8))
    await add_project(session, "published", months_ago(8), example=True)
    assert await remind_teams(session, TODAY) == 1
    (told,) = (await session.scalars(WAITING)).all()
    assert told == {"kind": "reminder", "facts": {"project_id": str(old.id)}}
    assert await remind_teams(session, TODAY) == 0
    old.changed_at = old.reminded_at = months_ago(7)
    old.changed_at = months_ago(7) + dt.timedelta(days=1)
    assert await remind_teams(session, TODAY) == 1  # touched since the reminder, and left alone again


@pytest.mark.parametrize(("days_left", "reminded"), [(31, 0), (30, 1), (0, 1), (-1, 0)])
async def test_a_carer_is_told_a_month_before_the_year_ends(
    session: AsyncSession, days_left: int, reminded: int
) -> None:
    account = Account(
        id=uuid.uuid4(), email=f"{uuid.uuid4().hex}@example.org", lang="fr", status="active", created_on=TODAY
    )
    session.add(account)
    await session.flush()
    organization = await session.scalar(select(Organization.id).limit(1))
    session.add(
        AccountRole(
            account_id=account.id,
            role="carer",
            granted_on=TODAY,
            vouched_by_id=organization,
            valid_until=TODAY + dt.timedelta(days=days_left),
        )
    )
    await session.flush()
    assert await remind_carers(session, TODAY) == reminded
    assert await remind_carers(session, TODAY) == 0


def test_every_task_of_the_calendar_is_known() -> None:
    app = build_app(PsycopgConnector(), with_days=True)
    known = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert {"purge", "extend_occurrences", "remind", "take_up"} <= known.keys()
    assert known["take_up"] == "* * * * *"


async def test_the_nightly_work_is_done_and_killed_jobs_are_taken_up(mailbox: Mailbox) -> None:
    app = build_app(PsycopgConnector(), with_days=True)
    names = [task.task.name for task in app.periodic_registry.periodic_tasks.values()]
    with psycopg.connect(mailbox.database) as connection:
        for name in names:
            connection.execute(
                "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args) VALUES ('days', %s, %s)",
                [name, '{"timestamp": 0}'],
            )
        connection.execute(
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('mail', 'mail', %s, 'doing')",
            [f'{{"kind": "reset", "facts": {{"account_id": "{uuid.uuid4()}"}}}}'],
        )
    for _ in range(2):  # what was taken up waits for the next round
        await work_off(mailbox.database, mailbox.settings, write_letter, with_days=True)
        mailbox.hurry()
    assert mailbox.jobs() == []
