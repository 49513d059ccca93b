"""Teams, roles, carers: who may change them, and what the audit says of it. All people are invented."""

from __future__ import annotations

import datetime as dt
import uuid

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts import roster, teams, vouching
from geo.accounts.actors import Actor
from geo.accounts.audit import record_writes
from geo.accounts.rights import RIGHTS, Right
from geo.accounts.roles import set_roles
from geo.accounts.sessions import find_token
from geo.accounts.teams import TeamDraft
from geo.accounts.tokens import make_token
from geo.accounts.trail import AuditFilters, read_audit, write_audit_csv
from geo.errors import (
    InvalidParameter,
    LastAdministrator,
    NotAllowed,
    NotFound,
    StaleVersion,
    UnknownValue,
    WrongStep,
)
from geo.models.accounts import Account, AccountKey, AccountRole
from geo.models.organizations import Organization
from geo.models.teams import Mandate
from geo.models.zones import Zone
from geo.vocabulary import Role, Text, ZoneKind, ZoneRef
from tests.harness.accounts import actor_with, new_id

ADMINISTRATOR = actor_with(Role.ADMINISTRATOR)
EVERYBODY_ELSE = [role for role in Role if Right.TEAMS_MANAGE not in RIGHTS[role]]
Q36, Q1, CLSS = (
    ZoneRef(ZoneKind.QUARTIER, "36"),
    ZoneRef(ZoneKind.QUARTIER, "1"),
    ZoneRef(ZoneKind.CLSS, "marolles"),
)


@pytest.fixture
def audited(session: AsyncSession) -> AsyncSession:
    """The session, with the audit of an administrator."""
    record_writes(session, ADMINISTRATOR)
    return session


async def add_account(session: AsyncSession, *roles: Role, status: str = "active") -> Account:
    account = Account(
        id=(number := new_id()),
        email=f"{number.hex}@example.org",
        lang="fr",
        status=status,
        created_on=dt.date(2026, 11, 1),
    )
    session.add(account)
    await session.flush()
    session.add(AccountKey(account_id=account.id, key=uuid.uuid4()))
    session.add_all(
        AccountRole(account_id=account.id, role=role.value, granted_on=dt.date(2026, 11, 1)) for role in roles
    )
    await session.flush()
    return account


async def an_organization(session: AsyncSession) -> uuid.UUID:
    found = await session.scalar(select(Organization.id).order_by(Organization.id).limit(1))
    assert found is not None
    return found


async def zone_names(session: AsyncSession, ids: set[uuid.UUID]) -> set[str]:
    rows = await session.execute(select(Zone.kind, Zone.code).where(Zone.id.in_(ids)))
    return {f"{kind}:{code}" for kind, code in rows}


async def test_a_team_is_made_renamed_and_closed(audited: AsyncSession) -> None:
    organization = await an_organization(audited)
    draft = TeamDraft(Text(fr="Équipe fictive", nl="Fictief team"), organization)
    team = await teams.create_team(audited, ADMINISTRATOR, draft)
    assert (team.name_fr, team.name_nl, team.organization_id) == (
        "Équipe fictive",
        "Fictief team",
        organization,
    )
    renamed = TeamDraft(Text(fr="Autre nom"), None, is_active=False)
    await teams.change_team(audited, ADMINISTRATOR, team.id, renamed, version=1)
    assert (team.name_fr, team.name_nl, team.is_active, team.version) == ("Autre nom", None, False, 2)
    with pytest.raises(StaleVersion) as stale:
        await teams.change_team(audited, ADMINISTRATOR, team.id, renamed, version=1)
    assert stale.value.params == {"expected": 1, "found": 2}


async def test_the_same_form_sent_twice_makes_one_team(audited: AsyncSession) -> None:
    number, draft = new_id(), TeamDraft(Text(fr="Équipe fictive"))
    first = await teams.create_team(audited, ADMINISTRATOR, draft, team_id=number)
    again = await teams.create_team(audited, ADMINISTRATOR, draft, team_id=number)
    assert first is again and first.id == number


