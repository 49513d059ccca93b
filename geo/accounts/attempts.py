"""Attempts to sign in: counted, slowed down, and once a limit is reached refused before anything is done.

Two limits stand in front of the hashing (`geo.accounts.passwords.Hashing` is the third):

- a machine may fail 30 times in ten minutes; counted in memory alone, under a digest whose key lasts a day;
- an account, or an address without one, may fail five times, then waits twice as long after each failure;
  kept in the database under a keyed digest, so that all server processes know of it.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import math
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import DateTime, LargeBinary, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.secrets import keyed_digest
from geo.accounts.sessions import now_utc
from geo.db.reads import Reader, ReadQuery, value
from geo.errors import TooMany
from geo.models.accounts import SignInBlock
from geo.settings import read_settings

FREE_FAILURES = 5
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)
_BUSY_RETRY_S = 2

#: What a machine may do in a while, by what it does.
FAILURES: RateLimitItem = RateLimitItemPerMinute(30, 10, namespace="failures")
REQUESTS: RateLimitItem = RateLimitItemPerHour(20, 1, namespace="requests")


class Machines:
    """How often machines failed lately. Nothing of it outlives the process, and no address is kept."""

    def __init__(self) -> None:
        self._salt, self._salted_on = b"", -1
        self.forget()

    def forget(self) -> None:
        """Forget all machines."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str, limit: RateLimitItem = FAILURES) -> None:
        """Pass, or raise TooMany with the seconds until the machine may try again."""
        key = self._digest(address)
        if not self._limiter.test(limit, key):
            until = self._limiter.get_window_stats(limit, key).reset_time
            raise TooMany(retry_after_s=max(1, math.ceil(until - time.time())))

    def count(self, address: str, limit: RateLimitItem = FAILURES) -> None:
        """Count one more for a machine."""
        self._limiter.hit(limit, self._digest(address))

    def _digest(self, address: str) -> str:
        day = int(time.time() // 86_400)
        if day != self._salted_on:
            self._salt, self._salted_on = secrets.token_bytes(32), day
        return hmac.digest(self._salt, _network(address).encode(), "sha256").hex()


MACHINES = Machines()
_under_way: set[bytes] = set()


def subject_of(words: str, purpose: str = "address") -> bytes:
    """Return the digest under which failures are kept: of a mail address, or of an account's codes."""
    return keyed_digest(f"attempts/{purpose}", fold_address(words))


def fold_address(words: str) -> str:
    """Return a mail address as it is counted and looked up.

    One way for both: PostgreSQL takes letters for the same that Python doesn't (a dotted capital I for an
    i), and an address with two spellings would be counted twice.
    """
    return words.strip().lower()


@asynccontextmanager
async def attempt(reader: Reader, subject: bytes) -> AsyncIterator[None]:
    """Let one attempt at a time happen for a subject, and none while it is blocked.

    Raises
    ------
    TooMany
        Too often wrong, or another attempt is under way. Nothing is written, nothing hashed.
    """
    if subject in _under_way:
        raise TooMany(retry_after_s=_BUSY_RETRY_S)
    _under_way.add(subject)
    try:
        await check_block(reader, subject)
        yield
    finally:
        _under_way.discard(subject)


async def check_block(reader: Reader, subject: bytes) -> None:
    """Pass, or raise TooMany with the seconds until the subject may try again."""
    query = _BLOCKED.compiled()
    until = await reader.fetchval(query.sql, *query.arguments({"digest": subject, "now": now_utc()}))
    if until is not None:
        raise TooMany(retry_after_s=max(1, math.ceil((until - now_utc()).total_seconds())))


async def count_failure(session: AsyncSession, subject: bytes) -> None:
    """Count a failure of a subject; from the fifth on it waits, each time twice as long."""
    now = now_utc()
    forget_at = now + dt.timedelta(hours=read_settings().sign_in_failures_hours)
    anew = insert(SignInBlock).values(digest=subject, failures=1, forget_at=forget_at)
    counted = case((SignInBlock.forget_at < now, 1), else_=SignInBlock.failures + 1)
    kept = {"failures": counted, "forget_at": anew.excluded.forget_at}
    upsert = anew.on_conflict_do_update(index_elements=[SignInBlock.digest], set_=kept)
    failures = await session.scalar(upsert.returning(SignInBlock.failures))
    wait = wait_after(failures or 1)
    if wait:
        mine = update(SignInBlock).where(SignInBlock.digest == subject)
        await session.execute(mine.values(blocked_until=now + wait))


async def forget_failures(session: AsyncSession, subject: bytes) -> None:
    """Forget the failures of a subject, because it succeeded."""
    await session.execute(delete(SignInBlock).where(SignInBlock.digest == subject))


def wait_after(failures: int) -> dt.timedelta:
    """Return how long to wait after so many failures in a row."""
    if failures < FREE_FAILURES:
        return dt.timedelta()
    return min(FIRST_WAIT * int(2 ** min(failures - FREE_FAILURES, 20)), LONGEST_WAIT)


def _network(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped:  # a socket for both kinds writes IPv4 so
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


_BLOCKED = ReadQuery(
    lambda: select(SignInBlock.blocked_until).where(
        SignInBlock.digest == value("digest", LargeBinary),
        SignInBlock.blocked_until > value("now", DateTime(timezone=True)),
    )
)
