"""Every route as every role: the table of rights is what the routes do, in own areas and in others."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.rights import GuardedRoute, guarded_routes
from geo.accounts.rights import RIGHTS, TEAM_ROLES, Right
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, SignIn, browser_of

ROUTES = sorted(guarded_routes(), key=lambda each: (each.path, each.method))
GUARDED = [each for each in ROUTES if each.right]
UNSAFE = [each for each in ROUTES if each.method not in ("GET", "HEAD", "OPTIONS")]

#: Anybody may write here, and why.
PUBLIC_WRITES = {
    "/api/v1/access/what-if": "nothing is written: what is tried out comes in the body",
    "/api/v1/corrections": "a reader reports an error",
    "/{lang}/services/{service_id}/corrections": "a reader reports an error",
    "/{lang}/projects/{project_id}/corrections": "a reader reports an error",
    "/{lang}/services/{service_id}/walk": "a position comes in the body, so that it stands in no address",
    "/{lang}/near": "a position comes in the body, so that it stands in no address",
    "/{lang}/activities/near": "a position comes in the body, so that it stands in no address",
    "/{lang}/sign-in": "who signs in is not signed in",
    "/{lang}/sign-in/second": "neither is who proves the second step",
    "/{lang}/sign-in/passkey/options": "nor who begins with a passkey",
    "/{lang}/sign-in/passkey": "nor who proves it",
    "/{lang}/sign-out": "leaving twice is no fault",
    "/{lang}/invitation/{token}": "a mailed link lets in",
    "/{lang}/reset": "who forgot the password asks for a link",
    "/{lang}/reset/{token}": "a mailed link lets in",
    "/{lang}/address/{token}": "a mailed link lets in",
    "/{lang}/parking/lend": "anybody may lend a place, and confirms it by a mailed link",
    "/{lang}/parking/lend/link": "a lender asks for the link again",
    "/{lang}/parking/lend/{token}/consent": "a mailed link lets in",
    "/{lang}/parking/lend/{token}/pause": "a mailed link lets in",
    "/{lang}/parking/lend/{token}/resume": "a mailed link lets in",
    "/{lang}/parking/lend/{token}/terms": "a mailed link lets in",
    "/{lang}/parking/lend/{token}/withdraw": "a mailed link lets in",
}
#: What stands in a path where no record is meant.
WORDS = {"lang": "fr", "layer": "services", "kind": "quartier", "code": "36"}
#: What must stand in the body for the route to look at the record at all, by the end of its path.
BODIES = {
    "comments": {"body": "Bonjour"},
    "cancellations": {"date": "2026-12-01T10:00"},
    "dates": {"starts_at": "2026-12-01T10:00"},
}


def address_of(route: GuardedRoute, **ids: Any) -> str:
    """Return the route's address with its gaps filled: ids where they are given, else records nobody has."""
    filled = WORDS | ids
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda gap: str(filled.get(gap[1], uuid.UUID(int=7))), route.path)


async def ask(client: httpx.AsyncClient, route: GuardedRoute, **ids: Any) -> httpx.Response:
    told = BODIES.get(route.path.rpartition("/")[2], {})
    body: dict[str, Any] = {} if route.method in ("GET", "HEAD", "DELETE") else {"json": told}
    headers = {"If-Match": '"1"'}
    return await client.request(route.method, address_of(route, **ids), headers=headers, **body)


def test_every_write_asks_for_a_right() -> None:
    open_ones = {each.path for each in UNSAFE if each.right is None}
    assert open_ones == set(PUBLIC_WRITES)


def test_every_right_is_asked_for_by_a_route() -> None:
    assert {each.right for each in GUARDED} == set(Right)


