"""Activities over HTTP: teams keep them, everybody reads them, calendars subscribe to them. All invented."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import httpx
import icalendar
import pytest

from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn

API = "/api/v1/activities"
#: Half a year ahead, so that its dates lie between today and the horizon, whatever today is.
START = dt.datetime.combine(dt.date.today() + dt.timedelta(days=180), dt.time(18, 0))


def body(team: uuid.UUID, **changes: Any) -> dict[str, Any]:
    return {
        "team_id": str(team),
        "title": {"fr": "Chorale inventée", "nl": None, "en": None},
        "themes": ["meeting-place"],
        "starts_at": START.isoformat(),
        "duration_minutes": 90,
        "rrule": "FREQ=WEEKLY;COUNT=5",
        "zone": "quartier:36",
        **changes,
    }


@pytest.fixture
async def team(make_team: MakeTeam) -> uuid.UUID:
    return await make_team("quartier:36")


@pytest.fixture
async def member(sign_in: SignIn, team: uuid.UUID) -> Person:
    return await sign_in(team=team)


async def publish(person: Person, team: uuid.UUID, **changes: Any) -> str:
    made = await person.client.post(API, json=body(team, **changes))
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    done = await person.client.post(f"{API}/{key}/publish")
    assert done.status_code == 200, done.text
    if done.json()["status"] == "submitted":
        assert done.json()["waits_because"] == "near_limit"
    return str(key)


async def test_a_team_writes_and_everybody_reads(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID
) -> None:
    made = await member.client.post(API, json=body(team))
    assert made.status_code == 201, made.text
    key, etag = made.json()["id"], made.headers["etag"]
    assert made.headers["location"] == f"{API}/{key}/working-copy"
    assert (made.json()["status"], made.json()["missing_languages"]) == ("draft", ["nl"])
    assert (await client.get(f"{API}/{key}")).status_code == 404
    assert (await client.get(f"{API}/{key}/working-copy")).status_code == 401

    without = await member.client.patch(f"{API}/{key}", json={"is_free": True})
    assert without.status_code == 428
    change = {"title": {"nl": "Verzonnen koor"}, "is_free": True}
    saved = await member.client.patch(f"{API}/{key}", json=change, headers={"If-Match": etag})
    assert saved.status_code == 200, saved.text
    assert saved.json()["draft"]["title"] == {"fr": "Chorale inventée", "nl": "Verzonnen koor", "en": None}
    assert saved.json()["draft"]["rrule"] == "FREQ=WEEKLY;COUNT=5"
    stale = await member.client.patch(f"{API}/{key}", json=change, headers={"If-Match": etag})
    assert stale.status_code == 412

    published = await member.client.post(f"{API}/{key}/publish", headers={"If-Match": saved.headers["etag"]})
    assert published.json()["status"] == "published", published.text
    told = (await client.get(f"{API}/{key}")).json()
    assert told["title"]["nl"] == "Verzonnen koor"
    assert len(told["occurrences"]) == 5
    found = (await client.get(API, params={"zone": "quartier:36", "q": "chorale inventee"})).json()
    assert [each["id"] for each in found["items"]] == [key]
    assert found["items"][0]["zones"][0]["code"] == "36"

    day = found["items"][0]["occurrences"][1]["starts_at"]
    second = (START + dt.timedelta(days=7)).isoformat()
    cancelled = await member.client.post(f"{API}/{key}/cancellations", json={"date": second})
    assert cancelled.status_code == 200, cancelled.text
    dates = (await client.get(f"{API}/{key}")).json()["occurrences"]
    assert [each["starts_at"] for each in dates if each["is_cancelled"]] == [day]
    assert (await member.client.post(f"{API}/{key}/close")).json()["status"] == "closed"
    assert (await client.get(API, params={"q": "chorale inventee"})).json()["numberMatched"] == 0


async def test_others_may_not(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID, sign_in: SignIn, make_team: MakeTeam
) -> None:
    key = await publish(member, team)
    other = await sign_in(team=await make_team("quartier:8"))
    planner = await sign_in(Role.PLANNER)
    for person, status in ((other, 403), (planner, 403)):
        assert (await person.client.post(API, json=body(team))).status_code == status
        headers = {"If-Match": '"2"'}
        assert (await person.client.patch(f"{API}/{key}", json={}, headers=headers)).status_code == status
        assert (await person.client.post(f"{API}/{key}/archive")).status_code == status
    assert (await client.post(API, json=body(team))).status_code == 401
    outside = await member.client.post(API, json=body(team, zone="quartier:8"))
    assert outside.status_code == 403
    assert outside.json()["type"].endswith("outside-mandate")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rrule": "FREQ=SECONDLY"}, "rrule"),
        ({"rrule": "FREQ=WEEKLY;UNTIL=20200101"}, "rrule"),
        ({"starts_at": "2026-11-24T18:00:00+01:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"title": {"fr": "x" * 161}}, "title.fr"),
        ({"title": {"fr": "a\x00b"}}, "title.fr"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"themes": ["no-such-theme"]}, "themes"),
        ({"zone": None}, "zone"),
        ({"zone": "quartier:9999"}, "zone"),
        ({"colour": "blue"}, "colour"),
        ({"price_eur": -1}, "price_eur"),
    ],
)
async def test_what_cannot_be_taken_is_named(
    member: Person, team: uuid.UUID, changes: dict[str, Any], field: str
) -> None:
    refused = await member.client.post(API, json=body(team, **changes), params={"lang": "nl"})
    assert refused.status_code == 422, refused.text
    assert field in {each["field"] for each in refused.json()["errors"]}


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"from": "2026-12-01", "to": "2026-11-01"}, 400),
        ({"from": "yesterday"}, 400),
        ({"lon": 4.35}, 400),
        ({"zone": "quartier:9999"}, 400),
        ({"theme": "nothing"}, 400),
        ({"audience": "kings"}, 400),
        ({"lon": 2.0, "lat": 48.0}, 400),
        ({"colour": "blue"}, 400),
        ({"lon": 4.35, "lat": 50.84, "limit": 3}, 200),
        ({"bbox": "4.2,50.7,4.5,50.9", "free": "true"}, 200),
    ],
)
async def test_parameters_are_read_strictly(
    client: httpx.AsyncClient, params: dict[str, Any], status: int
) -> None:
    answer = await client.get(API, params=params)
    assert answer.status_code == status, answer.text
    if status == 200:
        distances = [each.get("distance_m") for each in answer.json()["items"]]
        assert distances == sorted(distances) if "lon" in params else not any(distances)


async def test_calendars_can_be_subscribed_to(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID
) -> None:
    key = await publish(member, team)
    for address in (
        f"/activities/{key}.ics",
        "/calendar/quartier/36.ics",
        "/calendar/theme/meeting-place.ics",
    ):
        feed = await client.get(address, params={"lang": "nl"})
        assert feed.status_code == 200, feed.text
        assert feed.headers["content-type"].startswith("text/calendar")
        calendar = icalendar.Calendar.from_ical(feed.content)
        assert f"{key}@quartier" in {event["UID"] for event in calendar.walk("VEVENT")}
        known = await client.get(
            address, params={"lang": "nl"}, headers={"If-None-Match": feed.headers["etag"]}
        )
        assert (known.status_code, known.content) == (304, b"")
        since = {"If-Modified-Since": feed.headers["last-modified"]}
        assert (await client.get(address, params={"lang": "nl"}, headers=since)).status_code == 304
    quartier = icalendar.Calendar.from_ical((await client.get("/calendar/quartier/36.ics?lang=nl")).content)
    assert str(quartier["X-WR-CALNAME"]).startswith("Activiteiten · ")

    before = (await client.get(f"/activities/{key}.ics")).headers["etag"]
    await member.client.post(f"{API}/{key}/cancellations", json={"date": START.isoformat()})
    changed = await client.get(f"/activities/{key}.ics", headers={"If-None-Match": before})
    assert changed.status_code == 200
    assert b"STATUS:CANCELLED" in changed.content


@pytest.mark.parametrize(
    "address",
    [
        f"/activities/{uuid.UUID(int=3)}.ics",
        "/calendar/quartier/9999.ics",
        "/calendar/theme/nothing.ics",
        "/calendar/planet/earth.ics",
    ],
)
async def test_there_is_no_calendar_of_nothing(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 404
