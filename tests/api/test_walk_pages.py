"""The walk on the page of a service, in the toy city: words, map, problems; positions stand in no address."""

from __future__ import annotations

import httpx
import pytest

from geo.vocabulary import record_id
from tests.toy_city import SOURCE, lon_lat_of

PHARMACY = record_id(SOURCE, "pharmacy")
WORDS = {
    "fr": ("À pied depuis votre position", "Vous êtes arrivé.", "rues de 2020"),
    "nl": ("Te voet vanaf uw positie", "U bent er.", "straten van 2020"),
    "en": ("On foot from your position", "You are there.", "streets of 2020"),
}


def place(x_m: float, y_m: float) -> dict[str, str]:
    lon, lat = lon_lat_of(x_m, y_m)
    return {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
async def test_position_in_the_body_gives_the_way_in_words_and_on_the_map(
    toy_streets_client: httpx.AsyncClient, lang: str
) -> None:
    answer = await toy_streets_client.post(f"/{lang}/services/{PHARMACY}/walk", data=place(500, 30))
    assert answer.status_code == 200
    title, there, year = WORDS[lang]
    for words in (
        title,
        there,
        year,
        "x500-straat" if lang == "nl" else "Rue x500",
        "<strong>7 min</strong>",
    ):
        assert words in answer.text
    assert 'class="walk-line"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "lon=" not in answer.text.partition("<main")[0], "no link of the frame holds the position"


async def test_point_in_the_address_is_walked_from_by_whom_it_says(
    toy_streets_client: httpx.AsyncClient,
) -> None:
    given = place(500, 30) | {"walker": "wheelchair"}
    answer = await toy_streets_client.get(f"/fr/services/{PHARMACY}", params=given)
    assert "<strong>10 min</strong>" in answer.text, "470 m at 48 m a minute"
    assert "En fauteuil roulant" in answer.text


async def test_without_an_origin_the_page_asks_for_one(toy_streets_client: httpx.AsyncClient) -> None:
    answer = await toy_streets_client.get(f"/fr/services/{PHARMACY}")
    assert "Y aller à pied" in answer.text
    assert 'class="legs"' not in answer.text and 'class="walk-line"' not in answer.text


async def test_place_outside_the_region_is_told(toy_streets_client: httpx.AsyncClient) -> None:
    answer = await toy_streets_client.get(f"/fr/services/{PHARMACY}", params=place(500, 3_000))
    assert answer.status_code == 200
    assert "hors de la Région de Bruxelles-Capitale" in answer.text
    assert 'class="legs"' not in answer.text


async def test_bad_position_is_refused_by_name(toy_streets_client: httpx.AsyncClient) -> None:
    answer = await toy_streets_client.post(f"/fr/services/{PHARMACY}/walk", data={"lon": "x", "lat": "50"})
    assert answer.status_code == 400
    assert {fault["field"] for fault in answer.json()["errors"]} == {"lon"}


@pytest.mark.parametrize("key", ["shelter", "line"])
async def test_where_no_place_is_told_no_way_is_asked_for(
    toy_streets_client: httpx.AsyncClient, key: str
) -> None:
    answer = await toy_streets_client.post(f"/fr/services/{record_id(SOURCE, key)}/walk", data=place(500, 30))
    assert answer.status_code == 200
    assert 'id="walk"' not in answer.text and "walk-line" not in answer.text


async def test_without_streets_no_way_is_promised(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/services?theme=pharmacy&limit=1")).json()["items"][0]
    page = await client.get(f"/fr/services/{found['id']}")
    assert page.status_code == 200 and 'id="walk"' not in page.text
    home = await client.get("/fr/?lon=4.3456&lat=50.8365")
    assert "way-link" not in home.text and "data-reach-open" not in home.text
