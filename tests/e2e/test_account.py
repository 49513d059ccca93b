"""Accounts in a browser, without JavaScript too: from invitation to key. All people are invented."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import psycopg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from geo.vocabulary import Role
from tests.e2e.test_home import AXE, PHONE, opened
from tests.harness.accounts import SignIn

PASSWORD = "trois chats bleus au marché"
WORDS = {
    "fr": {
        "open": "Ouvrir mon compte",
        "out": "Se déconnecter",
        "in": "Se connecter",
        "name": "À quoi sert-elle ?",
        "scope": "Modérer",
        "make": "Créer la clé",
        "key": "Votre nouvelle clé",
        "wrong": "n’est pas",
    },
    "nl": {
        "open": "Mijn account openen",
        "out": "Afmelden",
        "in": "Aanmelden",
        "name": "Waarvoor dient hij?",
        "scope": "Modereren",
        "make": "De sleutel maken",
        "key": "Uw nieuwe sleutel",
        "wrong": "niet",
    },
}


async def invited(live_server: str, database: str, email: str, lang: str) -> str:
    """Return the link that the command prints."""
    environment = os.environ | {"QUARTIER_DATABASE_URL": database, "QUARTIER_PUBLIC_URL": live_server}
    command = ("-m", "api.cli", "user", "add", email, "--role", "moderator", "--lang", lang)
    run = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await run.communicate()
    return told.decode().strip()


@pytest.mark.parametrize("lang", ["fr", "nl"])
@pytest.mark.parametrize("scripts", [True, False])
async def test_from_the_invitation_to_a_key(
    browser: Any, live_server: str, loaded_database: str, lang: str, scripts: bool
) -> None:
    words, email = WORDS[lang], f"anna.{lang}.{scripts}@example.org".lower()
    link = await invited(live_server, loaded_database, email, lang)
    try:
        async with opened(browser, live_server, java_script_enabled=scripts, viewport=PHONE) as page:
            await page.goto(link)
            await page.locator("[name=password]").fill("court")
            await page.get_by_role("button", name=words["open"]).click()
            await expect(page.locator(".fault")).to_contain_text("12")
            await page.locator("[name=password]").fill(PASSWORD)
            await page.get_by_role("button", name=words["open"]).click()
            await expect(page.get_by_role("button", name=words["out"])).to_be_visible()
            await page.goto(f"/{lang}/account/tokens")
            await page.get_by_label(words["name"]).fill("Tableur")
            await page.get_by_label(words["scope"]).check()
            await page.get_by_role("button", name=words["make"]).click()
            await expect(page.get_by_role("heading", name=words["key"])).to_be_visible()
            await expect(page.locator(".key")).to_contain_text("qt_")
            await page.get_by_role("button", name=words["out"]).click()
            await page.locator("[name=email]").fill(email)
            await page.locator("[name=password]").fill("something else entirely")
            await page.get_by_role("button", name=words["in"], exact=True).click()
            await expect(page.locator(".faults")).to_contain_text(words["wrong"])
            await expect(page.locator("[name=email]")).to_have_value(email)
            await page.locator("[name=password]").fill(PASSWORD)
            await page.get_by_role("button", name=words["in"], exact=True).click()
            await expect(page.get_by_role("button", name=words["out"])).to_be_visible()
    finally:
        with psycopg.connect(loaded_database) as connection:
            connection.execute("DELETE FROM account WHERE email = %s", [email])


SIGNED_OUT = ["sign-in", "reset", "reset?sent=1"]
SIGNED_IN = [
    "account",
    "account/password",
    "account/address",
    "account/sessions",
    "account/tokens",
    "account/erase",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_violation(browser: Any, live_server: str, sign_in: SignIn, scheme: str) -> None:
    person = await sign_in(Role.MODERATOR)
    async with opened(browser, live_server, color_scheme=scheme, viewport=PHONE) as page:
        for path in SIGNED_OUT:
            await check(page, f"/nl/{path}")
        cookie = {"name": "quartier", "value": person.cookie, "url": live_server}
        await page.context.add_cookies([cookie])
        for path in SIGNED_IN:
            await check(page, f"/fr/{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


async def check(page: Any, path: str) -> None:
    answer = await page.goto(path)
    assert answer.status == 200, path
    found = await Axe().run(page, options=AXE)
    assert found.response["violations"] == [], f"{path}: {found.generate_report()}"
