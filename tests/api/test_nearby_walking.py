"""Minutes on foot over HTTP: in the toy city with its streets, where they can be worked out by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import psycopg
import pytest

from geo.db import create_pool
from geo.vocabulary import record_id
from tests.api.test_query_budget import CountingReader
from tests.toy_city import ORIGIN_M, SOURCE, lon_lat_of
from tests.toy_streets import EDITION, OBSERVED_ON

Told = dict[str, Any]
CREDIT = "© OpenStreetMap contributors"
NETWORK = {"edition": EDITION, "observed_on": OBSERVED_ON.isoformat(), "attribution": CREDIT}


@pytest.fixture(scope="module", autouse=True)
def sector(toy_streets_database: str) -> Iterator[None]:
    """One sector over the toy city and as much ground north of it; the toy city has none of its own."""
    x, y = ORIGIN_M
    with psycopg.connect(toy_streets_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO zone (id, kind, code, edition, valid_from, name_fr, source_id, residential, geom)"
            " VALUES (%s, 'secteur', 'S', 'toy', '2020-01-01', 'S', %s, true,"
            " ST_Multi(ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 3812), 4326)))",
            [record_id(SOURCE, "sector"), SOURCE, x, y - 1, x + 3_000, y + 2_000],
        )
        yield
        connection.execute("DELETE FROM zone WHERE id = %s", [record_id(SOURCE, "sector")])


async def ask(client: httpx.AsyncClient, path: str, x: float, y: float, **params: Any) -> Told:
    lon, lat = lon_lat_of(x, y)
    answer = await client.get(f"/api/v1/{path}", params={"lon": lon, "lat": lat, **params})
    assert answer.status_code == 200, answer.text
    told: Told = answer.json()
    return told


def ways(items: list[Told]) -> list[tuple[str, int | None, bool]]:
    return [(each["name"]["en"], each["walk_minutes"], each["estimated"]) for each in items]


async def test_measured_minutes_name_their_streets(toy_streets_client: httpx.AsyncClient) -> None:
    told = await ask(toy_streets_client, "services/nearby", 900, 500)
    assert ways(told["items"]) == [("food", 3, False), ("pharmacy", 6, False), ("hospital", 8, False)]
    assert told["network"] == NETWORK and told["far_from_streets"] is False
    assert [each["distance_m"] for each in told["items"]] == [200, 400, 600]


async def test_filters_walker_and_minutes_are_obeyed(toy_streets_client: httpx.AsyncClient) -> None:
    first = {"k": 1, "language": "nl"}
    assert ways((await ask(toy_streets_client, "services/nearby", 900, 500, **first))["items"]) == [
        ("pharmacy", 6, False)
    ]
    within = await ask(toy_streets_client, "services/nearby", 900, 500, max_minutes=5)
    assert ways(within["items"]) == [("food", 3, False)]
    older = await ask(toy_streets_client, "services/nearby", 900, 500, walker="older")
    assert ways(older["items"]) == [("food", 4, False), ("pharmacy", 8, False), ("hospital", 12, False)]


async def test_far_from_streets_is_said(toy_streets_client: httpx.AsyncClient) -> None:
    told = await ask(toy_streets_client, "services/nearby", 500, 1_600, k=1)
    assert ways(told["items"]) == [("pharmacy", 20, True)]  # 1,100 m × 1.3 / 75
    assert told["network"] is None and told["far_from_streets"] is True


async def test_orientation_is_measured_too(toy_streets_client: httpx.AsyncClient) -> None:
    told = await ask(toy_streets_client, "orientation", 900, 500, theme="health", wheelchair="true")
    assert told["network"] == NETWORK and told["estimated"] is False and told["far_from_streets"] is False
    levels = {level["role"]: level for level in told["levels"]}
    assert ways(levels["meso"]["nearest"]) == [("hospital", 8, False)]
    assert ways([each["service"] for each in levels["quartier"]["unmet"]]) == [("pharmacy", 6, False)]


async def test_unknown_walker_is_named(toy_streets_client: httpx.AsyncClient) -> None:
    lon, lat = lon_lat_of(900, 500)
    for path in ("services/nearby", "orientation"):
        answer = await toy_streets_client.get(
            f"/api/v1/{path}", params={"lon": lon, "lat": lat, "walker": "horse"}
        )
        assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "walker"


async def test_without_streets_minutes_are_estimated(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/api/v1/services/nearby", params={"lon": 4.3456, "lat": 50.8365, "k": 3, "walker": "older"}
    )
    told = answer.json()
    assert told["network"] is None and told["far_from_streets"] is False
    assert {each["estimated"] for each in told["items"]} == {True}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", ("rues de 2020", "Qui marche")),
        ("nl", ("straten van 2020", "Wie gaat te voet")),
    ],
)
async def test_home_page_names_the_year_and_lets_choose_who_walks(
    toy_streets_client: httpx.AsyncClient, lang: str, words: tuple[str, ...]
) -> None:
    lon, lat = lon_lat_of(900, 500)
    asked = {"lon": lon, "lat": lat, "walker": "older"}
    page = (await toy_streets_client.get(f"/{lang}/", params=asked)).text
    assert all(each in page for each in words)
    assert 'value="older" checked' in page and "8 min" in page
    assert {"fr": "<span>Personne âgée</span>", "nl": "<span>Oudere</span>"}[lang] in page
    assert "© OpenStreetMap contributors" in page  # whom the streets are owed to


async def test_home_page_without_streets_offers_no_walkers(client: httpx.AsyncClient) -> None:
    page = (await client.get("/fr/", params={"lon": 4.3456, "lat": 50.8365, "theme": "pharmacy"})).text
    assert "estimées" in page and "Qui marche" not in page


async def test_page_of_a_service_tells_the_way_to_others(streets_client: httpx.AsyncClient) -> None:
    found = await streets_client.get(
        "/api/v1/services/nearby", params={"lon": 4.3456, "lat": 50.8365, "theme": "pharmacy", "k": 1}
    )
    page = (await streets_client.get(f"/fr/services/{found.json()['items'][0]['id']}")).text
    assert "rues de 2013" in page and "© OpenStreetMap contributors" in page


@pytest.fixture
async def counting(
    toy_streets_client: httpx.AsyncClient, toy_streets_database: str
) -> AsyncIterator[CountingReader]:
    from api.dependencies import reader_of

    application = toy_streets_client._transport.app  # type: ignore[attr-defined]
    pool: asyncpg.Pool = await create_pool(toy_streets_database)
    counted = CountingReader(pool)
    application.dependency_overrides[reader_of] = lambda: counted
    yield counted
    del application.dependency_overrides[reader_of]
    await pool.close()


@pytest.mark.parametrize("path", ["services/nearby", "orientation"])
async def test_once_the_streets_are_open_one_query_answers(
    toy_streets_client: httpx.AsyncClient, counting: CountingReader, path: str
) -> None:
    await ask(toy_streets_client, path, 900, 500)
    counting.queries.clear()
    await ask(toy_streets_client, path, 900, 500, theme="health")
    assert len(counting.queries) == 1
