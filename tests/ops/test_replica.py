"""A real streaming replica: anybody reads there, and who may have written reads where they wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx
import psycopg
import pytest

from geo.db.engine import create_pool
from geo.db.failures import tell
from geo.errors import DatabaseUnavailable
from geo.settings import Settings
from tests.harness.accounts import browser_of, planner_in
from tests.harness.replica import Pair, wait_until
from tests.harness.server import client_of, started

ZONE = "/ogc/collections/quartiers/items/T1"


@pytest.fixture(scope="module")
def settings(pair: Pair) -> Settings:
    return Settings(database_url=pair.url, database_read_url=pair.read_url)


@pytest.fixture(scope="module")
async def app(settings: Settings) -> AsyncIterator[object]:
    async with started(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def anybody(app: object) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


async def test_anybody_reads_the_replica_and_who_signed_in_the_primary(
    pair: Pair, app: object, anybody: httpx.AsyncClient
) -> None:
    with pair.held_back():
        async with planner_in(pair.url) as cookie, browser_of(app, cookie) as planner:
            # The session itself stands on the primary alone: it would not be known on the replica.
            assert (await planner.get("/api/v1/account")).status_code == 200
            _rename(pair, "Renommé")
            assert await _name(planner) == "Renommé"
            assert await _name(anybody) == "quartier T1"
    await _until(lambda: _name_is(anybody, "Renommé"))
    _rename(pair, "quartier T1")
    await _until(lambda: _name_is(anybody, "quartier T1"))


async def test_what_is_kept_is_never_older_than_its_name(pair: Pair, anybody: httpx.AsyncClient) -> None:
    """A write is told at once, its rows arrive later: old rows must not be kept as if they were new."""
    assert await _name(anybody) == "quartier T1"
    with pair.held_back():
        _rename(pair, "Plus tard")
        for _ in range(20):
            assert await _name(anybody) == "quartier T1"
            await asyncio.sleep(0.02)
    await _until(lambda: _name_is(anybody, "Plus tard"))
    _rename(pair, "quartier T1")
    await _until(lambda: _name_is(anybody, "quartier T1"))


async def test_a_query_that_stands_in_the_way_of_the_replica_is_a_503(pair: Pair, settings: Settings) -> None:
    pool = await create_pool(pair.read_url, settings)
    reading = asyncio.ensure_future(pool.fetchval("SELECT pg_sleep(4) FROM zone LIMIT 1"))
    with psycopg.connect(pair.read_url, autocommit=True) as watcher:
        asked = (
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        )
        await asyncio.to_thread(wait_until, lambda: watcher.execute(asked).fetchone() == (1,))
    with psycopg.connect(pair.url) as connection:
        connection.execute("LOCK TABLE zone IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(asyncpg.PostgresError) as raised:
        await reading
    assert isinstance(tell(raised.value), DatabaseUnavailable)
    await pool.close()


async def test_nothing_is_written_on_the_replica(pair: Pair, settings: Settings) -> None:
    pool = await create_pool(pair.read_url, settings)
    assert await pool.fetchval("SELECT pg_is_in_recovery()")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await pool.execute("DELETE FROM zone")
    await pool.close()


async def test_with_both_hosts_in_the_address_the_primary_stands_in(pair: Pair) -> None:
    """Last in this module: the replica goes down."""
    hosts = f"host={pair.replica.socket_dir},{pair.primary.socket_dir}&port=5432,5432"
    both = f"postgresql://quartier@/quartier?{hosts}&target_session_attrs=prefer-standby"
    settings = Settings(database_url=pair.url, database_read_url=both)
    async with started(settings) as app, client_of(app) as client:
        assert await app.state.read_pool.fetchval("SELECT pg_is_in_recovery()")  # type: ignore[attr-defined]
        pair.replica.stop(for_good=True)
        await _until(lambda: _name_is(client, "quartier T1"))
        assert not await app.state.read_pool.fetchval("SELECT pg_is_in_recovery()")  # type: ignore[attr-defined]


def _rename(pair: Pair, name: str) -> None:
    with psycopg.connect(pair.url) as connection:
        connection.execute("UPDATE zone SET name_fr = %s WHERE code = 'T1'", [name])
        connection.execute("SELECT bump_layers(ARRAY['quartiers', 'zones'])")


async def _name(client: httpx.AsyncClient) -> str:
    answer = await client.get(ZONE)
    answer.raise_for_status()
    return str(answer.json()["properties"]["name_fr"])


async def _name_is(client: httpx.AsyncClient, name: str) -> bool:
    answer = await client.get(ZONE)
    return answer.status_code == 200 and answer.json()["properties"]["name_fr"] == name


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)
