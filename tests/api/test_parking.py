"""Parking+: a place is lent by a mailed link, seen by carers alone, and stands in no other answer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.attempts import MACHINES
from geo.community.parking import purge_unconfirmed
from geo.db.sessions import write_session
from geo.models.accounts import AccountRole, SignInBlock
from geo.models.parking import ParkingPlace
from geo.vocabulary import Role
from tests.harness.accounts import SignIn, browser_of
from tests.harness.mail import Mailbox, link_in

#: Invented: the lender, the number of the house and what they ask. The street is real.
EMAIL = "lender-of-a-place@example.org"
ADDRESS = "Rue Haute 999, 1000 Bruxelles"
CONDITIONS = "Klaxon-interdit-9f3c"
POINT = (4.34895, 50.83738)


def offer(**changed: str) -> dict[str, str]:
    """What the form of the lender sends."""
    lon, lat = POINT
    return {
        "place": str(uuid.uuid4()),
        "where_address": ADDRESS,
        "where_geometry": f'{{"type": "Point", "coordinates": [{lon}, {lat}]}}',
        "hours": "always",
        "conditions": CONDITIONS,
        "email": EMAIL,
    } | changed


@pytest.fixture
async def public(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in; no place and no count of attempts is left behind."""
    async with browser_of(application) as browser:
        yield browser
    async with write_session(application.state.engine) as session:
        await session.execute(delete(ParkingPlace).where(ParkingPlace.lender_email == EMAIL))
        await session.execute(delete(SignInBlock))
    MACHINES.__init__()  # type: ignore[misc]


async def kept(application: Any) -> list[ParkingPlace]:
    async with write_session(application.state.engine) as session:
        return list(await session.scalars(select(ParkingPlace).where(ParkingPlace.lender_email == EMAIL)))


async def lend(public: httpx.AsyncClient, mailbox: Mailbox, **changed: str) -> str:
    """Lend a place up to its consent; return the path of the lender's page."""
    sent = await public.post("/fr/parking/lend", data=offer(**changed))
    assert sent.status_code == 303, sent.text
    (message,) = await mailbox.collect()
    confirmed = await public.post(f"{link_in(message)}/consent")
    assert confirmed.status_code == 303
    return str(confirmed.headers["location"]).partition("?")[0]


async def near(client: httpx.AsyncClient, **more: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/parking/nearby", params={"lon": POINT[0], "lat": POINT[1], **more})
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["items"] if each["address"] == ADDRESS]


