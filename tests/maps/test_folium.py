"""folium maps: one legend with the layer, nothing from elsewhere, no name taken for code, two languages."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from geo.directory.map_data import GROUND_ZOOM, MapData, read_map
from geo.layers import layers, layers_for
from geo.vocabulary import ANONYMOUS, LANGS
from maps.folium_page import draw_page, show_map
from maps.legend import legend_of, look_of

LAYERS = sorted(layers_for())
LEGEND = re.compile(r'<li data-value="([^"]+)" data-colour="([^"]+)">.*?</span>(.*?)</li>')
HOSTILE = "</script><img src=x onerror=window.pwned=1>{{ 7*7 }}'\"&"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


async def data_of(reader: asyncpg.Pool, layer_id: str, **given: Any) -> MapData:
    layer = layers()[layer_id]
    return await read_map(reader, layer, layer.filters.model_validate(given), ANONYMOUS)


def features_of(html: str) -> list[dict[str, Any]]:
    found = re.search(r'id="features">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])["features"]  # type: ignore[no-any-return]


@asynccontextmanager
async def watched(browser: Any, **options: Any) -> AsyncIterator[tuple[Any, list[str]]]:
    """A page, and what goes wrong on it: errors, refusals of the content policy, requests that leave."""
    context = await browser.new_context(viewport={"width": 1000, "height": 800}, **options)
    page = await context.new_page()
    wrong: list[str] = []
    home = options.get("base_url", "file:")
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda sent: wrong.append(sent.url) if not sent.url.startswith((home, "data:", "blob:")) else None,
    )
    try:
        yield page, wrong
    finally:
        await context.close()


@pytest.mark.parametrize("layer_id", LAYERS)
async def test_page_of_every_layer_names_no_other_site(client: httpx.AsyncClient, layer_id: str) -> None:
    for lang in LANGS:
        answer = await client.get(f"/maps/{layer_id}", params={"lang": lang})
        assert answer.status_code == 200
        assert answer.headers["content-language"] == lang
        assert f'<html lang="{lang}">' in answer.text
        assert not re.findall(r"https?:|[\"'(]//", answer.text)
        assert "folium-map" in answer.text
        assert "L.map(" in answer.text


@pytest.mark.parametrize("layer_id", LAYERS)
async def test_legend_is_the_layers_own(client: httpx.AsyncClient, layer_id: str) -> None:
    html = (await client.get(f"/maps/{layer_id}", params={"lang": "nl"})).text
    layer = layers()[layer_id]
    expected = [(each.value, each.colour, each.title) for each in layer.style.legend]
    expected = expected or [(layer.id, layer.style.colour, layer.title)]
    assert LEGEND.findall(html) == [(value, colour, title.nl) for value, colour, title in expected]
    assert [each.colour for each in legend_of(layer)] == [colour for _, colour, _ in expected]
    assert json.dumps(look_of(layer)) in html, "folium draws with the same colours"


async def test_features_are_those_of_the_layer_and_its_filters(client: httpx.AsyncClient) -> None:
    for layer_id, query in (
        ("services", {"theme": "pharmacy"}),
        ("quartiers", {}),
        ("quartiers", {"code": "10"}),
    ):
        html = (await client.get(f"/maps/{layer_id}", params=query)).text
        listed = await client.get(f"/ogc/collections/{layer_id}/items", params=query | {"limit": "1000"})
        assert features_of(html) == listed.json()["features"]
        assert len(features_of(html)) > 0


async def test_unknown_filters_and_layers_are_refused_by_name(client: httpx.AsyncClient) -> None:
    refused = await client.get("/maps/services?colour=red&lang=fr")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "colour"
    assert (await client.get("/maps/nothing")).status_code == 404
    assert (await client.get("/maps/..%2f..%2fetc")).status_code == 404


async def test_notices_stand_where_they_are_true(reader: asyncpg.Pool) -> None:
    with_examples = await data_of(reader, "services")
    html = draw_page(with_examples, "fr")
    assert "est fictif" in html
    assert 'class="notice limits"' in html
    without = await read_map(
        reader, with_examples.layer, with_examples.layer.filters(), ANONYMOUS, with_examples=False
    )
    assert 0 < without.count < with_examples.count
    assert "est fictif" not in draw_page(without, "fr")
    official = dataclasses.replace(await data_of(reader, "quartiers"), is_generalised=False)
    assert 'class="notice limits"' not in draw_page(official, "fr")


async def test_credits_are_visible(client: httpx.AsyncClient) -> None:
    html = (await client.get("/maps/quartiers?lang=fr")).text
    foot = html[html.index("<footer") : html.index("</footer>")]
    for layer_id in ("quartiers", "orientation"):
        for credit in layers()[layer_id].attribution:
            assert credit.text in foot


def hostile(data: MapData) -> MapData:
    """The layer's first feature, with names that would like to be code."""
    feature = json.loads(data.features)[0]
    feature["properties"] |= {"name_fr": HOSTILE, "name_nl": HOSTILE, "postal_code": HOSTILE}
    return dataclasses.replace(data, features=json.dumps([feature]).encode(), count=1)


