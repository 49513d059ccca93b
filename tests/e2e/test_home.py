"""Walks through the pages in Chromium, as readers take them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from geo.features.asked import Asked
from geo.features.matrix import Tile
from geo.features.tiling import read_tile
from geo.layers import layers
from geo.vocabulary import ANONYMOUS

PHONE = {"width": 360, "height": 740}
WORDS = {
    "fr": {"street": "rue haute", "zone": "Marolles", "theme": "Thème", "pharmacy": "Pharmacies"},
    "nl": {"street": "hoogstraat", "zone": "Marollen", "theme": "Thema", "pharmacy": "Apotheken"},
}
NEAR_RUE_HAUTE = "/fr/?place=Rue+Haute&theme=pharmacy"
GRAND_PLACE = {"longitude": 4.3525, "latitude": 50.8467}
NAMUR = {"longitude": 4.8719, "latitude": 50.4669}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@asynccontextmanager
async def opened(browser: Any, live_server: str, **options: Any) -> AsyncIterator[Any]:
    """A page in a context of its own; a message about the content policy fails the test."""
    context = await browser.new_context(base_url=live_server, **({"locale": "fr-BE"} | options))
    page = await context.new_page()
    refused: list[str] = []
    page.on(
        "console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.on("pageerror", lambda error: refused.append(str(error)))
    try:
        yield page
    finally:
        await context.close()
    assert refused == []


async def first_of(page: Any, kind: str) -> str:
    """Address of the first service of a list, or of a quartier."""
    if kind == "quartier":
        return "/fr/zones/quartier/1"
    await page.goto(NEAR_RUE_HAUTE)
    return str(await page.locator(".card h3 a").first.get_attribute("href"))


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_finds_pharmacies_near_a_street_of_the_marolles(
    browser: Any, live_server: str, lang: str
) -> None:
    words = WORDS[lang]
    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        await page.goto(f"/{lang}/")
        box = page.get_by_role("combobox")
        await box.press_sequentially(words["street"], delay=20)
        option = page.get_by_role("option").first
        await expect(option).to_contain_text("1000")  # suggestions for fewer letters may stand there first
        await box.press("ArrowDown")
        await box.press("Enter")
        await page.locator(".levels").wait_for()
        await page.locator("summary", has_text=words["theme"]).click()
        await page.locator(".menu-panel label.chip", has_text=words["pharmacy"]).first.click()
        await page.locator(".filters > label.chip:has(input[name=theme]:checked)").wait_for()
        assert words["zone"] in await page.locator(".levels button[aria-current]").inner_text()
        await page.locator(".pin").nth(1).wait_for(timeout=30_000)
        cards = page.locator("#results > .cards .card")
        assert await cards.count() >= 2
        whats = await page.locator("#results > .cards .card .what").all_inner_texts()
        assert all(what.startswith(words["pharmacy"]) for what in whats)
        assert re.search(r"[?&]theme=pharmacy", page.url) and "at=street" in page.url
        metres = [
            int(re.sub(r"\D", "", text))
            for text in await page.locator("#results > .cards .walk span").all_inner_texts()
        ]
        assert metres == sorted(metres)


async def test_the_page_is_useful_without_javascript(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, java_script_enabled=False, viewport=PHONE) as page:
        await page.goto("/nl/")
        await page.get_by_role("searchbox").first.fill("Hoogstraat")
        await page.get_by_role("button", name="Zoeken").click()
        assert await page.locator(".card").count() > 3
        assert await page.locator("svg.still").is_visible()
        await page.locator("summary", has_text="Thema").click()
        await page.locator(".menu-panel label.chip", has_text="Apotheken").click()
        await page.locator("noscript button, .filters > .button").first.click()
        texts = await page.locator("#results > .cards .card .what").all_inner_texts()
        assert texts and all(text.startswith("Apotheken") for text in texts)
        await page.locator(".levels button").nth(2).click()
        assert "level=region" in page.url
        await page.locator(".card h3 a").first.click()
        assert await page.locator("h1").inner_text()
        await page.locator("summary", has_text="Een fout melden").click()
        await page.get_by_label("Wat is dan wel juist?").fill("Voorbeeld: test van het formulier.")
        await page.get_by_role("button", name="De melding versturen").click()
        assert "Dank u" in await page.get_by_role("status").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["start", "home", "service", "quartier", "zones", "sources", "missing"])
async def test_axe_finds_no_violation(browser: Any, live_server: str, kind: str, scheme: str) -> None:
    async with opened(
        browser, live_server, color_scheme=scheme, viewport={"width": 1280, "height": 900}
    ) as page:
        fixed = {
            "start": "/fr/",
            "home": NEAR_RUE_HAUTE,
            "zones": "/fr/zones",
            "sources": "/fr/sources",
            "missing": "/fr/x",
        }
        await page.goto(fixed.get(kind) or await first_of(page, kind))
        if kind in ("start", "home"):
            await page.locator("service-map[data-state=live]").wait_for(timeout=30_000)
        found = await Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()


async def test_axe_finds_no_violation_on_a_phone(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE) as page:
        await page.goto(NEAR_RUE_HAUTE)
        found = await Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()


async def test_no_request_leaves_our_server(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for address in ("/fr/", NEAR_RUE_HAUTE, "/fr/zones/quartier/1", "/fr/about"):
            await page.goto(address)
            await page.wait_for_load_state("networkidle")
        own = (live_server, "data:", "blob:")
        assert [url for url in asked if not url.startswith(own)] == []
        assert any("/tiles/" in url for url in asked), "the map asked for its tiles"


#: How many services the rings and dots of the map stand for.
GATHERED = """() => {
  const rings = [...document.querySelectorAll(".cluster")];
  const counts = rings.map((ring) => Number(ring.getAttribute("aria-label").replace(/\\D/g, "")));
  return counts.reduce((all, one) => all + one, document.querySelectorAll(".dot-pin").length);
}"""
LABELS = "() => [...document.querySelectorAll('.cluster')].map((ring) => ring.ariaLabel).join()"
MIDDLE_RING = """() => {
  const away = ({ x, y }) => Math.hypot(x - 868, y - 480);
  const rings = [...document.querySelectorAll(".cluster")];
  const far = rings.map((ring) => [away(ring.getBoundingClientRect()), ring]);
  far.sort(([one], [other]) => one - other)[0][1].click();
}"""


async def test_before_anything_is_asked_all_services_are_gathered(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        told = await page.request.get("/ogc/collections/services/items?limit=1")
        every = (await told.json())["numberMatched"]
        await page.goto("/fr/")
        await page.wait_for_function(f"(all) => ({GATHERED})() === all", arg=every, timeout=30_000)
        assert not [url for url in asked if "/items" in url]
        for _ in range(8):  # each ring leads nearer, those gathered since too
            if await page.evaluate(GATHERED) < every:
                break
            told = await page.evaluate(LABELS)
            await page.evaluate(MIDDLE_RING)
            await page.wait_for_function(f"(told) => ({LABELS})() !== told", arg=told)
            await page.wait_for_timeout(1_000)  # until the map stands still
        assert await page.evaluate(GATHERED) < every
        # Once something is asked, the pins of the list are all that is shown.
        await page.locator(".tile.mind").click()
        await expect(page.locator(".pin").first).to_be_visible()
        await expect(page.locator(".cluster, .dot-pin")).to_have_count(0)
        # Where nothing fits what was asked, no service that doesn't is shown in its stead.
        await page.goto("/fr/?q=zzzzzz")
        await expect(page.locator("service-map[data-state=live]")).to_be_visible(timeout=30_000)
        await page.wait_for_load_state("networkidle")
        assert not await page.locator(".cluster, .dot-pin").count()


async def test_the_map_reads_no_more_where_services_are_many(
    browser: Any, live_server: str, crowd: asyncpg.Connection
) -> None:
    """Thousands come as a tile of counted cells, and what a ring says is their sum."""
    services = layers()["services"]
    read: list[int] = []

    async def tile(route: Any) -> None:
        z, y, x = map(int, route.request.url.split("/")[-3:])
        body = await read_tile(crowd, [Asked(services, services.filters())], ANONYMOUS, Tile(z, x, y))
        read.append(len(body))
        await route.fulfill(body=body, content_type="application/vnd.mapbox-vector-tile")

    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        await page.route("**/ogc/collections/services/tiles/WebMercatorQuad/**", tile)
        every = await crowd.fetchval(
            "SELECT count(*) FROM service_card WHERE visibility = 'public' AND geom IS NOT NULL"
            " AND last_seen_on >= current_date - interval '3 years'"
        )
        await page.goto("/fr/")
        await page.wait_for_function(f"(all) => ({GATHERED})() === all", arg=every, timeout=30_000)
        assert every > 2_000 and sum(read) < 50_000


async def test_the_map_follows_the_list_on_a_phone(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE, has_touch=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto("/fr/?place=Rue+Haute")
        await page.wait_for_load_state("networkidle")
        assert not any("maplibre" in url or "/tiles/" in url for url in asked), (
            "no map before it is asked for"
        )
        assert not await page.locator("service-map").is_visible()
        await page.get_by_role("link", name="Carte").click()
        await page.locator(".pin").first.wait_for(timeout=30_000)
        cards = page.locator("#results > .cards .card")
        assert await in_view(cards.nth(0)) and not await in_view(cards.nth(1))
        await page.get_by_role("button", name="Service suivant").click()
        await page.locator("#card-2.lit").wait_for()
        assert await in_view(cards.nth(1)) and not await in_view(cards.nth(0))
        assert await page.locator(".pin.lit").get_attribute("data-number") == "2"
        await page.get_by_role("link", name="Liste").click()
        assert not await page.locator("service-map").is_visible()


async def in_view(card: Any) -> bool:
    """Whether most of a card stands within the width of the page."""
    box = await card.bounding_box()
    return bool(box and -box["width"] / 2 < box["x"] < PHONE["width"] / 2)


async def test_cards_and_pins_light_each_other(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        await page.goto(NEAR_RUE_HAUTE)
        await page.locator(".pin").first.wait_for(timeout=30_000)
        await page.locator("#card-1").hover()
        assert await page.locator(".pin.lit").get_attribute("data-number") == "1"
        await page.locator(".pin[data-number='2']").focus()
        assert "lit" in (await page.locator("#card-2").get_attribute("class") or "")


async def test_keyboard_reaches_everything_in_the_order_of_the_page(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport={"width": 1280, "height": 900}) as page:
        await page.goto(NEAR_RUE_HAUTE)
        await page.locator("service-map[data-state=live]").wait_for(timeout=30_000)
        walked = await walk(page)
        assert walked[0].startswith("Aller au contenu")
        order = ["place", "card", "pin"]
        firsts = [next(i for i, name in enumerate(walked) if name.startswith(kind)) for kind in order]
        assert firsts == sorted(firsts)
        pins = [int(name.split()[1]) for name in walked if name.startswith("pin ")]
        assert len(pins) >= 2
        assert pins == sorted(pins)


async def walk(page: Any, most: int = 150) -> list[str]:
    """What has the focus after each Tab, until the end of the page."""
    walked: list[str] = []
    for _ in range(most):
        await page.keyboard.press("Tab")
        name = await focused(page)
        if walked and name == walked[0]:
            break
        walked.append(name)
    return walked


async def focused(page: Any) -> str:
    """What has the focus: the place box, a card's link, a numbered pin, or its words."""
    return str(
        await page.evaluate(
            """() => { const e = document.activeElement;
            if (e.id === 'place') return 'place';
            if (e.matches('.card a')) return 'card ' + e.closest('.card').dataset.number;
            if (e.matches('.pin')) return 'pin ' + e.dataset.number;
            return e.textContent.trim(); }"""
        )
    )


