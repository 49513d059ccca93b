"""The pages of open data in Chromium: for people, wide and narrow, with a map of the same."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_home import AXE, PHONE, opened

DESKTOP = {"width": 1280, "height": 900}
LIVE = "feature-map[data-state=live]"
PATIENCE_MS = 60_000
PAGES = (
    "/ogc",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/services",
    "/ogc/collections/quartiers/items",
    "/ogc/collections/quartiers/items/36",
    "/ogc/collections/services/queryables",
    "/ogc/collections/services/tiles",
)


async def at_rest(page: Any, address: str) -> None:
    """Open a page and wait for its map, where it has one."""
    await page.goto(address)
    if await page.locator("feature-map").count():
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)


@pytest.mark.parametrize(("lang", "scheme"), [("fr", "light"), ("nl", "dark")])
async def test_axe_finds_no_violation(browser: Any, live_server: str, lang: str, scheme: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, color_scheme=scheme) as page:
        for path in PAGES:
            await at_rest(page, f"{path}?lang={lang}")
            found = await Axe().run(page, options=AXE)
            assert found.response["violations"] == [], f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_nothing_sticks_out_on_the_phone(browser: Any, live_server: str, lang: str) -> None:
    async with opened(browser, live_server, viewport=PHONE, has_touch=True) as page:
        for path in PAGES:
            await page.goto(f"{path}?lang={lang}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], path


async def test_a_planner_filters_and_opens_a_feature(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, java_script_enabled=False) as page:
        await page.goto("/ogc?lang=en")
        await page.get_by_role("link", name="Neighbourhoods", exact=True).last.click()
        await page.get_by_role("link", name="See the features").click()
        await page.get_by_label("Only those for which (CQL2)").fill("name_fr = 'Matonge'")
        await page.get_by_role("button", name="Show").click()
        assert "filter=" in page.url and "lang=en" in page.url
        await expect(page.locator(".found")).to_contain_text("1 of 1")
        await expect(page.locator("feature-map")).to_be_hidden()
        await page.get_by_role("link", name="Matonge").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Matonge")
        await page.get_by_role("link", name="Its page on Quartier").click()
        assert page.url.endswith("/en/zones/quartier/36")


async def test_pages_follow_each_other_to_the_last(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, java_script_enabled=False) as page:
        await page.goto("/ogc/collections/communes/items?lang=en&limit=10")
        first = await page.locator("tbody th a").all_inner_texts()
        await page.get_by_role("link", name="Next page").click()
        second = await page.locator("tbody th a").all_inner_texts()
        assert len(first) == 10 and len(second) == 9 and not set(first) & set(second)
        assert "lang=en" in page.url
        await expect(page.get_by_role("link", name="Next page")).to_have_count(0)


async def test_the_map_shows_the_features_of_the_page(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        asked: list[str] = []
        page.on("response", lambda answer: asked.append(answer.url))
        await at_rest(page, "/ogc/collections/communes/items?lang=nl&limit=3")
        assert any("/ogc/collections/communes/items?" in each and "f=geojson" in each for each in asked)
        await expect(page.locator("feature-map canvas").first).to_be_visible()
