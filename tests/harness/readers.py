"""Connections for tests. What a test writes is rolled back when it ends.

========================  ===========================  =====================
fixture                   is                           database
========================  ===========================  =====================
`connection`              psycopg, for importers       empty
`toy_connection`          psycopg                      toy city
`toy_streets_connection`  psycopg                      toy city with streets
`loaded_connection`       psycopg                      loaded
`session`                 SQLAlchemy, async            loaded
`session_reader`          asyncpg, in `session`        loaded
`reader`                  asyncpg pool, read-only      loaded
`toy_session`             SQLAlchemy, async            toy city
`toy_reader`              asyncpg, sees `toy_session`  toy city
`toy_streets_session`     SQLAlchemy, async            toy city with streets
`toy_streets_reader`      asyncpg, in the one before   toy city with streets
`streets_session`         SQLAlchemy, async            Brussels with streets
`streets_reader`          asyncpg pool, read-only      Brussels with streets
========================  ===========================  =====================
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db import create_engine_async, create_pool


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection to a database without a record."""
    with _rolled_back(empty_database) as opened:
        yield opened


@pytest.fixture
def toy_connection(toy_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection to the toy city."""
    with _rolled_back(toy_database) as opened:
        yield opened


@pytest.fixture
def loaded_connection(loaded_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection to all that ships."""
    with _rolled_back(loaded_database) as opened:
        yield opened


@pytest.fixture
async def session(loaded_database: str) -> AsyncIterator[AsyncSession]:
    """A session on all that ships; its commits are savepoints."""
    async with _rolled_back_session(loaded_database) as opened:
        yield opened


@pytest.fixture
async def toy_session(toy_database: str) -> AsyncIterator[AsyncSession]:
    """A session on the toy city; its commits are savepoints."""
    async with _rolled_back_session(toy_database) as opened:
        yield opened


@pytest.fixture
async def session_reader(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection beneath `session`: reads see what the session wrote."""
    return await _beneath(session)


@pytest.fixture
async def toy_reader(toy_session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection beneath `toy_session`."""
    return await _beneath(toy_session)


@pytest.fixture
def toy_streets_connection(toy_streets_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection to the toy city with its streets."""
    with _rolled_back(toy_streets_database) as opened:
        yield opened


@pytest.fixture
async def toy_streets_session(toy_streets_database: str) -> AsyncIterator[AsyncSession]:
    """A session on the toy city with its streets; its commits are savepoints."""
    async with _rolled_back_session(toy_streets_database) as opened:
        yield opened


@pytest.fixture
async def toy_streets_reader(toy_streets_session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection beneath `toy_streets_session`."""
    return await _beneath(toy_streets_session)


@pytest.fixture
async def streets_session(brussels_streets: str) -> AsyncIterator[AsyncSession]:
    """A session on all that ships with the streets of the region; its commits are savepoints."""
    async with _rolled_back_session(brussels_streets) as opened:
        yield opened


@pytest.fixture(scope="session")
async def streets_reader(brussels_streets: str) -> AsyncIterator[asyncpg.Pool]:
    """The read-only pool on all that ships with the streets of the region."""
    pool = await create_pool(brussels_streets)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def reader(loaded_database: str) -> AsyncIterator[asyncpg.Pool]:
    """The read-only pool on all that ships, as the server has it."""
    pool = await create_pool(loaded_database)
    yield pool
    await pool.close()


@contextmanager
def _rolled_back(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as opened, opened.transaction(force_rollback=True):
        yield opened


@asynccontextmanager
async def _rolled_back_session(url: str) -> AsyncIterator[AsyncSession]:
    engine = create_engine_async(url)
    async with engine.connect() as opened:
        outer = await opened.begin()
        async with AsyncSession(
            opened, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as within:
            yield within
        await outer.rollback()
    await engine.dispose()


async def _beneath(session: AsyncSession) -> asyncpg.Connection:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
