"""The second factors of an account: which it has, and which it must keep."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.passwords import is_right
from geo.accounts.rights import SECOND_FACTOR_ROLES
from geo.accounts.sessions import Factor, now_utc
from geo.errors import LastFactor
from geo.models.accounts import Account, AccountRole, Passkey, RecoveryCode, SignedIn

#: So long after signing in nobody is asked for the password again.
FRESH_FOR = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PasskeyTold:
    """A passkey, as its owner sees it."""

    id: uuid.UUID
    name: str
    created_on: dt.date
    used_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account can prove itself with, besides its password.

    `is_offered`: an app was shown its secret, and no code has confirmed it yet.
    """

    has_password: bool
    totp_since: dt.date | None
    passkeys: tuple[PasskeyTold, ...]
    codes_left: int
    is_offered: bool

    @property
    def count(self) -> int:
        """Return how many second factors there are. Recovery codes only stand in for one."""
        return len(self.passkeys) + bool(self.totp_since)


async def read_factors(session: AsyncSession, account_id: uuid.UUID) -> Factors:
    """Return the second factors of an account."""
    account = await session.get_one(Account, account_id)
    keys = await session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id))
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_on.is_(None))
    return Factors(
        has_password=account.password_hash is not None,
        totp_since=account.totp_confirmed_on,
        passkeys=tuple(PasskeyTold(key.id, key.name, key.created_on, key.used_on) for key in keys),
        codes_left=await session.scalar(unused) or 0,
        is_offered=account.totp_secret is not None and account.totp_confirmed_on is None,
    )


async def has_second_factor(session: AsyncSession, account_id: uuid.UUID) -> bool:
    """Return whether signing in takes a second step."""
    has_passkey = exists().where(Passkey.account_id == account_id)
    asked = select(Account.id).where(
        Account.id == account_id, or_(Account.totp_confirmed_on.is_not(None), has_passkey)
    )
    return await session.scalar(asked) is not None


async def check_removable(
    session: AsyncSession, account_id: uuid.UUID, *, totp: bool = False, passkey: uuid.UUID | None = None
) -> None:
    """Raise when an account would lose its last second factor, and a role of it needs one.

    Call it with the account's row locked: of two removals at once, the second must see the first.

    Raises
    ------
    LastFactor
        It is the last one of an administrator.
    """
    kept = await read_factors(session, account_id)
    remaining = kept.count - bool(totp and kept.totp_since) - bool(passkey)
    needed = exists().where(AccountRole.account_id == account_id, AccountRole.role.in_(SECOND_FACTOR_ROLES))
    if remaining <= 0 and await session.scalar(select(needed)):
        raise LastFactor()


async def drop_unneeded_codes(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Delete recovery codes when there is no second factor left for which they could stand in."""
    if not await has_second_factor(session, account_id):
        for code in await session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == account_id)):
            await session.delete(code)
        await session.flush()


async def is_fresh(session: AsyncSession, actor: Actor) -> bool:
    """Return whether the actor signed in a moment ago."""
    mine = await session.get(SignedIn, actor.session_id) if actor.session_id else None
    return mine is not None and now_utc() - mine.started_at < FRESH_FOR


async def knows_password(session: AsyncSession, actor: Actor, password: str) -> bool:
    """Return whether a password is the one of the actor's account."""
    account = await session.get_one(Account, actor.account_id)
    return await is_right(account.password_hash, password)


async def note_factor(session: AsyncSession, actor: Actor, factor: Factor) -> None:
    """Let the actor's session count as one with a second factor, which was just proved in it."""
    mine = await session.get(SignedIn, actor.session_id) if actor.session_id else None
    if mine is not None:
        mine.factors = sorted({*mine.factors, factor})
        await session.flush()
