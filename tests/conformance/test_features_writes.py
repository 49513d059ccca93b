"""OGC API – Features, Part 4: Annex A, by its ids. What is written is invented, and taken away again.

Services are written at once. What a moderator has to publish first (projects) is answered 202, which ends
most of these tests by their own words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from api.routers.ogc_writes import WRITABLE
from geo.crs import transformer
from geo.db.sessions import write_session
from geo.directory.writing import OWN_SOURCE
from geo.models.locations import Location
from geo.models.services import Service
from geo.models.sources import Source
from geo.vocabulary import Role
from tests.harness.accounts import Person, SignIn

ITEMS = "/ogc/collections/services/items"
NOBODYS = f"{ITEMS}/00000000-0000-0000-0000-000000000007"
LON, LAT = 4.366, 50.8345
FEATURE: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [LON, LAT]},
    "properties": {"name_fr": "Permanence (inventée)", "theme": "mental-health", "is_free": True},
}
OTHER: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [4.36, 50.84]},
    "properties": {"name_nl": "Zitdag (verzonnen)", "theme": "pharmacy", "wheelchair": "yes"},
}
GEOJSON = {"Content-Type": "application/geo+json"}
PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
async def editor(sign_in: SignIn, application: Any) -> AsyncIterator[Person]:
    """An editor of the directory; what they registered goes with the test."""
    yield await sign_in(Role.DIRECTORY_EDITOR)
    async with write_session(application.state.engine) as session:
        for model in (Service, Location):
            await session.execute(delete(model).where(model.source_id == OWN_SOURCE["id"]))
        await session.execute(delete(Source).where(Source.id == OWN_SOURCE["id"]))


@pytest.fixture
async def made(editor: Person) -> httpx.Response:
    """The answer to whoever added a feature."""
    answer = await editor.client.post(ITEMS, json=FEATURE, headers=GEOJSON)
    assert answer.status_code == 201, answer.text
    return answer


def if_match(answer: httpx.Response) -> dict[str, str]:
    return {"If-Match": answer.headers["etag"]}


async def read(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def says(found: dict[str, Any], sent: dict[str, Any]) -> bool:
    told = {name: found["properties"][name] for name in sent["properties"]}
    return found["geometry"] == sent["geometry"] and told == sent["properties"]


async def test_conf_create_replace_delete_options(client: httpx.AsyncClient, made: httpx.Response) -> None:
    """/conf/create-replace-delete/options"""
    for layer in WRITABLE:
        answer = await client.options(f"/ogc/collections/{layer}/items")
        assert answer.status_code == 200
        assert "POST" in answer.headers["allow"].split(", ")
        assert "application/geo+json" in answer.headers["accept-post"].split(", ")
    answer = await client.options(made.headers["location"])
    assert answer.status_code == 200
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}


async def test_conf_create_replace_delete_create(
    editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/create-replace-delete/create: a second feature brings an id of its own, and gets another."""
    assert says(await read(client, made.headers["location"]), FEATURE)
    second = await editor.client.post(ITEMS, json=FEATURE | {"id": "mine"}, headers=GEOJSON)
    assert second.status_code == 201
    fids = {(await read(client, each.headers["location"]))["id"] for each in (made, second)}
    assert fids == {each.headers["location"].rpartition("/")[2] for each in (made, second)}
    assert len(fids) == 2 and "mine" not in fids


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_conf_content_type(method: str, editor: Person, made: httpx.Response) -> None:
    """/conf/create-replace-delete/create-content-type, replace-content-type; /conf/update the same"""
    address = ITEMS if method == "POST" else made.headers["location"]
    body = b'{"type": "Feature", "geometry": null, "properties": {}}'
    for headers, status in (({}, 400), ({"Content-Type": "text/csv"}, 415)):
        answer = await editor.client.request(method, address, content=body, headers=headers | if_match(made))
        assert answer.status_code == status, answer.text


