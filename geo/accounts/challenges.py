"""Challenges that a browser holds while it proves something: signed, short-lived, each answered once."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.secrets import derive_key, seal, unseal
from geo.accounts.sessions import now_utc
from geo.errors import EnvironmentLacking, LinkUseless
from geo.models.accounts import SpentChallenge

#: Time to find the telephone, or to sign in at the provider.
LIVES_FOR = dt.timedelta(minutes=10)


def write_challenge(purpose: str, content: dict[str, Any]) -> str:
    """Return a challenge as the browser keeps it in a cookie: sealed, since it may hold a verifier."""
    signed = _serializer(purpose).dumps(content)
    return seal(f"challenge/{purpose}", str(signed).encode()).decode()


def read_challenge(purpose: str, written: str | None) -> dict[str, Any]:
    """Return what `write_challenge` was given.

    Raises
    ------
    LinkUseless
        It is missing, too old, not ours, or for something else.
    """
    try:
        signed = unseal(f"challenge/{purpose}", (written or "").encode())
        content = _serializer(purpose).loads(signed, max_age=int(LIVES_FOR.total_seconds()))
    except (BadData, EnvironmentLacking):
        raise LinkUseless() from None
    return dict(content)


async def spend_challenge(session: AsyncSession, challenge: str) -> None:
    """Let a challenge that was answered count no more.

    Raises
    ------
    LinkUseless
        It was answered before.
    """
    now = now_utc()
    await session.execute(delete(SpentChallenge).where(SpentChallenge.forget_at < now))
    spent = insert(SpentChallenge).values(
        digest=hashlib.sha256(challenge.encode()).digest(), forget_at=now + 2 * LIVES_FOR
    )
    first = spent.on_conflict_do_nothing().returning(SpentChallenge.digest)
    if await session.scalar(first) is None:
        raise LinkUseless()


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derive_key("challenge"), salt=purpose)
