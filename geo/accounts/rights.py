"""Rights, and which roles give them. This table is the truth; the docs print it and a test walks it.

A right of a team role counts for the teams that the account belongs to, and for their areas
(`geo.accounts.mandates`). A right of any other role counts everywhere.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from geo.vocabulary import Role


class Right(StrEnum):
    """Something that not everybody may do; also the scopes of a personal token."""

    OWN_ACCOUNT = "account:own"
    ACCOUNTS_MANAGE = "accounts:manage"
    TEAMS_MANAGE = "teams:manage"
    TEAM_READ = "team:read"
    TEAM_INVITE = "team:invite"
    AUDIT_READ = "audit:read"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    ACTIVITIES_WRITE = "activities:write"
    FUNCTIONS_WRITE = "functions:write"
    CONCERTATION_WRITE = "concertation:write"
    NOTICES_WRITE = "notices:write"
    SERVICES_WRITE = "services:write"
    MODERATE = "moderate"
    PARKING_READ = "parking:read"
    CARERS_VOUCH = "carers:vouch"
    SCENARIOS_WRITE = "scenarios:write"
    LEVELS_MANAGE = "levels:manage"
    ACCESS_PLAN = "access:plan"


_EVERYBODY = frozenset({Right.OWN_ACCOUNT})
_PARTNER = _EVERYBODY | {Right.NOTICES_WRITE}
_MEMBER = _PARTNER | {
    Right.TEAM_READ,
    Right.PROJECTS_READ,
    Right.PROJECTS_WRITE,
    Right.ACTIVITIES_WRITE,
}
_COORDINATOR = _MEMBER | {
    Right.TEAM_INVITE,
    Right.FUNCTIONS_WRITE,
    Right.CONCERTATION_WRITE,
    Right.CARERS_VOUCH,
}
_MODERATOR = _PARTNER | {
    Right.MODERATE,
    Right.PROJECTS_READ,
    Right.FUNCTIONS_WRITE,
    Right.CONCERTATION_WRITE,
}

RIGHTS: MappingProxyType[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.CARER: _EVERYBODY | {Right.PARKING_READ},
        Role.TEAM_MEMBER: _MEMBER,
        Role.TEAM_COORDINATOR: _COORDINATOR,
        Role.DIRECTORY_EDITOR: _PARTNER | {Right.SERVICES_WRITE},
        Role.MODERATOR: _MODERATOR,
        Role.PLANNER: _PARTNER | {Right.SCENARIOS_WRITE, Right.ACCESS_PLAN},
        Role.HELPDESK: _PARTNER,
        # Administrators keep accounts, teams and areas; what a team registers, the team writes.
        Role.ADMINISTRATOR: frozenset(Right)
        - {Right.PARKING_READ, Right.PROJECTS_WRITE, Right.ACTIVITIES_WRITE}
        - {Right.TEAM_READ, Right.TEAM_INVITE},  # those are of one's own team; `teams:manage` is of all
    }
)

#: Roles whose rights count for their own teams only.
TEAM_ROLES = frozenset({Role.TEAM_MEMBER, Role.TEAM_COORDINATOR})

#: Roles that must sign in with a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.ADMINISTRATOR})
