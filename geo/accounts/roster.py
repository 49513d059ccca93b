"""Who there is: accounts and teams, for administrators. Nowhere else are mail addresses told."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader, ReadQuery
from geo.errors import NotFound
from geo.queries import roster
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Lang, Role, Text, ZoneKind

_ACCOUNTS, _TEAMS = ReadQuery(roster.accounts), ReadQuery(roster.teams)
_ENTERED, _ORGANIZATIONS = ReadQuery(roster.entered_zones), ReadQuery(roster.organizations)


@dataclass(frozen=True, slots=True)
class RoleTold:
    """A role of an account; for a carer, who vouches and until when."""

    role: Role
    valid_until: dt.date | None
    vouched_by_id: uuid.UUID | None
    vouched_by: Text


@dataclass(frozen=True, slots=True)
class TeamOfAccount:
    """A team that an account belongs to."""

    id: uuid.UUID
    name: Text
    is_coordinator: bool


@dataclass(frozen=True, slots=True)
class AccountTold:
    """An account, as administrators see it. `key` is its pseudonym in the audit."""

    id: uuid.UUID
    email: str
    lang: Lang
    status: str
    created_on: dt.date
    seen_on: dt.date | None
    key: uuid.UUID | None
    roles: tuple[RoleTold, ...]
    teams: tuple[TeamOfAccount, ...]
    sessions: int
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class MemberTold:
    """An account that belongs to a team."""

    id: uuid.UUID
    email: str
    is_coordinator: bool


@dataclass(frozen=True, slots=True)
class TeamTold:
    """A team, as administrators see it."""

    id: uuid.UUID
    name: Text
    organization_id: uuid.UUID | None
    organization: Text
    is_active: bool
    example: bool
    version: int
    members: tuple[MemberTold, ...]
    zones: tuple[ZoneName, ...]


@dataclass(frozen=True, slots=True)
class EnteredZone:
    """A zone without published limits, and of which parts it was put together, when."""

    zone: ZoneName
    carrier: str | None
    parts: tuple[ZoneName, ...]
    entered_on: dt.date | None


async def list_accounts(
    reader: Reader, actor: Actor, search: str = "", role: Role | None = None, limit: int = 50, offset: int = 0
) -> tuple[list[AccountTold], int]:
    """Return accounts by mail address, and how many match; `search` is a part of the address.

    Raises
    ------
    NotAllowed
        Who acts doesn't manage accounts.
    """
    actor.require(Right.ACCOUNTS_MANAGE)
    query = _ACCOUNTS.compiled(searched=bool(search), by_role=role is not None)
    values = {"search": search, "role": role and role.value, "limit": limit, "offset": offset}
    rows = await reader.fetch(query.sql, *query.arguments(values))
    return [_account(row) for row in rows], rows[0]["matched"] if rows else 0


async def read_account(reader: Reader, actor: Actor, account_id: uuid.UUID) -> AccountTold:
    """Return one account.

    Raises
    ------
    NotAllowed, NotFound
        Who acts doesn't manage accounts; there is no such account.
    """
    actor.require(Right.ACCOUNTS_MANAGE)
    query = _ACCOUNTS.compiled(by_id=True)
    row = await reader.fetchrow(
        query.sql, *query.arguments({"account_id": account_id, "limit": 1, "offset": 0})
    )
    if row is None:
        raise NotFound(kind="account", id=str(account_id))
    return _account(row)


async def list_teams(
    reader: Reader, actor: Actor, limit: int = 1000, offset: int = 0
) -> tuple[list[TeamTold], int]:
    """Return the teams by name, and how many there are.

    Raises
    ------
    NotAllowed
        Who acts doesn't keep teams.
    """
    actor.require(Right.TEAMS_MANAGE)
    query = _TEAMS.compiled()
    rows = await reader.fetch(query.sql, *query.arguments({"limit": limit, "offset": offset}))
    return [_team(row) for row in rows], rows[0]["matched"] if rows else 0


async def read_team(reader: Reader, actor: Actor, team_id: uuid.UUID) -> TeamTold:
    """Return one team.

    Raises
    ------
    NotAllowed, NotFound
        Who acts doesn't keep teams; there is no such team.
    """
    actor.require(Right.TEAMS_MANAGE)
    query = _TEAMS.compiled(by_id=True)
    row = await reader.fetchrow(query.sql, *query.arguments({"team_id": team_id, "limit": 1, "offset": 0}))
    if row is None:
        raise NotFound(kind="team", id=str(team_id))
    return _team(row)


async def list_entered_zones(reader: Reader, actor: Actor, kind: ZoneKind) -> list[EnteredZone]:
    """Return the zones of a kind without published limits, with the parts entered for each.

    Raises
    ------
    NotAllowed
        Who acts doesn't keep teams.
    """
    actor.require(Right.TEAMS_MANAGE)
    query = _ENTERED.compiled(kind)
    return [
        EnteredZone(
            parse_zone(json.loads(row["zone"])),
            row["carrier"],
            tuple(map(parse_zone, json.loads(row["parts"]))),
            row["entered_on"],
        )
        for row in await reader.fetch(query.sql)
    ]


async def list_organizations(reader: Reader, actor: Actor) -> dict[uuid.UUID, Text]:
    """Return the organizations of the directory by id, in the order of their names.

    Raises
    ------
    NotAllowed
        Who acts may not vouch for carers, nor keep teams.
    """
    actor.require(Right.CARERS_VOUCH)
    rows = await reader.fetch(_ORGANIZATIONS.compiled().sql)
    return {row["id"]: Text(**json.loads(row["name"])) for row in rows}


def _account(row: Mapping[str, Any]) -> AccountTold:
    roles = tuple(
        RoleTold(
            Role(told["role"]),
            dt.date.fromisoformat(told["valid_until"]) if told["valid_until"] else None,
            uuid.UUID(told["vouched_by_id"]) if told["vouched_by_id"] else None,
            Text(**told["vouched_by"]),
        )
        for told in json.loads(row["roles"])
    )
    teams = tuple(
        TeamOfAccount(uuid.UUID(told["id"]), Text(**told["name"]), told["is_coordinator"])
        for told in json.loads(row["teams"])
    )
    kept = ("id", "email", "lang", "status", "created_on", "seen_on", "key", "sessions", "has_second_factor")
    return AccountTold(**{name: row[name] for name in kept}, roles=roles, teams=teams)


def _team(row: Mapping[str, Any]) -> TeamTold:
    members = tuple(
        MemberTold(uuid.UUID(told["id"]), told["email"], told["is_coordinator"])
        for told in json.loads(row["members"])
    )
    kept = ("id", "organization_id", "is_active", "example", "version")
    return TeamTold(
        **{name: row[name] for name in kept},
        name=Text(row["name_fr"], row["name_nl"], row["name_en"]),
        organization=Text(**json.loads(row["organization"])),
        members=members,
        zones=tuple(map(parse_zone, json.loads(row["zones"]))),
    )
