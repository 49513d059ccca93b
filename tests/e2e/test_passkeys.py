"""Passkeys in Chromium, with its virtual authenticator: added, used as second step, used alone."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from geo.accounts.passwords import hash_password
from geo.db.sessions import write_session
from geo.models.accounts import Account
from geo.vocabulary import Role
from tests.harness.accounts import SignIn
from tests.harness.web import arrive

PASSWORD = "quatre mots de passe fictifs"
WORDS = {
    "fr": ("Ajouter une clé d’accès", "Se connecter avec une clé d’accès", "Utiliser une clé d’accès"),
    "nl": ("Een passkey toevoegen", "Aanmelden met een passkey", "Een passkey gebruiken"),
}


async def with_authenticator(page: Any) -> None:
    """Give the page a device that verifies whoever holds it."""
    client = await page.context.new_cdp_session(page)
    await client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await client.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_passkey_is_added_and_signs_in_twice_over(
    browser: Any, named_server: str, application: Any, sign_in: SignIn, lang: str
) -> None:
    add, alone, use = WORDS[lang]
    person = await sign_in(Role.ADMINISTRATOR, second_factor=False)
    hashed = await hash_password(PASSWORD)
    async with write_session(application.state.engine) as session:
        account = await session.get_one(Account, person.account_id)
        account.password_hash = hashed
    context = await browser.new_context(base_url=named_server, locale=f"{lang}-BE")
    await context.add_cookies([{"name": "quartier", "value": person.cookie, "url": named_server}])
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await with_authenticator(page)

    await page.goto(f"/{lang}/admin")
    assert urlsplit(page.url).path == f"/{lang}/account/factors"
    name = f"clé {uuid.uuid4().hex[:6]}"
    await page.locator("#passkey-name").fill(name)
    await page.get_by_role("button", name=add).click()
    await expect(page.locator(".things strong")).to_have_text(name)
    await page.goto(f"/{lang}/admin")
    assert urlsplit(page.url).path == f"/{lang}/admin"

    await context.clear_cookies()
    await page.goto(f"/{lang}/sign-in?next=/{lang}/admin")
    await page.get_by_role("button", name=alone).click()
    await arrive(page, f"/{lang}/admin")

    await context.clear_cookies()
    await page.goto(f"/{lang}/sign-in?next=/{lang}/admin")
    await page.locator("#email").fill(person.email)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#form button[type=submit]").click()
    await arrive(page, f"/{lang}/sign-in/second")
    await page.get_by_role("button", name=use).click()
    await arrive(page, f"/{lang}/admin")
    await context.close()
    assert problems == []


async def test_what_no_passkey_can_do_is_said(browser: Any, live_server: str, sign_in: SignIn) -> None:
    person = await sign_in()
    context = await browser.new_context(base_url=live_server, locale="fr-BE")
    await context.add_cookies([{"name": "quartier", "value": person.cookie, "url": live_server}])
    page = await context.new_page()
    await with_authenticator(page)
    await page.goto("/fr/account/factors")
    await page.locator("#passkey-name").fill("clé")
    await page.locator("form[data-passkey] button").click()
    await expect(page.locator("form[data-passkey] .fault")).to_be_visible()
    await context.close()


async def test_without_javascript_the_rest_stands(browser: Any, named_server: str, sign_in: SignIn) -> None:
    person = await sign_in()
    context = await browser.new_context(base_url=named_server, java_script_enabled=False)
    await context.add_cookies([{"name": "quartier", "value": person.cookie, "url": named_server}])
    page = await context.new_page()
    await page.goto("/fr/account/factors")
    assert await page.locator("form[data-passkey]").is_hidden()
    assert await page.locator("[data-passkey-missing]").is_visible()
    await page.locator("form[action$='/factors/app'] button").click()
    assert await page.locator(".shown-code svg").is_visible()
    await context.close()
