"""The pages of activities: the week, one activity, a month, the form of a team. All is invented."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import httpx
import pytest
from uuid6 import uuid7

from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn

FIRST = dt.date.today() + dt.timedelta(days=150)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def typed(team: uuid.UUID, **changes: Any) -> dict[str, Any]:
    return {
        "team": str(team),
        "title_fr": "Jardin <inventé> du jeudi",
        "themes": ["meeting-place"],
        "day": FIRST.isoformat(),
        "begins": "18:00",
        "ends": "19:30",
        "how_often": "weekly",
        "every": "1",
        "until": (FIRST + dt.timedelta(days=28)).isoformat(),
        "exceptions_0_day": (FIRST + dt.timedelta(days=14)).isoformat(),
        "price": "paid",
        "price_eur": "2.5",
        "registration": "required",
        "zone": "quartier:36",
        "step": "publish",
        **changes,
    }


@pytest.fixture
async def team(make_team: MakeTeam) -> uuid.UUID:
    return await make_team("quartier:36", name="Équipe du test")


@pytest.fixture
async def member(sign_in: SignIn, team: uuid.UUID) -> Person:
    return await sign_in(team=team)


async def send(
    person: Person, key: uuid.UUID | str, content: dict[str, Any], lang: str = "fr"
) -> httpx.Response:
    return await person.client.post(f"/{lang}/team/activities/{key}", data=content)


def new_key() -> str:
    return str(uuid.UUID(int=uuid7().int))


async def published(person: Person, team: uuid.UUID, **changes: Any) -> str:
    key = new_key()
    answer = await send(person, key, typed(team, **changes))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/fr/team/activities/{key}?done=publish"
    return key


async def test_an_activity_goes_from_the_form_to_everybody(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID
) -> None:
    key = await published(member, team)
    own = (await member.client.get(f"/fr/team/activities/{key}?done=publish")).text
    assert "Il manque le texte néerlandais" in own
    assert own.count("Annuler cette date") >= 4
    for lang, price in (("fr", "2,50 €"), ("nl", "2,50 €"), ("en", "2.50 €")):
        page = await client.get(f"/{lang}/activities/{key}")
        assert page.status_code == 200
        assert "Jardin &lt;inventé&gt; du jeudi" in page.text
        assert price in page.text
        assert f"webcal://testserver/activities/{key}.ics?lang={lang}" in page.text
    page = (await client.get(f"/fr/activities/{key}")).text
    times = re.findall(r'<li><time datetime="(\d{4}-\d\d-\d\d)', page)
    expected = [FIRST + dt.timedelta(days=7 * week) for week in (0, 1, 3, 4)]
    assert times == [day.isoformat() for day in expected]
    week = await client.get("/fr/activities", params={"zone": "quartier:36", "since": FIRST.isoformat()})
    assert week.text.count("Jardin &lt;inventé&gt;") == 1
    assert "18\N{NO-BREAK SPACE}h – 19\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30" in week.text
    away = await client.get("/fr/activities", params={"zone": "quartier:8", "since": FIRST.isoformat()})
    assert "Jardin" not in away.text


async def test_the_month_of_a_zone_is_a_table_and_a_list(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID
) -> None:
    key = await published(member, team)
    month = f"{FIRST:%Y-%m}"
    page = (await client.get(f"/nl/calendar/quartier/36?month={month}")).text
    in_month = [
        day for week in (0, 1, 3, 4) if (day := FIRST + dt.timedelta(days=7 * week)).month == FIRST.month
    ]
    assert page.count(f'<a href="/nl/activities/{key}"') == 2 * len(in_month)
    assert page.count("<td ") % 7 == 0
    assert len(re.findall(r'<th scope="col">', page)) == 7
    next_month = (FIRST.replace(day=1) + dt.timedelta(days=31)).strftime("%Y-%m")
    assert f"?month={next_month}" in page
    assert "De maand afdrukken" in page


async def test_one_click_cancels_a_date(client: httpx.AsyncClient, member: Person, team: uuid.UUID) -> None:
    key = await published(member, team)
    date = {"date": f"{FIRST.isoformat()}T18:00", "cancelled": "1"}
    done = await member.client.post(f"/fr/team/activities/{key}/dates", data=date)
    assert done.status_code == 303
    assert (await client.get(f"/fr/activities/{key}")).text.count("<strong>annulé") == 1
    assert "Elle a quand même lieu" in (await member.client.get(f"/fr/team/activities/{key}")).text
    await member.client.post(f"/fr/team/activities/{key}/dates", data=date | {"cancelled": "0"})
    assert "<strong>annulé" not in (await client.get(f"/fr/activities/{key}")).text


async def test_dates_are_shown_before_anything_is_saved(member: Person, team: uuid.UUID) -> None:
    key = new_key()
    shown = await send(member, key, typed(team, step="preview"))
    assert shown.status_code == 200
    assert "Rien n’est encore enregistré." in shown.text
    assert len(re.findall(r"<li><time datetime", shown.text)) == 4
    assert (await member.client.get(f"/fr/team/activities/{key}")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"title_fr": ""}, "title"),
        ({"day": ""}, "day"),
        ({"begins": "25:00"}, "begins"),
        ({"ends": "18:00"}, "ends"),
        ({"until": "2020-01-01"}, "until"),
        ({"zone": ""}, "zone"),
        ({"zone": "", "address": "Rue qui n’existe nulle part 5"}, "address"),
        ({"zone": "quartier:8"}, "address"),
        ({"price_eur": "beaucoup"}, "price_eur"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"how_often": "rule", "rule": "FREQ=SECONDLY"}, "how_often"),
    ],
)
async def test_a_fault_stands_beside_its_question_and_nothing_typed_is_lost(
    member: Person, team: uuid.UUID, changes: dict[str, Any], question: str
) -> None:
    key = new_key()
    refused = await send(member, key, typed(team, **changes), "nl")
    assert refused.status_code == 422
    assert f'id="{question}-fault"' in refused.text or f'href="#{question}"' in refused.text
    assert f'value="{FIRST.isoformat()}"' in refused.text or question == "day"
    assert (await member.client.get(f"/fr/team/activities/{key}")).status_code == 404


async def test_an_address_that_the_map_knows_becomes_a_point(
    client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam
) -> None:
    everywhere = await make_team("region:04000")
    person = await sign_in(team=everywhere)
    key = new_key()
    asked = await send(person, key, typed(everywhere, zone="", address="Rue Haute"))
    if asked.status_code == 422:  # several streets of that name: one has to be chosen
        (at, *_) = re.findall(r'name="at" value="([^"]+)"', asked.text)
        asked = await send(person, key, typed(everywhere, zone="", address="Rue Haute", at=at))
    assert asked.status_code == 303, asked.text
    told = (await person.client.get(f"/api/v1/activities/{key}/working-copy")).json()
    assert 4.3 < told["draft"]["lon"] < 4.4
    again = await send(
        person, key, typed(everywhere, zone="", address="Rue Haute", version=str(told["version"]))
    )
    assert again.status_code == 303
    after = (await person.client.get(f"/api/v1/activities/{key}/working-copy")).json()
    assert (after["draft"]["lon"], after["draft"]["lat"]) == (told["draft"]["lon"], told["draft"]["lat"])


async def test_the_second_of_two_sees_what_the_first_stored(member: Person, team: uuid.UUID) -> None:
    key = await published(member, team)
    first = typed(team, step="save", version="2", title_fr="Premier")
    assert (await send(member, key, first)).status_code == 303
    second = await send(member, key, first | {"title_fr": "Second"})
    assert second.status_code == 412
    assert "<dd>Premier</dd>" in second.text
    assert 'value="Second"' in second.text
    assert 'name="version" value="3"' in second.text
    assert (await send(member, key, first | {"title_fr": "Second", "version": "3"})).status_code == 303


async def test_sent_twice_it_is_kept_once(client: httpx.AsyncClient, member: Person, team: uuid.UUID) -> None:
    key = new_key()
    content = typed(team, step="save")
    assert [(await send(member, key, content)).status_code for _ in range(2)] == [303, 303]
    told = (await member.client.get(f"/api/v1/activities/{key}/working-copy")).json()
    assert (told["version"], told["status"]) == (1, "draft")


async def test_another_team_and_the_public_stay_outside(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID, sign_in: SignIn, make_team: MakeTeam
) -> None:
    key = await published(member, team)
    other = await sign_in(team=await make_team("quartier:8"))
    assert (await other.client.get(f"/fr/team/activities/{key}")).status_code == 403
    assert (await send(other, key, typed(team, step="save"))).status_code == 403
    assert (
        await other.client.post(f"/fr/team/activities/{key}/steps", data={"step": "archive"})
    ).status_code == 403
    assert "Modifier</a>" not in (await client.get(f"/fr/activities/{key}")).text
    assert "Modifier</a>" in (await member.client.get(f"/fr/activities/{key}")).text
    assert (await client.get(f"/fr/team/activities/{key}")).status_code in (303, 401)


async def test_a_moderator_lets_through_what_a_team_submitted(
    client: httpx.AsyncClient, member: Person, team: uuid.UUID, sign_in: SignIn
) -> None:
    key = new_key()
    assert (await send(member, key, typed(team, step="save"))).status_code == 303
    steps = f"/fr/team/activities/{key}/steps"
    assert (await member.client.post(f"/api/v1/activities/{key}/submit")).json()["status"] == "submitted"
    moderator = await sign_in(Role.MODERATOR)
    page = await moderator.client.get(f"/fr/moderation/activity/{key}")
    assert page.status_code == 200
    assert "Jardin &lt;inventé&gt;" in page.text
    version = re.findall(r'name="version" value="(\d+)"', page.text)[0]
    assert (await member.client.post(steps, data={"step": "publish", "version": version})).status_code == 403
    done = await moderator.client.post(
        f"/fr/moderation/activity/{key}", data={"step": "publish", "version": version}
    )
    assert done.status_code == 303
    assert (await client.get(f"/fr/activities/{key}")).status_code == 200
    again = await moderator.client.post(
        f"/fr/moderation/activity/{key}", data={"step": "publish", "version": version}
    )
    assert again.status_code in (409, 412)


async def test_a_position_is_in_no_address_and_kept_by_nobody(client: httpx.AsyncClient) -> None:
    page = await client.post("/fr/activities/near", data={"lon": "4.3456", "lat": "50.8365"})
    assert page.status_code == 200
    assert page.headers["cache-control"].endswith("no-store")
    assert "n’apparaît pas dans l’adresse" in page.text or "Elle n’est pas" in page.text
    far = await client.post("/fr/activities/near", data={"lon": "2.35", "lat": "48.85"})
    assert "en dehors" in far.text or "hors de la Région" in far.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fr/activities", 200),
        ("/nl/activities?place=Hoogstraat&days=31&theme=health&audience=older&free=1", 200),
        ("/fr/activities?place=Nulle+Part+Ville", 200),
        ("/fr/activities?days=8", 400),
        ("/fr/activities?audience=kings", 400),
        ("/fr/activities?zone=quartier:9999", 404),
        (f"/fr/activities/{uuid.UUID(int=1)}", 404),
        ("/fr/activities/not-an-id", 404),
        ("/fr/calendar/commune/21004", 200),
        ("/fr/calendar/quartier/9999", 404),
        ("/fr/calendar/planet/36", 404),
        ("/fr/calendar/quartier/36?month=2026-13", 404),
        ("/fr/calendar/quartier/36?month=0001-01", 404),
    ],
)
async def test_addresses(client: httpx.AsyncClient, address: str, status: int) -> None:
    assert (await client.get(address, headers={"Accept": "text/html"})).status_code == status
