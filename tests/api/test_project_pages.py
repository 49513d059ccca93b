"""The pages of projects over HTTP: what the public sees, what a form keeps. All projects are invented."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from geo.vocabulary import Role

HOME_ZONE = "quartier:9"


def form_for(team: uuid.UUID, **more: str) -> dict[str, str]:
    return {"team": str(team), "version": "", "step": "save"} | more


async def test_the_list_filters_and_helps_where_nothing_fits(client: httpx.AsyncClient) -> None:
    everything = (await client.get("/fr/projects")).text
    assert "(exemple)" in everything and 'class="pin-mark' in everything
    nothing = await client.get("/fr/projects?q=zzzzzz")
    assert nothing.status_code == 200
    assert "Aucun projet ne répond à votre demande" in nothing.text and 'href="/fr/projects"' in nothing.text
    assert (await client.get("/fr/projects?colour=red", headers={"Accept": "text/html"})).status_code == 400


async def test_nobody_sees_a_draft(client: httpx.AsyncClient, sign_in: Any, make_team: Any) -> None:
    team, project = await make_team(HOME_ZONE), uuid.uuid4()
    person = await sign_in(team=team)
    kept = await person.client.post(
        f"/fr/team/projects/{project}", data=form_for(team, title_fr="Secret (exemple)")
    )
    assert kept.status_code == 303
    assert (await client.get(f"/fr/projects/{project}")).status_code == 404
    assert "Secret (exemple)" not in (await client.get("/fr/projects?q=secret")).text
    private = await client.get(f"/fr/team/projects/{project}", headers={"Accept": "text/html"})
    assert "Secret (exemple)" not in private.text


async def test_a_form_sent_twice_is_one_project(sign_in: Any, make_team: Any) -> None:
    team, project = await make_team(HOME_ZONE), uuid.uuid4()
    person = await sign_in(team=team)
    sent = form_for(team, title_fr="Deux fois (exemple)", summary_fr="Une fois.")
    answers = [await person.client.post(f"/fr/team/projects/{project}", data=sent) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert (await person.client.get(f"/fr/team/projects/{project}")).text.count(
        'name="version" value="1"'
    ) > 0


async def test_autosave_keeps_the_rest_and_says_what_is_wrong(sign_in: Any, make_team: Any) -> None:
    team, project = await make_team(HOME_ZONE), uuid.uuid4()
    person = await sign_in(team=team)
    outside = {"where_kind": "zones", "where_zones": "quartier:36"}
    sent = form_for(team, title_fr="À moitié (exemple)", contact_email="info@", **outside)
    answer = await person.client.post(f"/fr/team/projects/{project}", data=sent, headers={"X-Autosave": "1"})
    told = answer.json()
    assert told["kept"] and told["version"] == 1
    assert told["words"].startswith("Enregistré à") and "hors de la zone" in told["words"]
    assert "néerlandais" in told["missing"]
    page = (await person.client.get(f"/fr/team/projects/{project}")).text
    assert "À moitié (exemple)" in page and "info@" not in page


async def test_faults_are_told_in_words_and_counted_while_somebody_types(
    sign_in: Any, make_team: Any
) -> None:
    team, address = await make_team(HOME_ZONE), f"/fr/team/projects/{uuid.uuid4()}"
    person = await sign_in(team=team)
    days = {"starts_on": "2027-05-01", "ends_on": "2027-04-01"}
    sent = form_for(team, title_fr="Fautes (exemple)", contact_phone="abc", website="non", **days)
    page = await person.client.post(address, data=sent)
    assert page.status_code == 422
    assert "Un numéro de téléphone est attendu" in page.text and "0-9+" not in page.text
    assert "La fin vient avant le début." in page.text
    told = (await person.client.post(address, data=sent, headers={"X-Autosave": "1"})).json()
    assert told["words"].endswith("· 3 réponses sont à revoir")


async def test_script_in_a_text_stays_a_text(sign_in: Any, make_team: Any) -> None:
    team, project = await make_team(HOME_ZONE), uuid.uuid4()
    person = await sign_in(team=team)
    await person.client.post(
        f"/fr/team/projects/{project}", data=form_for(team, title_fr="<script>alert(1)</script>")
    )
    page = (await person.client.get(f"/fr/team/projects/{project}")).text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_a_street_is_found_by_its_name_without_javascript(sign_in: Any, make_team: Any) -> None:
    team, project = await make_team("commune:21004"), uuid.uuid4()
    person = await sign_in(team=team)
    address = f"/fr/team/projects/{project}"
    sent = form_for(team, title_fr="Rue (exemple)", where_kind="streets", street_words="rue haute")
    asked = await person.client.post(address, data=sent)
    assert asked.status_code == 422 and "Rue Haute, 1000" in asked.text
    street = asked.text.split('name="where_streets" value="')[1].split('"')[0]
    sent |= {"street_words": "", "where_streets": street}
    assert (await person.client.post(address, data=sent)).status_code == 303
    assert "Rue Haute" in (await person.client.get(address)).text


async def test_a_reader_reports_an_error_and_a_moderator_decides(
    client: httpx.AsyncClient, sign_in: Any
) -> None:
    listed = (await client.get("/api/v1/projects?limit=1")).json()["items"][0]["id"]
    words = {"reason": "other", "message": "Exemple : le titre a changé."}
    assert (await client.post(f"/fr/projects/{listed}/corrections", data=words)).status_code == 303
    moderator = await sign_in(Role.MODERATOR)
    page = (await moderator.client.get("/fr/moderation")).text
    assert "le titre a changé" in page
    path = page.split('action="/fr/moderation/corrections/')[1].split('"')[0]
    decided = await moderator.client.post(f"/fr/moderation/corrections/{path}", data={"decision": "decline"})
    assert decided.status_code == 303
    again = await moderator.client.post(f"/fr/moderation/corrections/{path}", data={"decision": "accept"})
    assert again.status_code == 409
    assert (await client.post(f"/fr/moderation/corrections/{path}")).status_code == 401
