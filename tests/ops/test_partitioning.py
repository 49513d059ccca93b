"""The table of cards cut into parts by the statements that ship: every answer stays what it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from geo.directory.cards import refresh_cards
from geo.directory.views import prepare_database
from geo.settings import Settings
from tests.harness.server import client_of, started

DDL = Path(__file__).parents[2] / "deploy" / "sql" / "partition_service_card.sql"
READS = (
    "/ogc/collections/services/items?limit=1000",
    "/ogc/collections/services/items?bbox=4.3,50.8,4.4,50.9&limit=50",
    "/ogc/collections/services/items?theme=pharmacy&limit=100",
    "/api/v1/services/nearby?lon=4.3517&lat=50.8466&k=10",
    "/api/v1/services?zone=quartier:36&limit=20",
    "/api/v1/search/places?q=pharmacie",
)
#: z/y/x of tiles with many, few and single services.
TILES = ("10/343/524", "12/1373/2098", "13/2746/4196")


@pytest.fixture(scope="module")
async def parted(spare_database: str) -> AsyncIterator[tuple[str, dict[str, Any], httpx.AsyncClient]]:
    """A database before and after: its address, what was answered before, and who asks after."""
    before = await _ask_all(spare_database)
    with psycopg.connect(spare_database, autocommit=True) as connection:
        connection.execute(DDL.read_bytes())
    await asyncio.to_thread(prepare_database, spare_database)
    async with started(Settings(database_url=spare_database)) as app, client_of(app) as client:
        yield spare_database, before, client


async def test_reads_and_tiles_are_the_same(parted: tuple[str, dict[str, Any], httpx.AsyncClient]) -> None:
    _, before, client = parted
    assert all(before.values())
    after = await _answers(client)
    assert {path: after[path] for path in READS} == {path: before[path] for path in READS}
    # The features of a tile come in another order, and so take a few bytes more or less.
    assert [after[tile] for tile in TILES] == pytest.approx([before[tile] for tile in TILES], rel=0.02)


def test_the_table_is_in_parts_that_all_hold_cards(
    parted: tuple[str, dict[str, Any], httpx.AsyncClient],
) -> None:
    with psycopg.connect(parted[0]) as connection:
        counts = connection.execute(
            "SELECT count(*) FROM service_card GROUP BY tableoid ORDER BY 1"
        ).fetchall()
    assert len(counts) == 8 and counts[0][0] > 0


def test_constraints_and_indexes_keep_their_names_and_the_nearest_are_found_by_index(
    parted: tuple[str, dict[str, Any], httpx.AsyncClient], loaded_database: str
) -> None:
    asked = (
        "SELECT indexname FROM pg_indexes WHERE tablename = 'service_card' UNION"
        " SELECT conname FROM pg_constraint WHERE conrelid = 'service_card'::regclass"
    )
    with psycopg.connect(parted[0]) as connection, psycopg.connect(loaded_database) as whole:
        assert set(connection.execute(asked).fetchall()) == set(whole.execute(asked).fetchall())
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT id FROM service_card"
            " ORDER BY geom_m <-> ST_SetSRID(ST_MakePoint(649500, 670500), 3812) LIMIT 10"
        ).fetchall()
    lines = [line for (line,) in plan]
    assert sum("Index Scan" in line and "geom_m" in line for line in lines) == 8
    assert not any("Sort" in line.replace("Sort Key", "").replace("Merge Append", "") for line in lines)


def test_cards_are_written_anew_and_go_with_their_service(
    parted: tuple[str, dict[str, Any], httpx.AsyncClient],
) -> None:
    with psycopg.connect(parted[0]) as connection, connection.transaction(force_rollback=True):
        before = connection.execute("SELECT * FROM service_card ORDER BY id").fetchall()
        assert refresh_cards(connection) == len(before)
        assert connection.execute("SELECT * FROM service_card ORDER BY id").fetchall() == before
        connection.execute("DELETE FROM service WHERE id = %s", [before[0][1]])
        left = connection.execute("SELECT count(*) FROM service_card WHERE service_id = %s", [before[0][1]])
        assert left.fetchone() == (0,)


async def _ask_all(database: str) -> dict[str, Any]:
    async with started(Settings(database_url=database)) as app, client_of(app) as client:
        return await _answers(client)


async def _answers(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in READS:
        answer = await client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        found[path] = json.loads(answer.content)
    for tile in TILES:
        answer = await client.get(f"/ogc/collections/services/tiles/WebMercatorQuad/{tile}")
        assert answer.status_code == 200, tile
        found[tile] = len(answer.content)
    return found