async def test_the_position_of_the_device_stays_out_of_the_address(browser: Any, live_server: str) -> None:
    options = {
        "geolocation": GRAND_PLACE,
        "permissions": ["geolocation"],
        "viewport": {"width": 1280, "height": 900},
    }
    async with opened(browser, live_server, **options) as page:
        sent: list[str] = []
        page.on(
            "request",
            lambda request: sent.append(f"{request.method} {request.url} {request.post_data or ''}"),
        )
        await page.goto("/fr/")
        await page.get_by_role("button", name="Ma position").click()
        await page.locator(".levels").wait_for()
        assert "Grand Place" in await page.locator(".levels").inner_text()
        assert not re.search(r"lon=|lat=|4\.35|near", page.url)
        assert [line for line in sent if line.startswith("GET") and re.search(r"lon=|lat=", line)] == []
        posted = next(line for line in sent if line.startswith("POST"))
        assert "4.353" in posted or "4.352" in posted
        assert "4.3525" not in posted, "rounded to about 100 m before it is sent"


async def test_a_position_outside_the_region_gets_a_sentence(browser: Any, live_server: str) -> None:
    options = {"geolocation": NAMUR, "permissions": ["geolocation"], "viewport": PHONE}
    async with opened(browser, live_server, **options) as page:
        await page.goto("/fr/")
        await page.get_by_role("button", name="Ma position").click()
        await page.get_by_role("alert").wait_for()
        assert "hors de la Région bruxelloise" in await page.get_by_role("alert").inner_text()


