"""Signing in, invitation, forgotten password, new address, in a browser. All people are invented."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

import api.routers.sign_in_pages
from geo.accounts.accounts import invite
from geo.accounts.actors import COMMAND
from geo.accounts.attempts import MACHINES
from geo.accounts.audit import record_writes
from geo.accounts.links import LIVES_FOR, Purpose, make_link
from geo.accounts.passwords import HASHING
from geo.db.sessions import read_session, write_session
from geo.models.accounts import Account, SignedIn, SignInBlock
from geo.models.audit import AuditEvent
from tests.harness.accounts import browser_of, new_id

PASSWORD = "trois chats bleus au marché"


@dataclass
class Invited:
    """Somebody with an account, and the means to look at it."""

    application: Any
    account_id: Any
    email: str

    async def row(self) -> Account:
        async with read_session(self.application.state.engine) as session:
            return await session.get_one(Account, self.account_id)

    async def link(self, purpose: Purpose) -> str:
        return make_link(purpose, await self.row())

    async def set(self, **values: object) -> None:
        async with write_session(self.application.state.engine) as session:
            await session.execute(update(Account).where(Account.id == self.account_id).values(**values))


Person = Callable[..., Awaitable[Invited]]


@pytest.fixture(autouse=True)
def no_memory_of_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test comes from a machine that nobody remembers."""
    MACHINES.forget()
    monkeypatch.setattr(api.routers.sign_in_pages, "RESET_TAKES_S", 0.05)


@pytest.fixture
async def person(application: Any) -> AsyncIterator[Person]:
    """A factory: somebody invited, or somebody who has an open account with `PASSWORD`."""
    made: list[Invited] = []

    async def make(*, has_account: bool = True) -> Invited:
        async with write_session(application.state.engine) as session:
            record_writes(session, COMMAND)
            account = await invite(session, COMMAND, f"{new_id().hex}@example.org", "fr")
        somebody = Invited(application, account.id, account.email)
        made.append(somebody)
        if has_account:
            async with browser_of(application) as browser:
                path = await somebody.link(Purpose.INVITATION)
                assert (await browser.post(path, data={"password": PASSWORD})).status_code == 303
        return somebody

    yield make
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.id.in_([each.account_id for each in made])))
        await session.execute(delete(SignInBlock))


