"""Signing in by an OpenID Connect provider, in Chromium: there, back, and in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import expect

from geo.vocabulary import Role
from tests.harness.accounts import SignIn
from tests.harness.oidc import CLIENT, SECRET, OidcProvider
from tests.harness.server import served
from tests.harness.web import arrive


async def test_a_link_leads_to_the_provider_and_back(
    browser: Any, loaded_database: str, tmp_path: Path, sign_in: SignIn, oidc_provider: OidcProvider
) -> None:
    person = await sign_in(Role.PLANNER)
    oidc_provider.email = person.email
    settings = {
        "QUARTIER_OIDC_ISSUER": oidc_provider.issuer,
        "QUARTIER_OIDC_CLIENT_ID": CLIENT,
        "QUARTIER_OIDC_CLIENT_SECRET": SECRET,
        "QUARTIER_OIDC_LABEL": "Compte fictif",
    }
    with served(loaded_database, tmp_path, "localhost", **settings) as address:
        context = await browser.new_context(base_url=address)
        page = await context.new_page()
        await page.goto("/nl/sign-in?next=/nl/account/factors")
        await page.get_by_role("link", name="Compte fictif").click()
        await arrive(page, "/nl/account/factors")
        await expect(page.get_by_role("button", name="Afmelden")).to_be_visible()
        await context.close()
