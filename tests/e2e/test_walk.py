"""Walks as readers see them, on the streets of 2013: drawn on the map, told in words, how far one gets."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_home import AXE, PHONE
from tests.e2e.test_home import opened as opened_with

WIDE = {"width": 1280, "height": 900}
PLACE = {"fr": "Place du Jeu de Balle", "nl": "Vossenplein"}
WORDS = {
    "fr": {
        "from": "À pied depuis",
        "there": "Vous êtes arrivé.",
        "go": "Montrer le chemin",
        "way": "Le chemin",
    },
    "nl": {"from": "Te voet vanaf", "there": "U bent er.", "go": "De weg tonen", "way": "De weg ernaartoe"},
}
PATIENCE_MS = 60_000
opened = partial(opened_with, reduced_motion="reduce")


async def near(page: Any, lang: str) -> None:
    await page.goto(f"/{lang}/?place={PLACE[lang]}&theme=pharmacy")
    await page.locator(".card").first.wait_for()


async def no_violation(page: Any) -> None:
    found = await Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_walk_to_a_card_is_drawn_and_told_in_words(
    browser: Any, streets_server: str, lang: str
) -> None:
    async with opened(browser, streets_server, viewport=WIDE) as page:
        await near(page, lang)
        await page.locator(".stage[data-state=live]").wait_for(timeout=PATIENCE_MS)
        asked = page.expect_response(lambda answer: "/api/v1/access/route" in answer.url, timeout=PATIENCE_MS)
        async with asked as answered:
            await page.locator(".card h3 a").nth(1).focus()
        walk = await (await answered.value).json()
        await expect(page.locator(".stage")).to_have_attribute("data-walk", "", timeout=PATIENCE_MS)
        minutes = await page.locator(".card .walk strong").nth(1).inner_text()
        assert minutes == f"{walk['walk_minutes']} min", "the card and the way tell the same"
        assert "2013" in await page.locator(".card .walk").nth(1).inner_text()
        await page.locator(".card .way-link").nth(1).click()
        await expect(page.locator("#walk h2")).to_contain_text(f"{WORDS[lang]['from']} {PLACE[lang]}")
        assert await page.locator("#walk .way-sum strong").inner_text() == minutes
        legs = await page.locator("#walk .legs li").all_inner_texts()
        assert legs[:-1] == [leg["text"][lang] for leg in walk["legs"]]
        assert legs[-1] == WORDS[lang]["there"]
        await expect(page.locator(".mini-map .walk-line")).to_have_count(1)
        await expect(page.locator("#walk")).to_contain_text("2013")
        await expect(page.locator("#walk")).to_contain_text("OpenStreetMap")
        await no_violation(page)


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_the_way_is_found_without_javascript(browser: Any, streets_server: str, lang: str) -> None:
    async with opened(browser, streets_server, java_script_enabled=False, viewport=PHONE) as page:
        await near(page, lang)
        await page.locator(".card h3 a").first.click()
        await page.locator("#walk input[type=search]").fill(PLACE[lang])
        await page.locator("#walk .chip", has=page.locator("input[value=older]")).click()
        await page.get_by_role("button", name=WORDS[lang]["go"]).click()
        await expect(page.locator("#walk .legs li").last).to_have_text(WORDS[lang]["there"])
        assert parse_qs(urlsplit(page.url).query)["walker"] == ["older"]
        await expect(page.locator(".mini-map .walk-line")).to_have_count(1)


@pytest.mark.parametrize(("lang", "scheme"), [("fr", "light"), ("nl", "dark")])
async def test_areas_on_foot_are_shown_by_keyboard_told_and_closed(
    browser: Any, streets_server: str, lang: str, scheme: str
) -> None:
    async with opened(browser, streets_server, viewport=WIDE, color_scheme=scheme) as page:
        await near(page, lang)
        await page.locator(".stage[data-state=live]").wait_for(timeout=PATIENCE_MS)
        await page.locator("[data-reach-open]").focus()
        await page.keyboard.press("Enter")
        labels = page.locator(".reach-label")
        await expect(labels).to_have_count(3, timeout=PATIENCE_MS)
        assert await labels.all_inner_texts() == ["5 min", "10 min", "15 min"]
        panel = page.locator(".reach")
        await expect(panel.get_by_role("status")).to_contain_text("15 minut")
        await expect(panel).to_contain_text("2013")
        await no_violation(page)
        await page.locator(".reach [data-close]").click()
        await expect(panel).to_be_hidden()
        await expect(labels).to_have_count(0)


async def test_click_on_the_ground_asks_from_there_and_lists_what_is_near(
    browser: Any, streets_server: str
) -> None:
    async with opened(browser, streets_server, viewport=WIDE) as page:
        await page.goto("/fr/")
        await page.locator(".stage[data-state=live]").wait_for(timeout=PATIENCE_MS)
        canvas = page.locator(".maplibregl-canvas")
        box = await canvas.bounding_box()
        async with page.expect_response(
            lambda each: "/isochrone" in each.url, timeout=PATIENCE_MS
        ) as answered:
            await canvas.click(position={"x": box["width"] / 2 + 7, "y": box["height"] / 2 + 31})
        reach = await (await answered.value).json()
        assert [each["properties"]["minutes"] for each in reach["features"]] == [5, 10, 15]
        await expect(page.locator(".reach-label")).to_have_count(3)
        await page.locator(".reach form button").click()
        await page.locator(".card").first.wait_for()
        assert urlsplit(page.url).path == "/fr/near" and not urlsplit(page.url).query, (
            "no position in an address"
        )
        minutes = [
            int(re.sub(r"\D", "", each))
            for each in await page.locator("#results > .cards .walk strong").all_inner_texts()
        ]
        assert minutes == sorted(minutes)


async def test_position_of_a_device_stands_in_no_address(browser: Any, streets_server: str) -> None:
    here = {"longitude": 4.3456, "latitude": 50.8365}
    async with opened(
        browser, streets_server, viewport=PHONE, geolocation=here, permissions=["geolocation"]
    ) as page:
        await near(page, "fr")
        await page.locator(".card h3 a").first.click()
        await page.locator("#walk [data-position]").click()
        await expect(page.locator("#walk .legs li").last).to_have_text("Vous êtes arrivé.")
        assert urlsplit(page.url).path.endswith("/walk") and "lon" not in page.url
        await page.goto("/fr/")
        await page.locator("[data-position]").click()
        await page.locator(".way-link").first.click()
        await expect(page.locator("#walk .legs li").last).to_have_text("Vous êtes arrivé.")
        assert urlsplit(page.url).path.endswith("/walk") and "lon" not in page.url


@pytest.mark.parametrize(("place", "words"), [("xyzzy", "Nous n’avons pas trouvé"), ("", "D’où partez-vous")])
async def test_where_no_walk_is_told_the_reason_is(
    browser: Any, streets_server: str, place: str, words: str
) -> None:
    async with opened(browser, streets_server, viewport=WIDE) as page:
        await near(page, "fr")
        address = await page.locator(".card h3 a").first.get_attribute("href")
        await page.goto(f"{address}?place={place}")
        await expect(page.locator("#walk")).to_contain_text(words)
        await expect(page.locator("#walk .legs")).to_have_count(0)
        await no_violation(page)
