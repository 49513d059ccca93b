"""Sessions of browsers: a random key in a cookie, its digest in the database, and who that is.

Signing in has two steps. The first gives a `Proof` (`geo.accounts.sign_in.prove_password`); where the account
has a second factor, its step adds it to the proof; only `start_session` makes a session of a proof.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor, Membership
from geo.accounts.rights import Right
from geo.accounts.secrets import digest_of, keyed_digest, random_key
from geo.db.reads import Reader
from geo.directory.schedules import BRUSSELS
from geo.errors import NotFound
from geo.models.accounts import Account, PersonalToken, SignedIn
from geo.queries.accounts import ACTING
from geo.settings import read_settings
from geo.vocabulary import Role

Factor = Literal["password", "totp", "recovery", "passkey", "oidc", "oidc+mfa"]

#: What counts as a second step. A passkey is two at once: the device, and who unlocks it.
SECOND_FACTORS = frozenset({"totp", "recovery", "passkey", "oidc+mfa"})

TOKEN_PREFIX = "qt_"  # noqa: S105 - by which scanners of leaked secrets know ours

#: A session's last use is written when it is older than this, not on each request.
SEEN_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved to be the holder of an account, by these factors; not signed in yet."""

    account_id: uuid.UUID
    factors: frozenset[Factor]


@dataclass(frozen=True, slots=True)
class Found:
    """Who a cookie or token stands for, and whether its last use must be written."""

    actor: Actor
    is_stale: bool


@dataclass(frozen=True, slots=True)
class SessionTold:
    """A session, as its owner sees it in the list of their own."""

    id: uuid.UUID
    device: str
    started_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


def now_utc() -> dt.datetime:
    """Return this moment."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the civil day in Brussels."""
    return dt.datetime.now(BRUSSELS).date()


async def start_session(session: AsyncSession, proof: Proof, device: str) -> str:
    """Begin a session of the account and return the key for its cookie; nothing else ever holds it."""
    settings, key, now = read_settings(), random_key(), now_utc()
    session.add(
        SignedIn(
            id=uuid.UUID(str(uuid7())),
            account_id=proof.account_id,
            digest=digest_of(key),
            started_at=now,
            seen_at=now,
            expires_at=now + dt.timedelta(days=settings.session_days),
            device=device,
            factors=sorted(proof.factors),
        )
    )
    await session.flush()
    # Not through the account's object: the audit is of what people write, not of when they come.
    mine = update(Account).where(Account.id == proof.account_id)
    await session.execute(mine.values(seen_on=today()))
    return key


async def find_session(reader: Reader, key: str) -> Found | None:
    """Return who a cookie stands for, in one query; None when it names no session that is still open."""
    now = now_utc()
    idle = dt.timedelta(hours=read_settings().session_idle_hours)
    values = {"digest": digest_of(key), "now": now, "idle_since": now - idle, "today": today()}
    query = ACTING.compiled("session")
    row = await reader.fetchrow(query.sql, *query.arguments(values))
    if row is None:
        return None
    factors = bool(SECOND_FACTORS & set(row["factors"]))
    actor = Actor("account", second_factor=factors, session_id=row["id"], **_person(row))
    return Found(actor, row["seen_at"] < now - SEEN_EVERY)


async def find_token(reader: Reader, token: str) -> Found | None:
    """Return who a personal token stands for, in one query; None when it is unknown, ended or revoked."""
    values = {"digest": digest_of(token), "today": today()}
    query = ACTING.compiled("token")
    row = await reader.fetchrow(query.sql, *query.arguments(values))
    if row is None:
        return None
    scopes = frozenset(Right(each) for each in row["scopes"] if each in set(Right))
    actor = Actor("token", scopes=scopes, second_factor=True, session_id=row["id"], **_person(row))
    return Found(actor, row["used_on"] != values["today"])


async def find_actor(reader: Reader, key: str) -> Actor | None:
    """Return who a cookie or token stands for, or None."""
    find = find_token if key.startswith(TOKEN_PREFIX) else find_session
    found = await find(reader, key)
    return found.actor if found else None


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    teams = [(each, False) for each in row["member_of"]] + [(each, True) for each in row["coordinator_of"]]
    return {
        "key": row["key"],
        "account_id": row["account_id"],
        "lang": row["lang"],
        "roles": frozenset(Role(each) for each in row["roles"]),
        "memberships": tuple(Membership(*each) for each in teams),
    }


async def note_use(session: AsyncSession, actor: Actor) -> None:
    """Write that a session is in use, so that it does not end as idle; of a token, the day."""
    if actor.kind == "token":
        mine = update(PersonalToken).where(PersonalToken.id == actor.session_id)
        await session.execute(mine.values(used_on=today()))
    else:
        await session.execute(
            update(SignedIn).where(SignedIn.id == actor.session_id).values(seen_at=now_utc())
        )


async def list_sessions(session: AsyncSession, actor: Actor) -> list[SessionTold]:
    """Return the open sessions of the actor's account, the latest used first."""
    mine = select(SignedIn).where(SignedIn.account_id == actor.account_id, SignedIn.expires_at > now_utc())
    return [
        SessionTold(each.id, each.device, each.started_at, each.seen_at, each.id == actor.session_id)
        for each in await session.scalars(mine.order_by(SignedIn.seen_at.desc()))
    ]


async def end_session(session: AsyncSession, actor: Actor, session_id: uuid.UUID) -> None:
    """End a session of the actor's own account.

    Raises
    ------
    NotFound
        The account has no such session.
    """
    mine = delete(SignedIn).where(SignedIn.id == session_id, SignedIn.account_id == actor.account_id)
    if not await session.scalar(mine.returning(SignedIn.id)):
        raise NotFound(kind="session", id=str(session_id))


async def end_key(session: AsyncSession, key: str) -> None:
    """End the session that a cookie names, if it names one."""
    await session.execute(delete(SignedIn).where(SignedIn.digest == digest_of(key)))


async def end_sessions(session: AsyncSession, account_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    """End all sessions of an account, but one."""
    others = delete(SignedIn).where(SignedIn.account_id == account_id)
    await session.execute(others.where(SignedIn.id != but) if but else others)


def csrf_of(key: str) -> str:
    """Return what forms of a session must carry: another site can neither read nor make it."""
    return keyed_digest("csrf", key).hex()
