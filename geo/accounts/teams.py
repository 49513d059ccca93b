"""Teams: who carries them, who belongs to them, in which zones they may write. Administrators keep them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.sessions import today
from geo.db.sessions import touch
from geo.errors import (
    AlreadyThere,
    InvalidParameter,
    LastCoordinator,
    NotFound,
    StaleVersion,
    UnknownValue,
)
from geo.models.accounts import Account
from geo.models.organizations import Organization
from geo.models.teams import Mandate, Team, TeamMember, ZoneMember
from geo.models.zones import Zone
from geo.queries.zones import is_current
from geo.vocabulary import Text, ZoneKind, ZoneRef

#: Kinds of zones that a team can have a mandate for.
AREAS = (ZoneKind.CLSS, ZoneKind.QUARTIER, ZoneKind.BASSIN, ZoneKind.MESO, ZoneKind.QSS)
#: Kinds of zones whose limits nobody publishes, and the kinds of which they are put together by hand.
ENTERED = (ZoneKind.CLSS, ZoneKind.QSS)
PARTS = (ZoneKind.QUARTIER, ZoneKind.SECTEUR)


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """What is told of a team."""

    name: Text
    organization_id: uuid.UUID | None = None
    is_active: bool = True


async def create_team(
    session: AsyncSession, actor: Actor, draft: TeamDraft, *, team_id: uuid.UUID | None = None
) -> Team:
    """Add a team. The id that a form brings makes the same form, sent twice, the same team.

    Raises
    ------
    NotAllowed
        Who acts doesn't keep teams.
    UnknownValue, InvalidParameter
        There is no such organization; the team has no name.
    AlreadyThere
        Another team has this id.
    """
    actor.require(Right.TEAMS_MANAGE)
    known = await session.get(Team, team_id) if team_id else None
    if known is not None:
        if known.name != draft.name:
            raise AlreadyThere(kind="team")
        return known
    await _check(session, draft)
    team = Team(id=team_id or uuid.UUID(str(uuid7())))
    _fill(team, draft)
    session.add(team)
    await session.flush()
    return team


async def change_team(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID, draft: TeamDraft, version: int
) -> Team:
    """Rename a team, say who carries it, or close it: its members then may no longer write for it.

    Raises
    ------
    NotAllowed, NotFound, UnknownValue
        Who acts doesn't keep teams; there is no such team; there is no such organization.
    StaleVersion
        Somebody else changed it. Params: expected, found.
    """
    actor.require(Right.TEAMS_MANAGE)
    team = await find_team(session, team_id)
    if team.version != version:
        raise StaleVersion(expected=version, found=team.version)
    await _check(session, draft)
    _fill(team, draft)
    team.version += 1
    await session.flush()
    return team


async def set_mandate(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID, zones: Sequence[ZoneRef]
) -> None:
    """Let a team write in these zones, and in no others.

    Raises
    ------
    NotAllowed, NotFound
        Who acts doesn't keep teams; there is no such team.
    UnknownValue, InvalidParameter
        A reference names no zone valid today; a kind of zone that is nobody's area.
    """
    actor.require(Right.TEAMS_MANAGE)
    team = await find_team(session, team_id)
    wanted = await find_zones(session, zones, AREAS)
    held = {each.zone_id: each for each in await session.scalars(select(Mandate).filter_by(team_id=team.id))}
    for zone_id in held.keys() - wanted:
        await session.delete(held[zone_id])
    session.add_all(Mandate(team_id=team.id, zone_id=zone_id) for zone_id in wanted - held.keys())
    await session.flush()


async def set_zone_members(
    session: AsyncSession, actor: Actor, zone: ZoneRef, members: Sequence[ZoneRef]
) -> None:
    """Enter of which quartiers or sectors a CLSS is made; with none, its limits are unknown again.

    Raises
    ------
    NotAllowed
        Who acts doesn't keep teams.
    UnknownValue, InvalidParameter
        A reference names no zone valid today; another kind of zone than a CLSS, a quartier, a sector.
    """
    actor.require(Right.TEAMS_MANAGE)
    (zone_id,) = await find_zones(session, [zone], ENTERED)
    wanted = await find_zones(session, members, PARTS)
    entered = select(ZoneMember).filter_by(zone_id=zone_id)
    held = {each.member_id: each for each in await session.scalars(entered)}
    for member_id in held.keys() - wanted:
        await session.delete(held[member_id])
    session.add_all(
        ZoneMember(zone_id=zone_id, member_id=member_id, entered_on=today())
        for member_id in wanted - held.keys()
    )
    touch(session, zone.kind.value)
    await session.flush()


async def set_member(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID, account_id: uuid.UUID, *, is_coordinator: bool
) -> None:
    """Let an account belong to a team, as coordinator or member.

    Raises
    ------
    NotAllowed
        Who acts may not invite for this team.
    LastCoordinator
        The team would have no coordinator, and who acts is no administrator.
    NotFound
        There is no such team or account.
    """
    actor.require_care_of(team_id)
    await find_team(session, team_id)
    if await session.get(Account, account_id) is None:
        raise NotFound(kind="account", id=str(account_id))
    member = await session.get(TeamMember, (team_id, account_id))
    if member is not None and not is_coordinator:
        await _keep_a_coordinator(session, actor, member)
    if member is None:
        member = TeamMember(team_id=team_id, account_id=account_id, since=today())
        session.add(member)
    member.is_coordinator = is_coordinator
    await session.flush()


async def remove_member(
    session: AsyncSession, actor: Actor, team_id: uuid.UUID, account_id: uuid.UUID
) -> None:
    """Let an account no longer belong to a team; what it wrote stays the team's.

    Raises
    ------
    NotAllowed
        Who acts may not invite for this team.
    LastCoordinator
        The team would have no coordinator, and who acts is no administrator.
    NotFound
        The account doesn't belong to it.
    """
    actor.require_care_of(team_id)
    member = await session.get(TeamMember, (team_id, account_id))
    if member is None:
        raise NotFound(kind="member", id=str(account_id))
    await _keep_a_coordinator(session, actor, member)
    await session.delete(member)
    await session.flush()


async def _keep_a_coordinator(session: AsyncSession, actor: Actor, leaving: TeamMember) -> None:
    """Refuse that the last coordinator goes; two who go at once wait for each other."""
    if not leaving.is_coordinator or actor.may_everywhere(Right.TEAMS_MANAGE):
        return
    others = select(TeamMember.account_id).where(
        TeamMember.team_id == leaving.team_id,
        TeamMember.is_coordinator,
        TeamMember.account_id != leaving.account_id,
    )
    await session.execute(select(Team.id).where(Team.id == leaving.team_id).with_for_update())
    if (await session.scalars(others)).first() is None:
        raise LastCoordinator()


async def find_team(session: AsyncSession, team_id: uuid.UUID) -> Team:
    """Return a team.

    Raises
    ------
    NotFound
        There is none.
    """
    team = await session.get(Team, team_id)
    if team is None:
        raise NotFound(kind="team", id=str(team_id))
    return team


async def find_zones(
    session: AsyncSession, zones: Sequence[ZoneRef], kinds: Collection[ZoneKind]
) -> set[uuid.UUID]:
    """Return the ids of zones as they are valid today."""
    for zone in zones:
        if zone.kind not in kinds:
            raise InvalidParameter(name="zone", value=str(zone), expected=", ".join(kinds))
    wanted = {(zone.kind.value, zone.code) for zone in zones}
    query = select(Zone.kind, Zone.code, Zone.id).where(
        tuple_(Zone.kind, Zone.code).in_(sorted(wanted)), is_current()
    )
    found = {(kind, code): zone_id for kind, code, zone_id in await session.execute(query)}
    if missing := sorted(wanted - found.keys()):
        raise UnknownValue(name="zone", value=":".join(missing[0]))
    return set(found.values())


async def _check(session: AsyncSession, draft: TeamDraft) -> None:
    if not draft.name:
        raise InvalidParameter(name="name", value="", expected="fr, nl, en")
    if draft.organization_id and await session.get(Organization, draft.organization_id) is None:
        raise UnknownValue(name="organization", value=str(draft.organization_id))


def _fill(team: Team, draft: TeamDraft) -> None:
    team.name_fr, team.name_nl, team.name_en = draft.name.fr, draft.name.nl, draft.name.en
    team.organization_id, team.is_active = draft.organization_id, draft.is_active
