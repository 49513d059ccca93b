"""Carers: professionals of home care for whom a named organization vouches, a year at a time."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.accounts import add_account, find_account, parse_address
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.sessions import today
from geo.errors import NotAllowed, NotFound, UnknownValue, WrongStep
from geo.jobs.mail import Mail, post
from geo.models.accounts import Account, AccountRole
from geo.models.organizations import Organization
from geo.models.teams import Team
from geo.vocabulary import Lang, Role, Text

VALID_FOR = relativedelta(years=1)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A carer, as the organization that vouches for them sees them."""

    account_id: uuid.UUID
    email: str
    organization_id: uuid.UUID
    organization: Text
    granted_on: dt.date
    valid_until: dt.date


async def vouch_for(
    session: AsyncSession, actor: Actor, account_id: uuid.UUID, organization_id: uuid.UUID
) -> dt.date:
    """Let an account be a carer for a year from today, and return the last day. Again: renewed.

    Raises
    ------
    NotAllowed
        Who acts speaks for no team of this organization, and manages no accounts.
    NotFound
        There is no such account.
    UnknownValue
        There is no such organization.
    """
    await check_voucher(session, actor, organization_id)
    if await session.get(Account, account_id) is None:
        raise NotFound(kind="account", id=str(account_id))
    role = await session.get(AccountRole, (account_id, Role.CARER.value))
    until = today() + VALID_FOR
    if role is None:
        role = AccountRole(account_id=account_id, role=Role.CARER.value, granted_on=today())
        session.add(role)
    role.vouched_by_id, role.valid_until = organization_id, until
    await session.flush()
    return until


async def vouch_for_address(
    session: AsyncSession, actor: Actor, email: str, lang: Lang, organization_id: uuid.UUID
) -> uuid.UUID:
    """Vouch for whoever has a mail address, and return their account; who has none is invited by mail.

    Raises
    ------
    NotAllowed, UnknownValue
        As `vouch_for`.
    InputRefused
        The address is none.
    WrongStep
        The account is closed.
    """
    await check_voucher(session, actor, organization_id)
    address = parse_address(email)
    account = await find_account(session, address) or await add_account(session, address, lang)
    if account.status == "disabled":
        raise WrongStep(status=account.status, step="vouch")
    await vouch_for(session, actor, account.id, organization_id)
    if account.status == "invited":
        await post(session, Mail.INVITATION, account_id=account.id)
    return account.id


async def end_vouch(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> None:
    """Let an account be a carer no longer.

    Raises
    ------
    NotFound
        It is none.
    NotAllowed
        Another organization vouches for it.
    """
    role = await session.get(AccountRole, (account_id, Role.CARER.value))
    if role is None or role.vouched_by_id is None:
        raise NotFound(kind="carer", id=str(account_id))
    await check_voucher(session, actor, role.vouched_by_id)
    await session.delete(role)
    await session.flush()


async def list_vouched(session: AsyncSession, actor: Actor) -> list[Vouched]:
    """Return the carers for whom the actor's organizations vouch, those whose year ends first at the top."""
    actor.require(Right.CARERS_VOUCH)
    carers = (
        select(Account.id, Account.email, AccountRole, Organization)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .join(Organization, Organization.id == AccountRole.vouched_by_id)
        .where(AccountRole.role == Role.CARER.value)
        .order_by(AccountRole.valid_until, Account.email)
    )
    if not actor.may_everywhere(Right.CARERS_VOUCH):
        carers = carers.where(Organization.id.in_(await organizations_of(session, actor)))
    return [
        Vouched(account, email, carrier.id, carrier.name, role.granted_on, role.valid_until)
        for account, email, role, carrier in await session.execute(carers)
        if role.valid_until  # the table has no carer without
    ]


async def organizations_of(session: AsyncSession, actor: Actor) -> dict[uuid.UUID, Text]:
    """Return the organizations in whose name the actor may vouch by a team of theirs."""
    teams = [each.team_id for each in actor.memberships if actor.may(Right.CARERS_VOUCH, each.team_id)]
    carriers = (
        select(Organization)
        .join(Team, Team.organization_id == Organization.id)
        .where(Team.id.in_(teams), Team.is_active)
    )
    return {each.id: each.name for each in await session.scalars(carriers)}


async def check_voucher(session: AsyncSession, actor: Actor, organization_id: uuid.UUID) -> None:
    """Raise unless the actor may vouch in the name of an organization.

    Raises
    ------
    NotAllowed, UnknownValue
        As `vouch_for`.
    """
    actor.require(Right.CARERS_VOUCH)
    if await session.get(Organization, organization_id) is None:
        raise UnknownValue(name="organization", value=str(organization_id))
    if actor.may_everywhere(Right.CARERS_VOUCH):
        return
    if organization_id not in await organizations_of(session, actor):
        raise NotAllowed(right=Right.CARERS_VOUCH.value)
