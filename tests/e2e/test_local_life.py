"""What teams registered, where readers meet it: over the home map and on the page of a quartier."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import TimeoutError as TooLate
from playwright.async_api import expect

from geo.vocabulary import Role
from tests.e2e.test_home import PHONE, opened
from tests.harness.accounts import SignIn

DESKTOP = {"width": 1280, "height": 900}
RUE_HAUTE = "/fr/?place=Rue+Haute"
MAROLLES = "quartier/8"
#: Where pins may stand differs by a few metres from place to place; one of these is free.
AROUND = ((0, 90), (60, 60), (-60, 120), (120, 120), (-120, 60), (150, 30))


async def click_a_project(page: Any) -> None:
    """Click on the map beside the pins until something is told; the examples cover the whole quartier."""
    box = await page.locator("service-map canvas").bounding_box()
    for across, down in AROUND:
        await page.mouse.click(box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2 + down)
        try:
            await page.locator(".maplibregl-popup").wait_for(timeout=1_000)
        except TooLate:
            continue
        return


async def test_projects_over_the_home_map_lead_to_their_pages(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        wrong: list[str] = []
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        await page.goto(RUE_HAUTE)
        await page.locator("service-map[data-state=live]").wait_for(timeout=30_000)
        await page.get_by_text("Aussi sur la carte").click()
        for layer in ("activities", "projects"):
            async with page.expect_response(re.compile(f"/ogc/collections/{layer}/tiles/")) as tile:
                await page.locator(f".overlays input[value={layer}]").check()
            assert (await tile.value).ok
        await page.locator(".overlays input[value=activities]").uncheck()
        await page.wait_for_load_state("networkidle")
        await click_a_project(page)
        told = page.locator(".maplibregl-popup .hits a")
        names = await told.all_inner_texts()
        assert len(names) == len(set(names)) >= 2, "each project of the place once"
        assert re.search(r"/fr/projects/[0-9a-f-]{36}$", str(await told.first.get_attribute("href")))
        await told.first.click()
        await expect(page.locator("h1")).to_have_text(names[0])
        assert wrong == []


@pytest.mark.parametrize(
    ("lang", "headings"),
    [
        ("fr", ("Cette semaine", "Projets ici", "Qui fait quoi ici")),
        ("nl", ("Deze week", "Projecten hier", "Wie doet wat hier")),
    ],
)
async def test_a_quartier_shows_its_week_projects_and_functions(
    browser: Any, live_server: str, lang: str, headings: tuple[str, ...]
) -> None:
    async with opened(browser, live_server, viewport=PHONE, java_script_enabled=False) as page:
        await page.goto(f"/{lang}/zones/{MAROLLES}")
        for heading, path in zip(headings, ("activities", "projects", "functions"), strict=True):
            section = page.get_by_role("region", name=heading)
            lines = section.locator(".lines a")
            assert await lines.count() >= 1
            assert re.match(rf"/{lang}/{path}/[0-9a-f-]{{36}}$", str(await lines.first.get_attribute("href")))
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await page.get_by_role("region", name=headings[1]).locator(".lines a").first.click()
        assert "/projects/" in page.url


async def test_a_notice_of_a_quartier_leads_to_its_own_words(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE) as page:
        await page.goto(f"/fr/zones/{MAROLLES}")
        link = page.locator(".board .lines a").first
        title = await link.inner_text()
        await link.click()
        await expect(page.locator(".notice-card:target h2")).to_contain_text(title)


async def test_on_a_phone_the_map_hides_the_rest_of_the_list(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE, has_touch=True) as page:
        await page.goto(RUE_HAUTE)
        await expect(page.get_by_role("region", name="Projets ici")).to_be_visible()
        await page.get_by_role("link", name="Carte").click()
        await page.locator(".pin").first.wait_for(timeout=30_000)
        await expect(page.get_by_role("region", name="Projets ici")).to_be_hidden()


async def test_a_carer_reads_the_address_of_a_place_lent_on_the_home_map(
    browser: Any, live_server: str, sign_in: SignIn
) -> None:
    carer = await sign_in(Role.CARER)
    places = await carer.client.get("/ogc/collections/parking/items?limit=1")
    (place,) = places.json()["features"]
    lon, lat = place["geometry"]["coordinates"]
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        await page.context.add_cookies([{"name": "quartier", "value": carer.cookie, "url": live_server}])
        await page.goto(f"/fr/?lon={lon}&lat={lat}&theme=sport")
        await page.locator("service-map[data-state=live]").wait_for(timeout=30_000)
        await page.get_by_text("Aussi sur la carte").click()
        async with page.expect_response(re.compile("/ogc/collections/parking/tiles/")):
            await page.locator(".overlays input[value=parking]").check()
        await page.wait_for_load_state("networkidle")
        here = await page.locator(".you").bounding_box()
        await page.evaluate("document.querySelector('.you').style.pointerEvents = 'none'")
        await page.mouse.click(here["x"] + here["width"] / 2, here["y"] + here["height"] / 2)
        told = page.locator(".maplibregl-popup .hits")
        await expect(told).to_contain_text(place["properties"]["address"])
        assert await told.locator("a").count() == 0, "a place lent has no page of its own"
    async with opened(browser, live_server, viewport=DESKTOP) as page:
        await page.goto("/fr/")
        assert await page.locator(".overlays input[value=parking]").count() == 0
