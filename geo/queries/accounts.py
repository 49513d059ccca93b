"""Who is signed in: one statement from the digest of a cookie or token to all that decides rights."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Date, DateTime, Executable, LargeBinary, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import Text, Uuid

from geo.db.reads import ReadQuery, quoted, value
from geo.models.accounts import Account, AccountKey, AccountRole, PersonalToken, SignedIn
from geo.models.teams import Team, TeamMember

By = Literal["session", "token"]


def _acting(by: By) -> Executable:
    """Return who acts, by the digest of a session's cookie or of a token."""
    who = select(
        Account.id.label("account_id"),
        Account.lang,
        AccountKey.key,
        _roles().label("roles"),
        _teams(as_coordinator=False).label("member_of"),
        _teams(as_coordinator=True).label("coordinator_of"),
    ).join(AccountKey, AccountKey.account_id == Account.id)
    who = who.where(Account.status == quoted("active"))
    digest = value("digest", LargeBinary)
    if by == "session":
        return (
            who.add_columns(SignedIn.id, SignedIn.factors, SignedIn.seen_at)
            .join(SignedIn, SignedIn.account_id == Account.id)
            .where(
                SignedIn.digest == digest,
                SignedIn.expires_at > value("now", DateTime(timezone=True)),
                SignedIn.seen_at > value("idle_since", DateTime(timezone=True)),
            )
        )
    return (
        who.add_columns(PersonalToken.id, PersonalToken.scopes, PersonalToken.used_on)
        .join(PersonalToken, PersonalToken.account_id == Account.id)
        .where(
            PersonalToken.digest == digest,
            PersonalToken.expires_on >= value("today", Date),
            PersonalToken.revoked_on.is_(None),
        )
    )


def _roles() -> ColumnElement[Any]:
    """Return the roles that count today: a carer's ends unless it is vouched for again."""
    until = AccountRole.valid_until
    return func.array(
        select(AccountRole.role)
        .where(AccountRole.account_id == Account.id, or_(until.is_(None), until >= value("today", Date)))
        .scalar_subquery(),
        type_=ARRAY(Text),
    )


def _teams(*, as_coordinator: bool) -> ColumnElement[Any]:
    coordinates = TeamMember.is_coordinator
    return func.array(
        select(TeamMember.team_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            TeamMember.account_id == Account.id,
            Team.is_active,
            coordinates if as_coordinator else ~coordinates,
        )
        .scalar_subquery(),
        type_=ARRAY(Uuid),
    )


ACTING = ReadQuery(_acting)
