"""Codes of an authenticator app (TOTP, RFC 6238). The secret is kept encrypted; each code counts once."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.factors import check_removable, drop_unneeded_codes
from geo.accounts.rights import Right
from geo.accounts.secrets import seal, unseal
from geo.accounts.sessions import now_utc, today
from geo.errors import AlreadyThere, SignInFailed, WrongStep
from geo.models.accounts import Account

ISSUER = "Quartier"
_PURPOSE = "totp"
#: How many steps of 30 seconds the clock of a telephone may be wrong, either way.
DRIFT_STEPS = 1


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A secret to be entered into an app: as text, and as the address that a QR code holds."""

    secret: str
    uri: str


async def begin_totp(session: AsyncSession, actor: Actor) -> TotpOffer:
    """Make a secret for the actor's account; it counts for nothing until a code confirms it.

    Asked again before that, it offers the same secret, so that a page may be loaded twice.

    Raises
    ------
    AlreadyThere
        The account has an app already.
    """
    account = await _own(session, actor)
    if account.totp_confirmed_on:
        raise AlreadyThere(kind="totp")
    if account.totp_secret is None:
        account.totp_secret = seal(_PURPOSE, pyotp.random_base32().encode())
        await session.flush()
    secret = _secret(account)
    return TotpOffer(secret, pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER))


async def confirm_totp(session: AsyncSession, actor: Actor, code: str) -> None:
    """Let the app count from now on: the code proves that it holds the secret.

    Raises
    ------
    WrongStep
        No secret was offered, or it counts already.
    SignInFailed
        The code is not right.
    """
    account = await _own(session, actor)
    if account.totp_secret is None or account.totp_confirmed_on:
        raise WrongStep(status="confirmed" if account.totp_confirmed_on else "none", step="confirm")
    if not _spend(account, code, now_utc()):
        raise SignInFailed()
    account.totp_confirmed_on = today()
    await session.flush()


async def check_totp(session: AsyncSession, account_id: uuid.UUID, code: str) -> bool:
    """Return whether a code is right, and let it count no more."""
    account = await session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    if account.totp_secret is None or not account.totp_confirmed_on:
        return False
    counted = _spend(account, code, now_utc())
    await session.flush()
    return counted


async def remove_totp(session: AsyncSession, actor: Actor) -> None:
    """Forget the app of the actor's account.

    Raises
    ------
    LastFactor
        The account is an administrator's, and has no other second factor.
    """
    account = await _own(session, actor)
    await check_removable(session, account.id, totp=True)
    account.totp_secret = account.totp_confirmed_on = account.totp_last_step = None
    await session.flush()
    await drop_unneeded_codes(session, account.id)


def _spend(account: Account, code: str, now: dt.datetime) -> bool:
    """Return whether a code is right and later than the last that counted; it is the last one now."""
    totp, given = pyotp.TOTP(_secret(account)), "".join(code.split())
    first = totp.timecode(now) - DRIFT_STEPS
    for step in range(first, first + 2 * DRIFT_STEPS + 1):
        fresh = account.totp_last_step is None or step > account.totp_last_step
        if strings_equal(totp.generate_otp(step), given) and fresh:
            account.totp_last_step = step
            return True
    return False


def _secret(account: Account) -> str:
    return unseal(_PURPOSE, account.totp_secret or b"").decode()


async def _own(session: AsyncSession, actor: Actor) -> Account:
    actor.require(Right.OWN_ACCOUNT)
    return await session.get_one(Account, actor.account_id, with_for_update=True, populate_existing=True)
