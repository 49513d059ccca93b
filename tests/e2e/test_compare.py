"""Walks through the comparison in Chromium: with and without script, by pointer, touch and keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_home import AXE, PHONE, opened

DESKTOP = {"width": 1280, "height": 900}
TWO = "zone=quartier:1&zone=quartier:36"
LIVE = "compare-map[data-state=live]"
PATIENCE_MS = 30_000


def asked_for_map(asked: list[str]) -> list[str]:
    return [url for url in asked if "maplibre" in url or "/tiles/" in url or "choropleth" in url]


async def violations(page: Any) -> Any:
    found = await Axe().run(page, options=AXE)
    return found.response["violations"], found.generate_report()


@pytest.mark.parametrize(
    ("lang", "add", "figures", "choropleth"),
    [
        ("fr", "Choisir des zones à mettre côte à côte", "Choisir les chiffres", "Carte"),
        ("nl", "Kies gebieden om naast elkaar te zetten", "De cijfers kiezen", "Kaart"),
    ],
)
async def test_a_comparison_is_made_and_shared(
    browser: Any, live_server: str, lang: str, add: str, figures: str, choropleth: str
) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        await page.goto(f"/{lang}/compare")
        await expect(page.locator(".ranking tbody tr")).to_have_count(118)
        await page.get_by_label(add).select_option("quartier:1")
        await expect(page.locator(".chosen-zones li")).to_have_count(1)
        await page.locator("#add").select_option("quartier:36")
        await expect(page.locator(".side-by-side thead .letter")).to_have_text(["A", "B"])
        await page.get_by_text(figures).click()
        await page.locator("input[name=indicator][value=population]").uncheck()
        await expect(
            page.locator(".side-by-side tbody th", has_text=re.compile("^(Population|Bevolking)"))
        ).to_have_count(0)
        await page.locator("select[name=classes]").select_option("equal")
        await expect(page).to_have_url(re.compile("classes=equal"))
        shared = page.url
        assert "zone=quartier%3A1" in shared or "zone=quartier:1" in shared
        told = await page.locator(".answer").inner_text()
        classes = await page.locator(".classes").inner_text()
    async with opened(browser, live_server, viewport=DESKTOP, java_script_enabled=False) as page:
        await page.goto(shared)
        assert await page.locator(".answer").inner_text() == told
        assert await page.locator(".classes").inner_text() == classes
        assert await page.locator("select[name=classes]").input_value() == "equal"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        f"/fr/compare?{TWO}",
        "/nl/compare",
        f"/nl/compare?{TWO}&view=chart",
        "/fr/compare?view=bivariate&need=median-income&offer=share-65-plus",
        f"/fr/compare?{TWO}&zone=commune:21004&k=99",
    ],
)
async def test_axe_finds_no_violation(browser: Any, live_server: str, path: str, scheme: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, color_scheme=scheme) as page:
        await page.goto(path)
        if await page.locator("compare-map").count():
            await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        found, report = await violations(page)
        assert found == [], report


@pytest.mark.parametrize("lang", ["fr", "nl"])
@pytest.mark.parametrize("view", ["table", "map"])
async def test_the_phone_is_accessible_and_nothing_sticks_out(
    browser: Any, live_server: str, lang: str, view: str
) -> None:
    async with opened(browser, live_server, viewport=PHONE, has_touch=True) as page:
        await page.goto(f"/{lang}/compare?{TWO}&view={view}")
        if view == "map":
            await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        found, report = await violations(page)
        assert found == [], report


async def test_on_a_phone_the_map_is_loaded_when_it_is_opened(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE, has_touch=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"/fr/compare?{TWO}")
        await page.wait_for_load_state("networkidle")
        assert asked_for_map(asked) == [] and not await page.locator("compare-map").is_visible()
        answer, card = page.locator(".answer p").first, page.locator(".side-by-side tbody tr").first
        assert (await answer.bounding_box())["y"] < (await card.bounding_box())["y"]
        await page.get_by_role("link", name="Carte").click()
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        assert asked_for_map(asked) and "view=map" in page.url
        assert not await page.locator(".side-by-side").is_visible()


async def test_without_script_every_step_is_a_link_or_a_button(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE, java_script_enabled=False) as page:
        await page.goto("/nl/compare")
        await page.locator("#add").select_option("quartier:8")
        await page.get_by_role("button", name="Tonen", exact=True).click()
        await page.get_by_role("link", name="Kaart").click()
        await page.locator("svg.choropleth a.zone[data-code='1']").click()
        assert await page.locator(".chosen-zones li").count() == 2
        assert "view=map" in page.url
        await page.get_by_role("link", name="Marollen weghalen").click()
        assert await page.locator(".chosen-zones li").all_inner_texts() == ["A\nGrote Markt"]
        await page.get_by_role("link", name="Grafiek").click()
        assert await page.locator("svg.skyline").count() >= 3
        assert not await page.get_by_role("button", name="De link kopiëren").is_visible()


async def test_the_live_map_and_the_table_light_each_other(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        wrong: list[str] = []
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        await page.goto("/fr/compare")
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        told = page.locator("#map-told")
        hint = await told.inner_text()
        row = page.locator(".ranking tr[data-code]").first
        name = await row.locator("th a").inner_text()
        await row.hover()
        await expect(told).to_contain_text(name)
        box = await page.locator("compare-map canvas").bounding_box()
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await expect(page.locator(".ranking tr.lit")).to_have_count(1)
        lit = await page.locator(".ranking tr.lit th a").inner_text()
        await expect(told).to_contain_text(lit)
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await expect(page.locator(".chosen-zones li")).to_contain_text([lit])
        await expect(page.locator(".map-letter")).to_have_text(["A"])
        await expect(page.locator(LIVE)).to_have_count(1)
        assert hint and wrong == []


async def test_arrows_walk_over_the_map_and_enter_chooses(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP, reduced_motion="reduce") as page:
        await page.goto(f"/nl/compare?{TWO}&view=map")
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        assert await page.locator("svg.choropleth a.zone[tabindex='0']").count() == 1
        start = page.locator("svg.choropleth a.zone[data-code='1']")
        await start.focus()
        seen = ["1"]
        for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
            await page.keyboard.press(key)
            seen.append(await page.evaluate("document.activeElement.dataset.code"))
        assert all(code for code in seen) and len(set(seen)) >= 4
        name = (await page.locator("svg.choropleth a.zone:focus title").text_content()).partition(":")[0]
        await expect(page.locator("#map-told")).to_contain_text(name)
        chosen = await page.locator("svg.choropleth a.zone:focus").get_attribute("data-code")
        before = await page.locator(".chosen-zones li").count()
        await page.keyboard.press("Enter")
        await expect(page.locator(".chosen-zones li")).to_have_count(
            before - 1 if chosen in ("1", "36") else before + 1
        )
        if chosen not in ("1", "36"):
            await expect(page.locator(".chosen-zones li").last).to_contain_text(name)


async def test_a_touch_reads_a_zone_and_a_second_one_adds_it(browser: Any, live_server: str) -> None:
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
    async with opened(browser, live_server, **options) as page:
        await page.goto("/fr/compare?view=map")
        await page.locator(LIVE).wait_for(timeout=PATIENCE_MS)
        assert "Touchez" in await page.locator("#map-told").inner_text()
        canvas = page.locator("compare-map canvas")
        await canvas.scroll_into_view_if_needed()
        box = await canvas.bounding_box()
        at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await page.touchscreen.tap(*at)
        await expect(page.locator("#map-told")).to_contain_text("2023")
        assert await page.locator(".chosen-zones li").count() == 0
        await page.touchscreen.tap(*at)
        await expect(page.locator(".chosen-zones li")).to_have_count(1)


async def test_on_paper_there_are_map_and_table_and_no_buttons(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=DESKTOP) as page:
        await page.goto(f"/fr/compare?{TWO}&view=map")
        await page.emulate_media(media="print")
        for seen in (".side-by-side", "svg.choropleth", ".classes", ".answer"):
            assert await page.locator(seen).is_visible(), seen
        for hidden in (".views", ".files .actions", "#add", ".map-choices"):
            assert not await page.locator(hidden).is_visible(), hidden
