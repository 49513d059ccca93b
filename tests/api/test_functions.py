"""Functions over HTTP: the list, the matrix, and who may register what. Teams and records are invented."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

import asyncpg
import httpx
import pytest

from geo.vocabulary import Role, record_id
from tests.harness.accounts import MakeTeam, SignIn

URL = "/api/v1/functions"
VILLE = record_id("rapport-2021", "referent-proximite/bruxelles-ville")


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"{URL}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def draft(**more: Any) -> dict[str, Any]:
    return {"kind": "relais-action-quartier", "zones": ["quartier:36"], "holders": 2, **more}


def is_sourced(told: dict[str, Any]) -> bool:
    """Return whether a function is one of the report's, not one of the fictional examples."""
    return bool(told["source"]) and told["source"]["id"] == "rapport-2021"


async def test_the_list_tells_what_where_and_from_whom(client: httpx.AsyncClient) -> None:
    told = await get(client, "", kind="referent-hospitalier", limit=100)
    sourced = [each for each in told["items"] if is_sourced(each)]
    assert [each["organization"]["name"]["fr"] for each in sourced] == [
        "CHU Saint-Pierre",
        "Clinique Saint-Jean",
    ]
    for each in sourced:
        assert each["source"] == {
            "id": "rapport-2021",
            "name": each["source"]["name"],
            "part": "A17",
            "observed_on": "2021-12-31",
        }
        assert each["zones"] == [] and each["holders"] == 1


async def test_a_zone_is_told_of_what_covers_it(client: httpx.AsyncClient) -> None:
    told = await get(client, "", zone="commune:21004", limit=100)
    keys = {each["kind"]["code"] for each in told["items"] if is_sourced(each)}
    assert keys == {"referent-proximite", "organisateur-concertation", "case-manager"}
    assert told["numberMatched"] == len(told["items"])


