"""Second steps over HTTP: adding, proving, removing. All people are invented."""

from __future__ import annotations

import datetime as dt
import html
import re
from contextlib import aclosing
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import select, update

from geo.accounts import totp
from geo.accounts.attempts import MACHINES
from geo.accounts.passwords import hash_password
from geo.accounts.sessions import find_actor
from geo.db.sessions import write_session
from geo.models.accounts import Account, SignedIn
from geo.vocabulary import Role
from tests.harness.accounts import Person, SignIn, browser_of
from tests.harness.authenticator import Authenticator
from tests.harness.mail import Mailbox

FACTORS = "/fr/account/factors"
PASSWORD = "quatre mots de passe fictifs"
LATER = dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """Let failures of other tests count for nothing here."""
    MACHINES.forget()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The time that codes are checked at; tests move it."""
    now = [dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)]
    monkeypatch.setattr(totp, "now_utc", lambda: now[0])
    return now


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address to which passkeys belong here."""
    return "http://localhost:8000"


async def with_password(application: Any, person: Person) -> None:
    hashed = await hash_password(PASSWORD)
    async with write_session(application.state.engine) as session:
        account = await session.get_one(Account, person.account_id)
        account.password_hash = hashed


async def grow_old(application: Any, person: Person) -> None:
    """Let the person have signed in an hour ago."""
    async with write_session(application.state.engine) as session:
        mine = update(SignedIn).where(SignedIn.account_id == person.account_id)
        await session.execute(mine.values(started_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)))


async def add_app(client: httpx.AsyncClient, clock: list[dt.datetime]) -> tuple[pyotp.TOTP, list[str]]:
    """Add an app as a person does, and return it with the recovery codes that were shown."""
    page = await client.post(f"{FACTORS}/app")
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found and "<svg" in page.text
    app = pyotp.TOTP(found[1].replace(" ", ""))
    shown = await client.post(f"{FACTORS}/app/confirm", data={"code": app.at(clock[0])})
    assert shown.status_code == 200 and "no-store" in shown.headers["cache-control"]
    clock[0] += LATER
    return app, re.findall(r"<li><code>([a-z0-9-]+)</code></li>", shown.text)


async def first_step(application: Any, person: Person) -> httpx.AsyncClient:
    """Return a browser that has given the password and stands before the second step."""
    browser = browser_of(application)
    sent = await browser.post("/fr/sign-in", data={"email": person.email, "password": PASSWORD})
    assert (sent.status_code, sent.headers["location"]) == (303, "/fr/sign-in/second")
    assert "quartier" not in browser.cookies
    return browser


async def actor_in(application: Any, browser: httpx.AsyncClient) -> Any:
    key = browser.cookies.get("quartier")
    return await find_actor(application.state.pool, key) if key else None


async def test_an_administrator_adds_an_app_and_the_rest_opens(
    application: Any, sign_in: SignIn, clock: list[dt.datetime]
) -> None:
    person = await sign_in(Role.ADMINISTRATOR, second_factor=False)
    assert (await person.client.get("/api/v1/audit")).status_code == 403
    _, codes = await add_app(person.client, clock)
    assert len(set(codes)) == 10
    assert (await person.client.get("/api/v1/audit")).status_code == 200
    page = await person.client.get(FACTORS)
    assert not any(code in page.text for code in codes)
    removed = await person.client.post(f"{FACTORS}/app/remove")
    assert removed.status_code == 403


async def test_a_wrong_code_shows_the_same_secret_again(sign_in: SignIn, clock: list[dt.datetime]) -> None:
    person = await sign_in()
    first = await person.client.post(f"{FACTORS}/app")
    again = await person.client.post(f"{FACTORS}/app/confirm", data={"code": "000000"})
    secrets = [
        re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)[1] for page in (first, again)
    ]  # type: ignore[index]
    assert again.status_code == 422 and secrets[0] == secrets[1]


