"""Who acts: what every verb that writes is told of its caller."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from geo.accounts.rights import RIGHTS, SECOND_FACTOR_ROLES, TEAM_ROLES, Right
from geo.errors import NotAllowed, NotSignedIn, SecondFactorNeeded
from geo.vocabulary import Lang, Role, Viewer

Kind = Literal["account", "token", "command", "public", "worker"]


@dataclass(frozen=True, slots=True)
class Membership:
    """An account belongs to a team."""

    team_id: uuid.UUID
    is_coordinator: bool


@dataclass(frozen=True)
class Actor:
    """Who acts, by what they may do. Sessions and tokens produce it; nothing else is known of a person.

    Attributes
    ----------
    kind : str
        How the caller came in.
    key : UUID or None
        The pseudonym of the account, for the audit.
    account_id : UUID or None
        The account; None for commands, workers and the public.
    roles : frozenset of Role
        Roles that count everywhere. The two team roles follow from `memberships`.
    memberships : tuple of Membership
        The active teams.
    scopes : frozenset of Right or None
        What a token is limited to; None for a session.
    second_factor : bool
        Whether this session proved a second factor.
    session_id : UUID or None
        The session, to tell it from others of the account.
    """

    kind: Kind
    key: uuid.UUID | None = None
    account_id: uuid.UUID | None = None
    lang: Lang = "fr"
    roles: frozenset[Role] = frozenset()
    memberships: tuple[Membership, ...] = ()
    scopes: frozenset[Right] | None = None
    second_factor: bool = False
    session_id: uuid.UUID | None = None

    @cached_property
    def all_roles(self) -> frozenset[Role]:
        """Return the roles, with those that membership of a team gives."""
        of_teams = {
            Role.TEAM_COORDINATOR if each.is_coordinator else Role.TEAM_MEMBER for each in self.memberships
        }
        return self.roles | of_teams

    @cached_property
    def viewer(self) -> Viewer:
        """Return who looks, for the layers. A token looks with those roles alone that its scopes are of."""
        if self.waits_for_second_factor:
            return Viewer()
        return Viewer(roles=frozenset(filter(self._shows, self.all_roles)))

    def _shows(self, role: Role) -> bool:
        """Return whether a role counts for what is seen; `account:own` is of every role: it shows nothing."""
        return self.scopes is None or bool(self.scopes & RIGHTS[role] - {Right.OWN_ACCOUNT})

    @cached_property
    def waits_for_second_factor(self) -> bool:
        """Return whether a role asks for a second factor that is missing: until then no role counts."""
        return not self.second_factor and bool(self.roles & SECOND_FACTOR_ROLES)

    @property
    def team_ids(self) -> frozenset[uuid.UUID]:
        """Return the teams of the account."""
        return frozenset(each.team_id for each in self.memberships)

    def may(self, right: Right, team_id: uuid.UUID | None = None) -> bool:
        """Return whether the actor has a right; for a team where one is named, else anywhere at all."""
        if self.kind in ("command", "worker"):
            return True
        if self.scopes is not None and right not in self.scopes:
            return False
        if right is Right.OWN_ACCOUNT and self.account_id is not None:
            return True
        if self.waits_for_second_factor:
            return False
        if any(right in RIGHTS[role] for role in self.roles):
            return True
        return any(
            right in RIGHTS[Role.TEAM_COORDINATOR if each.is_coordinator else Role.TEAM_MEMBER]
            for each in self.memberships
            if team_id is None or each.team_id == team_id
        )

    def may_everywhere(self, right: Right) -> bool:
        """Return whether the right comes from a role without limits of area."""
        if self.kind in ("command", "worker"):
            return True
        in_scope = self.scopes is None or right in self.scopes
        return (
            in_scope
            and not self.waits_for_second_factor
            and any(right in RIGHTS[role] for role in self.roles - TEAM_ROLES)
        )

    def require(self, right: Right, team_id: uuid.UUID | None = None) -> None:
        """Raise unless the actor has a right.

        Raises
        ------
        NotSignedIn
            Nobody is signed in.
        SecondFactorNeeded
            A role of the actor asks for a second factor, and the session has none.
        NotAllowed
            No role of the actor gives the right, or not for this team.
        """
        if self.may(right, team_id):
            return
        if self.kind == "public":
            raise NotSignedIn()
        if self.waits_for_second_factor:
            raise SecondFactorNeeded(right=right.value)
        raise NotAllowed(right=right.value)

    def require_care_of(self, team_id: uuid.UUID) -> None:
        """Raise unless the actor keeps the members of a team: as its coordinator, or of all teams.

        Raises
        ------
        NotSignedIn, SecondFactorNeeded, NotAllowed
            As `require` does.
        """
        if not self.may_everywhere(Right.TEAMS_MANAGE):
            self.require(Right.TEAM_INVITE, team_id)


PUBLIC = Actor("public")
COMMAND = Actor("command")
WORKER = Actor("worker")
