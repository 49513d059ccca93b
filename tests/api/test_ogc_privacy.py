"""What is not for a viewer is told to them by no door: format, tile, count, filter or order, warm or cold."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pyarrow.parquet
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections import FEATURES
from geo.db.sessions import touch, write_session
from geo.directory.cards import refresh_cards_in
from geo.layers import layers
from geo.models.cards import ServiceCard
from geo.models.locations import Location
from geo.models.services import Service
from geo.queries.visibility import visible_to
from geo.vocabulary import ANONYMOUS, Disclosure, Role, Viewer, Visibility
from tests.harness.accounts import SignIn

ITEMS = "/ogc/collections/services/items"
#: What hidden services are called here: nothing else in the directory is.
SECRET = "Zwartboek"
HIDDEN = [each for each in Visibility if each is not Visibility.PUBLIC]
VAGUE = [each for each in Disclosure if each is not Disclosure.EXACT]


@dataclass(frozen=True)
class Secrets:
    """Services that were public a moment ago: the ids of their features by who may see them, and where."""

    by_visibility: dict[Visibility, str]
    undisclosed: tuple[str, ...]
    places: dict[str, list[float]]

    @property
    def fids(self) -> list[str]:
        return [*self.by_visibility.values(), *self.undisclosed]

    def seen_by(self, viewer: Viewer) -> set[str]:
        return {fid for kind, fid in self.by_visibility.items() if kind in visible_to(viewer)}


@pytest.fixture
async def secrets(application: Any, client: httpx.AsyncClient) -> AsyncIterator[Secrets]:
    """Hide some services that everybody could read, and read, until now; show them again after the test."""
    rows = (
        select(ServiceCard.id, ServiceCard.service_id, ServiceCard.location_id, Service.name_fr)
        .join(Service, Service.id == ServiceCard.service_id)
        .where(ServiceCard.geom.is_not(None), ServiceCard.visibility == "public")
        .order_by(ServiceCard.id)
    )
    async with write_session(application.state.engine) as session:
        taken, locations = [], set()
        for row in await session.execute(rows):  # each service and location once
            if row.location_id not in locations and row.service_id not in {each.service_id for each in taken}:
                locations.add(row.location_id)
                taken.append(row)
        taken = taken[: len(HIDDEN) + len(VAGUE)]
    places = {}
    for row in taken:
        answer = await client.get(f"{ITEMS}/{row.id}")  # kept by the server from now on
        places[str(row.id)] = answer.json()["geometry"]["coordinates"]
    hidden, vague = taken[: len(HIDDEN)], taken[len(HIDDEN) :]
    try:
        async with write_session(application.state.engine) as session:
            for row, kind in zip(hidden, HIDDEN, strict=True):
                await _set(session, row, SECRET, kind.value, "exact")
            for row, told in zip(vague, VAGUE, strict=True):
                await _set(session, row, SECRET, "public", told.value)
        yield Secrets(
            {kind: str(row.id) for kind, row in zip(HIDDEN, hidden, strict=True)},
            tuple(str(row.id) for row in vague),
            places,
        )
    finally:
        async with write_session(application.state.engine) as session:
            for row in taken:
                await _set(session, row, row.name_fr, "public", "exact")


async def _set(session: AsyncSession, row: Any, name: str | None, visibility: str, disclosure: str) -> None:
    mine = update(Service).where(Service.id == row.service_id)
    await session.execute(mine.values(name_fr=name, visibility=visibility))
    where = update(Location).where(Location.id == row.location_id)
    await session.execute(where.values(disclosure=disclosure))
    await refresh_cards_in(session, [row.service_id])
    touch(session, "services")


async def ids_of(client: httpx.AsyncClient, query: str) -> set[str]:
    answer = await client.get(f"{ITEMS}?limit=1000&to_check=true&{query}")
    assert answer.status_code == 200, answer.text[:300]
    assert answer.json()["numberMatched"] >= len(answer.json()["features"])
    return {each["id"] for each in answer.json()["features"]}


def text_of(body: bytes) -> bytes:
    """Return a file without its packing, to look for words in it."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return b"".join(packed.read(each) for each in packed.namelist())
    if body.startswith(b"PAR1"):
        return str(pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
    return body


@pytest.mark.parametrize("offered", FEATURES, ids=lambda each: each.id)
async def test_no_format_tells_what_is_hidden(
    offered: Any, secrets: Secrets, client: httpx.AsyncClient
) -> None:
    everything = await client.get(f"{ITEMS}?f={offered.id}&to_check=true&limit=1000")
    asked = await client.get(f"{ITEMS}?f={offered.id}&to_check=true&ids={','.join(secrets.fids)}")
    for answer in (everything, asked):
        assert answer.status_code == 200, answer.text[:300]
        body = text_of(answer.content)
        assert SECRET.encode() not in body
        if answer is everything:
            assert not [fid for fid in secrets.fids if fid.encode() in body]


async def test_a_file_shows_what_is_looked_for_where_it_may(secrets: Secrets, sign_in: SignIn) -> None:
    """Else the test above would find nothing whatever is told."""
    administrator = await sign_in(Role.ADMINISTRATOR)
    for offered in FEATURES:
        answer = await administrator.client.get(f"{ITEMS}?f={offered.id}&ids={','.join(secrets.fids)}")
        assert answer.status_code == 200, (offered.id, answer.text[:300])
        assert SECRET.encode() in text_of(answer.content), offered.id


QUESTIONS = {
    "by name": f"filter={quote(f'name_fr = {SECRET!r}')}",
    "by pattern": f"filter={quote(f'CASEI(name_fr) LIKE CASEI({SECRET[:4] + chr(37)!r})')}",
    "by words": f"q={SECRET}",
    "by order": "sortby=-name_fr",
    "all": "sortby=id",
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_finds_what_is_hidden(
    question: str, secrets: Secrets, client: httpx.AsyncClient
) -> None:
    assert not await ids_of(client, QUESTIONS[question]) & set(secrets.fids)
    if question == "by name":
        counted = await client.get(f"{ITEMS}?count=exact&to_check=true&{QUESTIONS[question]}")
        assert counted.json()["numberMatched"] == 0


async def test_no_place_betrays_what_is_hidden(secrets: Secrets, client: httpx.AsyncClient) -> None:
    """Boxes, filters in space, counts and single addresses."""
    for fid, (lon, lat) in secrets.places.items():
        box = f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}"
        near = quote(f"S_INTERSECTS(geometry, BBOX({box}))")
        for query in (f"bbox={box}", f"filter={near}", f"ids={fid}"):
            assert fid not in await ids_of(client, query), query
        here = await ids_of(client, f"bbox={box}")
        counted = await client.get(f"{ITEMS}?bbox={box}&to_check=true&count=exact")
        assert counted.json()["numberMatched"] == len(here)
        for end in ("", "?f=html", "?crs=http://www.opengis.net/def/crs/EPSG/0/31370"):
            assert (await client.get(f"{ITEMS}/{fid}{end}")).status_code == 404


async def test_no_tile_draws_what_is_hidden(secrets: Secrets, client: httpx.AsyncClient) -> None:
    for fid, (lon, lat) in secrets.places.items():
        z, y, x = tile_at(lon, lat)
        for address in (
            f"/ogc/collections/services/tiles/WebMercatorQuad/{z}/{y}/{x}?to_check=true",
            f"/ogc/collections/services/tiles/WebMercatorQuad/{z}/{y}/{x}?to_check=true&filter="
            + quote(f"name_fr = '{SECRET}'"),
            f"/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}?collections=services,quartiers",
        ):
            answer = await client.get(address)
            assert answer.status_code in (200, 204), answer.text[:300]
            assert SECRET.encode() not in answer.content and fid.encode() not in answer.content


def tile_at(lon: float, lat: float, z: int = 17) -> tuple[int, int, int]:
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return z, y, x


@pytest.mark.parametrize(
    "role", [None, Role.PLANNER, Role.CARER, Role.MODERATOR, Role.ADMINISTRATOR], ids=str
)
async def test_every_viewer_sees_theirs_through_warm_caches(
    role: Role | None, secrets: Secrets, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    """The same address, asked by one who sees everything, by nobody, and by each role, in turn."""
    query = f"ids={','.join(secrets.fids)}"
    administrator = await sign_in(Role.ADMINISTRATOR)
    person = (await sign_in(role)).client if role else client
    viewer = Viewer(roles=frozenset({role})) if role else ANONYMOUS
    for _ in range(2):
        assert await ids_of(administrator.client, query) == secrets.seen_by(
            Viewer(roles=frozenset({Role.ADMINISTRATOR}))
        )
        assert await ids_of(client, query) == set()
        assert await ids_of(person, query) == secrets.seen_by(viewer)


async def test_who_had_an_answer_is_not_told_that_it_still_holds(
    client: httpx.AsyncClient, application: Any, sign_in: SignIn
) -> None:
    """A validator from before a service was hidden gets no 304, and neither does another viewer's."""
    features = (await client.get(f"{ITEMS}?limit=1")).json()["features"]
    address = f"{ITEMS}/{features[0]['id']}"
    etag = (await client.get(address)).headers["etag"]
    async with write_session(application.state.engine) as session:
        row = (
            await session.execute(
                select(ServiceCard.service_id, ServiceCard.location_id, Service.name_fr)
                .join(Service, Service.id == ServiceCard.service_id)
                .where(ServiceCard.id == features[0]["id"])
            )
        ).one()
        await _set(session, row, row.name_fr, "private", "exact")
    try:
        assert (await client.get(address, headers={"If-None-Match": etag})).status_code == 404
        administrator = await sign_in(Role.ADMINISTRATOR)
        seen = await administrator.client.get(address)
        assert seen.status_code == 200
        assert "no-store" in seen.headers["cache-control"]
        theirs = seen.headers.get("etag", etag)
        assert (await client.get(address, headers={"If-None-Match": theirs})).status_code == 404
    finally:
        async with write_session(application.state.engine) as session:
            await _set(session, row, row.name_fr, "public", "exact")


async def test_layers_for_carers_are_nowhere_for_others(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    carer, planner = await sign_in(Role.CARER), await sign_in(Role.PLANNER)
    for end in ("", "/items", "/queryables", "/tiles/WebMercatorQuad/12/1374/2097"):
        address = f"/ogc/collections/parking{end}"
        assert (await carer.client.get(address)).status_code in (200, 204), address
        for other in (client, planner.client):
            assert (await other.get(address)).status_code == 404, address
    for other in (client, planner.client):
        listed = (await other.get("/ogc/collections")).json()["collections"]
        assert "parking" not in {each["id"] for each in listed}
        combined = await other.get("/ogc/tiles/WebMercatorQuad/12/1374/2097?collections=parking")
        assert combined.status_code in (400, 404)


async def test_what_can_be_asked_is_what_is_told(client: httpx.AsyncClient) -> None:
    """Queryables and sortables name properties of the layer and nothing else of its table."""
    told = {each.name for each in layers()["services"].properties} | {"geometry", "id"}
    for end in ("queryables", "sortables"):
        answer = await client.get(f"/ogc/collections/services/{end}")
        assert answer.status_code == 200
        assert set(answer.json()["properties"]) <= told
    private = set(ServiceCard.__table__.c.keys()) - told
    assert {"search_text", "visibility", "disclosure", "zone_ids"} <= private
    for column in sorted(private):
        for query in (f"filter={column}%20IS%20NULL", f"sortby={column}", f"properties={column}"):
            assert (await client.get(f"{ITEMS}?{query}")).status_code == 400, query