async def test_nothing_is_seen_before_the_lender_consents(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    sent = await public.post("/fr/parking/lend", data=offer())
    assert (sent.status_code, sent.headers["location"]) == (303, "/fr/parking/lend/sent")
    assert await near(carer.client) == []
    (message,) = await mailbox.collect()
    assert message["To"] == EMAIL
    link = link_in(message)
    shown = await public.get(link)
    assert shown.status_code == 200 and "Oui, je prête cette place" in shown.text
    assert shown.headers["cache-control"].endswith("no-store")
    assert await near(carer.client) == []  # looking at the page is not consenting
    confirmed = await public.post(f"{link}/consent")
    assert confirmed.status_code == 303
    (found,) = await near(carer.client)
    assert found["conditions"] == CONDITIONS and found["distance_m"] < 2
    assert EMAIL not in str(found)
    (place,) = await kept(application)
    assert place.consented_on == dt.datetime.now(dt.UTC).date() or place.consented_on is not None
    (told,) = await mailbox.collect()
    for own in (link_in(told), confirmed.headers["location"]):
        assert (await public.get(own)).status_code == 200
    assert (await public.get(link)).status_code == 410  # used
    assert (await public.post(f"{link}/withdraw")).status_code == 410
    assert len(await near(carer.client)) == 1


async def test_a_form_sent_twice_lends_one_place(
    application: Any, public: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    form = offer()
    for _ in range(2):
        assert (await public.post("/nl/parking/lend", data=form)).status_code == 303
    assert len(await kept(application)) == 1
    (message,) = await mailbox.collect()
    assert message["Content-Language"] == "nl" and link_in(message).startswith("/nl/")


async def test_the_lender_pauses_resumes_changes_and_withdraws(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    own = await lend(public, mailbox)
    tomorrow = dt.date.today() + dt.timedelta(days=2)
    assert (await public.post(f"{own}/pause", data={"until": tomorrow.isoformat()})).status_code == 303
    assert await near(carer.client) == []
    assert "En pause" in (await public.get(own)).text
    refused = await public.post(f"{own}/pause", data={"until": "2020-01-01"})
    assert refused.status_code == 200 and "Choisissez un jour à venir" in refused.text
    assert (await public.post(f"{own}/resume")).status_code == 303
    assert len(await near(carer.client)) == 1
    terms = {
        "hours": "chosen",
        "days": ["Mo", "Tu"],
        "opens_at": "09:00",
        "closes_at": "17:00",
        "conditions": "",
    }
    assert (await public.post(f"{own}/terms", data=terms)).status_code == 303
    (found,) = await near(carer.client, at="2026-11-23T10:00:00+01:00")
    assert found["opening_hours"] == "Mo,Tu 09:00-17:00" and found["conditions"] is None
    assert found["open"]["is_open"] is True and found["open"]["closes_at"] == "2026-11-23T16:00:00Z"
    (found,) = await near(carer.client, at="2026-11-25T10:00:00+01:00")
    assert found["open"]["is_open"] is False and found["open"]["opens_at"] == "2026-11-30T08:00:00Z"
    assert (await public.post(f"{own}/withdraw")).status_code == 303
    assert await kept(application) == []
    assert (await public.get(own)).status_code == 410


async def test_a_pause_ends_by_itself_on_its_day(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    await lend(public, mailbox)
    async with write_session(application.state.engine) as session:
        place = await session.scalar(select(ParkingPlace).where(ParkingPlace.lender_email == EMAIL))
        assert place is not None
        place.status, place.paused_until = "paused", dt.date.today() - dt.timedelta(days=1)
    assert len(await near(carer.client)) == 1


@pytest.mark.parametrize("wrong", ["x", "WyIxIiwxXQ.aaaa.bbbb", "%2e%2e", "a" * 299])
async def test_a_link_that_is_not_ours_opens_nothing(public: httpx.AsyncClient, wrong: str) -> None:
    answer = await public.get(f"/fr/parking/lend/{wrong}")
    assert answer.status_code == 410
    assert "Ce lien ne marche plus" in answer.text or answer.status_code == 410


async def test_a_tampered_link_opens_nothing(public: httpx.AsyncClient, mailbox: Mailbox) -> None:
    own = await lend(public, mailbox)
    head, _, token = own.rpartition("/")
    # Not the last letter: some of its bits mean nothing.
    swapped = token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:]
    assert (await public.get(f"{head}/{swapped}")).status_code == 410
    assert (await public.get(own)).status_code == 200


async def test_a_lost_link_is_sent_again_and_strangers_learn_nothing(
    public: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    own = await lend(public, mailbox)
    await mailbox.collect()
    answers = [
        await public.post("/fr/parking/lend/link", data={"email": address})
        for address in (EMAIL.upper(), "nobody-here@example.org")
    ]
    assert {(each.status_code, each.headers["location"]) for each in answers} == {
        (303, "/fr/parking/lend/sent?again=1")
    }
    (message,) = await mailbox.collect()
    assert message["To"] == EMAIL
    assert (await public.get(link_in(message))).status_code == 200
    assert own.startswith("/fr/parking/lend/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "nobody"}, "adresse"),
        ({"email": ""}, "question"),
        ({"where_address": "", "where_geometry": ""}, "question"),
        ({"hours": "chosen"}, "question"),
        ({"where_geometry": '{"type": "Point", "coordinates": ["a", 1]}'}, "carte"),
        ({"where_geometry": '{"type": "Point", "coordinates": [4.70, 50.88]}'}, "Région"),
        ({"conditions": "x" * 2_001}, "2"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    application: Any, public: httpx.AsyncClient, changed: dict[str, str], said: str
) -> None:
    answer = await public.post("/fr/parking/lend", data=offer(**changed))
    assert answer.status_code == 200
    assert 'class="faults"' in answer.text and said in answer.text
    assert "Klaxon-interdit" in answer.text or "conditions" in changed
    assert await kept(application) == []


async def test_an_address_is_found_without_javascript(
    application: Any, public: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    form = offer(where_address="Rue Haute 12", where_geometry="")
    asked = await public.post("/fr/parking/lend", data=form)
    assert "where_at" in asked.text
    chosen = asked.text.partition('name="where_at" value="')[2].partition('"')[0]
    assert (await public.post("/fr/parking/lend", data=form | {"where_at": chosen})).status_code == 303
    (place,) = await kept(application)
    assert place.address.startswith("Rue Haute 12, ")


async def test_script_in_conditions_is_text(
    public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    own = await lend(public, mailbox, conditions="<script>alert(1)</script>")
    shown = await carer.client.post("/fr/parking", data={"lon": str(POINT[0]), "lat": str(POINT[1])})
    for page in (await public.get(own), shown):
        assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text


async def test_many_forms_are_refused(public: httpx.AsyncClient) -> None:
    answers = [(await public.post("/fr/parking/lend", data=offer())).status_code for _ in range(8)]
    assert answers[0] == 303 and answers[-1] == 429


async def test_another_site_cannot_send_the_form(application: Any, public: httpx.AsyncClient) -> None:
    there = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert (await public.post("/fr/parking/lend", data=offer(), headers=there)).status_code == 403
    assert await kept(application) == []


async def test_what_nobody_confirms_is_forgotten(application: Any, public: httpx.AsyncClient) -> None:
    await public.post("/fr/parking/lend", data=offer())
    today = dt.date.today()
    async with write_session(application.state.engine) as session:
        assert await purge_unconfirmed(session, today) == 0
    async with write_session(application.state.engine) as session:
        assert await purge_unconfirmed(session, today + dt.timedelta(days=16)) >= 1
    assert await kept(application) == []


async def test_carers_find_places_and_their_question_stays_nowhere(
    public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    await lend(public, mailbox)
    start = await carer.client.get("/nl/parking")
    assert start.status_code == 200 and ADDRESS not in start.text
    assert 'method="post"' in start.text
    found = await carer.client.post("/nl/parking", data={"place": "Rue Haute", "when": "2026-11-23T10:00"})
    assert found.status_code == 200 and ADDRESS in found.text and CONDITIONS in found.text
    assert EMAIL not in found.text
    assert "no-store" in found.headers["cache-control"]
    outside = await carer.client.post("/nl/parking", data={"lon": "4.70", "lat": "50.88"})
    assert "buiten het Brussels" in outside.text
    lost = await carer.client.post("/nl/parking", data={"place": "Qqqxzzy"})
    assert "Qqqxzzy" in lost.text


async def test_a_carer_whose_year_has_ended_sees_nothing(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    await lend(public, mailbox)
    assert len(await near(carer.client)) == 1
    async with write_session(application.state.engine) as session:
        role = await session.get_one(AccountRole, (carer.account_id, "carer"))
        role.valid_until = dt.date.today() - dt.timedelta(days=1)
    assert (
        await carer.client.get("/api/v1/parking/nearby", params={"lon": 4.35, "lat": 50.84})
    ).status_code == 403
    assert (await carer.client.get("/fr/parking")).status_code == 403
    assert (await carer.client.get("/ogc/collections/parking/items")).status_code == 404


OTHERS = [None, *(role for role in Role if role not in (Role.CARER, Role.TEAM_MEMBER, Role.TEAM_COORDINATOR))]


@pytest.mark.parametrize("role", OTHERS, ids=str)
async def test_no_other_answer_tells_of_a_place(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox, role: Role | None
) -> None:
    """Every GET route of the application, as everybody but a carer: neither address nor id nor point."""
    await lend(public, mailbox)
    (place,) = await kept(application)
    client = (await sign_in(role)).client if role else public
    asked = 0
    for path in get_paths(application, str(place.id)):
        if path.startswith(("/fr/admin/audit", "/api/v1/audit")):
            continue  # the audit names the records that changed by their ids, to administrators
        answer = await client.get(path)
        asked += 1
        assert answer.status_code < 500, path
        for secret in (ADDRESS, CONDITIONS, EMAIL, "Rue Haute 999"):
            assert secret not in answer.text, path
        if str(place.id) not in path:
            assert str(place.id) not in answer.text, path
        else:
            assert answer.status_code in (303, 401, 403, 404, 405, 410, 422, 400), path
    assert asked > 60
    for path in (
        "/ogc/collections/parking",
        "/ogc/collections/parking/items",
        f"/ogc/collections/parking/items/{place.id}",
        "/ogc/collections/parking/tiles/WebMercatorQuad/14/5500/8390",
        "/maps/parking",
    ):
        assert (await client.get(path)).status_code == 404, path
    for path in ("/ogc/collections", "/sitemap.xml", "/ogc/conformance"):
        assert "parking" not in (await client.get(path)).text, path


def get_paths(application: Any, place_id: str) -> list[str]:
    """Return an address for every GET route; what they name is the place where it can be."""
    values = {
        "lang": "fr",
        "kind": "quartier",
        "code": "8",
        "layer": "services",
        "z": "14",
        "y": "5500",
        "x": "8390",
        "article": "about",
        "path": "sprite.svg",
        "feature_id": place_id,
        "fid": place_id,
    }
    paths = []
    for route in application.routes:
        routes = route.original_router.routes if hasattr(route, "original_router") else [route]
        paths += [each for each in routes if isinstance(each, APIRoute) and "GET" in each.methods]
    found = []
    for route in paths:
        names = [part.strip("{}").partition(":")[0] for part in route.path.split("/") if part.startswith("{")]
        path = route.path
        for name in names:
            given = values.get(name, place_id)
            path = path.replace("{" + name + "}", given).replace("{" + name + ":path}", given)
        found.append(path)
    return found


async def test_carers_have_the_layer(public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox) -> None:
    carer = await sign_in(Role.CARER)
    await lend(public, mailbox)
    items = (await carer.client.get("/ogc/collections/parking/items", params={"limit": 1000})).json()
    assert ADDRESS in {each["properties"]["address"] for each in items["features"]}
    assert EMAIL not in str(items)
    assert "parking" in {
        each["id"] for each in (await carer.client.get("/ogc/collections")).json()["collections"]
    }
    listed = (await carer.client.get("/api/v1/parking", params={"limit": 1000})).json()
    assert listed["numberMatched"] == len(listed["items"]) >= 1


async def test_a_token_has_the_layer_by_its_scope_alone(
    application: Any, public: httpx.AsyncClient, sign_in: SignIn, mailbox: Mailbox
) -> None:
    carer = await sign_in(Role.CARER)
    await lend(public, mailbox)
    for scope, status in (("account:own", 404), ("parking:read", 200)):
        asked = {"name": "QGIS", "scopes": [scope], "days": 5}
        key = (await carer.client.post("/api/v1/account/tokens", json=asked)).json()["key"]
        public.headers["Authorization"] = f"Bearer {key}"
        answer = await public.get("/ogc/collections/parking/items", params={"limit": 1000})
        assert (answer.status_code, ADDRESS in answer.text) == (status, status == 200)
        listed = (await public.get("/ogc/collections")).json()["collections"]
        assert ("parking" in {each["id"] for each in listed}) == (status == 200)


async def test_the_views_for_programs_have_no_place(session: AsyncSession) -> None:
    from sqlalchemy import text

    views = await session.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'open'"))
    assert "parking" not in set(views)
