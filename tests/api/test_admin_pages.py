"""The administration: accounts, teams, areas, audit. All people and teams are invented."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from geo.accounts.sessions import find_actor
from geo.db.sessions import write_session
from geo.models.accounts import Account, AccountRole, SignedIn
from geo.models.organizations import Organization
from geo.models.teams import Mandate, Team, TeamMember, ZoneMember
from geo.models.zones import Zone
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn, browser_of

PAGES = ["", "/accounts", "/accounts/invite", "/teams", "/teams/new", "/areas", "/areas/marolles", "/audit"]


@pytest.fixture
async def administrator(sign_in: SignIn) -> Person:
    return await sign_in(Role.ADMINISTRATOR)


async def rows(application: Any, statement: Any) -> list[Any]:
    async with write_session(application.state.engine) as session:
        return list(await session.scalars(statement))


def field_of(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_pages_answer_an_administrator_alone(
    administrator: Person, client: httpx.AsyncClient, lang: str, path: str
) -> None:
    page = await administrator.client.get(f"/{lang}/admin{path}")
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    assert f'<html lang="{lang}">' in page.text
    stranger = await client.get(f"/{lang}/admin{path}", headers={"Accept": "text/html"})
    assert stranger.status_code == 303 and f"/{lang}/sign-in" in stranger.headers["location"]


@pytest.mark.parametrize("path", PAGES)
async def test_an_administrator_without_a_second_step_is_led_to_it(sign_in: SignIn, path: str) -> None:
    person = await sign_in(Role.ADMINISTRATOR, Role.MODERATOR, second_factor=False)
    page = await person.client.get(f"/fr/admin{path}", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/fr/account/factors")
    assert (await person.client.get("/fr/account/factors")).status_code == 200


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.PLANNER, Role.CARER])
async def test_other_roles_are_refused(sign_in: SignIn, role: Role) -> None:
    person = await sign_in(role)
    for path in PAGES:
        assert (await person.client.get(f"/fr/admin{path}")).status_code == 403
    for path in ("accounts/invite", "teams/new", "areas/marolles", f"accounts/{person.account_id}/roles"):
        sent = await person.client.post(f"/fr/admin/{path}", data={"roles": "administrator"})
        assert sent.status_code == 403


async def test_roles_are_changed_and_count_at_once(
    application: Any, administrator: Person, sign_in: SignIn
) -> None:
    person = await sign_in(Role.PLANNER)
    address = f"/fr/admin/accounts/{person.account_id}"
    sent = await administrator.client.post(f"{address}/roles", data={"roles": ["moderator", "helpdesk"]})
    assert sent.status_code == 303
    actor = await find_actor(application.state.pool, person.cookie)
    assert actor and actor.roles == {Role.MODERATOR, Role.HELPDESK}
    page = await administrator.client.get(address)
    assert re.search(r'value="moderator" checked', page.text)
    assert not re.search(r'value="planner" checked', page.text)


async def test_nobody_takes_the_own_role_of_administrator(administrator: Person) -> None:
    address = f"/fr/admin/accounts/{administrator.account_id}"
    assert (await administrator.client.post(f"{address}/roles", data={})).status_code == 403
    assert (await administrator.client.post(f"{address}/disable")).status_code == 403


async def test_an_account_is_closed_and_opened_and_signed_out(
    application: Any, administrator: Person, sign_in: SignIn
) -> None:
    person = await sign_in(Role.PLANNER)
    address = f"/fr/admin/accounts/{person.account_id}"
    await administrator.client.post(f"{address}/sessions/end")
    assert await rows(application, select(SignedIn).filter_by(account_id=person.account_id)) == []
    await administrator.client.post(f"{address}/disable")
    (account,) = await rows(application, select(Account).filter_by(id=person.account_id))
    assert account.status == "disabled"
    assert (await administrator.client.post(f"{address}/enable")).status_code == 303


async def test_ending_ones_own_sessions_keeps_this_one(administrator: Person) -> None:
    address = f"/fr/admin/accounts/{administrator.account_id}"
    assert (await administrator.client.post(f"{address}/sessions/end")).status_code == 303
    assert (await administrator.client.get(address)).status_code == 200


async def test_an_organization_vouches_for_an_account(
    application: Any, administrator: Person, sign_in: SignIn
) -> None:
    person = await sign_in()
    (organization,) = await rows(application, select(Organization.id).limit(1))
    address = f"/nl/admin/accounts/{person.account_id}"
    await administrator.client.post(f"{address}/vouch", data={"organization": str(organization)})
    of_carer = select(AccountRole).filter_by(account_id=person.account_id, role="carer")
    (role,) = await rows(application, of_carer)
    assert role.vouched_by_id == organization
    assert "staat in voor dit account" in (await administrator.client.get(address)).text
    await administrator.client.post(f"{address}/vouch/end")
    assert await rows(application, of_carer) == []


async def test_somebody_is_invited_into_a_team(
    application: Any, administrator: Person, make_team: MakeTeam
) -> None:
    team = await make_team("quartier:36")
    email = f"{uuid.uuid4().hex}@example.org"
    content = {"email": email, "lang": "nl", "team": str(team), "is_coordinator": "true"}
    sent = await administrator.client.post("/fr/admin/accounts/invite", data=content)
    assert sent.status_code == 303, sent.text
    (account,) = await rows(application, select(Account).filter_by(email=email))
    (member,) = await rows(application, select(TeamMember).filter_by(account_id=account.id))
    assert (account.status, account.lang, member.team_id, member.is_coordinator) == (
        "invited",
        "nl",
        team,
        True,
    )
    found = await administrator.client.get(f"/fr/admin/accounts?q={email[:12]}")
    assert email in found.text
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.id == account.id))


async def test_an_invitation_keeps_what_was_typed_when_refused(administrator: Person) -> None:
    sent = await administrator.client.post(
        "/fr/admin/accounts/invite", data={"email": "not an address", "lang": "nl"}
    )
    assert sent.status_code == 422 and 'value="not an address"' in sent.text
    assert 'value="nl" checked' in sent.text


async def test_a_team_is_added_once_changed_and_given_an_area(
    application: Any, administrator: Person
) -> None:
    client = administrator.client
    form = await client.get("/fr/admin/teams/new")
    content = {"id": field_of(form, "id"), "version": "1", "name_fr": "Équipe fictive", "is_active": "true"}
    first = await client.post("/fr/admin/teams/new", data=content)
    again = await client.post("/fr/admin/teams/new", data=content)
    assert first.headers["location"] == again.headers["location"]
    team_id = uuid.UUID(content["id"])
    changed = await client.post(f"/fr/admin/teams/{team_id}", data=content | {"name_nl": "Fictief team"})
    assert changed.status_code == 303
    late = await client.post(f"/fr/admin/teams/{team_id}", data=content | {"name_fr": "Trop tard"})
    assert late.status_code == 422 and "Fictief team" in late.text and "Trop tard" in late.text
    assert field_of(late, "version") == "2"
    zones = {"zones": ["quartier:36", "clss:marolles"]}
    assert (await client.post(f"/fr/admin/teams/{team_id}/area", data=zones)).status_code == 303
    codes = await rows(application, select(Zone.code).join(Mandate).where(Mandate.team_id == team_id))
    assert set(codes) == {"36", "marolles"}
    area = await client.get(f"/fr/admin/teams/{team_id}/area")
    assert area.text.count(" checked") == 2
    wrong = await client.post(f"/fr/admin/teams/{team_id}/area", data={"zones": ["quartier:9999"]})
    assert wrong.status_code == 400
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Team).where(Team.id == team_id))


@pytest.mark.parametrize("content", [{}, {"name_fr": "   "}, {"name_fr": "x" * 161}])
async def test_a_team_needs_a_name(administrator: Person, content: dict[str, str]) -> None:
    sent = await administrator.client.post("/fr/admin/teams/new", data=content)
    assert sent.status_code == 422 and 'class="faults"' in sent.text


async def test_a_clss_is_entered_and_shown_with_its_day(application: Any, administrator: Person) -> None:
    client = administrator.client
    sent = await client.post("/fr/admin/areas/marolles", data={"zones": ["quartier:36"]})
    assert sent.status_code == 303
    page = await client.get("/fr/admin/areas/marolles")
    assert "/fr/zones/quartier/36" in page.text and "Encodé par un administrateur" in page.text
    by_sectors = await client.get("/fr/admin/areas/marolles?parts=secteur")
    assert '<input type="hidden" name="zones" value="quartier:36">' in by_sectors.text
    assert (await client.post("/fr/admin/areas/marolles", data={})).status_code == 303
    assert await rows(application, select(ZoneMember)) == []
    assert (await client.get("/fr/admin/areas/nowhere")).status_code == 404


async def test_the_audit_shows_before_and_after_and_no_address(
    administrator: Person, sign_in: SignIn, make_team: MakeTeam
) -> None:
    client, team = administrator.client, await make_team("quartier:36", name="Équipe d'avant")
    await client.patch(
        f"/api/v1/teams/{team}", json={"name": {"fr": "Équipe d'après"}}, headers={"If-Match": '"1"'}
    )
    page = await client.get(f"/fr/admin/audit?kind=team&record={team}")
    assert "Équipe d&#39;avant" in page.text and "Équipe d&#39;après" in page.text
    assert str(administrator.actor.key) in page.text and administrator.email not in page.text
    table = await client.get(f"/fr/admin/audit.csv?record={team}")
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.strip().splitlines()) == 2 and "d'après" in table.text
    assert (await client.get("/fr/admin/audit?key=nonsense")).status_code == 400


async def test_a_form_of_another_site_changes_nothing(administrator: Person, application: Any) -> None:
    async with browser_of(application, administrator.cookie) as browser:
        address = f"/fr/admin/accounts/{administrator.account_id}/sessions/end"
        foreign = await browser.post(address, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        del browser.headers["X-CSRF"]
        assert (await browser.post(address)).status_code == 403


async def test_the_api_keeps_teams_by_version(application: Any, administrator: Person) -> None:
    client = administrator.client
    made = await client.post("/api/v1/teams", json={"name": {"fr": "Équipe fictive"}})
    assert made.status_code == 201 and made.headers["etag"] == '"1"'
    address = made.headers["location"]
    assert (await client.patch(address, json={"is_active": False})).status_code == 428
    changed = await client.patch(address, json={"is_active": False}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200 and changed.json()["version"] == 2
    stale = await client.patch(address, json={"is_active": True}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await client.put(f"{address}/area", json={"zones": ["quartier:36"]})).status_code == 204
    told = (await client.get(address)).json()
    assert told["is_active"] is False and [each["code"] for each in told["zones"]] == ["36"]
    assert "email" not in str(told)
    listed = (await client.get("/api/v1/teams?limit=1000")).json()
    assert told["id"] in {each["id"] for each in listed["items"]}
    for wrong in ({}, {"name": {}}, {"name": {"fr": ""}}, {"name": {"fr": "x"}, "more": 1}):
        assert (await client.post("/api/v1/teams", json=wrong)).status_code in (400, 422)
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Team).where(Team.id == uuid.UUID(told["id"])))


async def test_the_audit_is_paged_over_the_api(application: Any, administrator: Person) -> None:
    client = administrator.client
    for _ in range(3):
        team = await client.post("/api/v1/teams", json={"name": {"fr": "Équipe fictive"}})
        assert team.status_code == 201
    key = administrator.actor.key
    first = (await client.get(f"/api/v1/audit?key={key}&limit=2")).json()
    assert first["numberReturned"] == 2 and first["next"]
    second = (await client.get(f"/api/v1/audit?key={key}&limit=2&before={first['next']}")).json()
    ids = [each["id"] for each in first["items"] + second["items"]]
    assert ids == sorted(set(ids), reverse=True)
    assert {each["actor_key"] for each in first["items"]} == {str(key)}
    page = await client.get(f"/en/admin/audit?key={key}")
    assert page.status_code == 200 and page.text.count("Équipe fictive") == 3
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Team).where(Team.name_fr == "Équipe fictive", Team.example.is_(False)))


async def test_a_coordinator_vouches_in_the_name_of_the_own_organization(
    application: Any, sign_in: SignIn, make_team: MakeTeam
) -> None:
    carrier, other = await rows(application, select(Organization.id).limit(2))
    team = await make_team("quartier:36", organization=carrier)
    person, email = await sign_in(team=team, coordinator=True), f"{uuid.uuid4().hex}@example.org"
    content = {"email": email, "lang": "fr", "organization": str(other)}
    assert (await person.client.post("/fr/team/carers", data=content)).status_code == 403
    content["organization"] = str(carrier)
    assert (await person.client.post("/fr/team/carers", data=content)).status_code == 303
    page = await person.client.get("/fr/team/carers")
    assert email in page.text
    (carer,) = await rows(application, select(Account.id).filter_by(email=email))
    assert (await person.client.post(f"/fr/team/carers/{carer}/renew")).status_code == 303
    stranger = await sign_in(team=await make_team("quartier:1"), coordinator=True)
    assert email not in (await stranger.client.get("/fr/team/carers")).text
    assert (await stranger.client.post(f"/fr/team/carers/{carer}/renew")).status_code == 404
    assert (await stranger.client.post(f"/fr/team/carers/{carer}/end")).status_code == 403
    assert (await person.client.post(f"/fr/team/carers/{carer}/end")).status_code == 303
    assert email not in (await person.client.get("/fr/team/carers")).text
    member = await sign_in(team=team)
    assert (await member.client.get("/fr/team/carers")).status_code == 403
    wrong = await person.client.post("/fr/team/carers", data=content | {"email": "nobody"})
    assert wrong.status_code == 422 and 'value="nobody"' in wrong.text
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.id == carer))