@pytest.fixture
async def browser(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with browser_of(application) as opened:
        yield opened


async def sign_in(
    browser: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: str
) -> httpx.Response:
    return await browser.post("/fr/sign-in", data={"email": email, "password": password, **more})


async def test_an_invitation_opens_an_account(person: Person, browser: httpx.AsyncClient) -> None:
    somebody = await person(has_account=False)
    path = await somebody.link(Purpose.INVITATION)
    assert somebody.email in (await browser.get(path)).text
    answer = await browser.post(path, data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/account/start")
    assert (await somebody.row()).status == "active"
    assert somebody.email in (await browser.get("/fr/account")).text


async def test_a_cookie_is_for_us_alone(person: Person, browser: httpx.AsyncClient) -> None:
    somebody = await person()
    cookie = (await sign_in(browser, somebody.email)).headers["set-cookie"]
    key = re.match(r"quartier=([\w-]{43});", cookie)
    assert key, cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    async with read_session(somebody.application.state.engine) as session:
        kept = await session.scalars(
            select(SignedIn.digest).where(SignedIn.account_id == somebody.account_id)
        )
        assert key[1].encode() not in set(kept)


async def test_behind_https_the_cookie_is_bound_to_the_host(person: Person, loaded_database: str) -> None:
    from api.app import create_app
    from geo.settings import Settings

    somebody = await person()
    app = create_app(Settings(database_url=loaded_database, public_url="https://quartier.example"))
    async with app.router.lifespan_context(app), browser_of(app) as browser:
        cookie = (await sign_in(browser, somebody.email)).headers["set-cookie"]
    assert cookie.startswith("__Host-quartier=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_each_sign_in_has_a_new_key(person: Person, application: Any) -> None:
    somebody = await person()
    keys = ["b" * 43]  # as somebody else might have put it there
    for _ in range(2):
        async with browser_of(application, keys[-1]) as browser:
            answer = await sign_in(browser, somebody.email)
            keys.append(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert len(set(keys)) == 3
    for key, status in zip(keys, (303, 303, 200), strict=True):
        async with browser_of(application, key) as browser:
            page = await browser.get("/fr/account", headers={"Accept": "text/html"})
        assert page.status_code == status


async def csrf(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get("/fr/account")).text)
    assert found
    return found[1]


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_answer_tells_nothing(person: Person, browser: httpx.AsyncClient, known: bool) -> None:
    email = (await person()).email if known else "nobody@example.org"
    answer = await sign_in(browser, email, "something else entirely")
    assert answer.status_code == 422
    assert "n’est pas correct" in answer.text.replace("'", "’")
    assert "set-cookie" not in answer.headers
    assert "something else" not in answer.text


async def test_unknown_addresses_take_as_long(person: Person, browser: httpx.AsyncClient) -> None:
    somebody = await person()
    before = HASHING.count
    await sign_in(browser, somebody.email, "something else entirely")
    await sign_in(browser, "nobody@example.org", "something else entirely")
    assert HASHING.count - before == 2


@pytest.mark.parametrize("path", ["/fr/sign-in", "/fr/reset", "/fr/parking/lend/link"])
async def test_what_no_keyboard_types_is_answered(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.post(path, data={"email": "no\0body@example.org", "password": "a\0b"})
    assert answer.status_code in (303, 422)


@pytest.mark.parametrize(
    ("onward", "lands"),
    [
        ("/nl/account/tokens", "/nl/account/tokens"),
        ("https://elsewhere.example/", "/fr/account/start"),
        ("//elsewhere.example/fr/", "/fr/account/start"),
        ("/\\elsewhere.example", "/fr/account/start"),
        ("/fr/\\elsewhere", "/fr/account/start"),
        ("javascript:alert(1)", "/fr/account/start"),
    ],
)
async def test_signing_in_leads_to_our_own_pages(
    person: Person, browser: httpx.AsyncClient, onward: str, lands: str
) -> None:
    answer = await sign_in(browser, (await person()).email, next=onward)
    assert answer.headers["location"] == lands


async def test_who_must_sign_in_comes_back_to_where_they_went(browser: httpx.AsyncClient) -> None:
    browser.headers["Accept"] = "text/html"
    answer = await browser.get("/nl/account/tokens")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/nl/sign-in?next=%2Fnl%2Faccount%2Ftokens",
    )
    assert 'value="/nl/account/tokens"' in (await browser.get(answer.headers["location"])).text


async def test_another_site_cannot_sign_a_reader_in(person: Person, application: Any) -> None:
    somebody = await person()
    async with browser_of(application) as browser:
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await sign_in(browser, somebody.email)).status_code == 403


async def test_signing_out_ends_the_session(person: Person, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, (await person()).email)
    key = browser.cookies["quartier"]
    answer = await browser.post("/fr/sign-out", data={"csrf": await csrf(browser)})
    assert answer.status_code == 303
    assert "quartier" not in browser.cookies
    page = await browser.get("/fr/account", headers={"Accept": "text/html", "Cookie": f"quartier={key}"})
    assert page.status_code == 303


async def test_a_forgotten_password(person: Person, browser: httpx.AsyncClient, application: Any) -> None:
    somebody = await person()
    await sign_in(browser, somebody.email)
    path = await somebody.link(Purpose.RESET)
    async with browser_of(application) as other:
        answer = await other.post(path, data={"password": "quatre chiens verts en ville"})
        assert answer.headers["location"] == "/fr/account/start"
    async with browser_of(application) as another:
        assert (await sign_in(another, somebody.email)).status_code == 422
    assert (await browser.get("/fr/account", headers={"Accept": "text/html"})).status_code == 303


async def test_asking_for_a_link_answers_alike(
    person: Person, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.routers.sign_in_pages, "RESET_TAKES_S", 0.3)
    answers = []
    for email in ((await person()).email, "nobody@example.org"):
        began = time.monotonic()
        answer = await browser.post("/fr/reset", data={"email": email})
        answers.append((answer.status_code, answer.headers["location"], answer.content))
        assert 0.3 <= time.monotonic() - began < 1.5
    assert answers[0] == answers[1]


async def test_a_new_address_counts_once_confirmed(person: Person, browser: httpx.AsyncClient) -> None:
    somebody = await person()
    await sign_in(browser, somebody.email)
    new = f"new-{somebody.email}"
    form = {"email": new, "current": PASSWORD, "csrf": await csrf(browser)}
    assert (await browser.post("/fr/account/address", data=form)).status_code == 303
    assert ((await somebody.row()).email, (await somebody.row()).new_email) == (somebody.email, new)
    path = await somebody.link(Purpose.ADDRESS)
    assert new in (await browser.get(path)).text
    assert (await somebody.row()).email == somebody.email
    assert (await browser.post(path, data={"csrf": form["csrf"]})).status_code == 303
    assert ((await somebody.row()).email, (await somebody.row()).new_email) == (new, None)


async def test_a_link_to_one_address_confirms_no_other(person: Person, browser: httpx.AsyncClient) -> None:
    somebody = await person()
    await sign_in(browser, somebody.email)
    mistyped, meant = f"typo-{somebody.email}", f"new-{somebody.email}"
    form = {"email": mistyped, "current": PASSWORD, "csrf": await csrf(browser)}
    await browser.post("/fr/account/address", data=form)
    path = await somebody.link(Purpose.ADDRESS)
    await browser.post("/fr/account/address", data=form | {"email": meant})
    opened = await browser.get(path)
    assert (opened.status_code, meant in opened.text) == (410, False)
    assert (await browser.post(path, data={"csrf": form["csrf"]})).status_code == 410
    assert (await somebody.row()).email == somebody.email


LINKS = [Purpose.INVITATION, Purpose.RESET, Purpose.ADDRESS]


async def prepared(person: Person, purpose: Purpose) -> tuple[Invited, str, dict[str, str]]:
    somebody = await person(has_account=purpose is not Purpose.INVITATION)
    if purpose is Purpose.ADDRESS:
        await somebody.set(new_email=f"new-{somebody.email}")
    given = {} if purpose is Purpose.ADDRESS else {"password": "quatre chiens verts en ville"}
    return somebody, await somebody.link(purpose), given


@pytest.mark.parametrize("purpose", LINKS)
async def test_scanners_use_no_link_up(person: Person, browser: httpx.AsyncClient, purpose: Purpose) -> None:
    somebody, path, given = await prepared(person, purpose)
    before = (await somebody.row()).link_version
    for _ in range(3):
        assert (await browser.head(path)).status_code == 200
        assert (await browser.get(path)).status_code == 200
    assert (await somebody.row()).link_version == before
    assert (await browser.post(path, data=given)).status_code == 303


@pytest.mark.parametrize("purpose", LINKS)
async def test_a_link_works_once(
    person: Person, browser: httpx.AsyncClient, application: Any, purpose: Purpose
) -> None:
    _, path, given = await prepared(person, purpose)
    assert (await browser.post(path, data=given)).status_code == 303
    async with browser_of(application) as other:
        assert (await other.post(path, data=given)).status_code == 410
        refused = await other.get(path, headers={"Accept": "text/html"})
    assert refused.status_code == 410
    assert "Ce lien ne fonctionne plus" in refused.text


@pytest.mark.parametrize("purpose", LINKS)
async def test_a_link_ends(
    person: Person, browser: httpx.AsyncClient, purpose: Purpose, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path, given = await prepared(person, purpose)
    later = time.time() + LIVES_FOR[purpose].total_seconds() + 5
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert (await browser.get(path)).status_code == 410
    assert (await browser.post(path, data=given)).status_code == 410


@pytest.mark.parametrize("purpose", LINKS)
async def test_a_link_is_as_we_made_it(person: Person, browser: httpx.AsyncClient, purpose: Purpose) -> None:
    _, path, given = await prepared(person, purpose)
    head, _, token = path.rpartition("/")
    payload, when, signature = token.split(".")
    others = [each for each in LINKS if each is not purpose]
    tampered = [
        f"{head}/{payload}.{when}.{signature[::-1]}",
        f"{head}/{payload[:-2]}AA.{when}.{signature}",
        f"{head}/{payload}",
        f"{head}/x",
        *(f"/fr/{each}/{token}" for each in others),
    ]
    for wrong in tampered:
        assert (await browser.get(wrong)).status_code == 410, wrong
        assert (await browser.post(wrong, data=given)).status_code == 410, wrong


async def test_a_disabled_account_has_no_links(person: Person, browser: httpx.AsyncClient) -> None:
    somebody, path, given = await prepared(person, Purpose.RESET)
    await somebody.set(status="disabled")
    assert (await browser.post(path, data=given)).status_code == 410
    assert (await sign_in(browser, somebody.email)).status_code == 422


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("court", "12"),
        ("motdepasse1234", "deviner"),
        ("123456789012", "deviner"),
        ("aaaaaaaaaaaaaaaa", "deviner"),
    ],
)
async def test_a_weak_password_is_refused_with_a_reason(
    person: Person, browser: httpx.AsyncClient, password: str, says: str
) -> None:
    somebody = await person(has_account=False)
    path = await somebody.link(Purpose.INVITATION)
    answer = await browser.post(path, data={"password": password})
    assert answer.status_code == 422
    assert says in answer.text
    assert password not in answer.text
    address = await browser.post(path, data={"password": somebody.email})
    assert "adresse" in address.text.partition("faults")[2]
    assert (await somebody.row()).status == "invited"


async def test_opening_an_account_is_audited_without_a_word_of_the_person(
    person: Person, application: Any
) -> None:
    somebody = await person()
    async with read_session(application.state.engine) as session:
        mine = select(AuditEvent).where(AuditEvent.subject_id == str(somebody.account_id))
        events = list(await session.scalars(mine.order_by(AuditEvent.id)))
    assert [(each.actor, each.action) for each in events] == [("command", "insert"), ("public", "update")]
    told = "".join(f"{each.before}{each.after}" for each in events)
    assert somebody.email not in told
    assert "argon2" not in told
    assert events[1].after is not None
    assert events[1].after["status"] == "active"
