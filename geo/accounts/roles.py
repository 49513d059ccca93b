"""Which roles an account has. Team roles follow from membership; a carer is vouched for."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.rights import SECOND_FACTOR_ROLES, TEAM_ROLES, Right
from geo.accounts.sessions import today
from geo.accounts.tokens import revoke_tokens
from geo.errors import InvalidParameter, LastAdministrator, NotFound
from geo.models.accounts import Account, AccountRole
from geo.vocabulary import Role

#: What an administrator gives and takes; the rest comes by membership or by vouching.
GRANTED = tuple(role for role in Role if role not in TEAM_ROLES | {Role.CARER})


async def set_roles(
    session: AsyncSession, actor: Actor, account_id: uuid.UUID, roles: Collection[Role]
) -> None:
    """Give an account these roles, and take the others that an administrator gives.

    With a role that asks for a second factor, tokens made before end: who made them proved none, perhaps.

    Raises
    ------
    NotAllowed
        Who acts doesn't manage accounts.
    NotFound
        There is no such account.
    InvalidParameter
        A role that comes by membership or by vouching.
    LastAdministrator
        Nobody would be administrator any more, or somebody takes that from themselves.
    """
    actor.require(Right.ACCOUNTS_MANAGE)
    if strange := set(roles) - set(GRANTED):
        raise InvalidParameter(name="roles", value=", ".join(sorted(strange)), expected=", ".join(GRANTED))
    if await session.get(Account, account_id) is None:
        raise NotFound(kind="account", id=str(account_id))
    given = select(AccountRole).where(AccountRole.account_id == account_id, AccountRole.role.in_(GRANTED))
    held = {Role(each.role): each for each in await session.scalars(given)}
    if Role.ADMINISTRATOR in held and Role.ADMINISTRATOR not in roles:
        await check_not_last(session, actor, account_id)
    for role in held.keys() - set(roles):
        await session.delete(held[role])
    session.add_all(
        AccountRole(account_id=account_id, role=role.value, granted_on=today())
        for role in set(roles) - held.keys()
    )
    await session.flush()
    if (set(roles) - held.keys()) & SECOND_FACTOR_ROLES:
        await revoke_tokens(session, account_id)


async def check_not_last(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> None:
    """Raise when an account may not cease to be administrator. The rows stay locked until the commit.

    Raises
    ------
    LastAdministrator
        It is the only active one, or the actor's own.
    """
    administrators = (
        select(AccountRole.account_id)
        .join(Account, Account.id == AccountRole.account_id)
        .where(AccountRole.role == Role.ADMINISTRATOR.value, Account.status == "active")
        .with_for_update(of=AccountRole)
    )
    active = set(await session.scalars(administrators))
    if account_id in active and (account_id == actor.account_id or active == {account_id}):
        raise LastAdministrator()
