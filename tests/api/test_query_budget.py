"""One question, one query: nothing is asked of the database row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from api.dependencies import reader_of
from geo.layers import layers_for
from geo.settings import Settings
from tests.harness.server import client_of, started

HERE = "lon=4.3456&lat=50.8365"


class CountingReader:
    """A reader that passes every query on and keeps count."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.queries: list[str] = []

    async def fetch(self, query: str, *args: Any) -> Any:
        self.queries.append(query)
        return await self.pool.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        self.queries.append(query)
        return await self.pool.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        self.queries.append(query)
        return await self.pool.fetchval(query, *args)


@pytest.fixture(scope="module")
async def application(loaded_database: str) -> AsyncIterator[Any]:
    """The application, keeping no answer: each one asks the database."""
    async with started(Settings(database_url=loaded_database, kept_mb=0)) as app:
        yield app


@pytest.fixture(scope="module")
async def client(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(application) as opened:
        yield opened


@pytest.fixture
def counting(application: Any, reader: asyncpg.Pool) -> Iterator[CountingReader]:
    counted = CountingReader(reader)
    application.dependency_overrides[reader_of] = lambda: counted
    yield counted
    del application.dependency_overrides[reader_of]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/services?theme=pharmacy&zone=quartier:8&q=pharma&limit=100",
        f"/api/v1/services/nearby?{HERE}&theme=pharmacy&zone=bassin:sud&k=50",
        f"/api/v1/orientation?{HERE}&theme=social&language=ar&free=true",
        "/api/v1/services/c1f4a145-475c-5e57-aa48-da510ae03a96",
        "/api/v1/zones?kind=quartier",
        f"/api/v1/zones/at?{HERE}",
        "/api/v1/zones/quartier/36",
        "/api/v1/zones/quartier/36/profile",
        "/api/v1/themes",
        "/api/v1/sources",
        "/api/v1/indicators?kind=quartier",
        "/api/v1/indicators/population?kind=commune&period=all&edition=2020",
        "/api/v1/indicators/population.csv",
        "/api/v1/projects?theme=mind,food-aid&zone=commune:21004&q=table&audience=older&status=published",
        "/api/v1/projects/0f59a836-a7bc-5743-8ea9-b119b9c8e407",
        "/ogc/collections/projects/items?theme=social",
        "/ogc/collections/projects/tiles/WebMercatorQuad/12/1374/2097",
        "/ogc/collections/services/items?limit=100",
        "/ogc/collections/quartiers/items?bbox=4.3,50.8,4.4,50.9",
        "/ogc/collections/quartiers/items/36",
        "/ogc/collections/services/tiles/WebMercatorQuad/12/1374/2097?theme=pharmacy,library",
        "/ogc/collections/orientation/tiles/WebMercatorQuad/12/1374/2097?kind=park,water",
        "/ogc/tiles/WebMercatorQuad/12/1374/2097?collections=communes,services,quartiers",
    ],
)
async def test_one_query_answers(client: httpx.AsyncClient, counting: CountingReader, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(counting.queries) == 1


@pytest.mark.parametrize(
    ("path", "most"), [("/ogc/collections", len(layers_for()) + 1), ("/ogc/collections/communes", 2)]
)
async def test_collections_ask_how_far_each_layer_reaches_and_whom_it_is_owed_to(
    client: httpx.AsyncClient, counting: CountingReader, path: str, most: int
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(counting.queries) == most


@pytest.mark.parametrize("query", ["", "?indicator=median-income", "?kind=secteur&indicator=population"])
async def test_comparison_asks_for_zones_indicators_and_figures_once(
    client: httpx.AsyncClient, counting: CountingReader, query: str
) -> None:
    answer = await client.get(f"/api/v1/zones/compare{query}")
    assert answer.status_code == 200, answer.text
    assert len(counting.queries) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/services?nonsense=1",
        "/api/v1/services/nearby?lon=2.35&lat=48.86",
        "/ogc/collections/none/items",
        "/ogc/collections/services/tiles/WebMercatorQuad/3/99/0",
        "/ogc",
        "/health/live",
    ],
)
async def test_what_needs_no_query_asks_none(
    client: httpx.AsyncClient, counting: CountingReader, path: str
) -> None:
    assert (await client.get(path)).status_code < 500
    assert counting.queries == []
