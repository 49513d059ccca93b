"""How long things of people are kept. The worker calls `purge` once a day; each term is a setting."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.sessions import now_utc
from geo.models.accounts import Account, PersonalToken, SignedIn, SignInBlock, SpentChallenge
from geo.models.uploads import SheetUpload
from geo.settings import Settings, read_settings

#: A token that has ended is shown to nobody; its row only explains an audit event.
_ENDED_TOKENS = dt.timedelta(days=90)
#: A sheet that nobody confirmed is useless after two hours; the next sheet takes it away, or the next night.
_SHEETS = dt.timedelta(hours=2)


async def purge(session: AsyncSession, today: dt.date, settings: Settings | None = None) -> dict[str, int]:
    """Delete what has been kept long enough, and return how much of what.

    Parameters
    ----------
    today
        The civil day in Brussels.
    settings
        The process's own where not given.
    """
    settings, now = settings or read_settings(), now_utc()
    idle = now - dt.timedelta(hours=settings.session_idle_hours)
    ended = today - _ENDED_TOKENS
    counts = {
        "invitation": await _close(session, _unused(today, settings)),
        "disabled": await _close(session, _long_disabled(today, settings)),
    }
    for table, condition in (
        (SignedIn, or_(SignedIn.expires_at < now, SignedIn.seen_at < idle)),
        (SignInBlock, SignInBlock.forget_at < now),
        (SpentChallenge, SpentChallenge.forget_at < now),
        (SheetUpload, SheetUpload.sent_at < now - _SHEETS),
        (PersonalToken, or_(PersonalToken.expires_on < ended, PersonalToken.revoked_on < ended)),
    ):
        done = await session.execute(delete(table).where(condition).returning(text("1")))
        counts[table.__tablename__] = len(done.all())
    before = now.replace(year=now.year - settings.audit_years, day=min(now.day, 28))
    counts["audit_event"] = await session.scalar(select(func.purge_audit(before))) or 0
    return counts


def _unused(today: dt.date, settings: Settings) -> ColumnElement[bool]:
    before = today - dt.timedelta(days=settings.unused_invitation_days)
    return (Account.status == "invited") & (Account.created_on < before)


def _long_disabled(today: dt.date, settings: Settings) -> ColumnElement[bool]:
    before = today - dt.timedelta(days=settings.disabled_account_days)
    return (Account.status == "disabled") & (Account.disabled_on < before)


async def _close(session: AsyncSession, condition: ColumnElement[bool]) -> int:
    """Delete accounts one by one, so that the audit tells of each; all that is theirs goes with them."""
    accounts = (await session.scalars(select(Account).where(condition))).all()
    for account in accounts:
        await session.delete(account)
    await session.flush()
    return len(accounts)
