"""Coverage from the command to the answer, on a toy city of its own: clear words elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import psycopg
import pytest
from procrastinate import JobContext

from api.app import create_app
from api.cli import run_command
from api.schemas.coverage import CoverageList
from geo.db.embedded import EmbeddedCluster
from geo.db.engine import create_engine_async
from geo.directory.cards import refresh_cards
from geo.jobs.office import Office
from geo.jobs.tasks import refresh_coverage
from geo.settings import Settings, read_settings
from maps.web.mails import write_letter
from tests.harness.databases import copied
from tests.toy_city import POPULATION

COVERAGE = "/api/v1/access/coverage"


@pytest.fixture(scope="module")
def computed(
    cluster: EmbeddedCluster,
    toy_streets_database: str,
    worker: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Address of a copy of the toy city with streets, for which coverage was computed by the command."""
    with (
        copied(cluster, "quartier_toy_streets", f"{worker}_covered") as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("QUARTIER_DATABASE_URL", address)
        patch.setenv("QUARTIER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        read_settings.cache_clear()
        assert run_command(["access", "compute"]) == 0
        yield address
    read_settings.cache_clear()


@pytest.fixture
async def covered(computed: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application on that copy."""
    app = create_app(Settings(database_url=computed))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as opened,
    ):
        yield opened


async def ask(client: httpx.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get(COVERAGE, params=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    CoverageList.model_validate(told, strict=False)
    return told


async def test_zones_tell_their_people(covered: httpx.AsyncClient) -> None:
    told = await ask(covered, theme="pharmacy")
    assert [each["zone"]["code"] for each in told["items"]] == ["T1", "T2", "T3"]
    assert told["numberMatched"] == told["numberReturned"] == 3
    assert (told["status"], told["period"], told["minutes"]) == ("ok", "2020", 15)
    network = told["network"]
    assert (network["edition"], network["observed_on"]) == ("toy-streets", "2020-01-01")
    assert network["attribution"]
    for item in told["items"]:
        assert item["people"] == pytest.approx(POPULATION[item["zone"]["code"]])
        assert item["covered"] == item["within"]["15"]
        assert item["share"] == pytest.approx(item["covered"] / item["people"])
    assert told["items"][0]["within"]["5"] == pytest.approx(1_000 * 2_800 / 9_500, rel=1e-4)
    assert told["region"]["people"] == pytest.approx(6_000)
    assert told["region"]["covered"] == pytest.approx(sum(item["covered"] for item in told["items"]))
    assert 0 < told["inequality"]["gini"] < 1
    assert told["inequality"]["fifths"] is None  # incomes are not known


async def test_whoever_walks_slower_has_less(covered: httpx.AsyncClient) -> None:
    asked = {"theme": "health", "kind": "region", "minutes": "10"}
    adult, older = [await ask(covered, **asked, walker=walker) for walker in ("adult", "older")]
    assert (adult["minutes"], adult["walker"], older["walker"]) == (10, "adult", "older")
    assert older["region"]["covered"] < adult["region"]["covered"]
    assert adult["items"] == [adult["region"]]
    assert adult["inequality"]["gini"] is None  # one zone


async def test_a_theme_without_a_service_is_not_zero(covered: httpx.AsyncClient) -> None:
    told = await ask(covered, theme="library")
    assert (told["status"], told["items"], told["region"]) == ("no-service", [], None)


async def test_zones_without_ground_have_no_figure(covered: httpx.AsyncClient) -> None:
    told = await ask(covered, theme="pharmacy", kind="clss")
    assert (told["status"], told["items"]) == ("ok", [])


@pytest.mark.parametrize(
    "asked",
    [{}, {"theme": "unicorns"}, {"theme": "pharmacy", "minutes": "7"}, {"theme": "pharmacy", "x": "1"}],
)
async def test_what_can_not_be_told_is_named(covered: httpx.AsyncClient, asked: dict[str, str]) -> None:
    answer = await covered.get(COVERAGE, params=asked)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_not_computed_is_said(toy_streets_client: httpx.AsyncClient) -> None:
    told = await ask(toy_streets_client, theme="pharmacy")
    assert (told["status"], told["items"]) == ("not-computed", [])


async def test_without_streets_nothing_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.get(COVERAGE, params={"theme": "pharmacy"})
    assert answer.status_code == 404


def test_the_command_says_what_it_did(computed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["access", "compute", "--all"]) == 0
    told = capsys.readouterr().out
    assert "inhabitants spread along the streets" in told
    assert "wheelchair   5 themes and groups computed" in told
    assert run_command(["access", "compute"]) == 0
    assert "nothing changed" in capsys.readouterr().out


def test_the_command_needs_streets(
    loaded_database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    read_settings.cache_clear()
    assert run_command(["access", "compute"]) == 1
    assert "street" in capsys.readouterr().err
    monkeypatch.undo()
    read_settings.cache_clear()


async def test_a_moved_service_touches_its_themes_alone(computed: str, tmp_path: Path) -> None:
    """The job of the calendar, as the worker calls it."""
    engine = create_engine_async(computed)
    office = Office(engine, Settings(data_dir=tmp_path), write_letter)
    context = cast(JobContext, SimpleNamespace(additional_context={"office": office}))
    before = _computed_at(computed)
    await refresh_coverage(context, 0)
    assert _computed_at(computed) == before  # nothing was due
    with psycopg.connect(computed) as connection:
        connection.execute("UPDATE location SET geom = ST_Translate(geom, 0.003, 0) WHERE name_en = 'food'")
        refresh_cards(connection)
        connection.execute("SELECT bump_layers(ARRAY['services'])")
    await refresh_coverage(context, 0)
    await engine.dispose()
    after = _computed_at(computed)
    assert {theme for theme in before if before[theme] != after[theme]} == {"food-aid", "social"}


def _computed_at(database: str) -> dict[str, Any]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT theme, array_agg(DISTINCT computed_at) FROM coverage GROUP BY theme"
        )
        return dict(rows.fetchall())