async def test_a_team_needs_an_organization_that_exists(audited: AsyncSession) -> None:
    with pytest.raises(UnknownValue):
        await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Équipe"), new_id()))


async def test_a_mandate_is_exactly_what_was_chosen(audited: AsyncSession) -> None:
    team = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Équipe fictive")))

    async def mandate() -> set[str]:
        rows = await audited.scalars(select(Mandate.zone_id).where(Mandate.team_id == team.id))
        return await zone_names(audited, set(rows))

    await teams.set_mandate(audited, ADMINISTRATOR, team.id, [Q36, CLSS])
    assert await mandate() == {"quartier:36", "clss:marolles"}
    await teams.set_mandate(audited, ADMINISTRATOR, team.id, [Q1, CLSS])
    assert await mandate() == {"quartier:1", "clss:marolles"}
    with pytest.raises(UnknownValue) as unknown:
        await teams.set_mandate(audited, ADMINISTRATOR, team.id, [ZoneRef(ZoneKind.QUARTIER, "9999")])
    assert unknown.value.params["value"] == "quartier:9999"
    with pytest.raises(InvalidParameter):
        await teams.set_mandate(audited, ADMINISTRATOR, team.id, [ZoneRef(ZoneKind.REGION, "04000")])


async def test_a_clss_is_put_together_of_quartiers(
    audited: AsyncSession, session_reader: asyncpg.Connection
) -> None:
    async def parts() -> set[str]:
        zones = await roster.list_entered_zones(session_reader, ADMINISTRATOR, ZoneKind.CLSS)
        (marolles,) = (each for each in zones if each.zone.code == "marolles")
        assert (marolles.entered_on is None) == (not marolles.parts)
        return {f"{each.kind}:{each.code}" for each in marolles.parts}

    assert await parts() == set()
    await teams.set_zone_members(audited, ADMINISTRATOR, CLSS, [Q36, Q1])
    assert await parts() == {"quartier:36", "quartier:1"}
    await teams.set_zone_members(audited, ADMINISTRATOR, CLSS, [])
    assert await parts() == set()
    with pytest.raises(InvalidParameter):
        await teams.set_zone_members(audited, ADMINISTRATOR, Q36, [Q1])


@pytest.mark.parametrize("role", EVERYBODY_ELSE)
async def test_nobody_else_keeps_teams(session: AsyncSession, role: Role) -> None:
    team_id = new_id()
    is_team_role = role in (Role.TEAM_MEMBER, Role.TEAM_COORDINATOR)
    actor = actor_with(teams=[(team_id, role is Role.TEAM_COORDINATOR)]) if is_team_role else actor_with(role)
    with pytest.raises(NotAllowed):
        await teams.create_team(session, actor, TeamDraft(Text(fr="Équipe")))
    with pytest.raises(NotAllowed):
        await teams.set_mandate(session, actor, team_id, [Q36])
    with pytest.raises(NotAllowed):
        await teams.set_zone_members(session, actor, CLSS, [Q36])
    with pytest.raises(NotAllowed):
        await set_roles(session, actor, new_id(), {Role.MODERATOR})


async def test_a_coordinator_keeps_the_members_of_the_own_team_only(audited: AsyncSession) -> None:
    own = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="La nôtre")))
    other = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Une autre")))
    colleague = await add_account(audited)
    coordinator = actor_with(teams=[(own.id, True)])
    await teams.set_member(audited, coordinator, own.id, colleague.id, is_coordinator=False)
    with pytest.raises(NotAllowed):
        await teams.set_member(audited, coordinator, other.id, colleague.id, is_coordinator=True)
    with pytest.raises(NotAllowed):
        await teams.set_member(
            audited, actor_with(teams=[(own.id, False)]), own.id, colleague.id, is_coordinator=True
        )
    await teams.remove_member(audited, coordinator, own.id, colleague.id)
    with pytest.raises(NotFound):
        await teams.remove_member(audited, coordinator, own.id, colleague.id)


