"""Recovery codes: ten, shown once, each good for one sign-in without the second factor."""

from __future__ import annotations

import hmac
import secrets
import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.secrets import keyed_digest
from geo.accounts.sessions import today
from geo.models.accounts import Account, RecoveryCode

CODES = 10
#: Without letters and digits that look alike on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 3, 4  # 59 bits


async def make_codes(session: AsyncSession, actor: Actor) -> list[str]:
    """Return new codes; those made before count no more. Only their digests are kept."""
    actor.require(Right.OWN_ACCOUNT)
    await session.get_one(Account, actor.account_id, with_for_update=True)
    for old in await session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == actor.account_id)):
        await session.delete(old)
    codes = [_random_code() for _ in range(CODES)]
    for code in codes:
        session.add(
            RecoveryCode(id=uuid.UUID(str(uuid7())), account_id=actor.account_id, code_hash=_digest(code))
        )
    await session.flush()
    return codes


async def use_code(session: AsyncSession, account_id: uuid.UUID, code: str) -> bool:
    """Return whether a code is one of the account's that was not used yet; it is used now."""
    given = _digest(code)
    unused = select(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.used_on.is_(None))
    for kept in await session.scalars(unused.with_for_update()):
        if hmac.compare_digest(kept.code_hash, given):
            kept.used_on = today()
            await session.flush()
            return True
    return False


def _random_code() -> str:
    letters = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)]
    return "-".join(letters)


def _digest(code: str) -> str:
    """Return the keyed digest of a code, however it was typed."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    return keyed_digest("recovery", plain).hex()
