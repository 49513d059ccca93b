"""Who belongs to a team, for its coordinator: mail addresses are told to nobody else of the team."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Select, Uuid, select

from geo.accounts.actors import Actor
from geo.db.reads import Reader, ReadQuery, value
from geo.models.accounts import Account
from geo.models.teams import TeamMember


@dataclass(frozen=True, slots=True)
class Member:
    """An account that belongs to a team. Status `invited`: the mail has not been answered yet."""

    account_id: uuid.UUID
    email: str
    status: str
    is_coordinator: bool
    since: dt.date


def _members() -> Select[uuid.UUID, str, str, bool, dt.date]:
    return (
        select(
            TeamMember.account_id, Account.email, Account.status, TeamMember.is_coordinator, TeamMember.since
        )
        .join(Account, Account.id == TeamMember.account_id)
        .where(TeamMember.team_id == value("team_id", Uuid))
        .order_by(TeamMember.is_coordinator.desc(), Account.email)
    )


_MEMBERS = ReadQuery(_members)


async def list_members(reader: Reader, actor: Actor, team_id: uuid.UUID) -> list[Member]:
    """Return who belongs to a team, coordinators first.

    Raises
    ------
    NotSignedIn, NotAllowed
        Unless who asks may invite for this team.
    """
    actor.require_care_of(team_id)
    compiled = _MEMBERS.compiled()
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"team_id": team_id}))
    return [Member(**row) for row in rows]
