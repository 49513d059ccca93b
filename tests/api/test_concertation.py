"""Spaces of concertation over HTTP and on pages. What teams register here is invented."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from geo.vocabulary import record_id
from tests.harness.accounts import MakeTeam, SignIn

URL = "/api/v1/concertation"
CITISEN = record_id("rapport-2021", "communaute-de-pratique/saint-josse-schaerbeek")


def draft(**more: Any) -> dict[str, Any]:
    return {
        "method": "diapason",
        "name": {"fr": "Diapason fictif", "nl": "Fictief Diapason"},
        "zones": ["quartier:36"],
    } | more


async def publish(person: Any, body: dict[str, Any]) -> str:
    made = await person.client.post(URL, json=body)
    assert made.status_code == 201, made.text
    number: str = made.json()["id"]
    done = await person.client.post(f"{URL}/{number}/publish")
    assert done.json()["status"] == "published", done.text
    return number


async def test_the_three_communities_of_practice(client: httpx.AsyncClient) -> None:
    told = (await client.get(URL, params={"method": "communaute-de-pratique", "limit": 100})).json()
    sourced = [each for each in told["items"] if each["source"] and each["source"]["id"] == "rapport-2021"]
    zones = {tuple(zone["name"]["fr"] for zone in each["zones"]): each for each in sourced}
    assert set(zones) == {("Bruxelles",), ("Saint-Josse-ten-Noode", "Schaerbeek"), ("Saint-Gilles",)}
    brussels = zones[("Bruxelles",)]
    assert brussels["carrier"]["name"]["fr"] == "Brusano"
    assert (brussels["participants"], brussels["meetings_a_year"], brussels["facts_of"]) == (
        "12–18",
        8,
        "2021",
    )
    members = {each["name"]["fr"] or each["name"]["nl"]: each["service_id"] for each in brussels["members"]}
    assert len(members) == 9
    assert members["Centre de santé du Miroir"] and not members["Familiehulp"]


async def test_methods_filters_and_unknown_values(client: httpx.AsyncClient) -> None:
    methods = (await client.get(f"{URL}/methods")).json()
    assert methods["numberMatched"] == 7
    in_nord_est = (await client.get(URL, params={"zone": "commune:21015", "limit": 100})).json()["items"]
    assert str(CITISEN) in {each["id"] for each in in_nord_est}
    for params, field in (({"method": "none"}, "method"), ({"zone": "commune:1"}, "zone")):
        answer = await client.get(URL, params=params)
        assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == field


async def test_a_coordinator_keeps_a_space_and_its_dates(
    client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam
) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    number = await publish(person, draft(team_id=str(team)))
    coming = dt.datetime.now() + dt.timedelta(days=30)
    body = {
        "starts_at": coming.strftime("%Y-%m-%dT14:00"),
        "ends_at": coming.strftime("%Y-%m-%dT16:00"),
        "place": "Salle A",
    }
    assert (await person.client.post(f"{URL}/{number}/dates", json=body)).status_code == 201
    past = {"starts_at": "2020-01-06T09:00"}
    assert (await person.client.post(f"{URL}/{number}/dates", json=past)).status_code == 201
    (date,) = (await client.get(f"{URL}/{number}")).json()["dates"]
    assert date["place"] == "Salle A"
    calendar = Calendar.from_ical((await client.get(f"/fr/concertation/{number}.ics")).content)
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == "Diapason fictif" and event["location"] == "Salle A"
    assert event.decoded("dtstart") == dt.datetime.fromisoformat(date["starts_at"])
    page = await client.get(f"/nl/concertation/{number}")
    assert "Fictief Diapason" in page.text and "Salle A" in page.text
    assert (await person.client.delete(f"{URL}/{number}/dates/{date['id']}")).status_code == 204
    assert (await client.get(f"{URL}/{number}")).json()["dates"] == []
    wrong = {"starts_at": "2026-12-01T14:00", "ends_at": "2026-12-01T13:00"}
    answer = await person.client.post(f"{URL}/{number}/dates", json=wrong)
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "ends_at"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": {}}, "name"),
        ({"method": "none"}, "method"),
        ({"themes": ["none"]}, "themes"),
        ({"member_ids": [str(uuid.uuid4())]}, "organization_id"),
        ({"participants": "many"}, "participants"),
        ({"facts_of": "last year"}, "facts_of"),
        ({"zones": ["nowhere"]}, "zones.0"),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
async def test_bad_input_is_named(
    sign_in: SignIn, make_team: MakeTeam, wrong: dict[str, Any], field: str
) -> None:
    person = await sign_in(team=(team := await make_team("quartier:36")), coordinator=True)
    answer = await person.client.post(URL, json=draft(team_id=str(team)) | wrong)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_another_team_cannot_touch_it(sign_in: SignIn, make_team: MakeTeam) -> None:
    mine, other = await make_team("quartier:36"), await make_team("quartier:1")
    person = await sign_in(team=mine, coordinator=True)
    number = await publish(person, draft(team_id=str(mine)))
    stranger = await sign_in(team=other, coordinator=True)
    tag = {"If-Match": '"2"'}
    assert (await stranger.client.patch(f"{URL}/{number}", json={}, headers=tag)).status_code == 403
    assert (await stranger.client.post(f"{URL}/{number}/archive")).status_code == 403
    date = {"starts_at": "2026-12-01T14:00"}
    assert (await stranger.client.post(f"{URL}/{number}/dates", json=date)).status_code == 403
    assert (await stranger.client.get(f"/fr/team/concertation/{number}")).status_code == 403


async def test_the_list_page_names_every_method(client: httpx.AsyncClient) -> None:
    for lang, word in (
        ("fr", "porteur non nommé"),
        ("nl", "drager niet genoemd"),
        ("en", "carrier not named"),
    ):
        page = await client.get(f"/{lang}/concertation")
        assert page.status_code == 200 and page.text.count('class="method"') == 7
        assert word in page.text