async def test_the_second_step_is_asked_for_and_counts_once(
    application: Any, sign_in: SignIn, clock: list[dt.datetime]
) -> None:
    person = await sign_in(Role.MODERATOR)
    await with_password(application, person)
    app, codes = await add_app(person.client, clock)
    code = app.at(clock[0])
    async with aclosing(await first_step(application, person)) as browser:
        assert (await browser.get("/fr/sign-in/second")).status_code == 200
        assert (await browser.post("/fr/sign-in/second", data={"code": "123"})).status_code == 422
        assert (await browser.post("/fr/sign-in/second", data={"code": code})).status_code == 303
        actor = await actor_in(application, browser)
    assert actor and actor.second_factor and actor.account_id == person.account_id
    async with aclosing(await first_step(application, person)) as browser:
        replayed = await browser.post("/fr/sign-in/second", data={"code": code})
        assert replayed.status_code == 422 and await actor_in(application, browser) is None
        assert (await browser.post("/fr/sign-in/second", data={"code": codes[0]})).status_code == 303
        assert (await actor_in(application, browser)).second_factor
    async with aclosing(await first_step(application, person)) as browser:
        assert (await browser.post("/fr/sign-in/second", data={"code": codes[0]})).status_code == 422


async def test_without_a_first_step_there_is_no_second(application: Any) -> None:
    async with browser_of(application) as browser:
        page = await browser.get("/nl/sign-in/second")
        assert (page.status_code, page.headers["location"]) == (303, "/nl/sign-in")
        sent = await browser.post("/nl/sign-in/second", data={"code": "123456"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/nl/sign-in")


async def test_codes_cannot_be_tried_for_ever(
    application: Any, sign_in: SignIn, clock: list[dt.datetime]
) -> None:
    person = await sign_in()
    await with_password(application, person)
    app, _ = await add_app(person.client, clock)
    async with aclosing(await first_step(application, person)) as browser:
        for guess in range(5):
            await browser.post("/fr/sign-in/second", data={"code": f"00000{guess}"})
        right = await browser.post("/fr/sign-in/second", data={"code": app.at(clock[0])})
        assert right.status_code == 429 and await actor_in(application, browser) is None


async def test_changing_factors_asks_for_the_password_again(
    application: Any, sign_in: SignIn, clock: list[dt.datetime]
) -> None:
    person = await sign_in()
    await with_password(application, person)
    await add_app(person.client, clock)
    await grow_old(application, person)
    assert 'name="password"' in (await person.client.get(FACTORS)).text
    for path in ("app/remove", "codes"):
        for wrong in ({}, {"password": "not it"}):
            refused = await person.client.post(f"{FACTORS}/{path}", data=wrong)
            assert refused.status_code == 422, path
    assert (await person.client.post(f"{FACTORS}/passkeys/options", json={})).status_code == 401
    MACHINES.forget()
    async with write_session(application.state.engine) as session:
        account = await session.get_one(Account, person.account_id)
        assert account.totp_confirmed_on


async def test_the_right_password_lets_factors_change(
    application: Any, sign_in: SignIn, clock: list[dt.datetime]
) -> None:
    person = await sign_in()
    await with_password(application, person)
    await add_app(person.client, clock)
    await grow_old(application, person)
    removed = await person.client.post(f"{FACTORS}/app/remove", data={"password": PASSWORD})
    assert removed.status_code == 303
    async with write_session(application.state.engine) as session:
        known = await session.scalar(select(Account.totp_secret).where(Account.id == person.account_id))
    assert known is None


async def add_passkey(person: Person, origin: str) -> Authenticator:
    key = Authenticator(origin)
    options = await person.client.post(f"{FACTORS}/passkeys/options", json={})
    kept = await person.client.post(
        f"{FACTORS}/passkeys", json={"credential": key.create(options.text), "name": "Clé <fictive>"}
    )
    assert kept.status_code == 200, kept.text
    assert kept.json() == {"location": f"{FACTORS}?added=passkey"}
    return key


async def test_a_passkey_is_added_and_signs_in_by_itself(
    application: Any, sign_in: SignIn, site: str
) -> None:
    person = await sign_in(Role.ADMINISTRATOR, second_factor=False)
    key = await add_passkey(person, site)
    assert (await person.client.get("/fr/admin")).status_code == 200
    assert html.escape("Clé <fictive>") in (await person.client.get(FACTORS)).text
    async with browser_of(application) as browser:
        options = await browser.post("/fr/sign-in/passkey/options", json={})
        answer = key.get(options.text)
        sent = await browser.post("/fr/sign-in/passkey?next=/fr/admin", json={"credential": answer})
        assert sent.json() == {"location": "/fr/admin"}
        actor = await actor_in(application, browser)
        assert actor and actor.second_factor and actor.account_id == person.account_id
    async with browser_of(application) as thief:
        thief.cookies.update(options.cookies)
        assert (await thief.post("/fr/sign-in/passkey", json={"credential": answer})).status_code in (
            401,
            410,
        )
        assert await actor_in(application, thief) is None


async def test_a_passkey_is_the_second_step_of_its_own_account(
    application: Any, sign_in: SignIn, site: str
) -> None:
    person, other = await sign_in(), await sign_in()
    await with_password(application, person)
    key, foreign = await add_passkey(person, site), await add_passkey(other, site)
    async with aclosing(await first_step(application, person)) as browser:
        options = await browser.post("/fr/sign-in/passkey/options", json={"second": True})
        refused = await browser.post("/fr/sign-in/passkey", json={"credential": foreign.get(options.text)})
        assert refused.status_code == 401
        sent = await browser.post("/fr/sign-in/passkey", json={"credential": key.get(options.text)})
        assert sent.status_code == 200
        assert (await actor_in(application, browser)).account_id == person.account_id


@pytest.mark.parametrize("body", [{}, {"credential": {}}, {"credential": "x"}, {"credential": {"id": 1}}, []])
async def test_nonsense_instead_of_a_passkey_is_refused(application: Any, body: Any) -> None:
    async with browser_of(application) as browser:
        await browser.post("/fr/sign-in/passkey/options", json={})
        assert (await browser.post("/fr/sign-in/passkey", json=body)).status_code in (401, 422)
        assert (await browser.post("/fr/sign-in/passkey/options", json={"second": True})).status_code == 410


async def test_another_site_signs_nobody_in(application: Any, sign_in: SignIn, site: str) -> None:
    key = await add_passkey(await sign_in(), site)
    async with browser_of(application) as browser:
        options = await browser.post("/fr/sign-in/passkey/options", json={})
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        body = {"credential": key.get(options.text)}
        sent = await browser.post("/fr/sign-in/passkey", json=body, headers=foreign)
        assert sent.status_code == 403 and await actor_in(application, browser) is None
        assert (
            await browser.post("/fr/sign-in/second", data={"code": "1"}, headers=foreign)
        ).status_code == 403


async def test_a_passkey_is_removed_by_its_owner_alone(sign_in: SignIn, site: str) -> None:
    person, other = await sign_in(), await sign_in()
    await add_passkey(person, site)
    page = await person.client.get(FACTORS)
    found = re.search(r"/passkeys/([0-9a-f-]{36})/remove", page.text)
    assert found
    address = f"{FACTORS}/passkeys/{found[1]}/remove"
    assert (await other.client.post(address)).status_code == 404
    assert (await person.client.post(address)).status_code == 303
    assert found[1] not in (await person.client.get(FACTORS)).text


async def test_the_account_is_told_by_mail(sign_in: SignIn, site: str, mailbox: Mailbox) -> None:
    person = await sign_in()
    await add_passkey(person, site)
    (letter,) = [each for each in await mailbox.collect() if each["to"] == person.email]
    assert "deuxième étape" in str(letter["subject"])