async def test_nothing_open_looks_further_and_says_so(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport=PHONE) as page:
        await page.goto("/fr/?zone=quartier:904&theme=pharmacy")
        assert await page.locator(".card").count() > 0
        assert "Plus loin" in await page.locator(".hint").first.inner_text()


@pytest.mark.parametrize(("viewport", "limit_kb"), [(PHONE, 150), ({"width": 1280, "height": 900}, 650)])
async def test_pages_stay_light(
    browser: Any, live_server: str, viewport: dict[str, int], limit_kb: int
) -> None:
    """150 kB before the map library, 650 kB with it, as they travel."""
    async with opened(browser, live_server, viewport=viewport) as page:
        requests: list[Any] = []
        page.on("requestfinished", lambda request: requests.append(request))
        await page.goto(NEAR_RUE_HAUTE)
        await page.wait_for_load_state("networkidle")
        files = [each for each in requests if "/ogc/" not in each.url]
        sizes = {each.url: (await each.sizes())["responseBodySize"] for each in files}
        assert sum(sizes.values()) <= limit_kb * 1000, sizes


async def test_print_shows_the_list_and_no_buttons(browser: Any, live_server: str) -> None:
    async with opened(browser, live_server, viewport={"width": 794, "height": 1123}) as page:
        await page.goto(NEAR_RUE_HAUTE)
        await page.emulate_media(media="print")
        assert await page.locator(".card").first.is_visible()
        assert await page.locator("svg.still").is_visible()
        for hidden in (".site-nav", ".filters", ".print-link", ".map-tools"):
            assert await page.locator(f"{hidden}:visible").count() == 0
        assert await page.locator(".printed").is_visible()


@pytest.mark.parametrize(
    "path", ["/fr/", "/nl/?place=hoogstraat&theme=pharmacy", "/nl/zones/quartier/8", "/fr/sources"]
)
async def test_a_page_is_as_wide_as_the_phone(browser: Any, live_server: str, path: str) -> None:
    async with opened(browser, live_server, viewport={"width": 360, "height": 780}) as page:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
