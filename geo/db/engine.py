"""Engines and pools: asyncpg for the server, psycopg for command line and importers.

A pool belongs to one class of work. What may take long has few connections of its own, so that it never
keeps a page waiting.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

import asyncpg
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from geo.settings import Settings, read_settings

_CONNECT_TIMEOUT_S: Final = 5

#: Behind an older PgBouncer in transaction mode the next statement may run on another connection: nothing
#: that was prepared is found again, and names of two clients meet. Unnamed, a statement lives for one use.
_UNPREPARED: Final[dict[str, Any]] = {
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}


class Work(Enum):
    """Classes of work, by the longest that one statement of theirs may take, in milliseconds."""

    PAGE = 5_000
    WRITE = 15_000
    EXPORT = 120_000
    FILE = 600_000  # a million features, on a machine with other things to do
    JOB = 0  # unlimited


async def connect(
    url: str, work: Work = Work.PAGE, *, readonly: bool = True, settings: Settings | None = None
) -> asyncpg.Connection:
    """Open one asyncpg connection with the timeout of a class of work."""
    options = _options(settings or read_settings(), work, readonly=readonly)
    return await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S, **options)


async def create_pool(url: str, settings: Settings | None = None, work: Work = Work.PAGE) -> asyncpg.Pool:
    """Open a raw pool, for reads that pass the database's bytes through. It can't write.

    Parameters
    ----------
    url
        A libpq address. With several hosts and ``target_session_attrs=prefer-standby``, a replica that is
        away is replaced by the next host.
    settings
        The process's own where not given.
    work
        How long a statement may take, and of how many connections: pages have many, exports few.
    """
    settings = settings or read_settings()
    options = _options(settings, work, readonly=True)
    is_page = work is Work.PAGE
    # Nobody changes a connection's state on this pool, so nothing needs to be reset between two reads.
    return await asyncpg.create_pool(
        url,
        min_size=1 if is_page else 0,
        max_size=settings.database_pool_size if is_page else settings.database_export_pool_size,
        timeout=_CONNECT_TIMEOUT_S,
        reset=_keep_state,
        **options,
    )


async def _keep_state(_connection: asyncpg.Connection) -> None:
    """Leave a connection as it is."""


def create_engine_async(url: str, settings: Settings | None = None) -> AsyncEngine:
    """Make the server's engine; it connects on first use.

    Parameters
    ----------
    url
        A libpq address. It goes to asyncpg as it is, so that socket directories and `sslmode` work.
    settings
        The process's own where not given.
    """
    settings = settings or read_settings()
    # The longest work of a session decides how long this end waits; the server watches each class of work.
    options = _options(settings, Work.PAGE, readonly=False) | {"command_timeout": Work.EXPORT.value / 1_000}
    adapted = {} if settings.database_prepared_statements else _UNPREPARED

    async def open_connection(**_: Any) -> asyncpg.Connection:
        return await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S, **options)

    # SQLAlchemy gives what concerns its own use of prepared statements to no `async_creator`.
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args={"async_creator_fn": open_connection, **adapted},
        pool_size=settings.database_write_pool_size,
        max_overflow=0,
        pool_timeout=_CONNECT_TIMEOUT_S,
        pool_pre_ping=False,
    )


def create_engine_sync(url: str, work: Work = Work.JOB) -> Engine:
    """Make an engine on psycopg, for importers, Alembic and GeoPandas."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_size=2, future=True)

    @event.listens_for(engine, "connect")
    def _limit(connection: object, _record: object) -> None:
        connection.execute(f"SET statement_timeout = {work.value}")  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    return engine


def _options(settings: Settings, work: Work, *, readonly: bool) -> dict[str, object]:
    """Arguments of asyncpg.

    A pooler refuses startup parameters it doesn't know, so behind one the client alone watches the clock.
    """
    options: dict[str, object] = {"command_timeout": (work.value + 1_000) / 1_000 if work.value else None}
    if settings.database_direct_url is None:
        options["server_settings"] = {
            "application_name": "quartier",
            "statement_timeout": str(work.value),
            "default_transaction_read_only": "on" if readonly else "off",
            "jit": "off",
        }
    if not settings.database_prepared_statements:
        options["statement_cache_size"] = 0
    return options
