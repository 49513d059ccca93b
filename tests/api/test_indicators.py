"""The catalogue of indicators and their figures over the API: JSON and CSV tell the same."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import make_url

from geo.db.embedded import READER
from geo.directory.views import prepare_database


@pytest.fixture(scope="module")
def rows(loaded_database: str) -> Any:
    """Ask the database in the plainest SQL."""

    def ask(sql: str) -> list[dict[str, Any]]:
        with psycopg.connect(loaded_database, row_factory=dict_row) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]

    return ask


async def ask(client: httpx.AsyncClient, path: str, **parameters: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/indicators{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_catalogue_tells_what_is_measured_and_how_it_adds_up(
    client: httpx.AsyncClient, rows: Any
) -> None:
    told = {each["id"]: each for each in (await ask(client, ""))["items"]}
    known = rows("SELECT id FROM indicator WHERE is_published")
    assert set(told) == {each["id"] for each in known}
    population = told["population"]
    assert population["aggregation"] == "sum" and population["weight_id"] is None
    assert population["level"] == "secteur" and population["topic"] == "population"
    assert set(population["kinds"]) == {"bassin", "commune", "quartier", "region", "secteur"}
    assert population["periods"] == sorted(population["periods"]) and "2025" in population["periods"]
    assert told["share-bim"]["weight_id"] == "population"
    assert told["median-income"]["aggregation"] == "none"
    derived = told["offer-per-1000-health"]
    assert derived["is_derived"] and derived["licence"] == "ODbL-1.0"
    assert "OpenStreetMap" in derived["attribution"]
    for each in told.values():
        assert all(each["name"].values()) and all(each["definition"].values()), each["id"]


async def test_the_catalogue_of_a_kind_holds_what_has_figures_for_it(client: httpx.AsyncClient) -> None:
    told = (await ask(client, "", kind="secteur"))["items"]
    assert [(each["id"], each["periods"]) for each in told] == [("population", ["2020"])]


async def test_figures_are_the_newest_of_each_zone_unless_a_year_is_asked(
    client: httpx.AsyncClient, rows: Any
) -> None:
    newest = await ask(client, "/population")
    assert newest["numberMatched"] == 145
    assert [each["zone"]["code"] for each in newest["items"][:3]] == ["1", "2", "3"]
    year = await ask(client, "/population", period="2020", kind="commune")
    right = rows(
        "SELECT code, value FROM indicator_value JOIN zone ON zone.id = zone_id"
        " WHERE indicator_id = 'population' AND period = '2020' AND kind = 'commune'"
    )
    assert {each["zone"]["code"]: each["value"] for each in year["items"]} == {
        each["code"]: each["value"] for each in right
    }
    every = await ask(client, "/population", period="all", kind="region")
    assert [each["period"] for each in every["items"]] == sorted(each["period"] for each in every["items"])
    assert every["numberMatched"] > 20


async def test_what_is_missing_or_kept_back_is_null_with_its_status(client: httpx.AsyncClient) -> None:
    figures = (await ask(client, "/share-65-plus"))["items"]
    statuses = {each["status"]: each["value"] for each in figures if each["value"] is None}
    assert set(statuses) == {"missing", "suppressed"}
    assert sum(each["value"] is not None for each in figures) == 118


async def test_pages_of_figures_are_linked(client: httpx.AsyncClient) -> None:
    told = await ask(client, "/population", limit="10", offset="10")
    assert told["numberReturned"] == 10
    assert {each["rel"] for each in told["links"]} == {"self", "next", "prev"}


@pytest.mark.parametrize("ending", [".csv", ""])
async def test_csv_tells_the_same_with_its_source(client: httpx.AsyncClient, ending: str) -> None:
    told = (await ask(client, "/share-65-plus", kind="quartier"))["items"]
    headers = {} if ending else {"Accept": "text/csv"}
    answer = await client.get(f"/api/v1/indicators/share-65-plus{ending}?kind=quartier", headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeffindicator,zone_kind,zone_code,edition")
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))
    assert [(line["zone_code"], line["value"], line["status"]) for line in lines] == [
        (each["zone"]["code"], "" if each["value"] is None else str(each["value"]), each["status"])
        for each in told
    ]
    assert {line["licence"] for line in lines} == {"Reuse with mention of the source"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/nothing.csv", 404),
        ("/population?kind=moon", 400),
        ("/population?period=20", 400),
        ("/population?limit=0", 400),
        ("/population?nonsense=1", 400),
        ("?kind=moon", 400),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(f"/api/v1/indicators{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_an_unknown_edition_has_no_figures(client: httpx.AsyncClient) -> None:
    assert (await ask(client, "/population", edition="1900"))["items"] == []


def test_qgis_reads_figures_with_their_zones(loaded_database: str) -> None:
    prepare_database(loaded_database)
    url = make_url(loaded_database).set(username=READER).render_as_string()
    with psycopg.connect(url, row_factory=dict_row) as reader:
        told = reader.execute(
            "SELECT *, ST_SRID(geom) AS srid FROM open.figures"
            " WHERE indicator = 'population' AND period = '2020' AND zone_kind = 'region'"
        ).fetchall()
        hidden = reader.execute(
            "SELECT count(*) AS number FROM open.figures WHERE value = 0 AND status <> 'ok'"
        )
        assert hidden.fetchall() == [{"number": 0}]
    (region,) = told
    assert (region["zone_code"], region["value"], region["status"]) == ("04000", 1_215_012, "ok")
    assert region["srid"] == 4326 and region["zone_nl"] and region["name_fr"] and region["licence"]
