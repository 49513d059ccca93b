"""The pools of one server process, by what is read and for whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from geo.db.engine import Work, create_pool
from geo.settings import Settings


@dataclass(frozen=True, slots=True)
class Pools:
    """Where to read. None of them can write.

    `own` sees at once what was written. `public` may be a replica some moments behind: for readers who
    wrote nothing. `export` is for files: its few connections may be busy for long.
    """

    own: asyncpg.Pool
    public: asyncpg.Pool
    export: asyncpg.Pool


@asynccontextmanager
async def open_pools(url: str, settings: Settings) -> AsyncIterator[Pools]:
    """Yield the pools; close them at the end.

    Raises
    ------
    OSError, asyncpg.PostgresError
        The database or its replica doesn't answer.
    """
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(await create_pool(url, settings))
        read_url = settings.database_read_url
        public = await stack.enter_async_context(await create_pool(read_url, settings)) if read_url else own
        export_pool = await create_pool(read_url or url, settings, Work.EXPORT)
        yield Pools(own, public, await stack.enter_async_context(export_pool))
