"""Attempts to sign in: what is refused, when, at what cost. All people are invented."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update

import api.gate
from geo.accounts import attempts
from geo.accounts.attempts import FREE_FAILURES, LONGEST_WAIT, MACHINES, subject_of, wait_after
from geo.accounts.passwords import AT_ONCE, HASHING, MAX_WAITING, Hashing, hash_password
from geo.db.sessions import read_session, write_session
from geo.errors import TooMany
from geo.models.accounts import Account, SignInBlock
from tests.harness.accounts import ORIGIN, Person, SignIn

PASSWORD = "trois chats bleus au marché"
WRONG = "quatre chiens verts en ville"


@pytest.fixture(autouse=True)
async def nothing_remembered(application: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Each test begins without failures."""
    monkeypatch.setattr(api.gate, "REFUSED_AFTER_S", 0.0)
    MACHINES.forget()
    yield
    MACHINES.forget()
    async with write_session(application.state.engine) as session:
        await session.execute(delete(SignInBlock))


@pytest.fixture
async def person(application: Any, sign_in: SignIn) -> Person:
    somebody = await sign_in()
    async with write_session(application.state.engine) as session:
        mine = update(Account).where(Account.id == somebody.account_id)
        await session.execute(mine.values(password_hash=await hash_password(PASSWORD)))
    return somebody


async def attempt(application: Any, email: str, password: str, machine: str = "192.0.2.1") -> httpx.Response:
    transport = httpx.ASGITransport(app=application, client=(machine, 1234), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        return await browser.post("/fr/sign-in", data={"email": email, "password": password})


async def blocks(application: Any) -> int:
    async with read_session(application.state.engine) as session:
        return await session.scalar(select(func.count()).select_from(SignInBlock)) or 0


async def test_an_address_has_one_spelling(application: Any, person: Person) -> None:
    # PostgreSQL's lower() makes an i of the dotted capital I; each spelling would have attempts of its own.
    async with write_session(application.state.engine) as session:
        mine = update(Account).where(Account.id == person.account_id)
        await session.execute(mine.values(email="invented.spelling@example.org"))
    for written in ("INVENTED.spelling@example.org ", "invented.spelling@example.org"):
        assert (await attempt(application, written, PASSWORD)).status_code == 303
    assert (await attempt(application, "\u0130nvented.spelling@example.org", PASSWORD)).status_code == 422


@pytest.mark.parametrize("known", [True, False])
async def test_an_address_waits_after_failures(application: Any, person: Person, known: bool) -> None:
    email = person.email if known else "nobody@example.org"
    statuses = [
        (await attempt(application, email, WRONG, f"192.0.2.{number}")).status_code
        for number in range(FREE_FAILURES)
    ]
    assert set(statuses) == {422}
    hashed = HASHING.count
    refused = await attempt(application, email.upper(), PASSWORD, "192.0.2.99")
    assert refused.status_code == 429
    assert 25 <= int(refused.headers["retry-after"]) <= 30
    assert HASHING.count == hashed
    assert await blocks(application) == 1


async def test_the_wait_doubles_and_ends(application: Any, person: Person) -> None:
    for number in range(FREE_FAILURES):
        await attempt(application, person.email, WRONG, f"192.0.2.{number}")
    await let_time_pass(application, dt.timedelta(seconds=31))
    assert (await attempt(application, person.email, WRONG, "192.0.2.98")).status_code == 422
    refused = await attempt(application, person.email, PASSWORD, "192.0.2.98")
    assert 55 <= int(refused.headers["retry-after"]) <= 60
    await let_time_pass(application, dt.timedelta(seconds=61))
    assert (await attempt(application, person.email, PASSWORD, "192.0.2.98")).status_code == 303
    assert await blocks(application) == 0


async def test_failures_are_forgotten(application: Any, person: Person) -> None:
    for number in range(FREE_FAILURES):
        await attempt(application, person.email, WRONG, f"192.0.2.{number}")
    await let_time_pass(application, dt.timedelta(hours=25))
    await attempt(application, person.email, WRONG, "192.0.2.97")
    async with read_session(application.state.engine) as session:
        block = await session.get_one(SignInBlock, subject_of(person.email))
    assert block.failures == 1


async def let_time_pass(application: Any, passed: dt.timedelta) -> None:
    async with write_session(application.state.engine) as session:
        await session.execute(
            update(SignInBlock).values(
                blocked_until=SignInBlock.blocked_until - passed, forget_at=SignInBlock.forget_at - passed
            )
        )


def test_waits_double_up_to_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(1, 14)]
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert wait_after(10_000) == LONGEST_WAIT


async def test_a_machine_is_refused_before_anything_is_done(application: Any) -> None:
    for number in range(30):
        answer = await attempt(application, f"somebody-{number}@example.org", WRONG)
        assert answer.status_code == 422, number
    hashed, written = HASHING.count, await blocks(application)
    for number in range(50):
        answer = await attempt(application, f"another-{number}@example.org", WRONG)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
    assert (HASHING.count, await blocks(application)) == (hashed, written)
    elsewhere = await attempt(application, "another@example.org", WRONG, "192.0.2.2")
    assert elsewhere.status_code == 422


async def test_a_refused_reader_is_told_in_their_language(application: Any) -> None:
    for _ in range(30):
        MACHINES.count("192.0.2.1")
    transport = httpx.ASGITransport(app=application, client=("192.0.2.1", 1234))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        form = {"email": "x@example.org", "password": WRONG}
        page = await browser.post("/nl/sign-in", data=form, headers={"Accept": "text/html", "Host": "evil"})
        problem = await browser.post("/fr/sign-in", data=form)
    assert page.status_code == 429
    assert "Te veel pogingen" in page.text
    assert "evil" not in page.text
    assert problem.json()["type"] == "urn:quartier:problem:too-many"


async def test_one_attempt_at_a_time_for_an_address(application: Any, person: Person) -> None:
    hashed = HASHING.count
    answers = await asyncio.gather(
        *(attempt(application, person.email, WRONG, f"192.0.2.{number}") for number in range(20))
    )
    statuses = [each.status_code for each in answers]
    assert 429 in statuses
    assert HASHING.count - hashed == statuses.count(422) <= FREE_FAILURES


async def test_few_hashings_wait_and_the_rest_is_refused() -> None:
    hashing, gate = Hashing(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> bool:
        return asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(10)

    running = [asyncio.create_task(hashing.run(wait)) for _ in range(AT_ONCE + MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await hashing.run(wait)
    gate.set()
    assert all(await asyncio.gather(*running))
    assert hashing.count == AT_ONCE + MAX_WAITING


def test_machines_are_known_by_their_network_and_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = attempts.Machines()
    for _ in range(30):
        machines.count("2001:db8:1:2::1")
    with pytest.raises(TooMany):
        machines.check("2001:db8:1:2:ffff::9")
    machines.check("2001:db8:1:3::1")
    for _ in range(30):
        machines.count("::ffff:192.0.2.1")
    with pytest.raises(TooMany):
        machines.check("192.0.2.1")
    machines.check("::ffff:192.0.2.2")
    day = attempts.time.time() + 86_400
    monkeypatch.setattr(attempts.time, "time", lambda: day)
    machines.check("2001:db8:1:2::1")


async def test_no_address_is_kept(application: Any) -> None:
    await attempt(application, "nobody@example.org", WRONG, "192.0.2.55")
    async with read_session(application.state.engine) as session:
        digest = await session.scalar(select(SignInBlock.digest))
    assert digest == subject_of("Nobody@example.org")
    assert len(digest) == 32
    assert "192.0.2.55" not in str(vars(MACHINES._limiter.storage))
