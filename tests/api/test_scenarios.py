"""Scenarios over HTTP: drawing, sharing, rights, and what is refused. All scenarios are invented."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from geo.db.sessions import write_session
from geo.models.audit import AuditEvent
from geo.models.scenarios import Scenario, ScenarioRun
from geo.vocabulary import Role
from tests.harness.accounts import Person, SignIn

URL = "/api/v1/scenarios"


def made_of(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


@pytest.fixture
async def planner(sign_in: SignIn, application: Any) -> AsyncIterator[Person]:
    """Somebody who plans; what they drew goes with them."""
    person = await sign_in(Role.PLANNER)
    person.client.headers["Accept"] = "text/html"
    yield person
    async with write_session(application.state.engine) as session:
        for model in (ScenarioRun, Scenario):
            await session.execute(delete(model).where(model.owner_id == person.account_id))


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
        ({"3\u00006": 1}, "3\u00006.[key]"),
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


async def test_a_card_adds_up(planner: Person) -> None:
    number = await draw(planner, start="present")
    card = (await planner.client.get(f"{URL}/{number}/card")).json()
    assert sum(zone["population"] for zone in card["zones"]) == card["population"] > 1_000_000
    assert (card["moved"], card["unplaced_atoms"], card["zones_in_parts"]) == (0, 0, 0)
    assert {zone["continues"]["name"]["fr"] for zone in card["zones"]} == {
        "Centre-Ouest",
        "Nord",
        "Nord-Est",
        "Sud",
        "Sud-Est",
    }
    assert all(0 < zone["compactness"] < 1 for zone in card["zones"])


async def test_an_empty_scenario_has_a_card_without_zones(planner: Person) -> None:
    number = await draw(planner)
    card = (await planner.client.get(f"{URL}/{number}/card")).json()
    assert (card["zones"], card["unplaced_atoms"], card["population_imbalance"]) == ([], 145, None)
    page = await planner.client.get(f"/fr/planner/scenarios/{number}")
    assert page.status_code == 200 and "Rien n’est encore dans une zone" in page.text


async def test_scenarios_are_compared_measure_by_measure(planner: Person) -> None:
    first = await draw(planner, start="present")
    second = (await planner.client.post(f"{URL}/{first}/copies", json={"name": "Autre"})).json()["id"]
    told = (await planner.client.get(f"{URL}/{second}")).json()
    moved = next(code for code, number in told["parts"].items() if number == 1)
    await planner.client.patch(f"{URL}/{second}/parts", json={moved: 5}, headers=made_of(1))
    compared = (await planner.client.get(f"{URL}/compare", params={"scenario": f"{first},{second}"})).json()
    assert compared["scenarios"] == [first, second]
    lines = {each["measure"]: each for each in compared["measures"]}
    assert lines["moved"]["values"][0] == 0 < lines["moved"]["values"][1]
    assert lines["moved"]["best"] == [0]
    page = await planner.client.get("/nl/planner/scenarios/compare", params={"scenario": [first, second]})
    same = f"/fr/planner/scenarios/compare?scenario={first}&amp;scenario={second}"
    assert f'href="{same}"' in page.text, "another language compares the same scenarios"
    assert (
        page.status_code == 200 and "Inwoners die van zone veranderen" in page.text and "beste" in page.text
    )


@pytest.mark.parametrize("asked", ["", "x", str(uuid.UUID(int=9)), ",".join([str(uuid.UUID(int=9))] * 7)])
async def test_a_comparison_needs_two_to_six_known_scenarios(planner: Person, asked: str) -> None:
    planner.client.headers["Accept"] = "application/json"
    answer = await planner.client.get(f"{URL}/compare", params={"scenario": asked})
    assert answer.status_code in (400, 404), answer.text
    page = await planner.client.get("/fr/planner/scenarios/compare", params={"scenario": asked})
    assert page.status_code in (200, 400, 404)


async def test_a_proposal_is_asked_for_watched_and_cancelled(planner: Person) -> None:
    asked = {"name": "Six zones", "proposal": {"zones": 6, "population": [150_000, 250_000], "seed": 3}}
    accepted = await planner.client.post(f"{URL}/proposals", json=asked)
    assert accepted.status_code == 202, accepted.text
    address = accepted.headers["location"].removeprefix("http://testserver")
    state = (await planner.client.get(address)).json()
    assert (state["state"], state["progress"], state["scenario_id"]) == ("waiting", 0.0, None)
    assert state["request"]["proposal"]["zones"] == 6
    again = await planner.client.post(f"{URL}/proposals", json=asked)
    assert (again.status_code, again.json()["type"]) == (409, "urn:quartier:problem:run-under-way")
    page = await planner.client.get(f"/fr/planner/runs/{state['id']}")
    assert "<progress" in page.text and 'http-equiv="refresh"' in page.text and "Six zones" in page.text
    gone = await planner.client.post(f"/fr/planner/runs/{state['id']}/cancel")
    assert gone.status_code == 303
    assert (await planner.client.get(address)).json()["state"] == "cancelled"
    page = await planner.client.get(f"/fr/planner/runs/{state['id']}")
    assert "Le calcul est annulé" in page.text and "http-equiv" not in page.text
    form = await planner.client.get(f"/fr/planner/proposals/new?again={state['id']}")
    assert 'value="Six zones"' in form.text and 'value="150000"' in form.text


@pytest.mark.parametrize(
    ("proposal", "field"),
    [
        ({"zones": 1}, "proposal.zones"),
        ({"zones": 61}, "proposal.zones"),
        ({"zones": "many"}, "proposal.zones"),
        ({"population": [5]}, "proposal.population.1"),
        ({"compactness": 1.5}, "proposal.compactness"),
        ({"compactness": "NaN"}, "proposal.compactness"),
        ({"seed": -1}, "proposal.seed"),
        ({"seconds": 61}, "proposal.seconds"),
        ({"balance": ["a", "b", "c", "d", "e", "f"]}, "proposal.balance"),
        ({"contiguous": False}, "proposal.contiguous"),
    ],
)
async def test_a_wrong_question_is_refused_by_field(
    planner: Person, proposal: dict[str, Any], field: str
) -> None:
    answer = await planner.client.post(f"{URL}/proposals", json={"name": "x", "proposal": proposal})
    assert answer.status_code == 422, answer.text
    assert field in [each["field"] for each in answer.json()["errors"]]


async def test_what_made_a_question_impossible_is_told(planner: Person, application: Any) -> None:
    accepted = await planner.client.post(f"{URL}/proposals", json={"name": "Trop", "proposal": {"zones": 25}})
    async with write_session(application.state.engine) as session:
        run = await session.get_one(ScenarioRun, uuid.UUID(accepted.json()["id"]))
        run.state = "failed"
        run.outcome = {
            "constraint": "whole_communes",
            "why": {"reason": "more-zones-than-communes", "zones": 25, "communes": 19},
        }
    page = await planner.client.get(f"/fr/planner/runs/{accepted.json()['id']}")
    assert "25" in page.text and "19 communes" in page.text and "Changer la demande" in page.text


async def test_who_watches_is_sent_on_to_what_was_made(planner: Person, application: Any) -> None:
    number = await draw(planner, start="present")
    accepted = await planner.client.post(f"{URL}/proposals", json={"name": "Fini"})
    run_id = accepted.json()["id"]
    async with write_session(application.state.engine) as session:
        run = await session.get_one(ScenarioRun, uuid.UUID(run_id))
        run.state, run.outcome, run.scenario_id = "done", {}, uuid.UUID(number)
    page = await planner.client.get(f"/nl/planner/runs/{run_id}")
    assert (page.status_code, page.headers["location"]) == (
        303,
        f"/nl/planner/scenarios/{number}?done=proposed",
    )
    watched = await planner.client.get(f"/nl/planner/runs/{run_id}", headers={"HX-Request": "true"})
    assert watched.headers["hx-redirect"] == page.headers["location"]
    late = await planner.client.post(f"/nl/planner/runs/{run_id}/cancel")
    assert late.status_code == 303


async def test_adopting_is_for_administrators_and_of_whole_scenarios(
    planner: Person, sign_in: SignIn
) -> None:
    number = await draw(planner)
    asked = {"edition": "2031", "valid_from": "2031-01-01"}
    refused = await planner.client.post(f"{URL}/{number}/adoption", json=asked)
    assert refused.status_code == 403
    administrator = await sign_in(Role.ADMINISTRATOR)
    incomplete = await administrator.client.post(f"{URL}/{number}/adoption", json=asked)
    assert (incomplete.status_code, incomplete.json()["type"]) == (
        409,
        "urn:quartier:problem:incomplete-division",
    )
    for wrong in ({"edition": ""}, {"valid_from": "demain"}, {"kind": "bassin"}):
        answer = await administrator.client.post(f"{URL}/{number}/adoption", json=asked | wrong)
        assert answer.status_code == 422, answer.text


async def test_adopting_says_first_what_changes(planner: Person, sign_in: SignIn) -> None:
    number = await draw(planner, start="present")
    administrator = await sign_in(Role.ADMINISTRATOR)
    administrator.client.headers["Accept"] = "text/html"
    address = f"/fr/planner/scenarios/{number}/adopt"
    page = await administrator.client.get(address)
    assert "Le chemin de retour" in page.text and "Tout le site parle de ces zones" in page.text
    for wrong, words in (
        ({"edition": "2031", "valid_from": "2031-01-01"}, "Confirmez-le"),
        ({"edition": "2031", "valid_from": "2001-01-01", "sure": "true"}, "valid_from"),
        ({"edition": "deux mille", "valid_from": "2031-01-01", "sure": "true"}, "edition-fault"),
        ({"edition": "2031", "sure": "true"}, "valid_from-fault"),
    ):
        answer = await administrator.client.post(address, data=wrong)
        assert answer.status_code == 422 and words in answer.text, wrong


async def test_the_table_moves_without_a_script(planner: Person) -> None:
    base = f"/fr/planner/scenarios/{await draw(planner, zones=2)}"
    page = await planner.client.get(f"{base}/edit")
    assert page.text.count('name="atom"') == 145
    sent = {"version": "1", "atom": ["36", "37"], "to": "2"}
    moved = await planner.client.post(f"{base}/atoms", data=sent)
    assert moved.headers["location"] == f"{base}/edit?done=moved&zone=2#table"
    late = await planner.client.post(f"{base}/atoms", data=sent | {"to": "1"})
    assert "done=stale" in late.headers["location"]
    told = await planner.client.get(f"{base}/edit?done=stale")
    assert "modifié entre-temps" in told.text
    for nothing in ({"version": "2", "to": "1"}, {"version": "2", "atom": "36", "to": "nulle part"}):
        answer = await planner.client.post(f"{base}/atoms", data=nothing)
        assert "done=nothing" in answer.headers["location"]
    for wrong in (
        {"atom": "zz", "to": "1"},
        {"atom": "36", "to": "9"},
        {"atom": "36", "to": "1", "version": "x"},
    ):
        answer = await planner.client.post(f"{base}/atoms", data={"version": "2"} | wrong)
        assert "done=stale" in answer.headers["location"]
    number = base.rpartition("/")[2]
    assert (await planner.client.get(f"{URL}/{number}")).json()["parts"] == {"36": 2, "37": 2}


async def test_zones_are_named_added_and_removed_without_a_script(planner: Person) -> None:
    number = await draw(planner, zones=1)
    base = f"/nl/planner/scenarios/{number}"
    await planner.client.post(f"{base}/zones", data={"version": "1"})
    await planner.client.post(f"{base}/zones/2", data={"version": "2", "nl": "Kanaal", "fr": "Canal"})
    told = (await planner.client.get(f"{URL}/{number}")).json()
    assert [zone["name"]["nl"] for zone in told["zones"]] == [None, "Kanaal"]
    long = await planner.client.post(f"{base}/zones/2", data={"version": "3", "nl": "x" * 161})
    assert "done=too-long" in long.headers["location"]
    await planner.client.post(f"{base}/zones/1", data={"version": "3", "remove": "1"})
    told = (await planner.client.get(f"{URL}/{number}")).json()
    assert [zone["number"] for zone in told["zones"]] == [2]


async def test_forms_tell_what_is_wrong(planner: Person) -> None:
    page = await planner.client.post("/fr/planner/scenarios/new", data={"start": "empty", "zones": "99"})
    assert page.status_code == 422 and 'id="name-fault"' in page.text and 'id="zones-fault"' in page.text
    page = await planner.client.post(
        "/fr/planner/proposals/new",
        data={"name": "x", "proposal_zones": "1", "proposal_population": ["5", ""], "proposal_seed": "-3"},
    )
    assert page.status_code == 422
    faults = re.findall(r'id="([a-z_]+)-fault"', page.text)
    assert {"proposal_zones", "proposal_population", "proposal_seed"} <= set(faults)


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
async def test_every_page_stands_in_three_languages(
    planner: Person, client: httpx.AsyncClient, lang: str
) -> None:
    number = await draw(planner, start="present", name="Proef & <essai>")
    base = f"/{lang}/planner"
    for path in (
        *("", "/scenarios", "/scenarios/new", "/proposals/new", "/scenarios/compare"),
        *(f"/scenarios/{number}{part}" for part in ("", "/edit", "/name")),
    ):
        page = await planner.client.get(base + path)
        assert page.status_code == 200, (path, page.text[:300])
        assert "no-store" in page.headers["cache-control"] and "<essai>" not in page.text
    key = (await planner.client.post(f"{URL}/{number}/link")).json()["key"]
    page = await client.get(f"/{lang}/scenarios/shared/{key}", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "Proef &amp; &lt;essai&gt;" in page.text
    assert "/edit" not in page.text and "noindex" in page.text
    gone = await client.get(f"/{lang}/scenarios/shared/{key[:-2]}xx", headers={"Accept": "text/html"})
    assert gone.status_code == 404


async def test_pages_share_rename_copy_and_throw_away(planner: Person, client: httpx.AsyncClient) -> None:
    number = await draw(planner, start="present")
    base = f"/fr/planner/scenarios/{number}"
    await planner.client.post(f"{base}/link")
    shown = re.search(r"/fr/scenarios/shared/([\w-]+)", (await planner.client.get(base)).text)
    assert shown is not None
    assert (await client.get(shown[0])).status_code == 200
    await planner.client.post(f"{base}/link", data={"unshare": "1"})
    assert (await client.get(shown[0])).status_code == 404
    await planner.client.post(f"{base}/name", data={"name": "Autre nom", "note": "Pourquoi pas"})
    page = await planner.client.get(base)
    assert "Autre nom" in page.text and "Pourquoi pas" in page.text
    copied = await planner.client.post(f"{base}/copies")
    assert "Cette copie est à vous" in (await planner.client.get(copied.headers["location"])).text
    await planner.client.post(f"{base}/delete")
    assert (await planner.client.get(base)).status_code == 404
