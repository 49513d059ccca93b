"""Sessions: who a cookie stands for, when it ends, and what forms must carry. All people are invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from geo.accounts.sessions import find_actor
from geo.db.sessions import write_session
from geo.models.accounts import Account, SignedIn
from geo.vocabulary import Role
from tests.harness.accounts import ORIGIN, MakeTeam, SignIn, browser_of


async def test_a_cookie_stands_for_its_account(sign_in: SignIn, make_team: MakeTeam) -> None:
    team = await make_team("quartier:8")
    person = await sign_in(Role.MODERATOR, team=team, coordinator=True)
    assert person.actor.account_id == person.account_id
    assert person.actor.all_roles == {Role.MODERATOR, Role.TEAM_COORDINATOR}
    assert person.actor.team_ids == {team}
    assert person.actor.second_factor


async def test_a_key_that_names_no_session_is_nobody(application: Any) -> None:
    assert await find_actor(application.state.pool, "a" * 43) is None
    answer = await browser_of(application, "a" * 43).get("/fr/about")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "ended",
    [
        {"expires_at": dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)},
        {"seen_at": dt.datetime.now(dt.UTC) - dt.timedelta(hours=13)},
    ],
)
async def test_a_session_ends(application: Any, sign_in: SignIn, ended: dict[str, dt.datetime]) -> None:
    person = await sign_in()
    async with write_session(application.state.engine) as session:
        mine = update(SignedIn).where(SignedIn.account_id == person.account_id)
        await session.execute(mine.values(**ended))
    assert await find_actor(application.state.pool, person.cookie) is None


async def test_a_disabled_account_is_nobody(application: Any, sign_in: SignIn) -> None:
    person = await sign_in()
    async with write_session(application.state.engine) as session:
        mine = update(Account).where(Account.id == person.account_id)
        await session.execute(mine.values(status="disabled"))
    assert await find_actor(application.state.pool, person.cookie) is None


async def test_what_is_made_for_somebody_is_kept_by_nobody(
    sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    person = await sign_in()
    for path in ("/fr/", "/fr/about", "/api/v1/services?limit=1", "/ogc/collections/services/items?limit=1"):
        answer = await person.client.get(path)
        assert answer.headers["cache-control"] == "private, no-store", path
        assert "private" not in (await client.get(path)).headers.get("cache-control", ""), path
    assert "access-control-allow-origin" not in (await person.client.get("/api/v1/services?limit=1")).headers


REPORT = {"subject": "zone", "subject_id": "00000000-0000-0000-0000-000000000000", "reason": "other"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "X-CSRF": "0" * 64},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null", "X-CSRF": ""},
        {"X-CSRF": ""},
    ],
)
async def test_other_sites_cannot_use_a_session(
    application: Any, sign_in: SignIn, headers: dict[str, str]
) -> None:
    person = await sign_in()
    transport = httpx.ASGITransport(app=application)
    given = {"X-CSRF": person.client.headers["X-CSRF"]} | headers
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers=given, cookies={"quartier": person.cookie}
    ) as foreign:
        answer = await foreign.post("/api/v1/corrections", json=REPORT | {"message": "x"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:quartier:problem:cross-site"


async def test_our_own_pages_can(sign_in: SignIn) -> None:
    person = await sign_in()
    answer = await person.client.post("/api/v1/corrections", json=REPORT | {"message": "x"})
    assert answer.status_code == 404
    csrf = person.client.headers.pop("X-CSRF")
    del person.client.headers["Sec-Fetch-Site"]
    person.client.headers["Origin"] = "null"  # as browsers say on pages without referrers
    form = {"reason": "other", "message": "x"}
    place = f"/fr/services/{REPORT['subject_id']}/corrections"
    assert (await person.client.post(place, data=form)).status_code == 403
    assert (await person.client.post(place, data=form | {"csrf": csrf})).status_code == 404
    many = {f"quartier_{number}": "1" for number in range(1_500)}  # a form with a choice for each
    answer = await person.client.post("/fr/account/address", data=many | {"csrf": csrf})
    assert answer.status_code == 422


class Counting:
    """A reader that counts what is asked of it."""

    def __init__(self, pool: Any) -> None:
        self.pool, self.asked = pool, 0

    async def fetchrow(self, query: str, *args: Any) -> Any:
        self.asked += 1
        return await self.pool.fetchrow(query, *args)


async def test_who_acts_is_found_by_one_query(application: Any, sign_in: SignIn, make_team: MakeTeam) -> None:
    teams = [await make_team("quartier:8"), await make_team("quartier:36")]
    person = await sign_in(Role.MODERATOR, Role.CARER, team=teams[0])
    reader = Counting(application.state.pool)
    actor = await find_actor(reader, person.cookie)  # type: ignore[arg-type]
    assert reader.asked == 1
    assert actor == person.actor
