"""Walks through the pages about ways on foot in Chromium, on the streets of the toy city."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_home import AXE, PHONE, opened
from tests.harness.server import served
from tests.toy_walks import forget_walks, write_walks

DESKTOP = {"width": 1280, "height": 900}
LIVE = "coverage-map[data-state=live]"
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def toy_server(toy_streets_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the toy city, whose people's walks to pharmacies are known."""
    with psycopg.connect(toy_streets_database) as connection:
        write_walks(connection)
        with served(toy_streets_database, tmp_path_factory.mktemp("toy-server")) as address:
            yield address
        forget_walks(connection)


async def test_a_choice_shows_at_once_and_stands_in_the_address(browser: Any, toy_server: str) -> None:
    async with opened(browser, toy_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        await page.goto("/en/access")
        await page.get_by_role("link", name="pharmacy").click()
        await expect(page.locator(".answer p").first).to_contain_text("4,500 of 6,000")
        await page.get_by_label("Within how many minutes?").select_option("5")
        await expect(page.locator(".answer p").first).to_contain_text("1,000 of 6,000")
        await expect(page).to_have_url(re.compile("minutes=5"))
        shared, told = page.url, await page.locator(".answer").inner_text()
    async with opened(browser, toy_server, viewport=DESKTOP, java_script_enabled=False) as page:
        await page.goto(shared)
        assert await page.locator(".answer").inner_text() == told
        assert await page.get_by_label("Within how many minutes?").input_value() == "5"
        await expect(page.locator(".minutes-drawing svg")).to_be_visible()
        assert await page.locator(".bands .fill").count() == 6


async def test_streets_take_the_drawings_place_and_rows_light_their_zone(
    browser: Any, toy_server: str
) -> None:
    async with opened(browser, toy_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        await page.goto("/en/access/pharmacy")
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        await expect(page.locator(".minutes-drawing")).to_be_hidden()
        await expect(page.locator(".bands .stroke").first).to_be_visible()
        await page.locator("tr[data-code=T3]").hover()
        await expect(page.locator("#map-told")).to_contain_text("quartier T3")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/fr/access", "/nl/access/pharmacy", "/fr/access/library"])
async def test_axe_finds_no_violation(browser: Any, toy_server: str, path: str, scheme: str) -> None:
    async with opened(browser, toy_server, viewport=DESKTOP, color_scheme=scheme) as page:
        await page.goto(path)
        if await page.locator("coverage-map").count():
            await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        found = await Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_nothing_sticks_out_on_the_phone(browser: Any, toy_server: str, lang: str) -> None:
    async with opened(browser, toy_server, viewport=PHONE, has_touch=True) as page:
        for path in ("access", "access/pharmacy"):
            await page.goto(f"/{lang}/{path}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], path
        found = await Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()
