"""What the drivers throw, told in the platform's own exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.errors import DatabaseUnavailable, EnvironmentLacking, QuartierError, TooSlow

_DRIVERS: tuple[type[BaseException], ...] = (
    DBAPIError,
    PoolTimeout,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection lost before it was used again
    psycopg.Error,
)
_LOST = (asyncpg.InterfaceError, asyncpg.InternalClientError)
_CANCELLED = "57014"
_FULL = {"53100"}
#: 40001: on a replica, what the primary has done comes before what is being read.
_GONE = {"40001", "53200", "53300", "53400", "57P01", "57P02", "57P03", "57P05"}


@contextmanager
def told_plainly(*also: type[BaseException]) -> Iterator[None]:
    """Turn a failing database, inside the block, into an exception of `geo.errors`.

    Parameters
    ----------
    also
        Exceptions that mean the same here: `OSError` where the block does nothing but connect.

    Raises
    ------
    TooSlow
        A statement ran longer than its class of work allows.
    DatabaseUnavailable
        The database doesn't answer, restarts or has no connection left.
    EnvironmentLacking
        Its disk is full.
    """
    try:
        yield
    except (*_DRIVERS, *also) as error:
        told = tell(error)
        if told is None:
            raise
        raise told from error


def tell(error: BaseException) -> QuartierError | None:
    """Translate one exception; None where it is no failure of the database itself."""
    original = getattr(error, "orig", None) or error
    code = str(getattr(original, "sqlstate", None) or getattr(original, "pgcode", None) or "")
    if code == _CANCELLED or (isinstance(error, TimeoutError) and not isinstance(error, PoolTimeout)):
        return TooSlow("The database was stopped: the request took too long.")
    if code in _FULL:
        return EnvironmentLacking("The disk of the database is full.")
    if code in _GONE or code.startswith("08") or (not code and _is_connection_lost(error, original)):
        return DatabaseUnavailable("The database does not answer.")
    return None


def _is_connection_lost(error: BaseException, original: BaseException) -> bool:
    if isinstance(error, PoolTimeout) or getattr(error, "connection_invalidated", False):
        return True
    lost = (ConnectionError, FileNotFoundError, psycopg.OperationalError, *_LOST)
    return isinstance(original, lost) or "connection is closed" in str(original)
