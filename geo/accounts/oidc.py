"""Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce.

The provider says who somebody is, never what they may do: roles and teams are ours. An account is found by
issuer and subject, the first time by a mail address that the provider has verified.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.accounts import add_account, find_account, parse_address
from geo.accounts.challenges import read_challenge, spend_challenge, write_challenge
from geo.accounts.sessions import Proof
from geo.errors import EnvironmentLacking, SignInFailed
from geo.models.accounts import Account
from geo.settings import Settings
from geo.vocabulary import Lang

_PURPOSE = "oidc"
_TIMEOUT_S = 10
#: Signatures by a key pair alone: "none" and those by a shared secret prove nothing of the provider.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_CLOCK_S = 60
#: How long the description of a provider is believed.
_KEPT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the reader is sent, and what the browser keeps until they are back."""

    address: str
    challenge: str


class Provider:
    """The provider of an installation. It is asked for its description when somebody first signs in by it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._description: tuple[float, Mapping[str, Any]] = (-_KEPT_S, {})

    @property
    def label(self) -> str:
        """Return the words on the button; empty where no provider is set."""
        return self._settings.oidc_label if self._settings.oidc_issuer else ""

    async def depart(self, back: str, onward: str) -> Departure:
        """Return where to send the reader; `back` is our address to which the provider sends them.

        Raises
        ------
        EnvironmentLacking
            No provider is set, or it doesn't answer.
        """
        described = await self._describe()
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        async with self._client(back, scope="openid email") as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "onward": onward}
        return Departure(address, write_challenge(_PURPOSE, kept))

    async def claims(
        self, session: AsyncSession, back: str, held: str | None, answer: Mapping[str, str]
    ) -> tuple[Mapping[str, Any], str]:
        """Return what the provider says of the reader who is back, and where they were going.

        Raises
        ------
        LinkUseless
            The browser holds no challenge, an old one, or one that was answered before.
        SignInFailed
            The answer is not to our question, or is not the provider's.
        EnvironmentLacking
            The provider doesn't answer.
        """
        kept = read_challenge(_PURPOSE, held)
        if answer.get("state") != kept["state"] or "code" not in answer:
            raise SignInFailed()
        if answer.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise SignInFailed()  # RFC 9207: another provider's answer
        await spend_challenge(session, kept["state"])
        described = await self._describe()
        try:
            async with self._client(back) as client:
                token = await client.fetch_token(
                    described["token_endpoint"], code=answer["code"], code_verifier=kept["verifier"]
                )
                keys = (await client.request("GET", described["jwks_uri"], withhold_token=True)).json()
            told = self._checked(token, keys, kept["nonce"])
        except (OAuthError, JoseError, ValueError, KeyError, TypeError):
            raise SignInFailed() from None
        except HTTPError:
            raise EnvironmentLacking("the OpenID Connect provider does not answer") from None
        return told, str(kept["onward"])

    def _checked(self, token: Mapping[str, Any], keys: Any, nonce: str) -> Mapping[str, Any]:
        decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
        told = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self._settings.oidc_issuer},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
            },
            params={
                "nonce": nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": token.get("access_token"),
            },
        )
        told.validate(now=int(time.time()), leeway=_CLOCK_S)
        return dict(told)

    async def _describe(self) -> Mapping[str, Any]:
        asked_at, described = self._description
        if time.monotonic() - asked_at < _KEPT_S:
            return described
        issuer = self._settings.oidc_issuer
        if issuer is None:
            raise EnvironmentLacking("QUARTIER_OIDC_ISSUER is not set")
        try:
            async with self._client("") as client:
                address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                described = (await client.request("GET", address, withhold_token=True)).json()
        except (HTTPError, ValueError):
            raise EnvironmentLacking("the OpenID Connect provider does not answer") from None
        if not isinstance(described, dict) or described.get("issuer") != issuer:
            raise EnvironmentLacking("the OpenID Connect provider calls itself by another name")
        self._description = (time.monotonic(), described)
        return described

    def _client(self, back: str, **more: Any) -> Any:
        return AsyncOAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value(),
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            **more,
        )


async def prove_claims(
    session: AsyncSession, settings: Settings, claims: Mapping[str, Any], lang: Lang
) -> Proof:
    """Return the proof that claims of the provider give.

    Raises
    ------
    SignInFailed
        There is no such account and none is opened, or it is closed.
    """
    known = select(Account).filter_by(oidc_issuer=str(claims["iss"]), oidc_subject=str(claims["sub"]))
    account = await session.scalar(known)
    if account is None:
        account = await _first_time(session, settings, claims, lang)
    if account.status != "active":
        raise SignInFailed()
    methods = {str(claims.get("acr")), *map(str, claims.get("amr") or ())}
    if methods & settings.oidc_second_factor:
        return Proof(account.id, frozenset({"oidc", "oidc+mfa"}))
    return Proof(account.id, frozenset({"oidc"}))


async def _first_time(
    session: AsyncSession, settings: Settings, claims: Mapping[str, Any], lang: Lang
) -> Account:
    """Return the account of a verified mail address, tied to the provider from now on."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise SignInFailed()
    account = await find_account(session, email)
    if account is None and settings.oidc_opens_accounts:
        account = await add_account(session, parse_address(email), lang)
    if account is None or account.status == "disabled" or account.oidc_subject is not None:
        raise SignInFailed()
    account.oidc_issuer, account.oidc_subject = str(claims["iss"]), str(claims["sub"])
    if account.status == "invited":  # the provider has verified the address, as the link would have
        account.status = "active"
        account.link_version += 1
    await session.flush()
    return account
