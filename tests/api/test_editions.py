"""Editions, levels, crosswalks and estimates over HTTP, with all that ships."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

QUARTIERS = 145


async def told(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_editions_and_levels_are_told(client: httpx.AsyncClient) -> None:
    answer = await told(client, "editions")
    shipped = {(each["kind"], each["edition"]): each for each in answer["items"]}
    assert shipped["quartier", "2020"]["zones"] == QUARTIERS
    assert shipped["bassin", "2024"]["state"] == "current"
    assert {each["role"] for each in answer["levels"]} == {"quartier", "meso", "region"}


async def test_a_crosswalk_is_told_with_what_is_uncertain(client: httpx.AsyncClient) -> None:
    (found,) = (await told(client, "crosswalks", **{"from": "quartier:2020", "to": "bassin:2024"}))["items"]
    assert found["method"] == "sectors"
    assert 0 < found["uncertain_population"] < 0.5  # Brussels-City is split by inference
    assert {each["from"]["code"] for each in found["shares"]} >= {"1", "36", "118", "906"}
    sums: dict[str, float] = {}
    for each in found["shares"]:
        sums[each["from"]["code"]] = sums.get(each["from"]["code"], 0) + each["share_area"]
    assert len(sums) == QUARTIERS
    assert all(each == pytest.approx(1, abs=1e-6) for each in sums.values())


async def test_without_an_edition_the_one_valid_today_is_meant(client: httpx.AsyncClient) -> None:
    (plain,) = (await told(client, "crosswalks", **{"from": "quartier", "to": "commune"}))["items"]
    assert plain["from"] == {"kind": "quartier", "edition": "2020"}
    assert plain["uncertain_population"] == 0


async def test_stored_crosswalks_are_listed_without_shares(client: httpx.AsyncClient) -> None:
    items = (await told(client, "crosswalks"))["items"]
    assert {("quartier", "bassin"), ("commune", "bassin")} <= {
        (each["from"]["kind"], each["to"]["kind"]) for each in items
    }
    assert not any("shares" in each for each in items)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"from": "quartier:1999", "to": "bassin"}, 404),
        ({"from": "region", "to": "quartier"}, 404),
        ({"from": "street:2020", "to": "bassin"}, 400),
        ({"from": "quartier:", "to": "bassin"}, 400),
    ],
)
async def test_what_there_is_not_is_refused_by_name(
    client: httpx.AsyncClient, params: dict[str, str], status: int
) -> None:
    answer = await client.get("/api/v1/crosswalks", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_counts_are_estimated_and_none_is_lost(client: httpx.AsyncClient) -> None:
    params = {"from": "quartier", "to": "bassin", "period": "2020"}
    found = await told(client, "indicators/population/estimate", **params)
    assert (found["rule"], found["by"], found["method"]) == ("sum", "population", "sectors")
    assert {each["status"] for each in found["items"]} == {"estimated"}
    assert len(found["items"]) == 5
    assert sum(each["value"] for each in found["items"]) == pytest.approx(1_215_012, abs=1e-3)


async def test_a_rate_is_weighed_by_its_own_denominator(client: httpx.AsyncClient) -> None:
    found = await told(client, "indicators/share-65-plus/estimate", **{"from": "quartier", "to": "commune"})
    assert found["rule"] == "rate"
    assert found["weights"]["indicator"] == "population"
    values = [each["value"] for each in found["items"] if each["value"] is not None]
    assert values and all(5 < each < 30 for each in values)


async def test_what_cannot_be_added_up_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/indicators/median-income/estimate", params={"to": "bassin"})
    assert answer.status_code == 409 or answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_zones_of_an_edition_are_listed_and_others_are_not(client: httpx.AsyncClient) -> None:
    assert (await told(client, "zones", kind="quartier", edition="2020"))["numberMatched"] == QUARTIERS
    assert (await told(client, "zones", kind="quartier", edition="1999"))["numberMatched"] == 0


@pytest.mark.parametrize(
    "path", ["projects", "activities", "functions", "concertation", "notices", "services"]
)
async def test_a_zone_is_asked_for_in_any_edition(client: httpx.AsyncClient, path: str) -> None:
    plain = await told(client, path, zone="bassin:nord", limit=1)
    same = await told(client, path, zone="bassin:nord", edition="2024", limit=1)
    assert same["numberMatched"] == plain["numberMatched"]
    answer = await client.get(f"/api/v1/{path}", params={"zone": "bassin:nord", "edition": "1999"})
    assert answer.status_code == 400
    assert "bassin:nord" in answer.json()["detail"]
