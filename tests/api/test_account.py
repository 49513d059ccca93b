"""One's own account, by page and by program. All people are invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update

from geo.accounts.passwords import hash_password
from geo.accounts.rights import Right
from geo.accounts.sessions import find_actor
from geo.db.sessions import read_session, write_session
from geo.models.accounts import Account, AccountKey, PersonalToken, SignedIn, SignInBlock
from geo.models.audit import AuditEvent
from geo.models.teams import TeamMember
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, Person, SignIn, browser_of

PASSWORD = "trois chats bleus au marché"
OTHER = "quatre chiens verts en ville"


@pytest.fixture
async def person(application: Any, sign_in: SignIn) -> Person:
    """Somebody signed in, whose password is `PASSWORD`."""
    somebody = await sign_in(Role.MODERATOR)
    async with write_session(application.state.engine) as session:
        mine = update(Account).where(Account.id == somebody.account_id)
        await session.execute(mine.values(password_hash=await hash_password(PASSWORD)))
        await session.execute(delete(SignInBlock))
    return somebody


async def make(person: Person, *scopes: Right, days: int = 30) -> httpx.Response:
    asked = {"name": "Tableur", "scopes": scopes, "days": days}
    return await person.client.post("/api/v1/account/tokens", json=asked)


def by_token(application: Any, key: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


async def test_who_am_i(person: Person, client: httpx.AsyncClient) -> None:
    told = (await person.client.get("/api/v1/account")).json()
    assert told["email"] == person.email
    assert told["roles"] == ["moderator"]
    assert "moderate" in told["rights"]
    refused = await client.get("/api/v1/account")
    assert refused.status_code == 401
    assert refused.json()["type"] == "urn:quartier:problem:not-signed-in"


@pytest.mark.parametrize(
    ("role", "space"),
    [
        (Role.ADMINISTRATOR, "admin"),
        (Role.MODERATOR, "moderation"),
        (Role.CARER, "parking"),
        (Role.PLANNER, "planner"),
        (Role.HELPDESK, "account"),
    ],
)
async def test_each_begins_in_their_own_space(sign_in: SignIn, role: Role, space: str) -> None:
    somebody = await sign_in(role)
    answer = await somebody.client.get("/fr/account/start")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/fr/{space}")


async def test_a_wrong_password_is_the_only_thing_to_type_again(person: Person) -> None:
    sent = {"current": "un mauvais mot", "password": OTHER}
    page = await person.client.post("/fr/account/password", data=sent)
    assert page.status_code == 422
    assert "Seul le mot de passe est à retaper." in page.text
    assert "Rien de ce que vous avez écrit" not in page.text


async def test_a_token_may_what_it_was_given(person: Person, application: Any) -> None:
    made = await make(person, Right.OWN_ACCOUNT)
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("qt_")
    async with by_token(application, key) as program:
        told = (await program.get("/api/v1/account")).json()
        assert told["rights"] == ["account:own"]
        assert (await program.patch("/api/v1/account", json={"lang": "nl"})).json()["lang"] == "nl"
        again = {"name": "x", "scopes": ["account:own"], "days": 365}
        assert (await program.post("/api/v1/account/tokens", json=again)).status_code == 403
        listed = (await program.get("/api/v1/account/tokens")).json()
    assert [each["name"] for each in listed["items"]] == ["Tableur"]
    assert key not in str(listed)
    async with read_session(application.state.engine) as session:
        kept = await session.get_one(PersonalToken, listed["items"][0]["id"])
        assert key.encode() not in kept.digest
        assert kept.used_on is not None


async def test_a_token_without_the_scope_of_the_account(person: Person, application: Any) -> None:
    key = (await make(person, Right.MODERATE)).json()["key"]
    async with by_token(application, key) as program:
        assert (await program.get("/api/v1/account")).status_code == 403
        assert (await program.get("/api/v1/services?limit=1")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"scopes": ["accounts:manage"]}, 403),
        ({"scopes": []}, 422),
        ({"scopes": ["all"]}, 422),
        ({"days": 366}, 422),
        ({"days": 0}, 422),
        ({"name": ""}, 422),
        ({"name": "   "}, 422),
        ({"name": "a\x00b"}, 422),
        ({"more": 1}, 422),
    ],
)
async def test_tokens_that_are_refused(person: Person, asked: dict[str, Any], status: int) -> None:
    body = {"name": "Tableur", "scopes": ["moderate"], "days": 30} | asked
    assert (await person.client.post("/api/v1/account/tokens", json=body)).status_code == status


@pytest.mark.parametrize("ended", ["expired", "revoked", "unknown", "disabled"])
async def test_a_token_ends(person: Person, application: Any, ended: str) -> None:
    made = (await make(person, Right.OWN_ACCOUNT)).json()
    key = made["key"]
    async with write_session(application.state.engine) as session:
        yesterday = dt.date.today() - dt.timedelta(days=2)
        if ended == "expired":
            await session.execute(update(PersonalToken).values(expires_on=yesterday))
        if ended == "disabled":
            mine = update(Account).where(Account.id == person.account_id)
            await session.execute(mine.values(status="disabled"))
    if ended == "revoked":
        assert (await person.client.delete(f"/api/v1/account/tokens/{made['id']}")).status_code == 204
    async with by_token(application, key + "x" if ended == "unknown" else key) as program:
        answer = await program.get("/api/v1/services?limit=1")
    assert answer.status_code == 401


async def test_nobody_revokes_or_ends_what_is_anothers(person: Person, sign_in: SignIn) -> None:
    other = await sign_in()
    token = (await make(person, Right.OWN_ACCOUNT)).json()["id"]
    session = (await person.client.get("/api/v1/account/sessions")).json()["items"][0]["id"]
    assert (await other.client.delete(f"/api/v1/account/tokens/{token}")).status_code == 404
    assert (await other.client.delete(f"/api/v1/account/sessions/{session}")).status_code == 404
    assert (await person.client.get("/api/v1/account")).status_code == 200


async def test_a_token_of_a_session_needs_no_csrf_but_a_cookie_does(person: Person, application: Any) -> None:
    key = (await make(person, Right.OWN_ACCOUNT)).json()["key"]
    async with by_token(application, key) as program:
        program.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await program.patch("/api/v1/account", json={"lang": "en"})).status_code == 200
    del person.client.headers["X-CSRF"]
    assert (await person.client.patch("/api/v1/account", json={"lang": "fr"})).status_code == 403


async def test_sessions_are_listed_and_ended(person: Person, application: Any) -> None:
    async with browser_of(application) as elsewhere:
        elsewhere.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36"
        answer = await elsewhere.post("/fr/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303
        found = (await person.client.get("/api/v1/account/sessions")).json()["items"]
        assert {(each["device"], each["is_this"]) for each in found} == {
            ("Chrome, Android", False),
            ("Firefox, Linux", True),
        }
        page = (await person.client.get("/fr/account/sessions")).text
        assert "Chrome, Android" in page
        there = next(each["id"] for each in found if not each["is_this"])
        ended = await person.client.post(f"/fr/account/sessions/{there}/end")
        assert ended.status_code == 303
        assert (await elsewhere.get("/api/v1/account")).status_code == 401
    assert (await person.client.get("/api/v1/account")).status_code == 200


async def test_a_new_password_ends_the_other_sessions(person: Person, application: Any) -> None:
    async with browser_of(application) as elsewhere:
        await elsewhere.post("/fr/sign-in", data={"email": person.email, "password": PASSWORD})
        wrong = {"current": OTHER, "password": OTHER}
        assert (await person.client.post("/fr/account/password", data=wrong)).status_code == 422
        weak = {"current": PASSWORD, "password": "motdepasse1234"}
        assert (await person.client.post("/fr/account/password", data=weak)).status_code == 422
        assert (await elsewhere.get("/api/v1/account")).status_code == 200
        right = {"current": PASSWORD, "password": OTHER}
        assert (await person.client.post("/fr/account/password", data=right)).status_code == 303
        assert (await elsewhere.get("/api/v1/account")).status_code == 401
    assert (await person.client.get("/api/v1/account")).status_code == 200
    async with browser_of(application) as anew:
        given = {"email": person.email, "password": OTHER}
        assert (await anew.post("/fr/sign-in", data=given)).status_code == 303


async def test_the_page_shows_a_new_key_once(person: Person) -> None:
    form = {"name": "Tableur", "scopes": "moderate", "days": "90"}
    made = (await person.client.post("/fr/account/tokens", data=form)).text
    assert made.count("qt_") == 1
    page = (await person.client.get("/fr/account/tokens")).text
    assert "qt_" not in page
    assert "Tableur" in page
    assert "Modérer" in page


async def test_an_address_of_another_account_is_not_told(person: Person, sign_in: SignIn) -> None:
    other = await sign_in()
    answers = []
    for email in (other.email, f"free-{person.email}"):
        form = {"email": email, "current": PASSWORD}
        answer = await person.client.post("/fr/account/address", data=form)
        answers.append((answer.status_code, answer.headers["location"], answer.content))
    assert answers[0] == answers[1]


async def test_all_that_is_tied_to_an_account_is_given(
    person: Person, make_team: MakeTeam, application: Any
) -> None:
    team = await make_team("quartier:8", name="Équipe fictive des Marolles")
    async with write_session(application.state.engine) as session:
        session.add(
            TeamMember(
                team_id=team, account_id=person.account_id, is_coordinator=False, since=dt.date.today()
            )
        )
    await make(person, Right.MODERATE)
    answer = await person.client.get("/fr/account/export")
    assert "attachment" in answer.headers["content-disposition"]
    told = answer.json()
    assert told["account"]["email"] == person.email
    assert told["pseudonym"] == str(person.actor.key)
    assert told["teams"][0]["name_fr"] == "Équipe fictive des Marolles"
    assert told["sessions"][0]["device"] == "Firefox, Linux"
    assert told["tokens"][0]["name"] == "Tableur"
    assert [each["subject_kind"] for each in told["audit"]] == ["personal_token"]
    assert "argon2" not in answer.text


async def test_erasing_leaves_nothing_but_an_orphan_pseudonym(person: Person, application: Any) -> None:
    await make(person, Right.MODERATE)
    wrong = await person.client.post("/fr/account/erase", data={"current": OTHER})
    assert wrong.status_code == 422
    answer = await person.client.post("/fr/account/erase", data={"current": PASSWORD})
    assert answer.headers["location"] == "/fr/sign-in?done=erased"
    assert await find_actor(application.state.pool, person.cookie) is None
    async with read_session(application.state.engine) as session:
        for table in (AccountKey, SignedIn, PersonalToken):
            left = select(func.count()).select_from(table).where(table.account_id == person.account_id)
            assert await session.scalar(left) == 0, table
        assert await session.get(Account, person.account_id) is None
        mine = select(AuditEvent).where(AuditEvent.actor_key == person.actor.key)
        events = list(await session.scalars(mine))
        assert {(each.subject_kind, each.action) for each in events} == {
            ("personal_token", "insert"),
            ("account", "delete"),
        }
        assert person.email not in "".join(f"{each.before}{each.after}" for each in events)
        key_told = select(AuditEvent).where(AuditEvent.subject_kind == "account_key")
        assert await session.scalar(key_told.limit(1)) is None


async def test_an_administrator_hands_over_before_leaving(sign_in: SignIn, application: Any) -> None:
    admin = await sign_in(Role.ADMINISTRATOR)
    async with write_session(application.state.engine) as session:
        mine = update(Account).where(Account.id == admin.account_id)
        await session.execute(mine.values(password_hash=await hash_password(PASSWORD)))
    answer = await admin.client.post("/fr/account/erase", data={"current": PASSWORD})
    assert answer.status_code == 403
    assert (await admin.client.get("/api/v1/account")).status_code == 200


PAGES = [
    "account",
    "account/password",
    "account/address",
    "account/sessions",
    "account/tokens",
    "account/erase",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
async def test_pages_of_the_account(person: Person, application: Any, lang: str, page: str) -> None:
    answer = await person.client.get(f"/{lang}/{page}")
    assert answer.status_code == 200
    assert f'href="/nl/{page}"' in answer.text
    async with browser_of(application) as nobody:
        sent = await nobody.get(f"/{lang}/{page}", headers={"Accept": "text/html"})
    assert sent.headers["location"].startswith(f"/{lang}/sign-in?next=")
