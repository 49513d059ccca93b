"""The queue: a job exists when the write that causes it does, tells ids only, and is nobody else's to see."""

from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import migrations_path
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.embedded import READER
from geo.jobs.mail import Mail, post

WAITING = text("SELECT args FROM jobs.procrastinate_jobs WHERE status = 'todo' ORDER BY id")


async def test_a_mail_waits_only_if_the_write_is_kept(toy_session: AsyncSession) -> None:
    account, project = uuid.uuid4(), uuid.uuid4()
    async with toy_session.begin_nested() as savepoint:
        await post(toy_session, Mail.RESET, account_id=account)
        await savepoint.rollback()
    await post(toy_session, Mail.PROJECT_PUBLISHED, account_id=account, project_id=project)
    told = (await toy_session.scalars(WAITING)).all()
    assert told == [
        {
            "kind": "project_published",
            "facts": {"account_id": str(account), "project_id": str(project)},
        }
    ]


@pytest.mark.parametrize("secret", ["someone@example.org", "qt_abc", b"x"])
async def test_a_mail_is_told_no_text(toy_session: AsyncSession, secret: object) -> None:
    with pytest.raises(TypeError):
        await post(toy_session, Mail.INVITATION, account_id=uuid.uuid4(), link=secret)  # type: ignore[arg-type]
    assert (await toy_session.scalars(WAITING)).all() == []


def test_the_reading_role_sees_no_job(toy_database: str) -> None:
    with psycopg.connect(make_url(toy_database).set(username=READER).render_as_string()) as reader:
        for statement in (
            "SELECT 1 FROM jobs.procrastinate_jobs",
            "SELECT jobs.procrastinate_register_worker_v1()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                reader.execute(statement)


def test_the_installed_queue_has_the_schema_that_was_migrated() -> None:
    """A newer library may bring migrations of its own: we then need one that runs them in `jobs`."""
    newest = max(path.name for path in Path(migrations_path).glob("*.sql"))
    assert newest == "03.04.00_50_post_add_retry_failed_job_procedure.sql"
