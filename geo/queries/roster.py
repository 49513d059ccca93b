"""Accounts and teams as administrators see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    Text,
    Uuid,
    and_,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, number, quoted, value
from geo.models.accounts import Account, AccountKey, AccountRole, Passkey, SignedIn
from geo.models.organizations import Organization
from geo.models.teams import Mandate, Team, TeamMember, ZoneMember
from geo.models.zones import Zone
from geo.queries.zones import is_current, zone_reference
from geo.vocabulary import ZoneKind

_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def accounts(searched: bool = False, by_role: bool = False, by_id: bool = False) -> Select[*tuple[Any, ...]]:
    """Return accounts with their roles, teams and factors, and how many match in all."""
    query = select(
        Account.id,
        Account.email,
        Account.lang,
        Account.status,
        Account.created_on,
        Account.seen_on,
        Account.version,
        select(AccountKey.key).where(AccountKey.account_id == Account.id).scalar_subquery().label("key"),
        as_text(_roles()).label("roles"),
        as_text(_teams()).label("teams"),
        _count(SignedIn, SignedIn.account_id == Account.id, SignedIn.expires_at > func.now()).label(
            "sessions"
        ),
        or_(Account.totp_confirmed_on.is_not(None), exists().where(Passkey.account_id == Account.id)).label(
            "has_second_factor"
        ),
        func.count().over().label("matched"),
    )
    if searched:
        query = query.where(
            func.strpos(func.lower(Account.email), func.lower(value("search", String))) > number(0)
        )
    if by_role:
        member = exists().where(
            TeamMember.account_id == Account.id,
            TeamMember.is_coordinator == (value("role", String) == quoted("team_coordinator")),
            value("role", String).in_([quoted("team_member"), quoted("team_coordinator")]),
        )
        given = exists().where(
            AccountRole.account_id == Account.id, AccountRole.role == value("role", String)
        )
        query = query.where(or_(given, member))
    if by_id:
        query = query.where(Account.id == value("account_id", Uuid))
    return (
        query.order_by(func.lower(Account.email))
        .limit(value("limit", Integer))
        .offset(value("offset", Integer))
    )


def teams(by_id: bool = False) -> Select[*tuple[Any, ...]]:
    """Return teams with who carries them, their members and the zones of their mandates."""
    query = select(
        Team.id,
        *(getattr(Team, f"name_{lang}") for lang in ("fr", "nl", "en")),
        Team.organization_id,
        as_text(_text(Organization)).label("organization"),
        Team.is_active,
        Team.example,
        Team.version,
        as_text(_members()).label("members"),
        as_text(_mandate()).label("zones"),
        func.count().over().label("matched"),
    ).outerjoin(Organization, Organization.id == Team.organization_id)
    if by_id:
        query = query.where(Team.id == value("team_id", Uuid))
    order = func.lower(func.coalesce(Team.name_fr, Team.name_nl, Team.name_en))
    return query.order_by(order, Team.id).limit(value("limit", Integer)).offset(value("offset", Integer))


def entered_zones(kind: ZoneKind) -> Select[*tuple[Any, ...]]:
    """Return the zones of a kind without published limits, and the parts that were entered for each."""
    part = Zone.__table__.alias("part")
    parts = (
        select(func.json_agg(aggregate_order_by(zone_reference(part.c), part.c.kind, part.c.code)))
        .join(ZoneMember, ZoneMember.member_id == part.c.id)
        .where(ZoneMember.zone_id == Zone.id)
    )
    entered_on = select(func.max(ZoneMember.entered_on)).where(ZoneMember.zone_id == Zone.id)
    return (
        select(
            as_text(zone_reference(Zone)).label("zone"),
            Zone.carrier,
            as_text(func.coalesce(parts.scalar_subquery(), _EMPTY)).label("parts"),
            entered_on.scalar_subquery().label("entered_on"),
        )
        .where(Zone.kind == quoted(kind.value), is_current())
        .order_by(func.coalesce(Zone.name_fr, Zone.code))
    )


def organizations() -> Select[*tuple[Any, ...]]:
    """Return organizations by name."""
    name = func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en)
    return select(Organization.id, as_text(_text(Organization)).label("name"), Organization.example).order_by(
        name
    )


def as_text(expression: ColumnElement[Any]) -> ColumnElement[str]:
    """Return JSON as the text that it is, whatever the connection makes of JSON."""
    return cast(expression, Text)


def _roles() -> ColumnElement[Any]:
    told = json_object(
        role=AccountRole.role,
        valid_until=AccountRole.valid_until,
        vouched_by_id=AccountRole.vouched_by_id,
        vouched_by=_text(Organization),
    )
    rows = (
        select(func.json_agg(aggregate_order_by(told, AccountRole.role)))
        .outerjoin(Organization, Organization.id == AccountRole.vouched_by_id)
        .where(AccountRole.account_id == Account.id)
    )
    return func.coalesce(rows.scalar_subquery(), _EMPTY)


def _teams() -> ColumnElement[Any]:
    told = json_object(id=Team.id, name=_text(Team), is_coordinator=TeamMember.is_coordinator)
    rows = (
        select(func.json_agg(aggregate_order_by(told, Team.name_fr)))
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.account_id == Account.id)
    )
    return func.coalesce(rows.scalar_subquery(), _EMPTY)


def _members() -> ColumnElement[Any]:
    told = json_object(id=Account.id, email=Account.email, is_coordinator=TeamMember.is_coordinator)
    rows = (
        select(func.json_agg(aggregate_order_by(told, TeamMember.is_coordinator.desc(), Account.email)))
        .join(TeamMember, TeamMember.account_id == Account.id)
        .where(TeamMember.team_id == Team.id)
    )
    return func.coalesce(rows.scalar_subquery(), _EMPTY)


def _mandate() -> ColumnElement[Any]:
    rows = (
        select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind, Zone.code)))
        .join(Mandate, Mandate.zone_id == Zone.id)
        .where(Mandate.team_id == Team.id)
    )
    return func.coalesce(rows.scalar_subquery(), _EMPTY)


def _text(model: Any) -> ColumnElement[Any]:
    return json_object(fr=model.name_fr, nl=model.name_nl, en=model.name_en)


def _count(model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(func.count()).select_from(model).where(and_(*conditions)).scalar_subquery()
