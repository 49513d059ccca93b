"""A team's space, members, sheets and exports, as browsers and programs see them. All people are invented."""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from geo.exchange.example_rows import local_id
from geo.exchange.sheets.reading import MAX_BYTES, read_sheet
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, SignIn

CANAL, PAVES = local_id("team", "canal"), local_id("team", "paves")


async def test_a_team_sees_its_area_and_its_work_on_one_page(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    page = await person.client.get("/fr/team")
    assert page.status_code == 200
    assert "no-store" in page.headers["cache-control"]
    for words in (
        "Équipe locale du Canal (exemple)", "Cureghem Rosée", "Pas touché depuis six mois",
        "Attend un modérateur", "Relais logement santé (exemple)", "Marche du mardi", "Population",
        "Référent de quartier", "Nouveau point d’eau fraîche", "Qui d’autre fait cela",
        "À petits pas sur les pavés (exemple)", "limites généralisées",
    ):  # fmt: skip
        assert words in page.text, words
    assert "Nuits calmes" not in page.text  # another team's draft
    assert "Membres" not in page.text  # for coordinators
    dutch = await person.client.get("/nl/team")
    assert "Wie doet dit ook?" in dutch.text and "Zes maanden niet aangeraakt" in dutch.text


async def test_who_has_several_teams_chooses(sign_in: SignIn, make_team: MakeTeam) -> None:
    one, two = (
        await make_team("quartier:36", name="Équipe fictive A"),
        await make_team(name="Équipe fictive B"),
    )
    person = await sign_in(team=one)
    await _join(person, two)
    page = await person.client.get("/fr/team")
    assert "Équipe fictive A" in page.text and "Équipe fictive B" in page.text
    chosen = await person.client.get(f"/fr/team?team={two}")
    assert chosen.status_code == 200 and "Aucun territoire" in chosen.text
    assert (await person.client.get(f"/fr/team?team={CANAL}")).status_code == 403
    assert (await person.client.get("/fr/team?team=x")).status_code == 404
    assert (await person.client.get("/api/v1/team")).status_code == 400
    assert (await person.client.get(f"/api/v1/team?team={one}")).json()["name"]["fr"] == "Équipe fictive A"


async def _join(person: Any, team: uuid.UUID) -> None:
    import datetime as dt

    from geo.db.sessions import write_session
    from geo.models.teams import TeamMember

    async with write_session(person.client._transport.app.state.engine) as session:
        session.add(TeamMember(team_id=team, account_id=person.account_id, since=dt.date.today()))


async def test_the_space_is_one_query_of_json(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    told = (await person.client.get("/api/v1/team")).json()
    assert told["projects"]["by_status"] == {"draft": 1, "submitted": 1, "published": 4}
    assert told["projects"]["by_care"] == {"untouched": 2}
    assert [each["care"] for each in told["projects"]["items"][:3]] == ["untouched", "untouched", None]
    assert [each["code"] for each in told["quartiers"]] == ["10", "13", "12", "14"]
    assert told["quartiers"][0]["figures"]["population"]["value"] > 1000
    assert told["activities"]["matched"] == 5 and told["activities"]["items"][0]["next_at"]
    others = {each["title"]["fr"]: each for each in told["who_else"]}
    assert others["Papiers simples (exemple)"]["is_touching"]
    assert others["Cuisine de tous les jours (exemple)"]["shared_themes"] == ["food-aid", "health-promotion"]
    assert not {"walking", "gap"} & set(json.dumps(told).split('"'))  # nothing is told that nobody measured


async def test_projects_are_listed_by_status_and_need(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    drafts = await person.client.get("/fr/team/projects?status=draft")
    assert "Des oreilles pour les jeunes" in drafts.text and "La table ouverte" not in drafts.text
    untouched = await person.client.get("/fr/team/projects?care=untouched")
    assert "Médiation vers les soins" in untouched.text and "La table ouverte" not in untouched.text
    assert (await person.client.get("/fr/team/projects?status=lost")).status_code == 400


@pytest.mark.parametrize(
    "path", ["/fr/team", "/fr/team/import", "/fr/team/export?format=csv", "/api/v1/team"]
)
async def test_nobody_else_sees_it(client: Any, sign_in: SignIn, path: str) -> None:
    assert (await client.get(path, follow_redirects=False)).status_code in (303, 401)
    moderator = await sign_in(Role.MODERATOR)
    assert (await moderator.client.get(path)).status_code == 403
    assert (await moderator.client.get(f"/api/v1/teams/{CANAL}/export")).status_code == 403
    other = await sign_in(team=PAVES, coordinator=True)
    assert (await other.client.get(f"/api/v1/teams/{CANAL}/export")).status_code == 403
    assert (await other.client.get(f"/fr/team/export?format=csv&team={CANAL}")).status_code == 403


async def test_everything_can_be_taken_along(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    base = f"/api/v1/teams/{CANAL}/export"
    book = load_workbook(io.BytesIO((await person.client.get(f"{base}?lang=nl")).content))
    assert book.sheetnames == ["Projecten", "Activiteiten", "Functies", "Overleg", "Mededelingen"]
    assert [sheet.max_row - 1 for sheet in book] == [6, 5, 3, 1, 1]
    assert "Fictief voorbeeld" in [cell.value for cell in book["Activiteiten"][1]]
    zipped = zipfile.ZipFile(io.BytesIO((await person.client.get(f"{base}?format=csv")).content))
    assert zipped.namelist() == [
        f"{kind}.csv" for kind in ("projects", "activities", "functions", "concertation", "notices")
    ]
    assert len(read_sheet(zipped.read("projects.csv")).rows) == 6
    features = (await person.client.get(f"{base}?format=geojson")).json()["features"]
    assert {each["properties"]["kind"] for each in features} == {
        "projects",
        "activities",
        "functions",
        "concertation",
        "notices",
    }
    assert all(each["properties"]["example"] is True and each["geometry"] for each in features)
    assert "Nuits calmes" not in json.dumps(features, ensure_ascii=False)


async def test_a_sheet_is_looked_at_then_kept(sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team("quartier:36", name="Équipe fictive")
    person = await sign_in(team=team)
    lines = ("Titre (français);Quartiers;Thèmes", "Jardin fictif;Matonge;food-aid", "Ailleurs;Marolles;")
    content = "\r\n".join(lines).encode()
    sent = await person.client.post("/fr/team/import", files={"file": ("projets.csv", content)})
    assert sent.status_code == 303
    address = sent.headers["location"]
    preview = await person.client.get(address)
    assert "Garder 1 ligne comme brouillon" in preview.text
    assert "Hors du territoire de votre équipe : Marolles." in preview.text
    assert (
        "Buiten het gebied van uw team: Marollen."
        in (await person.client.get(address.replace("/fr/", "/nl/"))).text
    )
    refused = await person.client.post(address, data={"all_or_nothing": "true"})
    assert refused.status_code == 422
    for _ in range(2):
        kept = await person.client.post(address)
        assert kept.status_code == 303
    told = (await person.client.get("/api/v1/team")).json()
    assert told["projects"]["by_status"] == {"draft": 1}
    assert "Nouveaux brouillons : 1" in (await person.client.get(address)).text
    colleague = await sign_in(team=team)
    assert (await colleague.client.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choisissez un fichier"),
        (b"PK\x03\x04nonsense", "Nous ne pouvons pas lire ce tableau"),
        (b"Couleur\nbleu\n", "Partez du tableau vide"),
        (b"Titre (fran\xe7ais)\n" + b"x\n" * 501, "500 projets au plus"),
    ],
)
async def test_a_useless_file_is_refused_in_words(sign_in: SignIn, content: bytes, words: str) -> None:
    person = await sign_in(team=CANAL)
    answer = await person.client.post("/fr/team/import", files={"file": ("x.xlsx", content)})
    assert answer.status_code == 422 and words in answer.text


async def test_too_large_a_file_is_refused(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    answer = await person.client.post("/fr/team/import", files={"file": ("x.csv", bytes(2 * MAX_BYTES))})
    assert answer.status_code == 413


async def test_the_template_names_what_cells_may_say(sign_in: SignIn) -> None:
    person = await sign_in(team=CANAL)
    book = load_workbook(io.BytesIO((await person.client.get("/nl/team/import/template")).content))
    assert book.sheetnames == ["Projecten", "Toegelaten waarden", "Hulp"]
    values = {cell for row in book["Toegelaten waarden"].iter_rows(values_only=True) for cell in row}
    assert {"Kuregem Dauw", "quartier:13", "Voedselhulp", "food-aid", "Loopt"} <= values


async def test_a_coordinator_invites_and_a_team_keeps_one(sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team("quartier:36", name="Équipe fictive")
    boss, member = await sign_in(team=team, coordinator=True), await sign_in(team=team)
    page = await boss.client.get("/fr/team/members")
    assert boss.email in page.text and member.email in page.text
    assert (await member.client.get("/fr/team/members")).status_code == 403
    address = f"colleague-{uuid.uuid4().hex}@example.org"
    sent = await boss.client.post("/fr/team/members/invite", data={"email": address, "mail_lang": "nl"})
    assert sent.status_code == 303
    page = await boss.client.get("/fr/team/members?done=invited")
    assert address in page.text and "Invité" in page.text
    wrong = await boss.client.post("/fr/team/members/invite", data={"email": "nobody", "mail_lang": "nl"})
    assert wrong.status_code == 422 and 'value="nobody"' in wrong.text
    last = await boss.client.post(f"/fr/team/members/{boss.account_id}", data={"step": "remove"})
    assert last.status_code == 403 and "Nommez d’abord quelqu’un d’autre" in last.text
    last = await boss.client.post(f"/fr/team/members/{boss.account_id}", data={"step": "member"})
    assert last.status_code == 403
    raised = await boss.client.post(f"/fr/team/members/{member.account_id}", data={"step": "coordinator"})
    assert raised.status_code == 303
    gone = await boss.client.post(f"/fr/team/members/{boss.account_id}", data={"step": "remove"})
    assert gone.status_code == 303
    assert (await boss.client.get("/fr/team")).status_code == 403
    stranger = await member.client.post(f"/fr/team/members/{boss.account_id}", data={"step": "member"})
    assert stranger.status_code == 404
    listed = re.findall(r"[\w-]+@example\.org", (await member.client.get("/fr/team/members")).text)
    assert set(listed) == {member.email, address}
    from sqlalchemy import delete

    from geo.db.sessions import write_session
    from geo.models.accounts import Account

    async with write_session(member.client._transport.app.state.engine) as session:  # type: ignore[attr-defined]
        await session.execute(delete(Account).where(Account.email == address))
