"""Ways and areas on foot over HTTP: in the toy city by hand, problems in the reader's language."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from geo.vocabulary import record_id
from tests.toy_city import SOURCE, lon_lat_of

ROUTE, ISOCHRONE, NETWORK = (f"/api/v1/access/{name}" for name in ("route", "isochrone", "network"))
PHARMACY = record_id(SOURCE, "pharmacy")


def at(x_m: float, y_m: float) -> str:
    lon, lat = lon_lat_of(x_m, y_m)
    return f"{lon:.7f},{lat:.7f}"


async def test_a_walk_goes_along_the_streets(toy_streets_client: httpx.AsyncClient) -> None:
    answer = await toy_streets_client.get(ROUTE, params={"from": at(1_000, 250), "to": at(500, 500)})
    assert answer.status_code == 200, answer.text
    walk = answer.json()
    assert walk["length_m"] == pytest.approx(750, abs=2)
    assert (walk["minutes"], walk["walk_minutes"]) == (10.0, 10)
    assert walk["geometry"]["coordinates"][0] == pytest.approx(lon_lat_of(1_000, 250), abs=1e-5)
    assert walk["geometry"]["coordinates"][-1] == pytest.approx(lon_lat_of(500, 500), abs=1e-5)
    assert sum(leg["length_m"] for leg in walk["legs"]) == pytest.approx(750, abs=3)
    assert all(leg["text"][lang] for leg in walk["legs"] for lang in ("fr", "nl", "en"))
    assert walk["network"]["edition"] == "toy-streets"
    assert answer.headers["cache-control"] == "no-store"


async def test_steps_that_save_no_time_are_walked_around(toy_streets_client: httpx.AsyncClient) -> None:
    ends = {"from": at(1, 250), "to": at(250, 500)}
    adult = (await toy_streets_client.get(ROUTE, params=ends)).json()
    assert adult["length_m"] == pytest.approx(499, abs=2), "steps of 354 m take as long as 849 m on the level"
    wheels = (await toy_streets_client.get(ROUTE, params={**ends, "walker": "wheelchair"})).json()
    assert wheels["length_m"] == pytest.approx(499, abs=2)
    assert wheels["minutes"] == pytest.approx(499 / 48, abs=0.1)


async def test_a_service_is_walked_to_at_its_place(toy_streets_client: httpx.AsyncClient) -> None:
    walk = (
        await toy_streets_client.get(ROUTE, params={"from": at(500, 0), "to_service": str(PHARMACY)})
    ).json()
    assert walk["to"] == pytest.approx(lon_lat_of(500, 500), abs=1e-5)
    assert walk["length_m"] == pytest.approx(500, abs=2)
    (leg,) = walk["legs"]
    assert leg["street"]["fr"] == "Rue x500"
    assert leg["street"]["nl"] == "x500-straat"
    assert leg["turn"] == "start"
    assert "Rue x500" in leg["text"]["fr"] and "x500-straat" in leg["text"]["nl"]


async def test_where_no_place_is_told_none_is_walked_to(toy_streets_client: httpx.AsyncClient) -> None:
    for key in ("shelter", "line"):
        ends = {"from": at(500, 0), "to_service": str(record_id(SOURCE, key)), "lang": "nl"}
        answer = await toy_streets_client.get(ROUTE, params=ends)
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:quartier:problem:place-not-told"
        assert key in answer.json()["detail"]
        assert "coordinates" not in answer.text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"from": "1"}, "from"),
        ({"from": "nan,50.8", "to": "4.35,50.8"}, "from"),
        ({"from": "50.8,4.35,1", "to": "4.35,50.8"}, "from"),
        ({"from": "4.35,150.8", "to": "4.35,50.8"}, "from"),
        ({"from": "4.35,50.8"}, "to"),
        ({"from": "4.35,50.8", "to": "4.35,50.8", "to_service": str(PHARMACY)}, "to"),
        ({"from": "4.35,50.8", "to": "4.35,50.8", "walker": "dog"}, "walker"),
    ],
)
async def test_what_cannot_be_read_is_named(
    toy_streets_client: httpx.AsyncClient, given: dict[str, str], field: str
) -> None:
    answer = await toy_streets_client.get(ROUTE, params=given)
    assert answer.status_code == 400
    assert field in {fault["field"].partition(".")[0] for fault in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("origin", "to", "status", "problem"),
    [
        ((500, 500), (500, 1_500), 400, "outside-region"),
        ((500_000, 500), (500, 500), 400, "outside-region"),
    ],
)
async def test_where_nobody_can_walk_the_reader_is_told_why(
    toy_streets_client: httpx.AsyncClient,
    origin: tuple[float, float],
    to: tuple[float, float],
    status: int,
    problem: str,
) -> None:
    answer = await toy_streets_client.get(ROUTE, params={"from": at(*origin), "to": at(*to)})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:quartier:problem:{problem}")


async def test_areas_lie_within_each_other(toy_streets_client: httpx.AsyncClient) -> None:
    lon, lat = lon_lat_of(1_500, 500)
    answer = await toy_streets_client.get(ISOCHRONE, params={"lon": lon, "lat": lat, "minutes": "10,5"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["network"]["edition"] == "toy-streets"
    near, far = found["features"]
    assert [near["properties"]["minutes"], far["properties"]["minutes"]] == [5, 10]
    assert 0 < near["properties"]["area_km2"] < far["properties"]["area_km2"]
    assert bounds(far)[0] < bounds(near)[0] < lon < bounds(near)[1] < bounds(far)[1]
    assert answer.headers["cache-control"] == "no-store"


def bounds(feature: dict[str, Any]) -> tuple[float, float]:
    longitudes = [place[0] for part in feature["geometry"]["coordinates"] for place in part[0]]
    return min(longitudes), max(longitudes)


@pytest.mark.parametrize("minutes", ["0", "-5", "61", "5,x", "1,2,3,4,5,6,7", "inf"])
async def test_minutes_out_of_range_are_refused(toy_streets_client: httpx.AsyncClient, minutes: str) -> None:
    answer = await toy_streets_client.get(ISOCHRONE, params={"lon": 4.35, "lat": 50.85, "minutes": minutes})
    assert answer.status_code == 400
    assert {fault["field"].partition(".")[0] for fault in answer.json()["errors"]} == {"minutes"}


async def test_the_network_names_its_day_and_whom_it_is_owed_to(
    toy_streets_client: httpx.AsyncClient,
) -> None:
    network = (await toy_streets_client.get(NETWORK)).json()
    assert (network["edition"], network["observed_on"]) == ("toy-streets", "2020-01-01")
    assert network["attribution"]
    assert (network["nodes"], network["edges"], network["parts"]) == (67, 114, 2)
    assert network["length_km"] == pytest.approx(28.5, abs=0.1)
    speeds = {each["walker"]: each["speed_m_per_min"] for each in network["walkers"]}
    assert set(speeds) == {"adult", "older", "pram", "wheelchair"}
    assert speeds["wheelchair"] < speeds["adult"]


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "vol d'oiseau"), ("nl", "vogelvlucht"), ("en", "straight lines")]
)
async def test_without_streets_the_answer_says_so(client: httpx.AsyncClient, lang: str, words: str) -> None:
    for address, given in [
        (ROUTE, {"from": "4.3456,50.8365", "to": "4.3525,50.8467"}),
        (ISOCHRONE, {"lon": "4.3456", "lat": "50.8365"}),
        (NETWORK, {}),
    ]:
        answer = await client.get(address, params=given | {"lang": lang})
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:quartier:problem:no-streets"
        assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("4.3689,50.8847", "in the royal estate of Laeken"),
        ("4.4128,50.8980", "between the rails of Schaerbeek"),
    ],
)
async def test_far_from_streets_the_distance_is_told(
    streets_client: httpx.AsyncClient, place: str, where: str
) -> None:
    answer = await streets_client.get(ROUTE, params={"from": place, "to": "4.3525,50.8467"})
    assert answer.status_code == 422, where
    problem = answer.json()
    assert problem["type"] == "urn:quartier:problem:far-from-streets"
    assert "250" in problem["detail"]
