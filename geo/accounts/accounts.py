"""Accounts: made by invitation, used, closed."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.attempts import fold_address
from geo.accounts.links import Purpose, read_link
from geo.accounts.passwords import check_strength, hash_password
from geo.accounts.rights import Right
from geo.accounts.roles import GRANTED, check_not_last, set_roles
from geo.accounts.sessions import Proof, end_sessions, today
from geo.accounts.teams import set_member
from geo.errors import InputRefused, NotFound, RowProblem, WrongStep
from geo.jobs.mail import Mail, post
from geo.models.accounts import Account, AccountKey, AccountRole
from geo.models.teams import TeamMember
from geo.vocabulary import Lang, Role

MAX_ADDRESS = 254
NOT_AN_ADDRESS = "not_an_address"


def parse_address(words: str) -> str:
    """Return a mail address as it is stored.

    Raises
    ------
    InputRefused
        It is none.
    """
    try:
        return validate_email(words.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise InputRefused([RowProblem("", None, "email", NOT_AN_ADDRESS)]) from None


async def find_account(session: AsyncSession, email: str) -> Account | None:
    """Return the account with an address, whatever the case of its letters."""
    return await session.scalar(select(Account).where(func.lower(Account.email) == fold_address(email)))


async def invite(
    session: AsyncSession,
    actor: Actor,
    email: str,
    lang: Lang,
    *,
    roles: Collection[Role] = (),
    team: uuid.UUID | None = None,
    coordinator: bool = False,
) -> Account:
    """Invite somebody, or give an account that exists these roles and this team besides its own.

    A mail with a link goes to whoever has not accepted yet.

    Raises
    ------
    InputRefused
        The address is none.
    NotAllowed
        Who acts manages no accounts, or may not invite for this team.
    WrongStep
        The account is disabled.
    """
    if roles or team is None:
        actor.require(Right.ACCOUNTS_MANAGE)
    if team is not None:
        actor.require_care_of(team)
    address = parse_address(email)
    account = await find_account(session, address) or await add_account(session, address, lang)
    if account.status == "disabled":
        raise WrongStep(status=account.status, step="invite")
    await _join(session, actor, account, roles, team, coordinator=coordinator)
    if account.status == "invited":
        await post(session, Mail.INVITATION, account_id=account.id, team_id=team)
    return account


async def accept_invitation(session: AsyncSession, token: str, password: str) -> Proof:
    """Open an account: choose its password. The link opens nothing afterwards.

    Raises
    ------
    LinkUseless
        The link has ended, was used, or is not ours.
    PasswordRefused
        The password is too weak; says why.
    """
    account = await read_link(session, Purpose.INVITATION, token, to_use=True)
    check_strength(password, account.email)
    account.password_hash = await hash_password(password)
    account.status = "active"
    account.link_version += 1
    await session.flush()
    return Proof(account.id, frozenset({"password"}))


async def disable_account(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> None:
    """Close an account without erasing it: nobody signs in with it, its sessions end, its links open nothing.

    Raises
    ------
    LastAdministrator
        It is the only administrator, or the actor's own.
    """
    account = await managed_account(session, actor, account_id)
    await check_not_last(session, actor, account_id)
    account.status, account.disabled_on = "disabled", today()
    account.link_version += 1
    await end_sessions(session, account_id)
    await session.flush()


async def enable_account(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> None:
    """Open an account again; one that never accepted its invitation is invited anew."""
    account = await managed_account(session, actor, account_id)
    if account.status != "disabled":
        raise WrongStep(status=account.status, step="enable")
    known = account.password_hash is not None or account.oidc_subject is not None
    account.status, account.disabled_on = "active" if known else "invited", None
    await session.flush()
    if not known:
        await post(session, Mail.INVITATION, account_id=account.id)


async def managed_account(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> Account:
    """Return an account to who manages accounts.

    Raises
    ------
    NotAllowed
        Who acts doesn't.
    NotFound
        There is no such account.
    """
    actor.require(Right.ACCOUNTS_MANAGE)
    account = await session.get(Account, account_id)
    if account is None:
        raise NotFound(kind="account", id=str(account_id))
    return account


async def add_account(session: AsyncSession, address: str, lang: Lang) -> Account:
    """Add an account that nobody has opened yet, with its pseudonym; no mail is sent."""
    account = Account(
        id=uuid.UUID(str(uuid7())), email=address, lang=lang, status="invited", created_on=today()
    )
    session.add(account)
    await session.flush()
    # Random, where ids tell when they were made: a pseudonym must tell nothing.
    session.add(AccountKey(account_id=account.id, key=uuid.uuid4()))
    await session.flush()
    return account


async def _join(
    session: AsyncSession,
    actor: Actor,
    account: Account,
    roles: Collection[Role],
    team: uuid.UUID | None,
    *,
    coordinator: bool,
) -> None:
    if roles:
        held = await session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
        await set_roles(session, actor, account.id, {*roles, *(set(map(Role, held)) & set(GRANTED))})
    if team is not None:
        member = await session.get(TeamMember, (team, account.id))
        is_coordinator = coordinator or bool(member and member.is_coordinator)
        await set_member(session, actor, team, account.id, is_coordinator=is_coordinator)
