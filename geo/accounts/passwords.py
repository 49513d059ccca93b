"""Passwords: Argon2id by argon2-cffi, in few threads of low priority, so that pages stay fast."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.errors import InputRefused, RowProblem, TooMany

T = TypeVar("T")

MIN_LENGTH, MAX_LENGTH = 12, 200
#: Of zxcvbn's five classes; the two lowest are guessed within a million attempts.
_MIN_SCORE = 2
_READ_BY_ZXCVBN = 72
_NEAR_AT_HAND = ("quartier", "bruxelles", "brussel", "brussels")

#: Time and memory of RFC 9106's second choice; one lane, so that one hashing takes one core at most.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)

#: Hashings that run at once, and those that may wait for their turn.
AT_ONCE = 1
MAX_WAITING = 8
_BUSY_RETRY_S = 5
_NICE = 10


class Weakness(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_ADDRESS = "is_address"
    COMMON = "common"


class PasswordRefused(InputRefused):
    """A password that is not taken, and why."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__([RowProblem("", None, "password", weakness.value)])
        self.weakness = weakness


def check_strength(password: str, email: str) -> None:
    """Pass, or say why a password is too weak. How common it is, is judged by zxcvbn.

    Raises
    ------
    PasswordRefused
        It is too short or long, the address itself, or easily guessed.
    """
    if weakness := weakness_of(password, email):
        raise PasswordRefused(weakness)


def weakness_of(password: str, email: str) -> Weakness | None:
    """Return why a password is too weak for the account with this address, or None."""
    from zxcvbn import zxcvbn

    if len(password) < MIN_LENGTH:
        return Weakness.TOO_SHORT
    if len(password) > MAX_LENGTH:
        return Weakness.TOO_LONG
    if password.casefold() in email.casefold():
        return Weakness.IS_ADDRESS
    theirs = [email, email.partition("@")[0], *filter(None, re.split(r"[^\w]+", email))]
    score: int = zxcvbn(password[:_READ_BY_ZXCVBN], user_inputs=[*theirs, *_NEAR_AT_HAND])["score"]
    return Weakness.COMMON if score < _MIN_SCORE else None


class Hashing:
    """The place where passwords are hashed: a few at once, a few waiting, the rest refused."""

    def __init__(self) -> None:
        self.count = 0
        self._present = 0
        self._pool = ThreadPoolExecutor(AT_ONCE, "hashing", initializer=_step_back)

    async def run(self, work: Callable[[], T]) -> T:
        """Run a hashing in its turn.

        Raises
        ------
        TooMany
            So many wait already that the answer would come too late.
        """
        if self._present >= AT_ONCE + MAX_WAITING:
            raise TooMany(retry_after_s=_BUSY_RETRY_S)
        self._present += 1
        try:
            self.count += 1
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._present -= 1


def _step_back() -> None:
    """Give way to whoever answers pages. On Linux a thread has a niceness of its own."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


HASHING = Hashing()


async def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with its parameters and salt."""
    return await HASHING.run(lambda: _HASHER.hash(password))


async def is_right(password_hash: str | None, password: str) -> bool:
    """Return whether a password is the one that was hashed; without a hash, take as long to say no."""
    return await HASHING.run(lambda: _verify(password_hash, password))


def needs_rehash(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


_NOBODY: list[str] = []


def _nobody() -> str:
    """Return the hash of no password, made once with today's parameters."""
    if not _NOBODY:
        _NOBODY.append(_HASHER.hash(os.urandom(16)))
    return _NOBODY[0]
