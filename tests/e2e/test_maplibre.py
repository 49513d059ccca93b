"""MapLibre, as a partner's page has it, draws our layers by nothing but the address of their style."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

DIST = Path(__file__).resolve().parents[2] / "maps" / "web" / "node_modules" / "maplibre-gl" / "dist"
#: A page of somebody else: no policy of ours, no file of ours but what the style names.
PAGE = """<!doctype html><title>partner</title><style>html, body, #map { margin: 0; height: 100% }</style>
<div id="map"></div>
<script type="module">
import { Map, setWorkerUrl } from "/partner/maplibre-gl.mjs";
setWorkerUrl("/partner/maplibre-gl-worker.mjs");
window.faults = [];
const center = [4.352, 50.846];
window.map = new Map({ container: "map", style: STYLE, center, zoom: ZOOM, fadeDuration: 0 });
map.on("error", (event) => faults.push(String(event.error?.message ?? event.error)));
map.once("idle", () => (window.settled = true));
</script>"""
FEATURES = "() => map.queryRenderedFeatures().map((each) => [each.layer.id, each.properties])"


@pytest.fixture
async def partner(browser: Any, live_server: str) -> AsyncIterator[Any]:
    """A function that opens a partner's page with a style, and returns it when the map has been drawn."""
    if not DIST.is_dir():
        pytest.skip("MapLibre's files are not in maps/web/node_modules. Run: make setup")
    context = await browser.new_context(viewport={"width": 640, "height": 480})

    async def file(route: Any) -> None:
        await route.fulfill(path=DIST / route.request.url.rpartition("/")[2], content_type="text/javascript")

    async def opened(style: str, zoom: float) -> Any:
        page = await context.new_page()
        html = PAGE.replace("STYLE", repr(f"{live_server}{style}")).replace("ZOOM", str(zoom))
        await page.route("**/partner/*.mjs", file)
        await page.route(
            "**/partner/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
        )
        await page.goto(f"{live_server}/partner/")
        await page.wait_for_function("() => window.settled", timeout=90_000)
        return page

    yield opened
    await context.close()


@pytest.mark.parametrize(
    ("layer", "zoom", "parts"),
    [
        ("services", 12, {"services-point"}),
        ("quartiers", 11, {"quartiers-surface", "quartiers-edge"}),
        ("orientation", 14, {"orientation-surface", "orientation-line", "orientation-point"}),
        ("functions", 11, {"functions-surface", "functions-edge"}),
    ],
)
async def test_it_draws_a_layer_by_its_style(partner: Any, layer: str, zoom: int, parts: set[str]) -> None:
    page = await partner(f"/ogc/collections/{layer}/styles/default", zoom)
    assert await page.evaluate("() => faults") == []
    features = await page.evaluate(FEATURES)
    assert parts <= {part for part, _ in features}
    assert len(features) > 3


async def test_the_style_draws_only_what_it_was_asked_for(partner: Any) -> None:
    page = await partner("/ogc/collections/services/styles/default?filter=theme='pharmacy'", 12)
    features = await page.evaluate(FEATURES)
    assert features and {told["theme"] for _, told in features} == {"pharmacy"}
    drawn = await page.evaluate("() => map.getPaintProperty('services-point', 'circle-color')[0]")
    assert drawn == "match"
