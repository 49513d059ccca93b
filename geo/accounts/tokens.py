"""Personal tokens for the API: what they may do, until when. Shown once; only the digest is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.secrets import digest_of, random_key
from geo.accounts.sessions import TOKEN_PREFIX, today
from geo.errors import InputRefused, NotAllowed, NotFound, RowProblem
from geo.models.accounts import PersonalToken

MAX_DAYS, MAX_NAME, MAX_TOKENS = 365, 80, 20


@dataclass(frozen=True, slots=True)
class TokenTold:
    """A token, as its owner sees it."""

    id: uuid.UUID
    name: str
    scopes: tuple[str, ...]
    created_on: dt.date
    expires_on: dt.date
    used_on: dt.date | None


async def make_token(
    session: AsyncSession, actor: Actor, name: str, scopes: Collection[Right], days: int
) -> tuple[TokenTold, str]:
    """Make a token and return it with its key, which nobody can read again.

    Parameters
    ----------
    days
        Until it ends; at most a year.

    Raises
    ------
    NotAllowed
        A scope is not a right of who acts, or a token tries to make another one.
    InputRefused
        No name, no scope, too long a life, or too many tokens.
    """
    actor.require(Right.OWN_ACCOUNT)
    if actor.kind == "token":
        raise NotAllowed(right=Right.OWN_ACCOUNT.value)
    for scope in scopes:
        actor.require(scope)
    _check(name, scopes, days, len(await list_tokens(session, actor)))
    key = TOKEN_PREFIX + random_key()
    token = PersonalToken(
        id=uuid.UUID(str(uuid7())),
        account_id=actor.account_id,
        name=name.strip(),
        digest=digest_of(key),
        scopes=sorted(scopes),
        created_on=today(),
        expires_on=today() + dt.timedelta(days=days),
    )
    session.add(token)
    await session.flush()
    return _told(token), key


async def list_tokens(session: AsyncSession, actor: Actor) -> list[TokenTold]:
    """Return the tokens of who acts that still open something, the newest first."""
    actor.require(Right.OWN_ACCOUNT)
    mine = select(PersonalToken).where(
        PersonalToken.account_id == actor.account_id,
        PersonalToken.revoked_on.is_(None),
        PersonalToken.expires_on >= today(),
    )
    return [_told(each) for each in await session.scalars(mine.order_by(PersonalToken.id.desc()))]


async def revoke_token(session: AsyncSession, actor: Actor, token_id: uuid.UUID) -> None:
    """Let a token open nothing any more.

    Raises
    ------
    NotFound
        Who acts has no such token.
    """
    actor.require(Right.OWN_ACCOUNT)
    token = await session.get(PersonalToken, token_id)
    if token is None or token.account_id != actor.account_id:
        raise NotFound(kind="token", id=str(token_id))
    token.revoked_on = token.revoked_on or today()
    await session.flush()


async def revoke_tokens(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Let no token of an account open anything any more."""
    good = select(PersonalToken).where(
        PersonalToken.account_id == account_id, PersonalToken.revoked_on.is_(None)
    )
    for token in await session.scalars(good):
        token.revoked_on = today()
    await session.flush()


def _check(name: str, scopes: Collection[Right], days: int, present: int) -> None:
    problems = [
        ("name", 0 < len(name.strip()) <= MAX_NAME),
        ("scopes", bool(scopes)),
        ("days", 1 <= days <= MAX_DAYS),
        ("", present < MAX_TOKENS),
    ]
    refused = [RowProblem("", None, column, "not allowed") for column, is_fine in problems if not is_fine]
    if refused:
        raise InputRefused(refused)


def _told(token: PersonalToken) -> TokenTold:
    scopes = tuple(token.scopes)
    return TokenTold(token.id, token.name, scopes, token.created_on, token.expires_on, token.used_on)
