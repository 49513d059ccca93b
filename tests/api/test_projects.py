"""Projects over HTTP: from a draft to the map, and everything that is refused. All of it is invented."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx
import pytest

from geo.exchange.export import read_export
from geo.features.asked import Asked
from geo.features.matrix import Tile
from geo.features.tiling import read_tile
from geo.layers import layers
from geo.vocabulary import ANONYMOUS, Role
from tests.harness.accounts import MakeTeam, Person, SignIn, new_id
from tests.harness.mail import Mailbox

PROJECTS = "/api/v1/projects"
#: In quartier 36 (Matonge), and far inside its limits.
HERE = (4.3660, 50.8345)


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"kind": "point", "geometry": {"type": "Point", "coordinates": [lon, lat]}}


def area(*ring: tuple[float, float]) -> dict[str, Any]:
    closed = [list(each) for each in (*ring, ring[0])]
    return {"kind": "area", "geometry": {"type": "Polygon", "coordinates": [closed]}}


CONTENT: dict[str, Any] = {
    "title": {"fr": "Le banc qui écoute (inventé)"},
    "summary": {"fr": "Un banc, un thé, quelqu'un qui écoute."},
    "themes": ["mental-health"],
    "audiences": ["everybody"],
    "where": {"kind": "zones", "zones": ["quartier:36"]},
}


class Team:
    """A team of quartier 36, its coordinator, a moderator, and what they do over HTTP."""

    def __init__(self, id_: uuid.UUID, person: Person, moderator: Person) -> None:
        self.id, self.person, self.moderator = id_, person, moderator
        self.client, self.desk = person.client, moderator.client

    async def register(self, **changed: Any) -> httpx.Response:
        return await self.client.post(PROJECTS, json=CONTENT | {"team_id": str(self.id)} | changed)

    async def draft(self, **changed: Any) -> str:
        answer = await self.register(**changed)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def step(
        self, project: str, step: str, client: httpx.AsyncClient | None = None, **body: Any
    ) -> httpx.Response:
        seen = await self.client.get(f"{PROJECTS}/{project}/working-copy")
        headers = {"If-Match": seen.headers.get("etag", '"1"')}
        sent = {"json": body} if body else {}
        return await (client or self.client).post(f"{PROJECTS}/{project}/{step}", headers=headers, **sent)

    async def publish(self, project: str) -> None:
        for step, client in (("submit", self.client), ("publish", self.desk)):
            answer = await self.step(project, step, client)
            assert answer.status_code == 200, answer.text


@pytest.fixture
async def team(sign_in: SignIn, make_team: MakeTeam) -> Team:
    id_ = await make_team("quartier:36")
    return Team(id_, await sign_in(team=id_, coordinator=True), await sign_in(Role.MODERATOR))


def faults(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


async def listed(client: httpx.AsyncClient, project: str) -> bool:
    answer = await client.get(PROJECTS, params={"limit": 1000})
    return project in {each["id"] for each in answer.json()["items"]}


async def test_a_project_walks_from_draft_to_archive(team: Team, client: httpx.AsyncClient) -> None:
    answer = await team.register()
    told = answer.json()
    project = told["id"]
    assert answer.headers["location"].endswith(f"{PROJECTS}/{project}")
    assert answer.headers["etag"] == '"1"'
    assert (told["status"], told["missing_languages"], told["missing"]) == ("draft", ["nl"], [])
    assert set(told["may"]) == {"submit", "archive"}
    assert (await client.get(f"{PROJECTS}/{project}")).status_code == 404
    await team.publish(project)
    shown = (await client.get(f"{PROJECTS}/{project}")).json()
    assert shown["title"] == {"fr": "Le banc qui écoute (inventé)", "nl": None, "en": None}
    assert {f"{each['kind']}:{each['code']}" for each in shown["where"]["zones"]} >= {"quartier:36"}
    assert [each["code"] for each in shown["where"]["chosen"]] == ["36"]
    assert shown["where"]["geometry"]["type"] == "MultiPolygon"
    assert shown["theme_group"] == "mind" and shown["example"] is False
    assert (await team.step(project, "close")).json()["status"] == "closed"
    assert (await client.get(f"{PROJECTS}/{project}")).json()["status"] == "closed"
    assert (await team.step(project, "reopen")).json()["status"] == "published"
    assert (await team.step(project, "archive")).json()["status"] == "archived"
    assert (await client.get(f"{PROJECTS}/{project}")).status_code == 404
    assert (await team.step(project, "restore")).json()["status"] == "draft"
    seen = await team.client.get(f"{PROJECTS}/{project}/revisions")
    assert [each["step"] for each in seen.json()["items"]] == [
        "restored", "archived", "reopened", "closed", "published", "submitted", "saved",
    ]  # fmt: skip


async def test_what_is_published_shows_everywhere_within_two_seconds(
    team: Team, client: httpx.AsyncClient, application: Any
) -> None:
    project = await team.draft(where=point(*HERE))
    layer, pool = layers()["projects"], application.state.pool
    tile = "/ogc/collections/projects/tiles/WebMercatorQuad/14/5496/8390"
    items = f"/ogc/collections/projects/items/{project}"
    for place in (f"{PROJECTS}/{project}", items):
        assert (await client.get(place)).status_code == 404, "asked before it is published"
    before = (await client.get(tile)).content
    started = time.perf_counter()
    await team.publish(project)
    assert await listed(client, project)
    assert (await client.get(items)).json()["geometry"] == {"type": "Point", "coordinates": list(HERE)}
    assert (await client.get(tile)).content != before
    zone = await client.get(PROJECTS, params={"zone": "quartier:36", "q": "banc ecoute"})
    assert project in {each["id"] for each in zone.json()["items"]}
    exported = await read_export(pool, layer, layer.filters(), ANONYMOUS)
    assert project in set(exported.frame["id"])
    assert (await client.get(f"{PROJECTS}/{project}")).status_code == 200
    assert time.perf_counter() - started < 2
    asked = Asked(layer, layer.filters(team=team.id))
    assert await read_tile(pool, [asked], ANONYMOUS, Tile(14, 8390, 5496))


async def test_editing_leaves_what_is_published_until_it_is_published_again(
    team: Team, client: httpx.AsyncClient
) -> None:
    project = await team.draft()
    await team.publish(project)
    copy = await team.client.get(f"{PROJECTS}/{project}/working-copy")
    version = {"If-Match": copy.headers["etag"]}
    changes = {"title": {"nl": "De luisterbank (verzonnen)"}}
    saved = await team.client.patch(f"{PROJECTS}/{project}", json=changes, headers=version)
    assert saved.json()["status"] == "draft" and saved.json()["missing_languages"] == ["nl"]
    assert saved.json()["content"]["title"]["fr"] == "Le banc qui écoute (inventé)", "a patch keeps the rest"
    assert (await client.get(f"{PROJECTS}/{project}")).json()["title"]["nl"] is None
    compared = await team.client.get(f"{PROJECTS}/{project}/revisions/compare?from=3&to=4")
    assert compared.json()["items"] == [
        {"field": "title.nl", "before": None, "after": "De luisterbank (verzonnen)"}
    ]
    await team.publish(project)
    assert (await client.get(f"{PROJECTS}/{project}")).json()["title"]["nl"] == "De luisterbank (verzonnen)"


async def test_two_people_change_the_same_draft(team: Team, sign_in: SignIn) -> None:
    project = await team.draft()
    colleague = await sign_in(team=team.id)
    version = {"If-Match": '"1"'}
    theirs = {"title": {"fr": "Le banc du mardi"}, "funding": "Commune"}
    assert (
        await colleague.client.patch(f"{PROJECTS}/{project}", json=theirs, headers=version)
    ).status_code == 200
    mine = {"title": {"fr": "Un banc qui écoute"}, "progress": "running"}
    late = await team.client.patch(f"{PROJECTS}/{project}", json=mine, headers=version)
    assert late.status_code == 412
    told = late.json()
    assert told["version"] == 2
    was = "Le banc qui écoute (inventé)"
    assert told["mine"] == [
        {"field": "title.fr", "before": was, "after": "Un banc qui écoute"},
        {"field": "progress", "before": None, "after": "running"},
    ]
    assert told["theirs"] == [
        {"field": "title.fr", "before": was, "after": "Le banc du mardi"},
        {"field": "funding", "before": None, "after": "Commune"},
    ]
    again = await team.client.patch(f"{PROJECTS}/{project}", json=mine, headers={"If-Match": '"2"'})
    assert again.status_code == 200
    assert again.json()["content"]["funding"] == "Commune", "nobody's work is lost"


async def test_a_change_says_on_which_version(team: Team) -> None:
    project = await team.draft()
    answer = await team.client.patch(f"{PROJECTS}/{project}?lang=nl", json={"funding": "x"})
    assert answer.status_code == 428
    assert answer.json()["title"] == "Zeg welke versie u hebt gewijzigd"
    await team.step(project, "submit")
    blind = await team.desk.post(f"{PROJECTS}/{project}/publish")
    assert blind.status_code == 428, "what was read is what is published"


async def test_sent_twice_it_is_one_project(team: Team, sign_in: SignIn) -> None:
    id_ = str(new_id())
    first, second = await team.register(id=id_), await team.register(id=id_)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"] == id_
    seen = await team.client.get(f"{PROJECTS}/{id_}/revisions")
    assert seen.json()["numberMatched"] == 1
    colleague = await sign_in(team=team.id)
    taken = await colleague.client.post(PROJECTS, json=CONTENT | {"team_id": str(team.id), "id": id_})
    assert taken.status_code == 409


async def test_each_step_is_told_by_mail_to_whom_it_concerns(team: Team, mailbox: Mailbox) -> None:
    project = await team.draft()
    await mailbox.collect()
    told: list[tuple[str, bool, bool]] = []
    steps = ("submit", "withdraw", "submit", "publish", "close", "reopen", "archive", "restore")
    for step in steps:
        client = team.desk if step == "publish" else team.client
        answer = await team.step(project, step, client)
        assert answer.status_code == 200, answer.text
        letters = await mailbox.collect()
        to = {str(each["To"]) for each in letters}
        told.append((step, team.moderator.email in to, team.person.email in to))
        assert all("Le banc qui écoute" in str(each["Subject"]) for each in letters)
    to_moderators = {"submit", "withdraw"}
    assert told == [(step, step in to_moderators, step not in to_moderators) for step in steps]


async def test_a_team_and_a_moderator_talk_and_are_told_by_mail(team: Team, mailbox: Mailbox) -> None:
    project = await team.draft()
    await mailbox.collect()
    await team.step(project, "submit")
    assert {each["To"] for each in await mailbox.collect()} >= {team.moderator.email}
    silent = await team.step(project, "return", team.desk)
    assert faults(silent) == {"comment": "Ce paramètre est nécessaire."}
    returned = await team.step(project, "return", team.desk, comment="<b>Quel</b> jour ?")
    assert returned.json()["status"] == "draft"
    assert [each["To"] for each in await mailbox.collect()] == [team.person.email]
    said = await team.client.post(f"{PROJECTS}/{project}/comments", json={"body": "Le mardi."})
    assert said.status_code == 201 and said.json()["role"] == "team"
    talk = (await team.desk.get(f"{PROJECTS}/{project}/comments")).json()["items"]
    assert [(each["role"], each["body"], each["is_mine"]) for each in talk] == [
        ("moderator", "<b>Quel</b> jour ?", True),
        ("team", "Le mardi.", False),
    ]
    assert team.moderator.email in {each["To"] for each in await mailbox.collect()}
    await team.publish(project)
    assert team.person.email in {each["To"] for each in await mailbox.collect()}


async def test_another_team_can_not_touch_it(team: Team, sign_in: SignIn, make_team: MakeTeam) -> None:
    project = await team.draft()
    stranger = (await sign_in(team=await make_team("quartier:36"), coordinator=True)).client
    at, version = f"{PROJECTS}/{project}", {"If-Match": '"1"'}
    answers = [
        await stranger.get(f"{at}/working-copy"),
        await stranger.get(f"{at}/comments"),
        await stranger.get(f"{at}/revisions"),
        await stranger.get(f"{at}/revisions/compare?from=1&to=1"),
        await stranger.patch(at, json={"funding": "x"}, headers=version),
        await stranger.post(f"{at}/submit", headers=version),
        await stranger.post(f"{at}/archive", headers=version),
        await stranger.post(f"{at}/comments", json={"body": "x"}),
        await stranger.post(PROJECTS, json=CONTENT | {"team_id": str(team.id)}),
    ]
    assert [each.status_code for each in answers] == [403] * len(answers)
    assert (await stranger.post(f"{at}/publish", headers=version)).status_code == 403


async def test_what_lies_outside_the_area_is_refused_by_name(team: Team) -> None:
    outside = await team.register(where={"kind": "zones", "zones": ["quartier:36", "quartier:8"]})
    assert outside.status_code == 403
    assert "Marolles" in outside.json()["detail"] and "Matonge" not in outside.json()["detail"]
    drawn = await team.register(where=point(4.3456, 50.8365))
    assert drawn.status_code == 403 and "Marolles" in drawn.json()["detail"]
    dutch = await team.client.post(
        f"{PROJECTS}?lang=nl",
        json=CONTENT | {"team_id": str(team.id), "where": point(4.3456, 50.8365)},
    )
    assert dutch.json()["title"] == "Buiten het gebied van uw team"


def shape(type_: str, *coordinates: Any, **more: Any) -> dict[str, Any]:
    return {"type": type_} | ({"coordinates": coordinates[0]} if coordinates else {}) | more


def at(geometry: dict[str, Any], kind: str = "point") -> dict[str, Any]:
    return {"kind": kind, "geometry": geometry}


BOW_TIE = ((4.366, 50.834), (4.367, 50.835), (4.367, 50.834), (4.366, 50.835))
OPEN_RING = [[4.36, 50.83], [4.37, 50.83], [4.37, 50.84]]
LAMBERT = {"type": "name", "properties": {"name": "EPSG:31370"}}
OUTSIDE = "outside the Brussels-Capital Region"
NUMBERS = "pairs of finite numbers"


@pytest.mark.parametrize(
    ("where", "field", "words"),
    [
        (area(*BOW_TIE), "geometry", "crosses itself near 4.36650, 50.83450"),
        (area((4.366, 50.834), (4.367, 50.834), (4.368, 50.834)), "geometry", "no size"),
        (area((4.366, 50.834), (4.366, 50.834), (4.366, 50.834)), "geometry", "no size"),
        (area((0.5, 50.8), (0.6, 50.8), (0.6, 50.9)), "geometry", "0.5, 50.8 lies far from Brussels"),
        (area((4.30, 51.2), (4.31, 51.2), (4.31, 51.3)), "geometry", OUTSIDE),
        (area((4.36, 50.83), (4.60, 50.83), (4.60, 50.84)), "geometry", OUTSIDE),
        (point(149_500.0, 170_000.0), "geometry", "Lambert"),
        (point(50.8345, 4.3660), "geometry", "swapped"),
        (point(2.35, 48.86), "geometry", "far from Brussels"),
        (at(shape("Point", [4.36, None])), "geometry", NUMBERS),
        (at(shape("Point", [True, 50.83])), "geometry", NUMBERS),
        (at(shape("Point", "here")), "geometry", NUMBERS),
        (at(shape("Point", [[4.36, 50.83]])), "geometry", NUMBERS),
        (at(shape("Point")), "geometry", NUMBERS),
        (at(shape("Polygon", []), "area"), "geometry", NUMBERS),
        (at(shape("LineString", OPEN_RING), "area"), "geometry", "LineString"),
        (at(shape("Polygon", [OPEN_RING]), "area"), "geometry", "does not end where it begins"),
        (at(shape("Point", [4.36, 50.83], crs=LAMBERT)), "geometry", "EPSG:4326"),
        ({"kind": "zones", "zones": ["quartier:999"]}, "zones", "quartier:999 does not exist"),
        ({"kind": "streets", "streets": [str(uuid.UUID(int=7))]}, "streets", "does not exist"),
        ({"kind": "somewhere"}, "kind", "'point'"),
    ],
)
async def test_places_that_can_not_be_are_refused(
    team: Team, where: dict[str, Any], field: str, words: str
) -> None:
    team.client.headers["Accept-Language"] = "en"
    told = faults(await team.register(where=where))
    assert words in told[f"where.{field}"], told


async def test_numbers_that_are_none_are_refused(team: Team) -> None:
    body = json.dumps(CONTENT | {"team_id": str(team.id), "where": point(4.36, 50.83)}).replace(
        "50.83]", "NaN]"
    )
    assert "NaN" in body
    headers = {"Content-Type": "application/json"}
    answer = await team.client.post(f"{PROJECTS}?lang=en", content=body, headers=headers)
    assert "finite" in faults(answer)["where.geometry"]


async def test_an_outline_of_too_many_points_is_refused(team: Team) -> None:
    ring = [[4.366 + each / 1e6, 50.834] for each in range(6_000)]
    where = {"kind": "area", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    told = faults(await team.register(where=where))
    assert told == {"where.geometry": "Le contour a trop de points. Le maximum est de 5000."}


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ({"title": {"fr": "x" * 161}}, "title.fr", "160"),
        ({"summary": {"nl": "x" * 401}}, "summary.nl", "400"),
        ({"description": {"fr": "x" * 8_001}}, "description.fr", "8000"),
        ({"needs": {"fr": "x" * 2_001}}, "needs.fr", "2000"),
        ({"title": {"fr": "a\x00b"}}, "title.fr", "Control characters"),
        ({"title": {"de": "Bank"}}, "title.de", "not known"),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "ends_on", "before the start (2026-05-02)"),
        ({"starts_on": "0001-01-01"}, "starts_on", "at least 1950-01-01"),
        ({"links": [{"url": "javascript:alert(1)"}]}, "links.0.url", "https://"),
        ({"links": [{"url": "https://user:secret@example.org"}]}, "links.0.url", "https://"),
        ({"website": "ftp://example.org"}, "website", "https://"),
        ({"contact_email": "nobody"}, "contact_email", "mail address"),
        ({"themes": ["no-such-theme"]}, "themes", "no-such-theme does not exist"),
        ({"partner_ids": [str(uuid.UUID(int=7))]}, "partner_ids", "does not exist"),
        ({"lead_organization_id": str(uuid.UUID(int=7))}, "lead_organization_id", "does not exist"),
        ({"audiences": ["martians"]}, "audiences.0", "everybody"),
        ({"progress": "stuck"}, "progress", "idea"),
        ({"author": "somebody"}, "author", "not known"),
    ],
)  # fmt: skip
async def test_content_that_can_not_be_is_refused_by_name(
    team: Team, content: dict[str, Any], field: str, words: str
) -> None:
    team.client.headers["Accept-Language"] = "en"
    told = faults(await team.register(**content))
    assert words in told[field], told


async def test_markup_is_text_and_texts_are_tidied(team: Team, client: httpx.AsyncClient) -> None:
    script = "<script>alert(1)</script>"
    decomposed = "  Une cafe\u0301te\u0301ria  "
    project = await team.draft(title={"fr": script, "nl": decomposed, "en": "   "})
    await team.publish(project)
    shown = (await client.get(f"{PROJECTS}/{project}")).json()["title"]
    assert shown == {"fr": script, "nl": "Une cafétéria", "en": None}


async def test_what_is_missing_is_told_when_it_is_submitted(team: Team) -> None:
    team.client.headers["Accept-Language"] = "en"
    project = await team.draft(title={"en": "A bench"}, summary={}, themes=[], where=None)
    told = faults(await team.step(project, "submit"))
    assert set(told) == {"title", "summary", "themes", "where"}, "a title in French or Dutch is needed"


async def test_steps_that_are_not_possible(team: Team) -> None:
    project = await team.draft()
    early = await team.step(project, "publish", team.desk)
    assert early.status_code == 409 and "draft" in early.json()["detail"]
    await team.step(project, "submit")
    editing = await team.client.patch(
        f"{PROJECTS}/{project}", json={"funding": "x"}, headers={"If-Match": '"2"'}
    )
    assert editing.status_code == 409, "a moderator is reading it"
    assert (await team.step(project, "publish")).status_code == 403, "not by the team itself"
    assert (await team.client.post(f"{PROJECTS}/{project}/fly")).status_code == 404
    nothing = await team.client.get(f"{PROJECTS}/{new_id()}/working-copy")
    assert nothing.status_code == 404


async def test_filters_find_and_refuse(team: Team, client: httpx.AsyncClient) -> None:
    project = await team.draft(progress="running", audiences=["older"], where=point(*HERE))
    await team.publish(project)

    async def found(**asked: Any) -> bool:
        answer = await client.get(PROJECTS, params={"limit": 1000} | asked)
        assert answer.status_code == 200, answer.text
        return project in {each["id"] for each in answer.json()["items"]}

    box = f"{HERE[0] - 0.001},{HERE[1] - 0.001},{HERE[0] + 0.001},{HERE[1] + 0.001}"
    for asked in (
        {"q": "ecoutte"},
        {"theme": "mental-health"},
        {"theme": "mind"},
        {"zone": "quartier:36"},
        {"zone": "region:04000"},
        {"bbox": box},
        {"status": "published"},
        {"progress": "running"},
        {"audience": "older,women"},
        {"team": str(team.id)},
    ):
        assert await found(**asked), asked
    for asked in (
        {"q": "piscine"},
        {"theme": "pharmacy"},
        {"zone": "quartier:8"},
        {"bbox": "4.25,50.80,4.26,50.81"},
        {"status": "closed"},
        {"progress": "finished"},
        {"audience": "women"},
        {"team": str(new_id())},
    ):
        assert not await found(**asked), asked
    for asked in (
        {"zone": "quartier:999"},
        {"theme": "none"},
        {"status": "draft"},
        {"team": "us"},
        {"x": "1"},
    ):
        assert (await client.get(PROJECTS, params=asked)).status_code == 400, asked