@pytest.mark.parametrize(
    ("params", "field"), [({"zone": "quartier:9999"}, "zone"), ({"kind": "king"}, "kind"), ({"x": "1"}, "x")]
)
async def test_what_names_nothing_is_refused_by_name(
    client: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    for lang in ("fr", "nl", "en"):
        answer = await client.get(URL, params=params | {"lang": lang})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field


def cell(matrix: Any, zone: str, kind: str) -> dict[str, Any]:
    row = next(each for each in matrix["items"] if each["zone"]["code"] == zone)
    found: dict[str, Any] = next(each for each in row["cells"] if each["kind"] == kind)
    return found


def sourced_names(found: dict[str, Any]) -> list[tuple[str, bool]]:
    return [
        (each["organization"]["name"]["fr"], each["whole"])
        for each in found["functions"]
        if each["organization"] and not each["example"]
    ]


async def test_the_matrix_of_bassins(client: httpx.AsyncClient) -> None:
    matrix = await get(client, "/matrix", zones="bassin")
    assert [each["zone"]["code"] for each in matrix["items"]] == [
        "centre-ouest", "nord", "nord-est", "sud", "sud-est",
    ]  # fmt: skip
    assert len(matrix["kinds"]) == 7
    assert all(
        [each["kind"] for each in row["cells"]] == [kind["code"] for kind in matrix["kinds"]]
        for row in matrix["items"]
    )
    assert sourced_names(cell(matrix, "sud-est", "case-manager")) == [("Brusano", True)]
    assert sourced_names(cell(matrix, "nord-est", "referent-proximite")) == [("Projet Citisen", False)]
    assert sourced_names(cell(matrix, "nord-est", "referent-quartier")) == [("CLSS Brabant", False)]
    assert cell(matrix, "sud-est", "educateur-diabetologie")["state"] == "nobody_known"
    unplaced = {each["kind"]["code"] for each in matrix["unplaced"]}
    assert {"referent-hospitalier", "relais-action-quartier", "referent-quartier"} <= unplaced


async def test_the_matrix_of_the_communes_of_a_bassin(client: httpx.AsyncClient) -> None:
    matrix = await get(client, "/matrix", zones="commune", zone="bassin:nord-est")
    names = [each["zone"]["name"]["fr"] for each in matrix["items"]]
    assert names == ["Evere", "Saint-Josse-ten-Noode", "Schaerbeek"]
    found = cell(matrix, "21015", "referent-proximite")
    assert found["state"] in ("covered", "overlap") and ("Projet Citisen", True) in sourced_names(found)
    # a CLSS without limits lies somewhere in its carrier's commune
    assert ("CLSS Brabant", False) in sourced_names(cell(matrix, "21015", "referent-quartier"))
    assert ("CLSS Brabant", False) not in sourced_names(cell(matrix, "21014", "referent-quartier"))


async def test_overlaps_are_told(client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    made = await person.client.post(URL, json=draft(kind="case-manager", team_id=str(team)))
    await person.client.post(f"{URL}/{made.json()['id']}/publish")
    matrix = await get(client, "/matrix", zones="quartier")
    row = next(each for each in matrix["items"] if each["zone"]["code"] == "36")
    found = next(each for each in row["cells"] if each["kind"] == "case-manager")
    assert found["state"] == "overlap"
    assert len(found["functions"]) == 2 and all(each["whole"] for each in found["functions"])


async def test_the_matrix_as_csv(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{URL}/matrix.csv", params={"zones": "bassin", "lang": "nl"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 1 + 5 + 1 and {len(row) for row in rows} == {2 + 7}
    by_code = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows}
    assert "Brusano" in by_code["bassin:nord"]["Casemanager"]
    assert "Projet Citisen (voor een deel)" in by_code["bassin:nord-est"]["Nabije contactpersoon"]


async def test_the_matrix_is_one_query(application: Any, client: httpx.AsyncClient) -> None:
    """No cell, row or kind is asked for on its own."""
    from geo.community.matrix import MatrixFilters, read_matrix
    from geo.vocabulary import ANONYMOUS

    asked: list[str] = []

    class Counting:
        async def fetchrow(self, query: str, *args: Any) -> Any:
            asked.append(query)
            return await application.state.pool.fetchrow(query, *args)

        fetch = fetchval = None

    found = await read_matrix(Counting(), MatrixFilters(zones="quartier"), ANONYMOUS)  # type: ignore[arg-type]
    assert len(found.rows) == 118 and len(asked) == 1


async def test_a_coordinator_registers_publishes_changes_and_closes(
    client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam, reader: asyncpg.Pool
) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    before = await reader.fetchval("SELECT version FROM layer_version WHERE layer = 'functions'")
    number = str(uuid.uuid4())
    body = draft(team_id=str(team), id=number, note={"fr": "Une note"})
    made = await person.client.post(URL, json=body)
    assert made.status_code == 201 and made.headers["etag"] == '"1"'
    assert made.headers["location"].endswith(f"/functions/{number}")
    again = await person.client.post(URL, json=body)
    assert again.json()["id"] == number
    assert (await client.get(f"{URL}/{number}")).status_code == 404  # a draft is nobody else's
    done = await person.client.post(f"{URL}/{number}/publish", headers={"If-Match": '"1"'})
    assert done.json()["status"] == "published", done.text
    public = await client.get(f"{URL}/{number}")
    assert public.json()["holders"] == 2 and public.headers["etag"] == '"2"'
    changed = await person.client.patch(f"{URL}/{number}", json={"holders": 3}, headers={"If-Match": '"2"'})
    assert changed.json() == {"id": number, "status": "published", "waits_because": None, "version": 3}
    told = (await client.get(f"{URL}/{number}")).json()
    assert told["holders"] == 3 and told["note"]["fr"] == "Une note" and told["verified_on"]
    features = (await client.get("/ogc/collections/functions/items", params={"zone": "quartier:36"})).json()
    assert number in {each["properties"]["id"] for each in features["features"]}
    closed = await person.client.post(f"{URL}/{number}/close")
    assert closed.json()["status"] == "closed"
    listed = await get(client, "", zone="quartier:36", limit=100)
    assert number not in {each["id"] for each in listed["items"]}
    after = await reader.fetchval("SELECT version FROM layer_version WHERE layer = 'functions'")
    assert after >= (before or 0) + 3
    events = await reader.fetch("SELECT action FROM audit_event WHERE subject_id = $1 ORDER BY id", number)
    assert [each["action"] for each in events] == ["insert", "publish", "update", "close"]


async def test_changes_need_the_version_they_were_made_on(sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    made = (await person.client.post(URL, json=draft(team_id=str(team)))).json()
    url = f"{URL}/{made['id']}"
    assert (await person.client.patch(url, json={"holders": 1})).status_code == 428
    for tag in ('"7"', "*", '"x"'):
        answer = await person.client.patch(url, json={"holders": 1}, headers={"If-Match": tag})
        assert answer.status_code == 412, tag
    assert (
        await person.client.patch(url, json={"holders": 1}, headers={"If-Match": 'W/"1"'})
    ).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "king"}, "kind"),
        ({"zones": ["quartier:9999"]}, "zones"),
        ({"organization_id": str(uuid.uuid4())}, "organization_id"),
        ({"since": "2026-05-01", "until": "2026-04-01"}, "until"),
        ({"holders": -1}, "holders"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"note": {"fr": "x" * 401}}, "note.fr"),
        ({"note": {"fr": "a\x00b"}}, "note.fr"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda given: given if isinstance(given, str) else next(iter(given)),
)
async def test_bad_input_is_named_in_three_languages(
    sign_in: SignIn, make_team: MakeTeam, wrong: dict[str, Any], field: str
) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    said = set()
    for lang in ("fr", "nl", "en"):
        answer = await person.client.post(
            URL, json=draft(team_id=str(team)) | wrong, headers={"Accept-Language": lang}
        )
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert fault["field"] == field
        said.add(fault["detail"])
    assert len(said) == 3


