"""Gaps, what-ifs and sites over the API: answers as documented, problems that name what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from api.schemas.siting import GapCollection, GapList, ProposalTold, WhatIfTold
from api.seats import SEARCHES, WHAT_IFS, Seats, while_there
from geo.errors import RunUnderWay, TooMany
from geo.settings import Settings
from geo.vocabulary import Role, record_id
from tests.harness.accounts import SignIn, browser_of, planner_in
from tests.toy_city import SOURCE, lon_lat_of

PATH = "/api/v1/access"
PHARMACY = str(record_id(SOURCE, "pharmacy/at"))


@pytest.fixture
async def planner(toy_streets_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A planner's browser, on an application of its own on the toy city with streets."""
    from api.app import create_app

    app = create_app(Settings(database_url=toy_streets_database))
    async with (
        app.router.lifespan_context(app),
        planner_in(toy_streets_database) as cookie,
        browser_of(app, cookie) as opened,
    ):
        yield opened


def place(x: int, y: int) -> dict[str, float]:
    lon, lat = lon_lat_of(x, y)
    return {"lon": lon, "lat": lat}


async def test_gaps_are_told_as_documented(toy_streets_client: httpx.AsyncClient) -> None:
    query = {"theme": "pharmacy", "minutes": 10, "limit": 2}
    told = (await toy_streets_client.get(f"{PATH}/gaps", params=query)).raise_for_status()
    gaps = GapList.model_validate_json(told.content)
    assert gaps.numberReturned == len(gaps.items) == 2 < gaps.numberMatched
    drawn = (await toy_streets_client.get(f"{PATH}/gaps.geojson", params=query)).raise_for_status()
    assert drawn.headers["content-type"] == "application/geo+json"
    lines = GapCollection.model_validate_json(drawn.content)
    assert [each.properties for each in lines.features] == gaps.items
    assert lines.network == gaps.network and lines.network.attribution


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ({"theme": "no-such-theme"}, 400, "unknown-value"),
        ({"theme": "pharmacy", "need": "no-such-figure"}, 400, "unknown-indicator"),
        ({"theme": "pharmacy", "need": "population"}, 400, "invalid-parameter"),
        ({"theme": "pharmacy", "zone": "quartier:T9"}, 404, "unknown-zone"),
        ({"theme": "pharmacy", "minutes": 0}, 400, "bad-parameters"),
        ({}, 400, "bad-parameters"),
    ],
)
async def test_gaps_name_what_is_wrong(
    toy_streets_client: httpx.AsyncClient, query: dict[str, Any], status: int, kind: str
) -> None:
    answer = await toy_streets_client.get(f"{PATH}/gaps", params=query)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:quartier:problem:{kind}")


async def test_a_what_if_is_told_as_documented(toy_streets_client: httpx.AsyncClient) -> None:
    body = {"theme": "pharmacy", "move": [{"id": PHARMACY, **place(2_500, 500)}], "kind": "commune"}
    answer = (await toy_streets_client.post(f"{PATH}/what-if", json=body)).raise_for_status()
    told = WhatIfTold.model_validate_json(answer.content)
    assert {each.zone.code for each in told.zones} == {"21004", "21015"}
    assert told.services_before == told.services_after == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"theme": "pharmacy", "close": [str(record_id(SOURCE, "hospital/at"))]}, 422, "close.0"),
        ({"theme": "pharmacy", "open": [{"lon": 4.4}]}, 422, "open.0.lat"),
        ({"theme": "pharmacy", "open": [place(0, 0)] * 21}, 422, "open"),
        ({"theme": "pharmacy", "shut": []}, 422, "shut"),
        ({"theme": "pharmacy", "open": [place(1_500, 3_000)]}, 400, None),
        ({"theme": "no-such-theme"}, 400, None),
    ],
)
async def test_a_what_if_names_what_is_wrong(
    toy_streets_client: httpx.AsyncClient, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await toy_streets_client.post(f"{PATH}/what-if", json=body)
    assert answer.status_code == status, answer.text
    if field:
        assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_planners_have_sites_proposed(planner: httpx.AsyncClient) -> None:
    body = {"theme": "pharmacy", "sites": 1, "minutes": 10, "candidates": ["addresses"], "seconds": 20}
    answer = await planner.post(f"{PATH}/siting", json=body, timeout=120)
    told = ProposalTold.model_validate_json(answer.raise_for_status().content)
    assert told.is_optimal and told.sites[0].name and told.sites[0].name.en == "hospital"
    refused = await planner.post(f"{PATH}/siting", json={"theme": "pharmacy", "sites": 11})
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "sites"


async def test_the_public_has_no_sites_proposed(toy_streets_client: httpx.AsyncClient) -> None:
    assert (await toy_streets_client.post(f"{PATH}/siting", json={"theme": "pharmacy"})).status_code == 401


async def test_without_streets_nothing_is_guessed(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    person = await sign_in(Role.PLANNER)
    answers = [
        await client.get(f"{PATH}/gaps", params={"theme": "pharmacy"}),
        await client.post(f"{PATH}/what-if", json={"theme": "pharmacy"}),
        await person.client.post(f"{PATH}/siting", json={"theme": "pharmacy"}),
    ]
    assert {(each.status_code, each.json()["type"]) for each in answers} == {
        (404, "urn:quartier:problem:no-streets")
    }


async def test_who_finds_no_seat_is_told_when_to_come_back(planner: httpx.AsyncClient) -> None:
    body = {"theme": "pharmacy"}
    with WHAT_IFS.take(), WHAT_IFS.take():
        tried = await planner.post(f"{PATH}/what-if", json=body)
    assert (tried.status_code, tried.headers["retry-after"]) == (429, "1")
    assert tried.json()["type"] == "urn:quartier:problem:too-many"
    with SEARCHES.take(), SEARCHES.take():
        searched = await planner.post(f"{PATH}/siting", json=body)
        sent = {"theme": "pharmacy", "act": "sites"}
        page = await planner.post("/en/planner/access", data=sent, headers={"accept": "text/html"})
    assert (searched.status_code, searched.headers["retry-after"]) == (429, "20")
    assert page.status_code == 422 and 'role="alert"' in page.text
    (await planner.post(f"{PATH}/what-if", json=body)).raise_for_status()


def test_seats_are_few_and_one_for_each() -> None:
    seats = Seats(2, 7)
    with seats.take("anna"):
        with pytest.raises(RunUnderWay), seats.take("anna"):
            pass
        with seats.take(), pytest.raises(TooMany) as refused, seats.take("bart"):
            pass
        assert refused.value.params == {"retry_after_s": 7}
    with seats.take("anna"), seats.take("bart"):
        pass


async def test_work_ends_when_the_asker_leaves() -> None:
    ended = asyncio.Event()

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    async def leave() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert await while_there(Request({"type": "http", "headers": []}, leave), work()) is None
    assert ended.is_set()
