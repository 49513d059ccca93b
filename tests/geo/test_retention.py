"""What is kept of people, and for how long. All of them are invented."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import WORKER
from geo.accounts.audit import record_writes
from geo.accounts.retention import purge
from geo.models.accounts import Account, PersonalToken, SignedIn, SignInBlock, SpentChallenge
from geo.models.audit import AuditEvent
from geo.settings import Settings

TODAY = dt.date.today()
NOW = dt.datetime.now(dt.UTC)
SETTINGS = Settings(
    unused_invitation_days=30, disabled_account_days=365, audit_years=5, session_idle_hours=12
)


def days_ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


async def add_account(session: AsyncSession, status: str = "active", **values: Any) -> uuid.UUID:
    number = uuid.uuid4()
    facts = {"created_on": TODAY, "lang": "fr", "email": f"{number.hex}@example.org"} | values
    session.add(Account(id=number, status=status, **facts))
    await session.flush()
    return number


async def is_there(session: AsyncSession, table: type[Any], key: Any) -> bool:
    session.expire_all()
    return await session.get(table, key) is not None


@pytest.mark.parametrize(
    ("status", "values", "kept"),
    [
        ("invited", {"created_on": days_ago(30)}, True),
        ("invited", {"created_on": days_ago(31)}, False),
        ("disabled", {"created_on": days_ago(900), "disabled_on": days_ago(365)}, True),
        ("disabled", {"created_on": days_ago(900), "disabled_on": days_ago(366)}, False),
        ("active", {"created_on": days_ago(9000)}, True),
    ],
)
async def test_accounts(session: AsyncSession, status: str, values: dict[str, Any], kept: bool) -> None:
    account = await add_account(session, status, **values)
    await purge(session, TODAY, SETTINGS)
    assert await is_there(session, Account, account) is kept


async def test_a_purge_is_audited(session: AsyncSession) -> None:
    account = await add_account(session, "invited", created_on=days_ago(31))
    record_writes(session, WORKER)
    counts = await purge(session, TODAY, SETTINGS)
    assert counts["invitation"] == 1
    mine = select(AuditEvent).where(AuditEvent.subject_id == str(account), AuditEvent.action == "delete")
    event = (await session.scalars(mine)).one()
    assert (event.actor, event.before and event.before["email"]) == ("worker", "•")


@pytest.mark.parametrize(
    ("expires", "seen", "kept"), [(1, -1, True), (-0.1, -1, False), (100, -13, False), (100, -11, True)]
)
async def test_sessions(session: AsyncSession, expires: float, seen: float, kept: bool) -> None:
    account, number = await add_account(session), uuid.uuid4()
    session.add(
        SignedIn(
            id=number,
            account_id=account,
            digest=number.bytes,
            started_at=NOW,
            seen_at=NOW + dt.timedelta(hours=seen),
            expires_at=NOW + dt.timedelta(hours=expires),
            device="",
            factors=[],
        )
    )
    await session.flush()
    await purge(session, TODAY, SETTINGS)
    assert await is_there(session, SignedIn, number) is kept


@pytest.mark.parametrize(
    ("expires", "revoked", "kept"), [(90, None, True), (91, None, False), (-9, 90, True), (-9, 91, False)]
)
async def test_tokens(session: AsyncSession, expires: int, revoked: int | None, kept: bool) -> None:
    account, number = await add_account(session), uuid.uuid4()
    session.add(
        PersonalToken(
            id=number,
            account_id=account,
            name="x",
            digest=number.bytes,
            scopes=[],
            created_on=days_ago(400),
            expires_on=days_ago(expires),
            revoked_on=revoked and days_ago(revoked),
        )
    )
    await session.flush()
    await purge(session, TODAY, SETTINGS)
    assert await is_there(session, PersonalToken, number) is kept


@pytest.mark.parametrize("hours", [-1, 1])
async def test_failures_and_challenges(session: AsyncSession, hours: int) -> None:
    forget_at = NOW + dt.timedelta(hours=hours)
    session.add(SignInBlock(digest=b"a" * 32, failures=3, forget_at=forget_at))
    session.add(SpentChallenge(digest=b"a" * 32, forget_at=forget_at))
    await session.flush()
    await purge(session, TODAY, SETTINGS)
    for table in (SignInBlock, SpentChallenge):
        assert await is_there(session, table, b"a" * 32) is (hours > 0)


async def test_the_audit_is_kept_five_years(session: AsyncSession) -> None:
    for years, kind in ((6, "old"), (4, "young")):
        await session.execute(
            text(
                "INSERT INTO audit_event (at, actor, action, subject_kind, subject_id) "
                "VALUES (now() - make_interval(years => :years), 'command', 'insert', 'test', :kind)"
            ),
            {"years": years, "kind": kind},
        )
    counts = await purge(session, TODAY, SETTINGS)
    assert counts["audit_event"] == 1
    left = await session.scalars(select(AuditEvent.subject_id).where(AuditEvent.subject_kind == "test"))
    assert list(left) == ["young"]