async def test_names_stay_names(reader: asyncpg.Pool, browser: Any, tmp_path: Path) -> None:
    data = hostile(await data_of(reader, "services"))
    html = draw_page(data, "fr", standalone=True)
    assert "<img" not in html
    assert features_of(html)[0]["properties"]["name_fr"] == HOSTILE
    file = tmp_path / "map.html"
    file.write_text(html, encoding="utf-8")
    async with watched(browser) as (page, wrong):
        await page.goto(file.as_uri())
        await page.locator(".dot-pin").click()
        assert await page.locator(".said h2").inner_text() == HOSTILE
        assert HOSTILE in await page.locator(".said dl").inner_text()
        assert await page.evaluate("window.pwned") is None
        assert wrong == []


def test_server_never_imports_folium() -> None:
    """Pages are drawn while folium, and the 100 MB it brings, stay in a process of their own."""
    code = (
        "import sys; from maps.folium_page import sketches;"
        "drawn = sketches(None, ''); assert 'L.map(' in drawn['services'].script;"
        "print([name for name in ('folium', 'branca', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("lang", "name", "page_link"), [("fr", "Quartiers", "Voir la page"), ("nl", "Wijken", "Bekijk de pagina")]
)
async def test_quartiers_in_a_browser(
    browser: Any, live_server: str, lang: str, name: str, page_link: str
) -> None:
    async with watched(browser, base_url=live_server) as (page, wrong):
        await page.goto(f"/maps/quartiers?lang={lang}")
        await page.wait_for_selector("html[data-map=ready]")
        assert name in await page.locator("h1").inner_text()
        assert await page.locator("path.leaflet-interactive").count() == 145
        shape = page.locator("path.leaflet-interactive").nth(40)
        await shape.focus()
        await page.keyboard.press("Enter")
        title = await page.locator(".said h2").inner_text()
        assert title == await shape.get_attribute("aria-label")
        link = page.locator(".said a")
        assert await link.inner_text() == page_link
        assert re.fullmatch(rf"/{lang}/zones/quartier/\w+", await link.get_attribute("href") or "")
        # half faded in, nothing has enough contrast
        await expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
        found = (await Axe().run(page, options=AXE)).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        await page.keyboard.press("Escape")
        await page.locator(".said").wait_for(state="detached")
        assert wrong == []


@pytest.mark.parametrize(("lang", "theme"), [("fr", "Pharmacies"), ("nl", "Apotheken")])
async def test_services_in_a_browser(browser: Any, live_server: str, lang: str, theme: str) -> None:
    async with watched(browser, base_url=live_server) as (page, wrong):
        await page.goto(f"/maps/services?lang={lang}&theme=pharmacy")
        await page.wait_for_selector("html[data-map=ready]")
        rings = await page.locator(".ring span").all_inner_texts()
        alone = await page.locator(".dot-pin").count()
        shown = int("".join(re.findall(r"\d", (await page.locator("h1 small").inner_text()).split("·")[0])))
        assert len(rings) > 3
        assert sum(map(int, rings)) + alone == shown
        await page.goto(f"/maps/services?lang={lang}&theme=pharmacy&zone=commune:21012")
        await page.wait_for_selector("html[data-map=ready]")
        for _ in range(6):
            if await page.locator(".dot-pin").count():
                break
            await page.locator(".ring").first.click()
            await page.wait_for_timeout(600)
        pin = page.locator(".dot-pin").first
        await pin.focus()
        await page.keyboard.press("Enter")
        assert theme in await page.locator(".said dl").inner_text()
        # half faded in, nothing has enough contrast
        await expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
        found = (await Axe().run(page, options=AXE)).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        assert wrong == []


async def test_notebook_map_is_one_escaped_frame(reader: asyncpg.Pool) -> None:
    shown = show_map(await data_of(reader, "bassins"), "nl")._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<script" not in shown
    assert "&lt;script" in shown


async def test_ground_leaves_minor_streets_to_the_server(reader: asyncpg.Pool) -> None:
    data = await data_of(reader, "quartiers")
    kinds = {each["properties"]["kind"] for each in json.loads(data.ground)}
    assert {"park", "water", "canal", "primary", "rail"} <= kinds
    assert "minor" not in kinds
    assert all(each["properties"]["min_zoom"] <= GROUND_ZOOM for each in json.loads(data.ground))
