"""Plans: what a page, a feature, a tile or the nearest cost must not grow with all that there is.

The services are invented, so many that reading them all would show: each of these questions is answered from
an index, and touches a small share of the pages of the table.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import psycopg
import pytest

from api.dependencies import reader_of
from benchmarks.synthetic import write_cards
from geo.directory.nearby import NEARBY
from geo.queries.services import ServiceFilters
from geo.settings import Settings
from geo.vocabulary import ANONYMOUS
from tests.harness.server import client_of, started

SIZE = 20_000
BOX = "bbox=4.35,50.84,4.37,50.85"
ITEMS = "/ogc/collections/services/items"


class PlanningReader:
    """A reader that has each query explained, with what it really did, before it is answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.plans: list[dict[str, Any]] = []

    async def _explain(self, query: str, args: Sequence[Any]) -> None:
        if query.startswith("EXPLAIN"):  # of how many there may be: nothing is read
            return
        told = await self.pool.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *args)
        self.plans.append(json.loads(told)[0]["Plan"])

    async def fetch(self, query: str, *args: Any) -> Any:
        await self._explain(query, args)
        return await self.pool.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        await self._explain(query, args)
        return await self.pool.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        await self._explain(query, args)
        return await self.pool.fetchval(query, *args)


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for a path, and says what that cost."""

    client: httpx.AsyncClient
    reader: PlanningReader

    async def __call__(self, path: str) -> tuple[httpx.Response, list[dict[str, Any]]]:
        self.reader.plans.clear()
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        assert self.reader.plans, "nothing was asked of the database"
        return answer, list(self.reader.plans)


@pytest.fixture(scope="module")
def many_services(spare_database: str) -> str:
    with psycopg.connect(spare_database) as connection:
        write_cards(connection, SIZE)
    with psycopg.connect(spare_database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE service_card")
    return spare_database


@pytest.fixture(scope="module")
async def ask(many_services: str) -> AsyncIterator[Asker]:
    async with started(Settings(database_url=many_services, kept_mb=0)) as application:
        reader = PlanningReader(application.state.pool)  # type: ignore[attr-defined]
        application.dependency_overrides[reader_of] = lambda: reader  # type: ignore[attr-defined]
        async with client_of(application) as client:
            yield Asker(client, reader)


@pytest.fixture(scope="module")
def table_pages(many_services: str) -> int:
    with psycopg.connect(many_services) as connection:
        row = connection.execute(
            "SELECT relpages FROM pg_class WHERE relname = 'service_card' AND relkind = 'r'"
        ).fetchone()
    assert row
    return int(row[0])


def scans(plans: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return how each scan of cards goes: kind of scan, and the index where there is one."""
    found: set[tuple[str, str]] = set()
    for node in (each for plan in plans for each in nodes(plan)):
        if node.get("Relation Name") == "service_card" or "service_card" in node.get("Index Name", ""):
            found.add((node["Node Type"], node.get("Index Name", "")))
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan and all within it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def pages_touched(plans: Sequence[dict[str, Any]]) -> int:
    """Return how many pages were looked at, found in memory or not."""
    return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)


async def test_a_page_in_a_box_comes_from_the_index_in_order(ask: Asker, table_pages: int) -> None:
    answer, plans = await ask(f"{ITEMS}?{BOX}&limit=50")
    assert answer.json()["numberReturned"] == 50
    assert ("Index Scan", "idx_service_card_geom") in scans(plans)
    assert ("Index Only Scan", "idx_service_card_geom") in scans(plans), "the count reads cards"
    assert not any(node["Node Type"] == "Sort" and node["Actual Rows"] > 51
                   for plan in plans for node in nodes(plan))  # fmt: skip
    assert pages_touched(plans) < table_pages / 4


@pytest.mark.parametrize("asked", ["", f"&{BOX}"])
async def test_a_later_page_costs_no_more_than_the_first(ask: Asker, asked: str) -> None:
    answer, first = await ask(f"{ITEMS}?limit=20{asked}")
    for _ in range(8):
        following = next(each["href"] for each in answer.json()["links"] if each["rel"] == "next")
        answer, last = await ask(urlsplit(following)._replace(scheme="", netloc="").geturl())
    assert answer.json()["numberReturned"] == 20
    assert pages_touched(last) <= 1.5 * pages_touched(first) + 100


async def test_a_page_of_all_is_read_in_the_order_of_the_primary_key(ask: Asker, table_pages: int) -> None:
    _, plans = await ask(f"{ITEMS}?limit=20")
    assert ("Index Scan", "pk_service_card") in scans(plans)
    assert pages_touched(plans) < table_pages


async def test_one_feature_is_one_look_into_the_primary_key(ask: Asker) -> None:
    answer, _ = await ask(f"{ITEMS}?limit=1")
    (feature,) = answer.json()["features"]
    _, plans = await ask(f"{ITEMS}/{feature['id']}")
    assert scans(plans) == {("Index Scan", "pk_service_card")}
    assert pages_touched(plans) < 20


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("theme='pharmacy'", "ix_service_card_theme_id"),
        ("postal_code='1050' AND is_free=TRUE", "ix_service_card_postal_code"),
        (
            "S_INTERSECTS(geometry,POLYGON((4.35 50.84,4.36 50.84,4.36 50.845,4.35 50.84)))",
            "idx_service_card_geom",
        ),
    ],
)
async def test_a_filter_finds_by_an_index(ask: Asker, condition: str, index: str) -> None:
    answer, plans = await ask(f"{ITEMS}?filter={condition}&limit=100")
    assert answer.json()["numberReturned"] > 5
    assert index in {name for _, name in scans(plans)}
    assert "Seq Scan" not in {kind for kind, _ in scans(plans)}


async def test_the_nearest_come_from_the_index_on_metres(ask: Asker, table_pages: int) -> None:
    answer, plans = await ask("/api/v1/services/nearby?lon=4.36&lat=50.845&k=10&theme=pharmacy")
    assert len(answer.json()["items"]) == 10
    assert ("Index Scan", "idx_service_card_geom_m") in scans(plans)
    assert pages_touched(plans) < table_pages


def test_places_walked_to_are_looked_up_by_their_ids(loaded_connection: psycopg.Connection[Any]) -> None:
    """With the plan that any theme gets, and as few services as ship: there all of a theme seem fewer."""
    compiled = NEARBY.compiled(ServiceFilters(theme=("any",)).shape, ANONYMOUS, "near")
    loaded_connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    loaded_connection.execute("PREPARE near AS " + compiled.sql)
    unknown = ", ".join(["NULL"] * len(compiled.names))
    row = loaded_connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE near({unknown})").fetchone()
    assert row and scans([row[0][0]["Plan"]]) == {("Index Scan", "pk_service_card")}


async def test_a_fine_tile_reads_what_lies_in_it(ask: Asker, table_pages: int) -> None:
    answer, plans = await ask("/ogc/collections/services/tiles/WebMercatorQuad/15/10992/16780")
    assert len(answer.content) > 1_000
    assert "idx_service_card_geom" in {name for _, name in scans(plans)}
    assert "Seq Scan" not in {kind for kind, _ in scans(plans)}
    assert pages_touched(plans) < table_pages / 4
