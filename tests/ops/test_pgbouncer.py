"""Behind a real PgBouncer in transaction mode: many clients, few connections, nothing prepared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import func, select

from geo.db.engine import Work, connect, create_engine_async, create_pool
from geo.db.sessions import write_session
from geo.models.corrections import Correction
from geo.settings import Settings
from tests.harness.pooler import Pooler, pooled
from tests.harness.server import client_of, started

READS = (
    "/ogc/collections/services/items?limit=5",
    "/ogc/collections/quartiers/items?limit=3",
    "/ogc/collections/services/tiles/WebMercatorQuad/13/2746/4196",
    "/api/v1/services/nearby?lon=4.3517&lat=50.8466&k=5",
    "/api/v1/zones?kind=quartier",
    "/api/v1/themes",
    "/fr/",
    "/nl/zones/quartier/36",
    "/health/ready",
)
CLIENTS = 8


@pytest.fixture(scope="module")
def pooler(loaded_database: str) -> Iterator[Pooler]:
    with pooled(loaded_database) as running:
        yield running


@pytest.fixture(scope="module")
def settings(pooler: Pooler) -> Settings:
    return Settings(
        database_url=pooler.url,
        database_read_url=pooler.read_url,
        database_direct_url=pooler.direct_url,
        database_prepared_statements=False,
    )


@pytest.fixture(scope="module")
async def pooled_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with started(settings) as app, client_of(app) as opened:
        yield opened


async def test_many_clients_share_two_connections_and_read_the_same_as_past_the_pooler(
    pooled_client: httpx.AsyncClient, client: httpx.AsyncClient, pooler: Pooler
) -> None:
    expected = {path: await client.get(path) for path in READS}

    async def ask(number: int) -> None:
        for path in READS[number % len(READS) :] + READS[: number % len(READS)]:
            found = await pooled_client.get(path)
            assert (found.status_code, _body(found)) == (expected[path].status_code, _body(expected[path])), (
                path
            )

    await asyncio.gather(*(ask(number) for number in range(CLIENTS)))
    assert all(each.status_code == 200 for each in expected.values())
    servers = [each for each in pooler.show("SERVERS") if each["database"] != "pgbouncer"]
    assert 1 <= len(servers) <= 4  # two for each of the two entries


async def test_many_write_at_once_and_each_is_kept_once(
    pooled_client: httpx.AsyncClient, client: httpx.AsyncClient, settings: Settings
) -> None:
    service = (await client.get("/api/v1/services?limit=1")).json()["items"][0]["id"]
    report = {"subject": "service", "subject_id": service, "reason": "other"}
    told = [report | {"message": f"through the pooler {number}"} for number in range(24)]
    answers = await asyncio.gather(*(pooled_client.post("/api/v1/corrections", json=each) for each in told))
    kept = {each.json()["id"] for each in answers}
    assert [each.status_code for each in answers] == [201] * len(told)
    assert len(kept) == len(told)
    engine = create_engine_async(settings.database_url or "", settings)
    async with write_session(engine) as session:
        reports = select(Correction).where(Correction.message.startswith("through the pooler"))
        found = (await session.scalars(reports)).all()
        assert sorted(each.message for each in found) == sorted(each["message"] for each in told)
        for each in found:
            await session.delete(each)
    async with write_session(engine) as session:
        assert await session.scalar(select(func.count()).select_from(reports.subquery())) == 0
    await engine.dispose()


async def test_the_limit_of_one_write_is_not_that_of_the_next(settings: Settings) -> None:
    engine = create_engine_async(settings.database_url or "", settings)
    limit = select(func.current_setting("statement_timeout"))
    async with write_session(engine, Work.WRITE) as session:
        assert await session.scalar(limit) == "15s"
    async with write_session(engine, Work.PAGE) as session:
        assert await session.scalar(limit) == "150s"
    await engine.dispose()


async def test_a_statement_that_takes_too_long_is_stopped_in_the_database(
    pooler: Pooler, settings: Settings
) -> None:
    pool = await create_pool(pooler.url, settings)
    watcher = await asyncpg.connect(pooler.direct_url)
    with pytest.raises(TimeoutError):
        await pool.fetchval("SELECT pg_sleep(100), 'slow one'", timeout=0.3)
    await _until(watcher, "slow one", runs=False)
    assert await pool.fetchval("SELECT 1") == 1
    await pool.close()
    await watcher.close()


async def test_a_cancelled_read_is_stopped_in_the_database(pooler: Pooler, settings: Settings) -> None:
    pool = await create_pool(pooler.url, settings)
    watcher = await asyncpg.connect(pooler.direct_url)
    reading = asyncio.ensure_future(pool.fetchval("SELECT pg_sleep(100), 'cancelled one'"))
    await _until(watcher, "cancelled one", runs=True)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await _until(watcher, "cancelled one", runs=False)
    assert await pool.fetchval("SELECT 1") == 1
    await pool.close()
    await watcher.close()


async def test_the_entry_for_reading_writes_nothing(pooler: Pooler, settings: Settings) -> None:
    connection = await connect(pooler.read_url, settings=settings)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await connection.execute("DELETE FROM service_card")
    await connection.close()


async def test_prepared_statements_left_on_are_what_the_setting_is_for(pooler: Pooler) -> None:
    """Were this to pass with them on, the setting would be needed no more."""
    prepared = Settings(database_url=pooler.url, database_direct_url=pooler.direct_url)
    pools = [await create_pool(pooler.url, prepared) for _ in range(4)]

    async def ask(pool: asyncpg.Pool) -> None:
        for number in range(10):
            await pool.fetchval(f"SELECT {number % 3} + $1::int", 1)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await asyncio.gather(*(ask(pool) for pool in pools))
    for pool in pools:
        pool.terminate()


def _body(answer: httpx.Response) -> Any:
    """Rows come in one order, the members of a page's links and a form's words with those who ask."""
    if answer.headers.get("content-type", "").startswith(("application/json", "application/geo+json")):
        return json.loads(answer.content)
    return len(answer.content) > 0


async def _running(watcher: asyncpg.Connection, words: str, *, sleeps: bool = False) -> bool:
    asked = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE state = 'active' AND query LIKE $1 AND (wait_event = 'PgSleep' OR NOT $2))"
    )
    return bool(await watcher.fetchval(asked, f"%{words}%", sleeps))


async def _until(watcher: asyncpg.Connection, words: str, *, runs: bool) -> None:
    """Wait until a query runs, or no longer does.

    A query that is only prepared is active too, and what cancels it before it runs is lost.
    """
    async with asyncio.timeout(30):
        while await _running(watcher, words, sleeps=runs) is not runs:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)
