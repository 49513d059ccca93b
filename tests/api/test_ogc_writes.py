"""Features written by OGC API Features, Part 4: services and projects. All that is written is invented."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from geo.db.sessions import write_session
from geo.directory.writing import OWN_SOURCE
from geo.models.audit import AuditEvent
from geo.models.locations import Location
from geo.models.services import Service
from geo.models.sources import Source
from geo.models.versions import LayerVersion
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn

SERVICES = "/ogc/collections/services/items"
PROJECTS = "/ogc/collections/projects/items"
GEOJSON = {"Content-Type": "application/geo+json"}
#: In quartier 36 (Matonge), and far inside its limits; and in another commune.
HERE, THERE = [4.3660, 50.8345], [4.3525, 50.8467]


def point(lonlat: list[float]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": lonlat}


def service(**properties: Any) -> dict[str, Any]:
    told = {
        "name_fr": "Permanence de la Licorne (inventée)",
        "theme": "mental-health",
        "is_free": True,
        "wheelchair": "limited",
        "postal_code": "1050",
        "languages": ["fr", "nl"],
        "phone": "+32 2 000 00 00",
    }
    return {"type": "Feature", "geometry": point(HERE), "properties": told | properties}


def project(**properties: Any) -> dict[str, Any]:
    told = {
        "name_fr": "Le banc qui écoute (inventé)",
        "summary_fr": "Un banc, un thé.",
        "theme": "mental-health",
    }
    return {"type": "Feature", "geometry": point(HERE), "properties": told | properties}


def if_match(answer: httpx.Response) -> dict[str, str]:
    return {"If-Match": answer.headers["etag"]}


@pytest.fixture
async def editor(sign_in: SignIn, application: Any) -> AsyncIterator[Person]:
    """An editor of the directory; the services that they registered go with the test."""
    yield await sign_in(Role.DIRECTORY_EDITOR)
    async with write_session(application.state.engine) as session:
        for model in (Service, Location):
            await session.execute(delete(model).where(model.source_id == OWN_SOURCE["id"]))
        await session.execute(delete(Source).where(Source.id == OWN_SOURCE["id"]))


async def add(person: Person, address: str, feature: dict[str, Any]) -> httpx.Response:
    return await person.client.post(address, json=feature, headers=GEOJSON)


async def version_of(application: Any, layer: str) -> int:
    async with write_session(application.state.engine) as session:
        return await session.scalar(select(LayerVersion.version).where(LayerVersion.layer == layer)) or 0


async def test_a_service_is_added_changed_and_taken_away(
    editor: Person, client: httpx.AsyncClient, application: Any
) -> None:
    before = await version_of(application, "services")
    made = await add(editor, SERVICES, service())
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    shown = (await client.get(address)).json()
    assert shown["geometry"] == point(HERE)
    told = shown["properties"]
    assert (told["name_fr"], told["theme"], told["theme_group"]) == (
        service()["properties"]["name_fr"],
        "mental-health",
        "mind",
    )
    assert (told["postal_code"], told["is_free"], told["wheelchair"]) == ("1050", True, "limited")
    assert told["to_check"] is False and told["example"] is False
    assert await version_of(application, "services") == before + 1

    changed = await editor.client.patch(
        address,
        json={"properties": {"name_nl": "Zitdag (verzonnen)", "postal_code": None}},
        headers=if_match(made),
    )
    assert changed.status_code == 204, changed.text
    told = (await client.get(address)).json()["properties"]
    assert (told["name_nl"], told["postal_code"], told["is_free"]) == ("Zitdag (verzonnen)", None, True)

    shown["properties"] |= {"theme": "pharmacy", "is_free": None}
    shown["geometry"] = point(THERE)
    put = await editor.client.put(address, json=shown, headers=GEOJSON | if_match(changed))
    assert put.status_code == 204, put.text
    again = (await client.get(address)).json()
    assert again["geometry"] == point(THERE)
    assert (again["properties"]["theme"], again["properties"]["name_nl"]) == ("pharmacy", None)
    assert await version_of(application, "services") == before + 3

    gone = await editor.client.delete(address, headers=if_match(put))
    assert gone.status_code == 204, gone.text
    assert (await client.get(address)).status_code == 404
    assert (await editor.client.delete(address, headers=if_match(put))).status_code == 404
    assert await version_of(application, "services") == before + 4


async def test_what_the_layer_does_not_tell_outlives_a_replacement(
    editor: Person, client: httpx.AsyncClient
) -> None:
    made = await add(
        editor, SERVICES, service(description_fr="Ce qui s’y passe.", other_themes=["legal-aid"])
    )
    assert made.status_code in (201, 422), made.text
    if made.status_code == 422:  # the theme isn't called so
        hidden = {"description_fr": "Ce qui s’y passe.", "other_themes": ["legal"]}
    made = await add(editor, SERVICES, service(**hidden))
    assert made.status_code == 201, made.text
    read = (await client.get(made.headers["location"])).json()
    put = await editor.client.put(made.headers["location"], json=read, headers=GEOJSON | if_match(made))
    assert put.status_code == 204, put.text
    detail = (await client.get(f"/api/v1/services/{read['properties']['id']}")).json()
    assert detail["description"]["fr"] == "Ce qui s’y passe."
    assert {each["code"] for each in detail["themes"]} >= {"mental-health", "legal"}
    assert sorted(detail["languages"]) == ["fr", "nl"]
    assert [each["number"] for place in detail["places"] for each in place["phones"]] == ["+32 2 000 00 00"]


async def test_every_write_of_a_service_is_in_the_audit(editor: Person, application: Any) -> None:
    made = await add(editor, SERVICES, service())
    changed = await editor.client.patch(
        made.headers["location"], json={"properties": {"is_free": False}}, headers=if_match(made)
    )
    assert changed.status_code == 204
    async with write_session(application.state.engine) as session:
        rows = select(AuditEvent.action, AuditEvent.after).where(
            AuditEvent.subject_kind == "service", AuditEvent.actor_key == editor.actor.key
        )
        events = (await session.execute(rows.order_by(AuditEvent.id))).all()
    assert [each.action for each in events] == ["insert", "update"]
    assert events[0].after["name_fr"] == service()["properties"]["name_fr"]
    assert events[1].after == {"is_free": False, "version": 2}


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.PLANNER, Role.HELPDESK])
async def test_only_editors_and_administrators_write_services(
    role: Role, editor: Person, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    other = await sign_in(role)
    made = await add(editor, SERVICES, service())
    address = made.headers["location"]
    assert (await add(other, SERVICES, service())).status_code == 403
    assert (await other.client.delete(address, headers=if_match(made))).status_code == 403
    assert (await client.delete(address, headers=if_match(made))).status_code == 401
    administrator = await sign_in(Role.ADMINISTRATOR)
    assert (await administrator.client.delete(address, headers=if_match(made))).status_code == 204


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"theme": "no-such-theme"}, "properties.theme"),
        ({"theme": None}, "properties.theme"),
        ({"name_fr": None}, "properties.name_fr"),
        ({"postal_code": "105"}, "properties.postal_code"),
        ({"website": "javascript:alert(1)"}, "properties.website"),
        ({"organization_id": str(uuid.UUID(int=7))}, "properties.organization_id"),
        ({"colour": "red"}, "properties.colour"),
        ({"is_free": "perhaps"}, "properties.is_free"),
    ],
)
async def test_what_cannot_be_taken_of_a_service_is_named(
    changed: dict[str, Any], field: str, editor: Person
) -> None:
    answer = await add(editor, SERVICES, service(**changed))
    assert answer.status_code == 422, answer.text
    assert field in {each["field"] for each in answer.json()["errors"]}


@pytest.mark.parametrize(
    "geometry",
    [
        point([50.8345, 4.3660]),
        point([4.8, 50.4]),
        point([148000.0, 170000.0]),
        {"type": "Polygon", "coordinates": [[[4.36, 50.83], [4.37, 50.83], [4.37, 50.84], [4.36, 50.83]]]},
        {"type": "Point"},
        None,
    ],
)
async def test_a_service_stands_at_a_point_of_the_region(geometry: Any, editor: Person) -> None:
    answer = await add(editor, SERVICES, service() | {"geometry": geometry})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith("geometry")


async def test_a_record_of_a_source_can_be_changed_and_its_place_is_shared_no_more(
    editor: Person, client: httpx.AsyncClient, application: Any
) -> None:
    """Taken back by hand, so that the tests after it find what was loaded."""
    items = (await client.get(f"{SERVICES}?limit=1")).json()["features"]
    fid, name = items[0]["id"], items[0]["properties"]["name_fr"]
    address = f"{SERVICES}/{fid}"
    tag = await etag_of(client, address)
    renamed = await editor.client.patch(
        address, json={"properties": {"name_fr": "Autre nom (inventé)"}}, headers={"If-Match": tag}
    )
    assert renamed.status_code == 204, renamed.text
    shown = (await client.get(address)).json()["properties"]
    assert shown["name_fr"] == "Autre nom (inventé)" and shown["source"] == items[0]["properties"]["source"]
    back = await editor.client.patch(
        address, json={"properties": {"name_fr": name}}, headers=if_match(renamed)
    )
    assert back.status_code == 204


async def etag_of(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["etag"])


async def test_a_project_is_submitted_published_and_told_at_once(
    sign_in: SignIn, make_team: MakeTeam, client: httpx.AsyncClient
) -> None:
    team = await make_team("quartier:36")
    person, moderator = await sign_in(team=team, coordinator=True), await sign_in(Role.MODERATOR)
    made = await add(person, PROJECTS, project())
    assert made.status_code == 202, made.text
    address = made.headers["location"]
    fid = address.rpartition("/")[2]
    assert (await client.get(address)).status_code == 404
    await publish(moderator, fid)
    shown = (await client.get(address)).json()
    assert shown["geometry"] == point(HERE)
    assert shown["properties"]["name_fr"] == project()["properties"]["name_fr"]

    shown["properties"] |= {"name_nl": "De luisterbank (verzonnen)", "progress": "running"}
    put = await person.client.put(
        address, json=shown, headers=GEOJSON | {"If-Match": await etag_of(client, address)}
    )
    assert put.status_code == 202, put.text
    assert (await client.get(address)).json()["properties"]["name_nl"] is None
    copy = (await person.client.get(f"/api/v1/projects/{fid}/working-copy")).json()
    assert copy["content"]["summary"]["fr"] == "Un banc, un thé."
    assert copy["content"]["title"]["nl"] == "De luisterbank (verzonnen)"
    waiting = await person.client.patch(
        address, json={"properties": {"theme": "pharmacy"}}, headers=if_match(put)
    )
    assert waiting.status_code == 409, waiting.text
    await publish(moderator, fid)
    tag = await etag_of(client, address)
    same = await person.client.patch(
        address, json={"properties": {"progress": "running"}}, headers={"If-Match": tag}
    )
    assert same.status_code == 204, same.text
    assert (await person.client.delete(address, headers=if_match(same))).status_code == 204
    assert (await client.get(address)).status_code == 404
    assert (await person.client.delete(address, headers=if_match(same))).status_code == 404


async def publish(moderator: Person, fid: str) -> None:
    copy = await moderator.client.get(f"/api/v1/projects/{fid}/working-copy")
    answer = await moderator.client.post(f"/api/v1/projects/{fid}/publish", headers=if_match(copy))
    assert answer.status_code == 200, answer.text


async def test_a_project_is_written_in_the_area_of_its_team_alone(
    sign_in: SignIn, make_team: MakeTeam
) -> None:
    team, other = await make_team("quartier:36"), await make_team("quartier:36")
    person, stranger = await sign_in(team=team), await sign_in(team=other)
    outside = await add(person, PROJECTS, project() | {"geometry": point([4.30, 50.86])})
    assert outside.status_code == 403, outside.text
    assert outside.json()["type"] == "urn:quartier:problem:outside-mandate"
    made = await add(person, PROJECTS, project())
    assert made.status_code == 202, made.text
    for method in ("PUT", "PATCH", "DELETE"):
        body = {} if method == "DELETE" else {"json": project()}
        answer = await stranger.client.request(
            method, made.headers["location"], headers=if_match(made), **body
        )
        assert answer.status_code == 403, (method, answer.text)
    for_another = await add(stranger, PROJECTS, project(team_id=str(team)))
    assert for_another.status_code == 403, for_another.text


async def test_a_project_that_misses_something_is_refused_whole(
    sign_in: SignIn, make_team: MakeTeam, application: Any
) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team)
    answer = await add(
        person, PROJECTS, project(name_fr=None, summary_fr=None, theme=None) | {"geometry": None}
    )
    assert answer.status_code == 422, answer.text
    fields = {each["field"] for each in answer.json()["errors"]}
    assert fields == {"properties.name_fr", "properties.summary_fr", "properties.theme", "geometry"}
    listed = await person.client.get("/api/v1/projects", params={"team": str(team)})
    assert listed.json()["numberMatched"] == 0
    line = {"type": "LineString", "coordinates": [HERE, THERE]}
    answer = await add(person, PROJECTS, project() | {"geometry": line})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "geometry", answer.text


async def test_a_token_needs_the_scope(editor: Person) -> None:
    asked = {"name": "Essai", "scopes": ["notices:write"], "days": 1}
    token = (await editor.client.post("/api/v1/account/tokens", json=asked)).json()["key"]
    asked["scopes"] = ["services:write"]
    able = (await editor.client.post("/api/v1/account/tokens", json=asked)).json()["key"]
    editor.client.cookies.clear()
    for key, status in ((token, 403), (able, 201)):
        bearer = GEOJSON | {"Authorization": f"Bearer {key}"}
        answer = await editor.client.post(SERVICES, json=service(), headers=bearer)
        assert answer.status_code == status, answer.text


async def test_two_who_change_the_same_service_do_not_overwrite_each_other(editor: Person) -> None:
    made = await add(editor, SERVICES, service())
    first = await editor.client.patch(
        made.headers["location"], json={"properties": {"is_free": False}}, headers=if_match(made)
    )
    assert first.status_code == 204
    second = await editor.client.patch(
        made.headers["location"], json={"properties": {"is_free": None}}, headers=if_match(made)
    )
    assert second.status_code == 412
    assert second.json()["type"] == "urn:quartier:problem:stale-version"


async def test_layers_that_nobody_writes_here_say_which_methods_they_take(client: httpx.AsyncClient) -> None:
    for method, address in (
        ("POST", "/ogc/collections/quartiers/items"),
        ("PUT", "/ogc/collections/quartiers/items/36"),
        ("DELETE", "/ogc/collections/communes/items/21001"),
        ("PATCH", "/ogc/collections/activities/items/x"),
    ):
        answer = await client.request(method, address, headers={"If-Match": '"1"'})
        assert answer.status_code == 405, (method, address, answer.status_code)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    answer = await client.put(SERVICES)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