async def test_conf_create_replace_delete_replace(
    editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/create-replace-delete/replace"""
    address = made.headers["location"]
    answer = await editor.client.put(address, json=OTHER, headers=GEOJSON | if_match(made))
    assert answer.status_code == 204, answer.text
    found = await read(client, address)
    assert says(found, OTHER)
    assert (found["properties"]["name_fr"], found["properties"]["is_free"]) == (None, None)


async def test_conf_create_replace_delete_replace_rid(
    editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/create-replace-delete/replace-rid, /conf/features/geojson: another id is refused."""
    address = made.headers["location"]
    answer = await editor.client.put(address, json=OTHER | {"id": "other"}, headers=GEOJSON | if_match(made))
    assert answer.status_code == 422
    assert says(await read(client, address), FEATURE)


async def test_conf_create_replace_delete_replace_exceptions(
    editor: Person, client: httpx.AsyncClient
) -> None:
    """/conf/create-replace-delete/replace-exceptions: PUT makes nothing, with or without a precondition."""
    for headers in ({}, {"If-Match": '"xyz"'}):
        answer = await editor.client.put(NOBODYS, json=OTHER, headers=GEOJSON | headers)
        assert answer.status_code == 404, answer.text
        assert (await client.get(NOBODYS)).status_code == 404


async def test_conf_create_replace_delete_delete(
    editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/create-replace-delete/delete"""
    answer = await editor.client.delete(made.headers["location"], headers=if_match(made))
    assert answer.status_code == 204
    assert (await client.get(made.headers["location"])).status_code == 404


async def test_conf_update_options(client: httpx.AsyncClient, made: httpx.Response) -> None:
    """/conf/update/options"""
    answer = await client.options(made.headers["location"])
    assert "PATCH" in answer.headers["allow"].split(", ")
    assert "application/merge-patch+json" in answer.headers["accept-patch"].split(", ")


async def test_conf_update_update(editor: Person, client: httpx.AsyncClient, made: httpx.Response) -> None:
    """/conf/update/update, /conf/features/json-merge-patch: what is named changes, and nothing else."""
    address = made.headers["location"]
    before = await read(client, address)
    changes = {
        "geometry": OTHER["geometry"],
        "properties": {"name_nl": "Zitdag (verzonnen)", "is_free": None, "theme": "pharmacy"},
    }
    answer = await editor.client.patch(address, json=changes, headers=PATCH | if_match(made))
    assert answer.status_code == 204, answer.text
    after = await read(client, address)
    assert says(after, changes)
    expected = before["properties"] | changes["properties"] | {"theme_group": "health"}
    assert after["properties"] == expected


async def test_conf_update_update_rid(
    editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/update/update-rid, /conf/features/json-merge-patch: a patch of the id is refused."""
    address = made.headers["location"]
    answer = await editor.client.patch(address, json={"id": "other"}, headers=PATCH | if_match(made))
    assert answer.status_code == 422
    assert says(await read(client, address), FEATURE)


async def test_conf_optimistic_locking_etags_get_etag(
    client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/optimistic-locking-etags/get-etag"""
    for layer in WRITABLE:
        features = (await client.get(f"/ogc/collections/{layer}/items?limit=1")).json()["features"]
        answer = await client.get(f"/ogc/collections/{layer}/items/{features[0]['id']}")
        assert answer.headers["etag"].removeprefix("W/").startswith('"')
    assert (await client.get(made.headers["location"])).headers["etag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_conf_optimistic_locking_etags(
    method: str, editor: Person, client: httpx.AsyncClient, made: httpx.Response
) -> None:
    """/conf/optimistic-locking-etags/replace, update, delete"""
    address = made.headers["location"]
    etag = (await client.get(address)).headers["etag"]
    bodies = {"PUT": {"json": OTHER}, "PATCH": {"json": {"properties": {"theme": "pharmacy"}}}}
    sent: dict[str, Any] = bodies.get(method, {})
    stale = await editor.client.request(method, address, headers={"If-Match": '"0"'}, **sent)
    assert stale.status_code == 412, stale.text
    missing = await editor.client.request(method, address, **sent)
    assert missing.status_code == 428, missing.text
    assert says(await read(client, address), FEATURE)
    done = await editor.client.request(method, address, headers={"If-Match": etag}, **sent)
    assert done.status_code == 204, done.text
    if method == "DELETE":
        assert (await client.get(address)).status_code == 404
        return
    assert done.headers["etag"] != etag
    again = await client.get(address)
    assert again.headers["etag"] != etag
    follows = await editor.client.delete(address, headers={"If-Match": again.headers["etag"]})
    assert follows.status_code == 204, follows.text


async def test_conf_features_endpoints(client: httpx.AsyncClient, made: httpx.Response) -> None:
    """/conf/features/endpoints: what can be written is a feature of a collection."""
    listed = {each["id"]: each for each in (await read(client, "/ogc/collections"))["collections"]}
    for layer in WRITABLE:
        assert listed[layer]["itemType"] == "feature"
        assert not listed[layer].get("supportsNonAutogeneratedResourceIds")
    fid = made.headers["location"].rpartition("/")[2]
    found = await read(client, f"{ITEMS}?bbox={LON},{LAT},{LON},{LAT}&limit=1000")
    assert fid in {each["id"] for each in found["features"]}


@pytest.mark.parametrize("epsg", [4326, 31370, 3812, 3857])
async def test_conf_features_crs(epsg: int, editor: Person, client: httpx.AsyncClient) -> None:
    """/conf/features/crs: coordinates are those of the system that Content-Crs names, in its order."""
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"
    x, y = transformer(4326, epsg).transform(LON, LAT)
    sent = FEATURE | {"geometry": {"type": "Point", "coordinates": [y, x] if epsg == 4326 else [x, y]}}
    answer = await editor.client.post(ITEMS, json=sent, headers=GEOJSON | {"Content-Crs": f"<{uri}>"})
    assert answer.status_code == 201, answer.text
    found = (await read(client, answer.headers["location"]))["geometry"]["coordinates"]
    assert found == pytest.approx([LON, LAT], abs=2e-6)


async def test_conf_features_crs_unknown(editor: Person) -> None:
    """/conf/features/crs: a system that isn't offered is refused."""
    other = {"Content-Crs": "http://www.opengis.net/def/crs/EPSG/0/32631"}
    answer = await editor.client.post(ITEMS, json=FEATURE, headers=GEOJSON | other)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == "Content-Crs"
