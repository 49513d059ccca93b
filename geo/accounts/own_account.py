"""What people do with their own account: password, language, mail address."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.accounts import find_account, parse_address
from geo.accounts.actors import Actor
from geo.accounts.attempts import forget_failures, subject_of
from geo.accounts.factors import is_fresh
from geo.accounts.links import Purpose, read_link
from geo.accounts.passwords import check_strength, hash_password, is_right
from geo.accounts.rights import Right
from geo.accounts.sessions import Proof, end_sessions
from geo.errors import LinkUseless
from geo.jobs.mail import Mail, post
from geo.models.accounts import Account
from geo.vocabulary import Lang


async def read_own(session: AsyncSession, actor: Actor) -> Account:
    """Return the account of who acts."""
    actor.require(Right.OWN_ACCOUNT)
    return await session.get_one(Account, actor.account_id)


async def request_reset(session: AsyncSession, email: str) -> None:
    """Have a link mailed to choose a new password. Where there is no such account, nothing happens.

    Nothing in the answer may tell the two apart; the route sees to it that the time doesn't either.
    """
    account = await find_account(session, email)
    if account is None or account.status == "disabled":
        return
    kind = Mail.RESET if account.status == "active" else Mail.INVITATION
    await post(session, kind, account_id=account.id)


async def reset_password(session: AsyncSession, token: str, password: str) -> Proof:
    """Choose a new password by a mailed link. All sessions end; a second factor is asked for as ever.

    Raises
    ------
    LinkUseless
        The link has ended, was used, or is not ours.
    PasswordRefused
        The password is too weak; says why.
    """
    account = await read_link(session, Purpose.RESET, token, to_use=True)
    await _set_password(account, password)
    await end_sessions(session, account.id)
    await forget_failures(session, subject_of(account.email))
    await session.flush()
    return Proof(account.id, frozenset({"password"}))


async def change_password(session: AsyncSession, actor: Actor, password: str) -> None:
    """Choose another password; the other sessions of the account end. Prove the old one first.

    Raises
    ------
    PasswordRefused
        The password is too weak; says why.
    """
    account = await read_own(session, actor)
    await _set_password(account, password)
    await end_sessions(session, account.id, but=actor.session_id)
    await session.flush()


async def change_language(session: AsyncSession, actor: Actor, lang: Lang) -> None:
    """Choose the language of our mails."""
    account = await read_own(session, actor)
    account.lang = lang
    await session.flush()


async def request_address(session: AsyncSession, actor: Actor, email: str) -> None:
    """Have a link mailed to a new address; the old one counts until then. Prove the password first.

    An address that belongs to another account gets no mail, and nobody is told.

    Raises
    ------
    InputRefused
        The address is none.
    """
    account = await read_own(session, actor)
    address = parse_address(email)
    if await find_account(session, address) is not None:
        return
    account.new_email = address
    account.link_version += 1  # a link mailed to another address before would let this one count
    await session.flush()
    await post(session, Mail.EMAIL_CHANGED, account_id=account.id)
    await post(session, Mail.EMAIL_NOTICE, account_id=account.id)


async def confirm_address(session: AsyncSession, token: str) -> None:
    """Let the new address count, by the link mailed to it.

    Raises
    ------
    LinkUseless
        The link has ended, was used, or the address became another's.
    """
    account = await read_link(session, Purpose.ADDRESS, token, to_use=True)
    if account.new_email is None or await find_account(session, account.new_email) is not None:
        raise LinkUseless()
    account.email, account.new_email = account.new_email, None
    account.link_version += 1
    await session.flush()


async def prove_own(session: AsyncSession, actor: Actor, password: str) -> bool | None:
    """Return True when the password is that of who acts, else None, as the sign-in's limits count it.

    Without a password (OpenID Connect, a passkey) having signed in a moment ago is the proof.
    """
    account = await read_own(session, actor)
    if account.password_hash is None:
        return await is_fresh(session, actor) or None
    return await is_right(account.password_hash, password) or None


async def _set_password(account: Account, password: str) -> None:
    check_strength(password, account.email)
    account.password_hash = await hash_password(password)
    account.link_version += 1
