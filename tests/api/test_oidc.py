"""Signing in by an OpenID Connect provider that runs on this machine. All people are invented."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import delete, select

from geo.accounts.attempts import MACHINES
from geo.accounts.sessions import find_actor
from geo.db.sessions import write_session
from geo.models.accounts import Account, AccountRole
from geo.settings import Settings
from geo.vocabulary import Role
from tests.harness.accounts import SignIn, browser_of
from tests.harness.oidc import CLIENT, SECRET, OidcProvider

BACK = "/fr/sign-in/provider/back"


@pytest.fixture
async def provided(
    application: Any, oidc_provider: OidcProvider, request: pytest.FixtureRequest
) -> AsyncIterator[Any]:
    """The application with the provider among its settings."""
    more = getattr(request, "param", {})
    MACHINES.forget()
    kept: Settings = application.state.settings
    application.state.settings = kept.model_copy(
        update=Settings(
            database_url=kept.database_url,
            oidc_issuer=oidc_provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_label="Compte fictif",
            **more,
        ).model_dump()
    )
    yield application
    application.state.settings = kept
    del application.state.provider
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.oidc_issuer == oidc_provider.issuer))


async def round_trip(provided: Any, browser: httpx.AsyncClient, provider: OidcProvider) -> httpx.Response:
    """Go to the provider and come back, as a browser does."""
    return await browser.get(provider.authorize(await departure(browser)))


async def departure(browser: httpx.AsyncClient) -> dict[str, str]:
    """Return the question that the browser takes to the provider."""
    answer = await browser.get("/fr/sign-in/provider?next=/fr/account/factors")
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def account_of(provided: Any, email: str) -> Account | None:
    async with write_session(provided.state.engine) as session:
        return await session.scalar(select(Account).where(Account.email == email))


async def test_an_account_is_tied_by_its_verified_address_then_by_its_subject(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn
) -> None:
    person = await sign_in(Role.PLANNER)
    oidc_provider.email = person.email.upper()
    async with browser_of(provided) as browser:
        answer = await round_trip(provided, browser, oidc_provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/fr/account/factors")
        actor = await find_actor(provided.state.pool, browser.cookies["quartier"])
    assert actor and actor.account_id == person.account_id and not actor.second_factor
    oidc_provider.email = "changed@example.org"
    async with browser_of(provided) as browser:
        await round_trip(provided, browser, oidc_provider)
        actor = await find_actor(provided.state.pool, browser.cookies["quartier"])
    assert actor and actor.account_id == person.account_id
    oidc_provider.email, oidc_provider.subject = person.email, "subject-2"
    async with browser_of(provided) as browser:
        refused = await round_trip(provided, browser, oidc_provider)
    assert refused.status_code == 401, "one account is one person there"


async def test_the_question_carries_state_nonce_and_a_proof_of_possession(
    provided: Any, oidc_provider: OidcProvider
) -> None:
    async with browser_of(provided) as browser:
        first, second = await departure(browser), await departure(browser)
    assert first["code_challenge_method"] == "S256" and first["response_type"] == "code"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43 and first[name] != second[name]


@pytest.mark.parametrize("verified", [False, None, "true"])
async def test_an_address_that_nobody_verified_opens_nothing(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn, verified: Any
) -> None:
    oidc_provider.email, oidc_provider.verified = (await sign_in()).email, verified
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 401
        assert "quartier" not in browser.cookies


async def test_who_has_no_account_gets_none(provided: Any, oidc_provider: OidcProvider) -> None:
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 401
    assert await account_of(provided, oidc_provider.email) is None


@pytest.mark.parametrize("provided", [{"oidc_opens_accounts": True}], indirect=True)
async def test_a_setting_opens_accounts_without_roles(provided: Any, oidc_provider: OidcProvider) -> None:
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 303
        actor = await find_actor(provided.state.pool, browser.cookies["quartier"])
    account = await account_of(provided, oidc_provider.email)
    assert account and account.status == "active"
    assert actor and actor.account_id == account.id and actor.all_roles == frozenset()


@pytest.mark.parametrize("provided", [{"oidc_second_factor": ["mfa"]}], indirect=True)
@pytest.mark.parametrize(
    ("more", "counts"),
    [({"amr": ["pwd", "mfa"]}, True), ({"acr": "mfa"}, True), ({"amr": ["pwd"]}, False), ({}, False)],
)
async def test_a_setting_says_what_counts_as_a_second_factor(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn, more: dict[str, Any], counts: bool
) -> None:
    oidc_provider.email, oidc_provider.more = (await sign_in(Role.ADMINISTRATOR)).email, more
    async with browser_of(provided) as browser:
        await round_trip(provided, browser, oidc_provider)
        actor = await find_actor(provided.state.pool, browser.cookies["quartier"])
    assert actor and actor.second_factor is counts


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "http://127.0.0.1:9"},
        {"exp": int(time.time()) - 600},
        {"exp": None},
        {"sub": None},
        {"at_hash": "AAAA"},
    ],
)
async def test_a_spoiled_token_is_refused(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn, spoil: dict[str, Any]
) -> None:
    oidc_provider.email, oidc_provider.spoil = (await sign_in()).email, spoil
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 401
        assert "quartier" not in browser.cookies


async def test_a_token_of_another_key_is_refused(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn
) -> None:
    oidc_provider.email = (await sign_in()).email
    oidc_provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1"})
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 401


async def test_an_answer_counts_once_in_the_browser_that_asked(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn
) -> None:
    oidc_provider.email = (await sign_in()).email
    async with browser_of(provided) as browser, browser_of(provided) as thief:
        address = oidc_provider.authorize(await departure(browser))
        assert (await thief.get(address)).status_code == 410
        await departure(thief)
        assert (await thief.get(address)).status_code == 401, "the state is another's"
        assert (await browser.get(f"{BACK}?code=x&state=y")).status_code == 401
        assert (await browser.get(f"{BACK}?error=access_denied")).status_code == 401
        assert (await browser.get(address.replace("iss=", "iss=http://evil."))).status_code == 401
        challenge = browser.cookies["quartier_provider"]
        assert (await browser.get(address)).status_code == 303
        browser.cookies.set("quartier_provider", challenge, domain="testserver.local")
        assert (await browser.get(address)).status_code == 410


async def test_a_closed_account_stays_closed(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn
) -> None:
    person = await sign_in(Role.PLANNER)
    async with write_session(provided.state.engine) as session:
        account = await session.get_one(Account, person.account_id)
        account.status = "disabled"
    oidc_provider.email = person.email
    async with browser_of(provided) as browser:
        assert (await round_trip(provided, browser, oidc_provider)).status_code == 401


async def test_without_a_provider_there_is_no_such_page(application: Any) -> None:
    async with browser_of(application) as browser:
        assert (await browser.get("/fr/sign-in/provider")).status_code == 404
        assert (await browser.get(f"{BACK}?code=x&state=y")).status_code == 404


async def test_a_provider_that_does_not_answer_is_told(provided: Any, oidc_provider: OidcProvider) -> None:
    provided.state.settings = provided.state.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    async with browser_of(provided) as browser:
        answer = await browser.get("/fr/sign-in/provider")
    assert answer.status_code == 503 and "127.0.0.1" not in answer.text


async def test_roles_are_never_taken_from_the_provider(
    provided: Any, oidc_provider: OidcProvider, sign_in: SignIn
) -> None:
    person = await sign_in()
    oidc_provider.email = person.email
    oidc_provider.more = {"roles": ["administrator"], "groups": ["administrator"]}
    async with browser_of(provided) as browser:
        await round_trip(provided, browser, oidc_provider)
    async with write_session(provided.state.engine) as session:
        roles = await session.scalars(select(AccountRole).where(AccountRole.account_id == person.account_id))
        assert list(roles) == []
