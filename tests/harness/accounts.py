"""People who are signed in, and their teams. All of them are invented.

`sign_in(Role.MODERATOR)` and `make_team("quartier:36")` write into the worker's loaded database as the server
would, and take away at the end of the test what they made, with all that stands in the name of their teams.
`actor_with` makes an Actor out of nothing, for verbs that are tested without a database row of the person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor, Membership
from geo.accounts.sessions import Factor, Proof, csrf_of, find_actor, start_session
from geo.db.engine import create_engine_async
from geo.db.sessions import write_session
from geo.models.accounts import Account, AccountKey, AccountRole
from geo.models.base import Base
from geo.models.organizations import Organization
from geo.models.teams import Mandate, Team, TeamMember
from geo.models.zones import Zone
from geo.vocabulary import Role

ORIGIN = "http://testserver"


@dataclass(frozen=True)
class Person:
    """Somebody signed in. `client` talks to the application as their browser does."""

    account_id: uuid.UUID
    email: str
    actor: Actor
    cookie: str
    client: httpx.AsyncClient


SignIn = Callable[..., Awaitable[Person]]
MakeTeam = Callable[..., Awaitable[uuid.UUID]]


def new_id() -> uuid.UUID:
    return uuid.UUID(str(uuid7()))


def actor_with(
    *roles: Role, teams: Sequence[tuple[uuid.UUID, bool]] = (), second_factor: bool = True
) -> Actor:
    """Return who acts with these roles and teams `(team_id, is_coordinator)`; nothing is written."""
    return Actor(
        "account",
        key=new_id(),
        account_id=new_id(),
        roles=frozenset(roles),
        memberships=tuple(Membership(*each) for each in teams),
        second_factor=second_factor,
    )


@pytest.fixture
async def make_team(application: Any) -> AsyncIterator[MakeTeam]:
    """A factory: `await make_team("quartier:36", name="…")` returns the id of a team with that mandate."""
    made: list[uuid.UUID] = []

    async def make(
        *zone_refs: str, name: str = "Équipe fictive", organization: uuid.UUID | None = None
    ) -> uuid.UUID:
        async with write_session(application.state.engine) as session:
            made.append(await add_team(session, zone_refs, name, organization))
        return made[-1]

    yield make
    async with write_session(application.state.engine) as session:
        await _forget_teams(session, made)


@pytest.fixture
async def sign_in(application: Any, make_team: MakeTeam) -> AsyncIterator[SignIn]:
    """A factory: `await sign_in(Role.MODERATOR)`, `await sign_in(team=team_id, coordinator=True)`."""
    people: list[Person] = []

    async def enter(
        *roles: Role,
        team: uuid.UUID | None = None,
        coordinator: bool = False,
        second_factor: bool = True,
        lang: str = "fr",
    ) -> Person:
        async with write_session(application.state.engine) as session:
            account = await add_account(session, roles, lang, team=team, coordinator=coordinator)
            factors: set[Factor] = {"password", "totp"} if second_factor else {"password"}
            cookie = await start_session(session, Proof(account.id, frozenset(factors)), "Firefox, Linux")
        actor = await find_actor(application.state.pool, cookie)
        assert actor is not None
        person = Person(account.id, account.email, actor, cookie, browser_of(application, cookie))
        people.append(person)
        return person

    yield enter
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.id.in_([each.account_id for each in people])))
    for person in people:
        await person.client.aclose()


@asynccontextmanager
async def planner_in(database: str) -> AsyncIterator[str]:
    """The cookie of a planner in another database than the loaded one; their account goes with the block."""
    engine = create_engine_async(database)
    async with write_session(engine) as session:
        account = await add_account(session, [Role.PLANNER])
        cookie = await start_session(session, Proof(account.id, frozenset({"password"})), "Firefox, Linux")
    try:
        yield cookie
    finally:
        async with write_session(engine) as session:
            await session.execute(delete(Account).where(Account.id == account.id))
        await engine.dispose()


def browser_of(application: Any, cookie: str | None = None) -> httpx.AsyncClient:
    """Return a client with a jar of its own that sends what a browser on our own pages sends."""
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    if cookie:
        headers["X-CSRF"] = csrf_of(cookie)
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    cookies = {"quartier": cookie} if cookie else {}
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, cookies=cookies)


async def add_team(
    session: AsyncSession,
    zone_refs: Sequence[str],
    name: str = "Équipe fictive",
    organization: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write a team with a mandate in these zones; return its id."""
    team = Team(id=new_id(), name_fr=name, organization_id=organization, example=True)
    session.add(team)
    await session.flush()
    for ref in zone_refs:
        session.add(Mandate(team_id=team.id, zone_id=await _zone_id(session, ref)))
    return team.id


async def add_account(
    session: AsyncSession,
    roles: Sequence[Role],
    lang: str = "fr",
    *,
    team: uuid.UUID | None = None,
    coordinator: bool = False,
) -> Account:
    """Write an active account with these roles, a member of the team where one is given."""
    account = Account(
        id=(number := new_id()),
        email=f"{number.hex}@example.org",
        lang=lang,
        status="active",
        created_on=dt.date.today(),
    )
    session.add(account)
    await session.flush()
    session.add(AccountKey(account_id=account.id, key=uuid.uuid4()))
    for role in roles:
        is_carer = role is Role.CARER
        session.add(
            AccountRole(
                account_id=account.id,
                role=role.value,
                granted_on=dt.date.today(),
                vouched_by_id=await session.scalar(select(Organization.id).limit(1)) if is_carer else None,
                valid_until=dt.date.today() + dt.timedelta(days=365) if is_carer else None,
            )
        )
    if team:
        today = dt.date.today()
        session.add(TeamMember(team_id=team, account_id=account.id, is_coordinator=coordinator, since=today))
    return account


async def _zone_id(session: AsyncSession, ref: str) -> uuid.UUID:
    kind, _, code = ref.partition(":")
    newest = select(Zone.id).where(Zone.kind == kind, Zone.code == code).order_by(Zone.edition.desc())
    found = await session.scalar(newest.limit(1))
    assert found is not None, f"no zone {ref}"
    return found


async def _forget_teams(session: AsyncSession, teams: Sequence[uuid.UUID]) -> None:
    """Delete what teams keep, then the teams; what hangs on either goes with it."""
    for table in Base.metadata.sorted_tables[::-1]:
        if "team_id" in table.c and table.name != "audit_event":
            await session.execute(table.delete().where(table.c.team_id.in_(teams)))
    await session.execute(delete(Team).where(Team.id.in_(teams)))
