"""Walks through the pages about ways on foot in Chromium, on the streets of the toy city."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_home import AXE, PHONE, opened
from tests.e2e.test_project_walk import check_access, signed_in
from tests.harness.accounts import planner_in
from tests.harness.server import served
from tests.toy_city import lon_lat_of
from tests.toy_walks import forget_walks, write_walks

DESKTOP = {"width": 1280, "height": 900}
LIVE = "coverage-map[data-state=live]"
PATIENCE_MS = 30_000
SEARCH_MS = 90_000
PLAN_WORDS = {
    "fr": {
        "plan": re.compile("essayer d.autres lieux"),
        "try": "Essayer",
        "more": "personnes de plus y sont en 15 minutes",
        "back": "Retirer",
        "closes": "Un service ferme",
        "which": "Choisissez un service.",
        "fewer": "personnes de moins y sont en 15 minutes",
        "search": "Chercher les meilleurs lieux",
        "would": "personnes de plus y seraient en 15 minutes",
        "sites": "Essayer ces lieux, zone par zone",
    },
    "nl": {
        "plan": re.compile("andere plaatsen uitproberen"),
        "try": "Uitproberen",
        "more": "mensen meer zijn er binnen 15 minuten",
        "back": "Terugnemen",
        "closes": "Een dienst sluit",
        "which": "Kies een dienst.",
        "fewer": "mensen minder zijn er binnen 15 minuten",
        "search": "De beste plaatsen zoeken",
        "would": "mensen meer zouden er zijn binnen 15 minuten",
        "sites": "Deze uitproberen, gebied per gebied",
    },
}


@pytest.fixture(scope="module")
def toy_server(toy_streets_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the toy city, whose people's walks to pharmacies are known."""
    with psycopg.connect(toy_streets_database) as connection:
        write_walks(connection)
        with served(toy_streets_database, tmp_path_factory.mktemp("toy-server")) as address:
            yield address
        forget_walks(connection)


@pytest.fixture
async def planner(toy_streets_database: str) -> AsyncIterator[str]:
    """The cookie of a planner of the toy city."""
    async with planner_in(toy_streets_database) as cookie:
        yield cookie


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


async def touch(page: Any, x_m: float, y_m: float) -> None:
    """Click the map of a plan on a place of the toy city; two clicks before tell where the map has it."""
    canvas, kept = page.locator("coverage-map canvas").first, page.locator("input[name=where_geometry]")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()

    async def click(right_px: float, down_px: float) -> tuple[float, float]:
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.click(middle[0] + right_px, middle[1] + down_px)
        lon, lat = json.loads(await kept.input_value())["coordinates"]
        return lon, lat

    (lon, lat), (east, _) = await click(0, 0), await click(60, 0)
    px_per_degree, (wanted_lon, wanted_lat) = 60 / (east - lon), lon_lat_of(x_m, y_m)
    down_px = (lat - wanted_lat) * px_per_degree / math.cos(math.radians(lat))
    found = await click((wanted_lon - lon) * px_per_degree, down_px)
    assert found == pytest.approx((wanted_lon, wanted_lat), abs=2 / px_per_degree)


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_planner_tries_out_other_places(
    browser: Any, toy_server: str, planner: str, lang: str
) -> None:
    words = PLAN_WORDS[lang]
    async with signed_in(browser, toy_server, planner, viewport=DESKTOP, reduced_motion="reduce") as page:
        page.set_default_timeout(PATIENCE_MS)
        outcome, changes = page.locator(".outcome .lead"), page.locator(".changes li")
        await page.goto(f"/{lang}/planner")
        await page.get_by_role("link", name=words["plan"]).click()
        await page.locator(LIVE).wait_for()
        await check_access(page)

        await touch(page, 2_500, 500)
        await page.get_by_role("button", name=words["try"], exact=True).click()
        await expect(outcome).to_contain_text(words["more"], timeout=PATIENCE_MS)
        await expect(page.locator("tr[data-code=T3]")).to_be_visible()
        await expect(page.locator(".map-letter.tried")).to_have_text("1")
        await check_access(page)
        await page.get_by_role("button", name=words["back"]).click()
        await expect(outcome).to_have_count(0, timeout=PATIENCE_MS)
        await expect(changes).to_have_count(0)

        await page.get_by_label(words["closes"]).check()
        await page.get_by_role("button", name=words["try"], exact=True).click()
        await expect(page.locator("#plan-form")).to_contain_text(words["which"], timeout=PATIENCE_MS)
        await check_access(page)
        await page.locator("#service").select_option(index=1)
        await page.get_by_role("button", name=words["try"], exact=True).click()
        await expect(outcome).to_contain_text(words["fewer"], timeout=PATIENCE_MS)
        await page.get_by_role("button", name=words["back"]).click()
        await expect(changes).to_have_count(0, timeout=PATIENCE_MS)

        await page.get_by_role("button", name=words["search"]).click()
        await expect(outcome).to_contain_text(words["would"], timeout=SEARCH_MS)
        await check_access(page)
        await page.get_by_role("button", name=words["sites"]).click()
        await expect(outcome).to_contain_text(words["more"], timeout=PATIENCE_MS)


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_plan_is_made_on_the_phone_without_a_script(
    browser: Any, toy_server: str, planner: str, lang: str
) -> None:
    words = PLAN_WORDS[lang]
    async with signed_in(
        browser, toy_server, planner, viewport=PHONE, has_touch=True, java_script_enabled=False
    ) as page:
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"/{lang}/planner/access")
        await page.get_by_label(words["closes"]).check()
        await page.locator("#service").select_option(index=1)
        await page.get_by_role("button", name=words["try"], exact=True).click()
        await expect(page.locator(".outcome .lead")).to_contain_text(words["fewer"], timeout=PATIENCE_MS)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