async def test_roles_are_given_and_taken(audited: AsyncSession, session_reader: asyncpg.Connection) -> None:
    account = await add_account(audited, Role.MODERATOR)
    await set_roles(audited, ADMINISTRATOR, account.id, {Role.PLANNER, Role.HELPDESK})
    told = await roster.read_account(session_reader, ADMINISTRATOR, account.id)
    assert {each.role for each in told.roles} == {Role.PLANNER, Role.HELPDESK}
    with pytest.raises(InvalidParameter):
        await set_roles(audited, ADMINISTRATOR, account.id, {Role.CARER})
    with pytest.raises(InvalidParameter):
        await set_roles(audited, ADMINISTRATOR, account.id, {Role.TEAM_COORDINATOR})


async def test_a_token_made_without_a_second_factor_ends_with_a_role_that_asks_for_one(
    audited: AsyncSession, session_reader: asyncpg.Connection
) -> None:
    account = await add_account(audited, Role.PLANNER)
    planner = Actor("account", account_id=account.id, roles=frozenset({Role.PLANNER}))
    _, key = await make_token(audited, planner, "Tableur", {Right.NOTICES_WRITE}, 30)
    await set_roles(audited, ADMINISTRATOR, account.id, {Role.PLANNER, Role.HELPDESK})
    assert await find_token(session_reader, key)
    await set_roles(audited, ADMINISTRATOR, account.id, {Role.PLANNER, Role.ADMINISTRATOR})
    assert await find_token(session_reader, key) is None


async def test_somebody_remains_administrator(audited: AsyncSession) -> None:
    one = await add_account(audited, Role.ADMINISTRATOR)
    await add_account(audited, Role.ADMINISTRATOR, status="disabled")
    with pytest.raises(LastAdministrator):
        await set_roles(audited, ADMINISTRATOR, one.id, set())
    another = await add_account(audited, Role.ADMINISTRATOR)
    mine = Actor("account", account_id=another.id, roles=frozenset({Role.ADMINISTRATOR}), second_factor=True)
    with pytest.raises(LastAdministrator):
        await set_roles(audited, mine, another.id, set())
    await set_roles(audited, mine, one.id, set())


async def test_an_organization_vouches_for_a_year(audited: AsyncSession) -> None:
    organization = await an_organization(audited)
    team = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Équipe"), organization))
    coordinator, carer = actor_with(teams=[(team.id, True)]), await add_account(audited)
    until = await vouching.vouch_for(audited, coordinator, carer.id, organization)
    assert (until - dt.date.today()).days in (365, 366)
    (mine,) = await vouching.list_vouched(audited, coordinator)
    assert (mine.email, mine.valid_until) == (carer.email, until)
    role = await audited.get_one(AccountRole, (carer.id, "carer"))
    role.valid_until = dt.date(2026, 1, 1)
    assert await vouching.vouch_for(audited, coordinator, carer.id, organization) == role.valid_until == until
    stranger = actor_with(teams=[(new_id(), True)])
    for refused in (stranger, actor_with(teams=[(team.id, False)]), actor_with(Role.MODERATOR)):
        with pytest.raises(NotAllowed):
            await vouching.vouch_for(audited, refused, carer.id, organization)
        with pytest.raises(NotAllowed):
            await vouching.end_vouch(audited, refused, carer.id)
    assert await vouching.list_vouched(audited, stranger) == []
    await vouching.end_vouch(audited, coordinator, carer.id)
    assert await audited.get(AccountRole, (carer.id, "carer")) is None


async def test_a_carer_without_an_account_is_invited(audited: AsyncSession) -> None:
    organization = await an_organization(audited)
    team = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Équipe"), organization))
    coordinator, email = actor_with(teams=[(team.id, True)]), f"{new_id().hex}@example.org"
    first = await vouching.vouch_for_address(audited, coordinator, email, "nl", organization)
    again = await vouching.vouch_for_address(audited, coordinator, email.upper(), "nl", organization)
    assert first == again
    account = await audited.get_one(Account, first)
    assert (account.status, account.lang) == ("invited", "nl")
    jobs = await audited.execute(text("SELECT args::text FROM jobs.procrastinate_jobs"))
    told = [job for (job,) in jobs if str(first) in job]
    assert told and not any(email in job for job in told)
    account.status = "disabled"
    with pytest.raises(WrongStep):
        await vouching.vouch_for_address(audited, coordinator, email, "nl", organization)