def test_every_role_gives_rights() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.fixture
async def nobody(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(application) as client:
        yield client


async def test_nobody_comes_in_without_signing_in(nobody: httpx.AsyncClient) -> None:
    for route in GUARDED:
        answer = await ask(nobody, route)
        assert answer.status_code == 401, (route, answer.text[:200])
        assert answer.json()["type"] == "urn:quartier:problem:not-signed-in", route


async def test_pages_lead_whoever_is_not_signed_in_to_the_sign_in(nobody: httpx.AsyncClient) -> None:
    nobody.headers["Accept"] = "text/html"
    pages = [each for each in GUARDED if each.path.startswith("/{lang}/") and each.method == "GET"]
    assert len(pages) > 10
    for route in pages:
        answer = await ask(nobody, route)
        assert answer.status_code == 303, (route, answer.text[:200])
        assert answer.headers["location"].startswith("/fr/sign-in?next="), route


@pytest.mark.parametrize("role", Role)
async def test_a_role_enters_where_its_rights_are_and_nowhere_else(
    role: Role, sign_in: SignIn, make_team: MakeTeam
) -> None:
    team = await make_team("quartier:36")
    if role in TEAM_ROLES:
        person = await sign_in(team=team, coordinator=role is Role.TEAM_COORDINATOR)
    else:
        person = await sign_in(role)
    for route in GUARDED:
        if route.path.endswith("/sign-out"):
            continue
        answer = await ask(person.client, route, team_id=team)
        assert answer.status_code < 500, (role, route, answer.text[:300])
        refused = answer.status_code in (401, 403) and "not-allowed" in answer.text
        assert refused != (route.right in RIGHTS[role]), (role, route, answer.status_code, answer.text[:300])


async def test_an_administrator_without_a_second_factor_has_no_right_but_to_add_one(sign_in: SignIn) -> None:
    person = await sign_in(Role.ADMINISTRATOR, second_factor=False)
    for route in GUARDED:
        if route.right in (Right.OWN_ACCOUNT, *({Right.PARKING_READ, Right.TEAM_READ})):
            continue
        answer = await ask(person.client, route)
        assert answer.status_code == 403, (route, answer.text[:200])
        assert answer.json()["type"] == "urn:quartier:problem:second-factor-needed", route


#: What a team registers, by the noun of its address: a body that needs no more than this, in a zone.
REGISTERED: dict[str, Any] = {
    "projects": lambda zone: {
        "title": {"fr": "Un banc (inventé)"},
        "where": {"kind": "zones", "zones": [zone]},
    },
    "activities": lambda zone: {
        "title": {"fr": "Une marche (inventée)"},
        "starts_at": "2026-12-01T10:00",
        "duration_minutes": 60,
        "zone": zone,
    },
    "functions": lambda zone: {"kind": "case-manager", "zones": [zone]},
    "concertation": lambda zone: {
        "method": "diapason",
        "name": {"fr": "Table ronde (inventée)"},
        "zones": [zone],
    },
}
OWN_ZONE, OTHER_ZONE = "quartier:36", "quartier:1"


@pytest.mark.parametrize("noun", REGISTERED)
async def test_a_team_writes_in_its_area_and_not_in_anothers(
    noun: str, sign_in: SignIn, make_team: MakeTeam
) -> None:
    team = await make_team(OWN_ZONE)
    person = await sign_in(team=team, coordinator=True)
    body = REGISTERED[noun](OWN_ZONE) | {"team_id": str(team)}
    inside = await person.client.post(f"/api/v1/{noun}", json=body)
    assert inside.status_code == 201, inside.text
    body = REGISTERED[noun](OTHER_ZONE) | {"team_id": str(team)}
    outside = await person.client.post(f"/api/v1/{noun}", json=body)
    assert outside.status_code == 403, outside.text
    assert outside.json()["type"] == "urn:quartier:problem:outside-mandate"
    address, version = f"/api/v1/{noun}/{inside.json()['id']}", inside.headers["etag"]
    moved = {key: value for key, value in REGISTERED[noun](OTHER_ZONE).items() if OTHER_ZONE in str(value)}
    answer = await person.client.patch(address, json=moved, headers={"If-Match": version})
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("noun", REGISTERED)
@pytest.mark.parametrize("coordinator", [True, False])
async def test_another_team_cannot_touch_it(
    noun: str, coordinator: bool, sign_in: SignIn, make_team: MakeTeam
) -> None:
    """Not even a team of the same area: an area is where one may write, not whose records one may change."""
    mine, theirs = await make_team(OWN_ZONE), await make_team(OWN_ZONE)
    person = await sign_in(team=mine, coordinator=True)
    other = await sign_in(team=theirs, coordinator=coordinator)
    body = REGISTERED[noun](OWN_ZONE) | {"team_id": str(mine)}
    for_another = await other.client.post(f"/api/v1/{noun}", json=body)
    assert for_another.status_code == 403, for_another.text
    made = await person.client.post(f"/api/v1/{noun}", json=body)
    record = made.json()["id"]
    for route in GUARDED:
        if not route.path.startswith(f"/api/v1/{noun}/{{") or route.method == "GET":
            continue
        gap = re.search(r"\{(\w+)\}", route.path)
        assert gap is not None
        for step in ("submit", "publish", "archive") if "{step}" in route.path else ("",):
            sent = await ask(other.client, route, **{gap[1]: record, "step": step})
            assert sent.status_code in (403, 404), (route, step, sent.status_code, sent.text[:300])
    assert (await other.client.get(f"/api/v1/{noun}/{record}")).status_code == 404
    again = await person.client.get(f"/api/v1/{noun}/{record}")
    assert record not in (await other.client.get(f"/api/v1/{noun}?limit=1000")).text
    assert again.status_code in (200, 404)


async def test_a_token_does_what_its_scopes_say_and_no_more(sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team(OWN_ZONE)
    person = await sign_in(team=team, coordinator=True)
    asked = {"name": "Essai", "scopes": ["activities:write"], "days": 1}
    made = await person.client.post("/api/v1/account/tokens", json=asked)
    assert made.status_code == 201, made.text
    person.client.cookies.clear()
    bearer = {"Authorization": f"Bearer {made.json()['key']}"}
    allowed = REGISTERED["activities"](OWN_ZONE) | {"team_id": str(team)}
    refused = REGISTERED["projects"](OWN_ZONE) | {"team_id": str(team)}
    answer = await person.client.post("/api/v1/activities", json=allowed, headers=bearer)
    assert answer.status_code == 201, answer.text
    answer = await person.client.post("/api/v1/projects", json=refused, headers=bearer)
    assert answer.status_code == 403, answer.text
