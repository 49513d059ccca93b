"""Scenarios over HTTP: drawing, sharing, rights, and what is refused. All scenarios are invented."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from geo.db.sessions import write_session
from geo.models.audit import AuditEvent
from geo.vocabulary import Role
from tests.harness.accounts import Person, SignIn

URL = "/api/v1/scenarios"


def made_of(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


@pytest.fixture
async def planner(sign_in: SignIn) -> Person:
    return await sign_in(Role.PLANNER)


async def draw(person: Person, **more: Any) -> str:
    made = await person.client.post(URL, json={"name": "Essai fictif"} | more)
    assert made.status_code == 201, made.text
    number: str = made.json()["id"]
    assert made.headers["location"].endswith(f"{URL}/{number}")
    return number


async def test_a_scenario_is_drawn_named_and_read(planner: Person) -> None:
    number = await draw(planner, zones=3)
    address = f"{URL}/{number}"
    moved = await planner.client.patch(
        f"{address}/parts", json={"36": 1, "37": 1, "9": 2}, headers=made_of(1)
    )
    assert moved.status_code == 200, moved.text
    assert moved.headers["etag"] == '"2"'
    named = await planner.client.put(
        f"{address}/zones/1", json={"fr": "Nord", "nl": "Noord"}, headers=made_of(2)
    )
    assert named.json() == {"id": number, "version": 3}
    told = (await planner.client.get(address)).json()
    assert told["parts"] == {"36": 1, "37": 1, "9": 2}
    assert told["zones"] == [
        {"number": 1, "name": {"fr": "Nord", "nl": "Noord", "en": None}, "atoms": 2},
        {"number": 2, "name": {"fr": None, "nl": None, "en": None}, "atoms": 1},
        {"number": 3, "name": {"fr": None, "nl": None, "en": None}, "atoms": 0},
    ]
    assert (told["atoms"], told["placed"], told["origin"], told["is_mine"]) == (145, 3, "drawn", True)
    taken = await planner.client.patch(f"{address}/parts", json={"9": None}, headers=made_of(3))
    assert taken.status_code == 200
    assert (await planner.client.get(address)).json()["parts"] == {"36": 1, "37": 1}


async def test_the_present_zones_are_copied_for_quartiers_and_sectors(planner: Person) -> None:
    for kind, atoms in (("quartier", 145), ("secteur", 724)):
        number = await draw(planner, start="present", atom_kind=kind)
        told = (await planner.client.get(f"{URL}/{number}")).json()
        assert (told["atoms"], told["placed"]) == (atoms, atoms)
        assert len(told["zones"]) == 5 and all(zone["name"]["fr"] for zone in told["zones"])
        assert sum(zone["atoms"] for zone in told["zones"]) == atoms


async def test_sending_the_same_id_twice_makes_one_scenario(planner: Person, sign_in: SignIn) -> None:
    mine = {"id": str(uuid.uuid4()), "name": "Une fois"}
    for _ in range(2):
        assert (await planner.client.post(URL, json=mine)).json()["id"] == mine["id"]
    other = await sign_in(Role.PLANNER)
    assert (await other.client.post(URL, json=mine)).status_code == 409


async def test_zones_are_added_and_taken_away_with_their_atoms(planner: Person) -> None:
    address = f"{URL}/{await draw(planner, zones=2)}"
    await planner.client.patch(f"{address}/parts", json={"36": 2, "9": 1}, headers=made_of(1))
    added = await planner.client.post(f"{address}/zones", json={"fr": "Canal"}, headers=made_of(2))
    assert (added.status_code, added.json()["number"]) == (201, 3)
    gone = await planner.client.delete(f"{address}/zones/2", headers=made_of(3))
    assert gone.status_code == 200, gone.text
    told = (await planner.client.get(address)).json()
    assert [zone["number"] for zone in told["zones"]] == [1, 3]
    assert told["parts"] == {"9": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({}, "name"),
        ({"name": "x", "zones": 0}, "zones"),
        ({"name": "x", "zones": 61}, "zones"),
        ({"name": "x", "zones": 2.5}, "zones"),
        ({"name": "x", "atom_kind": "commune"}, "atom_kind"),
        ({"name": "x", "start": "random"}, "start"),
        ({"name": "x", "owner_id": str(uuid.UUID(int=1))}, "owner_id"),
        ({"name": "x", "id": "7"}, "id"),
    ],
)
async def test_a_wrong_draft_is_refused_by_field(planner: Person, body: dict[str, Any], field: str) -> None:
    answer = await planner.client.post(URL, json=body)
    assert answer.status_code == 422, answer.text
    assert field in [each["field"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("moves", "field"),
    [
        ({"36": 4}, "parts.36"),
        ({"36": 0}, "36"),
        ({"36": 1000}, "36"),
        ({"36": "un"}, "36"),
        ({"quartier:36": 1}, "parts.quartier:36"),
        ({"21001A00-": 1}, "parts.21001A00-"),
        ({"9": 1, "nulle part": None}, "parts.nulle part"),
    ],
)
async def test_moves_to_or_of_what_is_not_there_move_nothing(
    planner: Person, moves: dict[str, Any], field: str
) -> None:
    address = f"{URL}/{await draw(planner, zones=3)}"
    answer = await planner.client.patch(f"{address}/parts", json=moves, headers=made_of(1))
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    told = (await planner.client.get(address)).json()
    assert (told["parts"], told["version"]) == ({}, 1)


async def test_two_windows_do_not_overwrite_each_other(planner: Person) -> None:
    address = f"{URL}/{await draw(planner)}"
    assert (await planner.client.patch(f"{address}/parts", json={"9": 1})).status_code == 428
    first = await planner.client.patch(f"{address}/parts", json={"9": 1}, headers=made_of(1))
    late = await planner.client.patch(f"{address}/parts", json={"9": 2}, headers=made_of(1))
    assert (first.status_code, late.status_code) == (200, 412)
    assert (await planner.client.get(address)).json()["parts"] == {"9": 1}


async def test_a_scenario_is_its_owners(planner: Person, sign_in: SignIn, client: httpx.AsyncClient) -> None:
    number = await draw(planner)
    address = f"{URL}/{number}"
    other, administrator = await sign_in(Role.PLANNER), await sign_in(Role.ADMINISTRATOR)
    assert (await client.get(address)).status_code == 401
    assert (await other.client.get(address)).status_code == 404
    assert number not in (await other.client.get(URL, params={"limit": 1000})).text
    assert (await administrator.client.get(address)).json()["is_mine"] is False
    assert number in (await administrator.client.get(URL, params={"limit": 1000})).text
    for person, status in ((other, 404), (administrator, 403)):
        for method, path, body in (
            ("PATCH", "", {"name": "Pris"}),
            ("PATCH", "/parts", {"9": 1}),
            ("POST", "/zones", {}),
            ("PUT", "/zones/1", {"fr": "Pris"}),
            ("DELETE", "/zones/1", None),
            ("POST", "/link", None),
            ("DELETE", "/link", None),
            ("DELETE", "", None),
        ):
            sent = await person.client.request(method, address + path, json=body, headers=made_of(1))
            assert sent.status_code == status, (method, path, sent.text)
    assert (await planner.client.get(address)).json()["version"] == 1


async def test_a_link_lets_anybody_read_until_sharing_ends(
    planner: Person, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    number = await draw(planner, start="present")
    link = (await planner.client.post(f"{URL}/{number}/link")).json()
    assert link["url"].endswith(f"/scenarios/shared/{link['key']}") and len(link["key"]) >= 40
    assert (await planner.client.post(f"{URL}/{number}/link")).json() == link
    seen = (await client.get(f"{URL}/shared/{link['key']}")).json()
    assert (seen["name"], seen["placed"]) == ("Essai fictif", 145)
    assert (seen["is_mine"], seen["shared_key"]) == (False, None)
    other = await sign_in(Role.PLANNER)
    copied = await other.client.post(f"{URL}/{number}/copies", params={"key": link["key"]})
    assert copied.status_code == 201, copied.text
    assert copied.headers["location"].endswith(f"{URL}/{copied.json()['id']}")
    mine = (await other.client.get(f"{URL}/{copied.json()['id']}")).json()
    assert mine["parts"] == seen["parts"] and mine["origin"] == "copied" and mine["is_shared"] is False
    assert (await planner.client.delete(f"{URL}/{number}/link")).status_code == 204
    assert (await client.get(f"{URL}/shared/{link['key']}")).status_code == 404
    assert (await other.client.post(f"{URL}/{number}/copies")).status_code == 404
    assert (await planner.client.post(f"{URL}/{number}/link")).json()["key"] != link["key"]


@pytest.mark.parametrize("key", ["null", "x", "%00", "' OR true --", "A" * 500])
async def test_a_guessed_key_opens_nothing(client: httpx.AsyncClient, key: str) -> None:
    assert (await client.get(f"{URL}/shared/{key}")).status_code == 404


async def test_zones_come_out_as_geojson(planner: Person, client: httpx.AsyncClient) -> None:
    number = await draw(planner, start="present")
    answer = await planner.client.get(f"{URL}/{number}/zones.geojson")
    assert answer.headers["content-type"].startswith("application/geo+json")
    told = answer.json()
    assert (told["type"], told["name"], told["generalised"]) == ("FeatureCollection", "Essai fictif", True)
    assert [each["properties"]["number"] for each in told["features"]] == [1, 2, 3, 4, 5]
    assert {each["geometry"]["type"] for each in told["features"]} == {"MultiPolygon"}
    assert sum(each["properties"]["atoms"] for each in told["features"]) == 145
    assert told["attribution"]
    key = (await planner.client.post(f"{URL}/{number}/link")).json()["key"]
    assert (await client.get(f"{URL}/shared/{key}/zones.geojson")).json() == told


async def test_the_audit_tells_who_changed_what(planner: Person, application: Any) -> None:
    number = await draw(planner)
    address = f"{URL}/{number}"
    await planner.client.patch(f"{address}/parts", json={"9": 1, "36": 1}, headers=made_of(1))
    await planner.client.post(f"{address}/link")
    assert (await planner.client.delete(address)).status_code == 204
    assert (await planner.client.get(address)).status_code == 404
    async with write_session(application.state.engine) as session:
        events = list(
            await session.scalars(
                select(AuditEvent)
                .where(AuditEvent.subject_kind == "scenario", AuditEvent.subject_id == number)
                .order_by(AuditEvent.id)
            )
        )
    assert [each.action for each in events] == ["insert", "assign", "share", "delete"]
    assert {each.actor_key for each in events} == {planner.actor.key}
    assert events[2].after == {"shared_key": "•"}
