"""Sessions: reading in a read-only transaction, writing in one that commits at the end of its block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from geo.db.database import open_database
from geo.db.engine import Work, connect, create_engine_async
from geo.db.failures import told_plainly
from geo.db.versions import doubt_everywhere

P = ParamSpec("P")
T = TypeVar("T")

_TOUCHED, _MOVED = "touched_layers", "moved_layers"


@asynccontextmanager
async def read_session(engine: AsyncEngine, work: Work = Work.PAGE) -> AsyncIterator[AsyncSession]:
    """Yield a session that can't write."""
    with told_plainly():
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await _begin(session, work, readonly=True)
            yield session


@asynccontextmanager
async def write_session(engine: AsyncEngine, work: Work = Work.WRITE) -> AsyncIterator[AsyncSession]:
    """Yield a session; commit when the block ends well, roll back when it raises."""
    with told_plainly():
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            await _begin(session, work, readonly=False)
            yield session
            await bump_layers(session)
        doubt_everywhere(session.info.pop(_MOVED, ()))


def touch(session: AsyncSession, *layers: str) -> None:
    """Name the layers that this transaction changes; their versions move as its last statement."""
    session.info.setdefault(_TOUCHED, set()).update(layers)


async def bump_layers(session: AsyncSession) -> None:
    """Raise the versions of the layers that were touched, and tell whoever listens."""
    touched = session.info.pop(_TOUCHED, None)
    if touched:
        await session.flush()
        await session.execute(text("SELECT bump_layers(:layers)"), {"layers": sorted(touched)})
        session.info.setdefault(_MOVED, set()).update(touched)


async def _begin(session: AsyncSession, work: Work, *, readonly: bool) -> None:
    with told_plainly(OSError):
        await session.connection(execution_options={"postgresql_readonly": readonly})
    if work is not Work.PAGE:  # the connection's own limit
        await session.execute(text(f"SET LOCAL statement_timeout = {work.value}"))


def run(verb: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a verb that reads, from a command or a notebook: ``run(find_nearby, origin, filters, viewer)``.

    The verb gets a read-only asyncpg connection. The private database is started for the call where no
    other is given.

    Raises
    ------
    EnvironmentLacking
        No database can be had; says what is missing.
    """

    async def call(url: str) -> T:
        with told_plainly():
            with told_plainly(OSError):
                connection = await connect(url, Work.EXPORT)
            try:
                return await verb(connection, *args, **kwargs)
            finally:
                await connection.close()

    with open_database() as url:
        return run_coroutine(call(url))


def run_writing(
    verb: Callable[Concatenate[AsyncSession, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call a verb that writes, as `run` does; it gets a session, committed when the verb ends well."""

    async def call(url: str) -> T:
        engine = create_engine_async(url)
        try:
            async with write_session(engine, Work.EXPORT) as session:
                return await verb(session, *args, **kwargs)
        finally:
            await engine.dispose()

    with open_database() as url:
        return run_coroutine(call(url))


def run_coroutine(coroutine: Awaitable[T]) -> T:
    """Run a coroutine to its end, also where an event loop already turns, as in a notebook."""

    async def whole() -> T:
        return await coroutine

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(whole())
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, whole()).result()
