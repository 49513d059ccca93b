"""The notice board: partners send in, moderators approve, ended ones vanish. All notices are invented."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from xml.etree import ElementTree

import asyncpg
import httpx
import pytest

from geo.community.notices import MOST_DAYS, notices_for, today
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn

URL = "/api/v1/notices"


def in_days(days: int) -> str:
    return (today() + dt.timedelta(days=days)).isoformat()


def draft(**more: Any) -> dict[str, Any]:
    return {
        "title": {"fr": "Porte ouverte fictive", "nl": "Fictieve opendeurdag"},
        "body": {"fr": "Venez voir.", "nl": "Kom kijken."},
        "ends_on": in_days(10),
        "zones": ["quartier:36"],
    } | more


async def send_in(person: Person, **more: Any) -> str:
    made = await person.client.post(URL, json=draft(**more))
    assert made.status_code == 201, made.text
    number: str = made.json()["id"]
    sent = await person.client.post(f"{URL}/{number}/submit")
    assert sent.json()["status"] == "submitted", sent.text
    return number


async def approve(moderator: Person, number: str) -> None:
    done = await moderator.client.post(f"{URL}/{number}/publish")
    assert done.json()["status"] == "published", done.text


async def shown(client: httpx.AsyncClient, **params: str) -> set[str]:
    told = (await client.get(URL, params={"limit": "1000"} | params)).json()
    return {each["id"] for each in told["items"]}


@pytest.fixture
async def team(make_team: MakeTeam) -> uuid.UUID:
    return await make_team("quartier:36")


@pytest.fixture
async def partner(sign_in: SignIn, team: uuid.UUID) -> Person:
    return await sign_in(team=team)


async def test_a_notice_shows_once_a_moderator_approved_it(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID
) -> None:
    number = await send_in(partner, team_id=str(team))
    assert number not in await shown(client)
    assert (await partner.client.post(f"{URL}/{number}/publish")).status_code == 403
    moderator = await sign_in(Role.MODERATOR)
    await approve(moderator, number)
    assert number in await shown(client)
    assert number in await shown(client, zone="quartier:36")
    assert number in await shown(client, zone="bassin:centre-ouest") | await shown(
        client, zone="region:04000"
    )
    assert number not in await shown(client, zone="quartier:1")
    page = await client.get("/nl/notices", params={"zone": "quartier:36"})
    assert "Fictieve opendeurdag" in page.text and "Kom kijken." in page.text


async def test_a_notice_without_zones_is_for_everybody(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID
) -> None:
    number = await send_in(partner, team_id=str(team), zones=[])
    await approve(await sign_in(Role.MODERATOR), number)
    assert number in await shown(client)
    assert number in await shown(client, zone="quartier:1")


async def test_a_team_may_tell_other_zones_too(partner: Person, team: uuid.UUID) -> None:
    """A moderator reads it anyway; an open day is for more than one quartier."""
    assert await send_in(partner, team_id=str(team), zones=["region:04000"])


async def test_ended_and_coming_notices_do_not_show(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID, reader: asyncpg.Pool
) -> None:
    moderator = await sign_in(Role.MODERATOR)
    running = await send_in(partner, team_id=str(team), ends_on=in_days(0))
    coming = await send_in(partner, team_id=str(team), starts_on=in_days(3))
    for number in (running, coming):
        await approve(moderator, number)
    board = await shown(client)
    assert running in board and coming not in board
    assert (await client.get(f"{URL}/{coming}")).status_code == 404
    tomorrow = {
        str(each.id) for each in await notices_for(reader, None, today() + dt.timedelta(days=1), limit=1000)
    }
    assert running not in tomorrow
    later = {
        str(each.id)
        for each in await notices_for(reader, "quartier:36", today() + dt.timedelta(days=3), limit=1000)
    }
    assert coming in later


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": {}}, "title"),
        ({"body": {"fr": " "}}, "body"),
        ({"body": {"fr": "x" * 801}}, "body.fr"),
        ({"ends_on": in_days(-1)}, "ends_on"),
        ({"ends_on": in_days(MOST_DAYS + 1)}, "ends_on"),
        ({"starts_on": in_days(5), "ends_on": in_days(4)}, "ends_on"),
        ({"url": "ftp://example.org"}, "url"),
        ({"zones": ["quartier:9999"]}, "zones"),
    ],
    ids=["title", "body", "long", "past", "far", "order", "url", "zones"],
)
async def test_bad_input_is_named_in_three_languages(
    partner: Person, team: uuid.UUID, wrong: dict[str, Any], field: str
) -> None:
    said = set()
    for lang in ("fr", "nl", "en"):
        answer = await partner.client.post(
            URL, json=draft(team_id=str(team)) | wrong, headers={"Accept-Language": lang}
        )
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert fault["field"] == field
        said.add(fault["detail"])
    assert len(said) == 3


async def test_script_in_words_is_words(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID
) -> None:
    evil = "<script>alert(1)</script>"
    number = await send_in(partner, team_id=str(team), title={"fr": evil}, body={"fr": f"{evil} & \"'"})
    await approve(await sign_in(Role.MODERATOR), number)
    page = (await client.get("/fr/notices")).text
    assert evil not in page and "&lt;script&gt;alert(1)" in page
    feed = ElementTree.fromstring((await client.get("/fr/notices.atom")).content)
    atom = "{http://www.w3.org/2005/Atom}"
    titles = {
        entry.findtext(f"{atom}id"): entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")
    }
    assert titles[f"urn:uuid:{number}"] == evil


async def test_a_changed_notice_is_read_again(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID
) -> None:
    number = await send_in(partner, team_id=str(team))
    await approve(await sign_in(Role.MODERATOR), number)
    version = (await client.get(f"{URL}/{number}")).headers["etag"]
    changed = await partner.client.patch(
        f"{URL}/{number}", json={"body": {"fr": "Autre chose"}}, headers={"If-Match": version}
    )
    assert changed.json()["status"] == "draft"
    assert number not in await shown(client)


async def test_who_may_not_send_in(
    client: httpx.AsyncClient, sign_in: SignIn, partner: Person, team: uuid.UUID
) -> None:
    assert (await client.post(URL, json=draft())).status_code == 401
    carer = await sign_in(Role.CARER)
    assert (await carer.client.post(URL, json=draft())).status_code == 403
    number = await send_in(partner, team_id=str(team))
    planner = await sign_in(Role.PLANNER)
    answer = await planner.client.patch(f"{URL}/{number}", json={}, headers={"If-Match": '"2"'})
    assert answer.status_code == 403
    assert (await planner.client.get(f"/fr/team/notices/{number}")).status_code == 403


async def test_the_form_without_a_script(
    client: httpx.AsyncClient, partner: Person, sign_in: SignIn, team: uuid.UUID
) -> None:
    new = await partner.client.get("/fr/team/notices/new")
    assert new.status_code == 200 and new.headers["cache-control"] == "private, no-store"
    number = str(uuid.uuid4())
    csrf = partner.client.headers["x-csrf"]
    typed = {"csrf": csrf, "team_id": str(team), "version": "", "title_fr": "Don de sang fictif"}
    typed |= {"body_fr": "x" * 900, "ends_on": in_days(5), "zones": "quartier:36", "step": "submit"}
    refused = await partner.client.post(f"/fr/team/notices/{number}", data=typed)
    assert refused.status_code == 422
    assert "x" * 900 in refused.text and "800 caractères au plus" in refused.text
    sent = await partner.client.post(f"/fr/team/notices/{number}", data=typed | {"body_fr": "Jeudi."})
    assert sent.status_code == 303 and sent.headers["location"].endswith(f"{number}?done=submit")
    moderator = await sign_in(Role.MODERATOR)
    page = await moderator.client.get(f"/fr/team/notices/{number}")
    assert 'value="publish"' in page.text
    step = {"csrf": moderator.client.headers["x-csrf"], "step": "publish", "version": "2"}
    done = await moderator.client.post(f"/fr/team/notices/{number}/step", data=step)
    assert done.status_code == 303
    assert "Don de sang fictif" in (await client.get("/fr/notices")).text


async def test_two_people_at_one_notice(partner: Person, sign_in: SignIn, team: uuid.UUID) -> None:
    """The second sees what the first wrote, keeps what they typed, and chooses."""
    made = (await partner.client.post(URL, json=draft(team_id=str(team)))).json()["id"]
    other = await sign_in(team=team)
    typed = {"team_id": str(team), "version": "1", "title_fr": "Un", "body_fr": "Un", "ends_on": in_days(5)}
    first = await partner.client.post(
        f"/fr/team/notices/{made}", data=typed | {"csrf": partner.client.headers["x-csrf"]}
    )
    assert first.status_code == 303
    mine = typed | {"csrf": other.client.headers["x-csrf"], "title_fr": "Deux"}
    second = await other.client.post(f"/fr/team/notices/{made}", data=mine)
    assert second.status_code == 422
    assert 'value="Deux"' in second.text and "<dd>Un</dd>" in second.text
    again = await other.client.post(f"/fr/team/notices/{made}", data=mine | {"version": "2"})
    assert again.status_code == 303
