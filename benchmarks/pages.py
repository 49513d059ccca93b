"""How heavy the home page is and how soon it is usable, in a real Chromium with an empty cache."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from playwright.sync_api import Page, Request, sync_playwright

from benchmarks.machine import Serving

ROUNDS = 5
PATH = "/fr/?place=rue%20haute&theme=pharmacy"
VIEWPORTS = {"phone": (360, 780), "desktop": (1280, 800)}
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
]
#: Milliseconds since navigation at which the first card stood on the screen, and at which the map was drawn.
LIST_USABLE = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def run(serving: Serving) -> None:
    """Print kilobytes over the wire and milliseconds, for a phone and a desktop."""
    for name, (width, height) in VIEWPORTS.items():
        loads = [_load(serving.url, width, height) for _ in range(ROUNDS)]
        sizes = loads[-1][0]
        lists, maps = [load[1] for load in loads], [load[2] for load in loads if load[2]]
        print(f"home, {name:8}    {sizes['page']:8.0f} kB before the map library")
        if maps:
            whole = sizes["page"] + sizes["map"]
            print(f"                  {whole:8.0f} kB with it, and {sizes['tiles']:.0f} kB of tiles")
        print(f"                  {statistics.median(lists):8.0f} ms until the list is usable")
        if maps:
            print(f"                  {statistics.median(maps):8.0f} ms until the map is drawn")


def _load(url: str, width: int, height: int) -> tuple[dict[str, float], float, float | None]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        tally = _weigh(page)
        page.goto(url + PATH)
        usable = float(page.evaluate(LIST_USABLE))
        drawn = None
        if width > 600:
            page.wait_for_selector("[data-state=live]", timeout=30_000)
            drawn = float(page.evaluate("performance.now()"))
        page.wait_for_load_state("networkidle")
        sizes = tally()
        browser.close()
    return sizes, usable, drawn


def _weigh(page: Page) -> Callable[[], dict[str, float]]:
    """Watch a page; the result tells, in kB over the wire, the page itself, the map library and its tiles."""
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))  # Playwright marks the function

    def tally() -> dict[str, float]:
        sizes = dict.fromkeys(("page", "map", "tiles"), 0.0)
        for request in done:
            told = request.sizes()
            sizes[_kind(request.url)] += (told["responseBodySize"] + told["responseHeadersSize"]) / 1000
        return sizes

    return tally


def _kind(url: str) -> str:
    if "/ogc/" in url:
        return "tiles"
    return "map" if "live-map" in url or "maplibre" in url else "page"
