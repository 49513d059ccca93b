"""Passkeys (WebAuthn): registration and sign-in, with and without a password before it.

A passkey belongs to the domain of the public address. Who holds the device must be verified by it, so that
a passkey alone is two factors.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from geo.accounts.actors import Actor
from geo.accounts.challenges import read_challenge, spend_challenge, write_challenge
from geo.accounts.factors import check_removable, drop_unneeded_codes
from geo.accounts.rights import Right
from geo.accounts.sessions import today
from geo.errors import AlreadyThere, LinkUseless, NotFound, SignInFailed
from geo.models.accounts import Account, Passkey

_ADD, _SIGN_IN = "passkey-add", "passkey-sign-in"
NAME = "Quartier"
#: More passkeys than this nobody has; each makes the list that a browser is sent longer.
MOST = 20


@dataclass(frozen=True, slots=True)
class Site:
    """The address to which passkeys belong: scheme, host and port."""

    origin: str

    @property
    def domain(self) -> str:
        """Return the host alone (the relying party's id)."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the browser is asked (JSON), and the challenge as its cookie keeps it."""

    options: str
    challenge: str


def site_of(public_url: str | None, port: int) -> Site:
    """Return the site of an installation; without a public address it is this machine's own."""
    parts = urlsplit(public_url or f"http://localhost:{port}")
    return Site(f"{parts.scheme}://{parts.netloc}")


async def offer_passkey(session: AsyncSession, actor: Actor, site: Site) -> Offer:
    """Return what a browser needs to make a passkey for the actor's account."""
    actor.require(Right.OWN_ACCOUNT)
    account = await session.get_one(Account, actor.account_id)
    challenge = _challenge()
    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name=NAME,
        user_id=account.id.bytes,
        user_name=account.email,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=await _known(session, account.id),
    )
    held = write_challenge(_ADD, {"challenge": challenge, "account": str(account.id)})
    return Offer(webauthn.options_to_json(options), held)


async def add_passkey(
    session: AsyncSession,
    actor: Actor,
    site: Site,
    held: str | None,
    credential: Mapping[str, Any],
    name: str,
) -> uuid.UUID:
    """Keep the passkey that the browser made, and return its id.

    Raises
    ------
    LinkUseless
        The challenge is too old, was answered already, or is another account's.
    SignInFailed
        The credential does not prove what it should: another origin, another challenge, nobody verified.
    AlreadyThere
        It is known already.
    """
    actor.require(Right.OWN_ACCOUNT)
    challenge = read_challenge(_ADD, held)
    if challenge["account"] != str(actor.account_id):
        raise LinkUseless()
    account = await session.get_one(Account, actor.account_id, with_for_update=True)
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge["challenge"]),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise SignInFailed() from None
    await spend_challenge(session, challenge["challenge"])
    if len(await _known(session, account.id)) >= MOST or await _find(session, made.credential_id):
        raise AlreadyThere(kind="passkey")
    passkey = Passkey(
        id=uuid.UUID(str(uuid7())),
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=_transports(credential),
        name=name,
        created_on=today(),
    )
    session.add(passkey)
    await session.flush()
    return passkey.id


async def offer_sign_in(session: AsyncSession, site: Site, account_id: uuid.UUID | None = None) -> Offer:
    """Return what a browser needs to sign in; without an account, any passkey of this site will do."""
    challenge = _challenge()
    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=await _known(session, account_id) if account_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    held = write_challenge(
        _SIGN_IN, {"challenge": challenge, "account": str(account_id) if account_id else None}
    )
    return Offer(webauthn.options_to_json(options), held)


async def check_passkey(
    session: AsyncSession, site: Site, held: str | None, credential: Mapping[str, Any]
) -> uuid.UUID:
    """Return the account whose passkey signed the challenge.

    Raises
    ------
    LinkUseless
        The challenge is too old or was answered already.
    SignInFailed
        Anything else: an unknown passkey, another origin or challenge, a counter that went backwards, an
        account that may not sign in.
    """
    challenge = read_challenge(_SIGN_IN, held)
    try:
        passkey = await _find(session, base64url_to_bytes(str(credential["id"])), lock=True)
        if passkey is None or challenge["account"] not in (None, str(passkey.account_id)):
            raise SignInFailed()
        proved = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge["challenge"]),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise SignInFailed() from None
    await spend_challenge(session, challenge["challenge"])
    account = await session.get_one(Account, passkey.account_id)
    if account.status != "active":
        raise SignInFailed()
    passkey.sign_count, passkey.used_on = proved.new_sign_count, today()
    await session.flush()
    return account.id


async def remove_passkey(session: AsyncSession, actor: Actor, passkey_id: uuid.UUID) -> None:
    """Forget a passkey of the actor's account.

    Raises
    ------
    NotFound
        The account has no such passkey.
    LastFactor
        The account is an administrator's, and has no other second factor.
    """
    actor.require(Right.OWN_ACCOUNT)
    account = await session.get_one(Account, actor.account_id, with_for_update=True)
    passkey = await session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account.id:
        raise NotFound(kind="passkey", id=str(passkey_id))
    await check_removable(session, account.id, passkey=passkey_id)
    await session.delete(passkey)
    await session.flush()
    await drop_unneeded_codes(session, account.id)


def _challenge() -> str:
    return secrets.token_urlsafe(32)


def _transports(credential: Mapping[str, Any]) -> list[str]:
    """Return how the device is reached, as the browser says; a hint, so words of other kinds are left out."""
    known = {"usb", "nfc", "ble", "smart-card", "internal", "cable", "hybrid"}
    response = credential.get("response")
    told = response.get("transports") if isinstance(response, Mapping) else None
    return sorted(known.intersection(each for each in told or [] if isinstance(each, str)))


async def _known(session: AsyncSession, account_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    ids = await session.scalars(select(Passkey.credential_id).where(Passkey.account_id == account_id))
    return [PublicKeyCredentialDescriptor(id=each) for each in ids]


async def _find(session: AsyncSession, credential_id: bytes, *, lock: bool = False) -> Passkey | None:
    found = select(Passkey).where(Passkey.credential_id == credential_id)
    return await session.scalar(found.with_for_update() if lock else found)