async def test_a_closed_team_vouches_for_nobody(audited: AsyncSession) -> None:
    organization = await an_organization(audited)
    draft = TeamDraft(Text(fr="Équipe"), organization, is_active=False)
    team, carer = await teams.create_team(audited, ADMINISTRATOR, draft), await add_account(audited)
    with pytest.raises(NotAllowed):
        await vouching.vouch_for(audited, actor_with(teams=[(team.id, True)]), carer.id, organization)


async def test_accounts_are_found_by_a_part_of_the_address_and_by_role(
    audited: AsyncSession, session_reader: asyncpg.Connection
) -> None:
    account = await add_account(audited, Role.PLANNER)
    found, matched = await roster.list_accounts(session_reader, ADMINISTRATOR, account.email[:20].upper())
    assert ([each.id for each in found], matched) == ([account.id], 1)
    planners, _ = await roster.list_accounts(session_reader, ADMINISTRATOR, role=Role.PLANNER)
    assert account.id in {each.id for each in planners}
    moderators, _ = await roster.list_accounts(session_reader, ADMINISTRATOR, role=Role.MODERATOR)
    assert account.id not in {each.id for each in moderators}
    assert (await roster.list_accounts(session_reader, ADMINISTRATOR, "100%_nobody")) == ([], 0)
    team = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Équipe")))
    await teams.set_member(audited, ADMINISTRATOR, team.id, account.id, is_coordinator=True)
    for role, expected in ((Role.TEAM_COORDINATOR, True), (Role.TEAM_MEMBER, False)):
        found, _ = await roster.list_accounts(session_reader, ADMINISTRATOR, account.email, role)
        assert bool(found) is expected
    with pytest.raises(NotAllowed):
        await roster.list_accounts(session_reader, actor_with(Role.MODERATOR))


async def test_the_audit_tells_each_write_and_no_address(
    audited: AsyncSession, session_reader: asyncpg.Connection
) -> None:
    team = await teams.create_team(audited, ADMINISTRATOR, TeamDraft(Text(fr="Avant")))
    await teams.change_team(audited, ADMINISTRATOR, team.id, TeamDraft(Text(fr="Après")), version=1)
    account = await add_account(audited, Role.PLANNER)
    filters = AuditFilters(kind="team", record=str(team.id))
    changed, made = await read_audit(session_reader, ADMINISTRATOR, filters)
    assert (made.action, changed.action) == ("insert", "update")
    assert changed.actor_key == ADMINISTRATOR.key
    names = {each.field: (each.before, each.after) for each in changed.changes}
    assert names == {"name_fr": ("Avant", "Après"), "version": (1, 2)}
    today = dt.datetime.now(dt.UTC).date()
    for near, expected in ((AuditFilters(record=str(team.id), since=today + dt.timedelta(2)), 0),
                           (AuditFilters(record=str(team.id), until=today - dt.timedelta(2)), 0),
                           (AuditFilters(record=str(team.id), key=ADMINISTRATOR.key), 2),
                           (AuditFilters(record=str(team.id), action="insert"), 1),
                           (AuditFilters(record=str(team.id), before=changed.id), 1)):  # fmt: skip
        assert len(await read_audit(session_reader, ADMINISTRATOR, near)) == expected
    (about_account,) = await read_audit(
        session_reader, ADMINISTRATOR, AuditFilters(kind="account", record=str(account.id))
    )
    assert about_account.after["email"] == "•"
    table = "".join([part async for part in write_audit_csv(session_reader, ADMINISTRATOR, AuditFilters())])
    assert str(team.id) in table and account.email not in table
    with pytest.raises(NotAllowed):
        await read_audit(session_reader, actor_with(Role.MODERATOR), filters)
