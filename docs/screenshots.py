"""Take the pictures of `docs/screenshots` from a running server: `python docs/screenshots.py ADDRESS`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).with_name("screenshots")
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 780}
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
HOME = {
    "fr": "/fr/?place=Rue+Haute&theme=health&theme=social",
    "nl": "/nl/?place=Hoogstraat&theme=health&theme=social",
}


def take(
    browser: Browser,
    base: str,
    name: str,
    path: str,
    viewport: dict[str, int],
    press: str = "",
    **options: str,
) -> None:
    """Take one picture, after the map has come to rest."""
    context = browser.new_context(base_url=base, viewport=viewport, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path)
    if press:
        page.locator(press).click()
    page.wait_for_load_state("networkidle")
    if page.locator("service-map:visible").count():
        page.locator("service-map[data-state=live]").wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def main(base: str) -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        finder = browser.new_page(base_url=base)
        for lang, home in HOME.items():
            finder.goto(f"{home}&low_threshold=1")
            service = finder.locator(".card h3 a").first.get_attribute("href") or ""
            take(browser, base, f"home-{lang}", home, DESKTOP)
            take(browser, base, f"home-phone-{lang}", home, PHONE)
            take(browser, base, f"home-phone-map-{lang}", home, PHONE, press=".switch [data-view=map]")
            take(browser, base, f"service-{lang}", service, DESKTOP)
            take(browser, base, f"quartier-{lang}", f"/{lang}/zones/quartier/9", DESKTOP)
        take(browser, base, "home-dark-fr", HOME["fr"], DESKTOP, color_scheme="dark")
        take(browser, base, "start-fr", "/fr/", DESKTOP)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
