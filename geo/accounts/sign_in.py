"""Signing in by mail address and password: the first step, which yields a proof and no session."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from geo.accounts.attempts import fold_address
from geo.accounts.passwords import hash_password, is_right, needs_rehash
from geo.accounts.sessions import Proof
from geo.db.reads import Reader, ReadQuery, quoted, value
from geo.models.accounts import Account


async def prove_password(reader: Reader, email: str, password: str) -> Proof | None:
    """Return the proof that a password gives, or None. An unknown address takes as long as a known one.

    No connection of the database is held while the password is hashed.

    Raises
    ------
    TooMany
        Too many hashings wait.
    """
    query = _BY_ADDRESS.compiled()
    row = await reader.fetchrow(query.sql, *query.arguments({"email": fold_address(email)}))
    if not await is_right(row["password_hash"] if row else None, password) or row is None:
        return None
    return Proof(row["id"], frozenset({"password"}))


async def renew_hash(session: AsyncSession, account_id: uuid.UUID, password: str) -> None:
    """Hash a password that was just found right anew, where today's parameters are others."""
    account = await session.get_one(Account, account_id)
    if account.password_hash and needs_rehash(account.password_hash):
        account.password_hash = await hash_password(password)


_BY_ADDRESS = ReadQuery(
    lambda: select(Account.id, Account.password_hash).where(
        func.lower(Account.email) == value("email", Text), Account.status == quoted("active")
    )
)