async def test_who_may_not(client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam) -> None:
    mine, other = await make_team("quartier:36"), await make_team("quartier:1")
    coordinator = await sign_in(team=mine, coordinator=True)
    made = (await coordinator.client.post(URL, json=draft(team_id=str(mine)))).json()["id"]
    assert (await client.post(URL, json=draft(team_id=str(mine)))).status_code == 401
    member = await sign_in(team=mine)
    assert (await member.client.post(URL, json=draft(team_id=str(mine)))).status_code == 403
    stranger = await sign_in(team=other, coordinator=True)
    change = await stranger.client.patch(f"{URL}/{made}", json={"holders": 9}, headers={"If-Match": '"1"'})
    assert change.status_code == 403
    assert (await stranger.client.post(f"{URL}/{made}/publish")).status_code == 403
    outside = await coordinator.client.post(URL, json=draft(team_id=str(mine), zones=["commune:21015"]))
    assert outside.status_code == 403 and "Schaerbeek" in outside.json()["detail"]


async def test_a_team_takes_over_what_a_source_told_of_its_area_alone(
    sign_in: SignIn, make_team: MakeTeam, application: Any
) -> None:
    small = await make_team("quartier:36")
    person = await sign_in(team=small, coordinator=True)
    tag = {"If-Match": '"1"'}
    refused = await person.client.patch(
        f"{URL}/{VILLE}", params={"team_id": str(small)}, json={}, headers=tag
    )
    assert refused.status_code == 403  # all of Brussels-City is more than one quartier
    refused = await person.client.patch(f"{URL}/{VILLE}", json={}, headers=tag)
    assert refused.status_code == 403


async def test_a_moderator_changes_what_a_source_told(sign_in: SignIn, application: Any) -> None:
    from sqlalchemy import text

    from geo.db.sessions import write_session

    moderator = await sign_in(Role.MODERATOR)
    number = record_id("rapport-2021", "case-manager/protocole-3")
    try:
        answer = await moderator.client.patch(
            f"{URL}/{number}", json={"holders": 5}, headers={"If-Match": '"1"'}
        )
        assert answer.json()["status"] == "published" and answer.json()["version"] == 2, answer.text
    finally:
        async with write_session(application.state.engine) as session:
            await session.execute(
                text("UPDATE local_function SET holders = 6, version = 1, verified_on = NULL WHERE id = :id"),
                {"id": number},
            )
