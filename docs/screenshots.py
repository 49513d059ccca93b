"""Take the pictures of `docs/screenshots` from a running server.

`python docs/screenshots.py ADDRESS [team=SESSION] [moderator=SESSION] [planner=SESSION] [only=walks]`: a
session is the value of the cookie of somebody who is signed in; without them, the pictures of their pages
stay as they are.
"""

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
    session: str = "",
    **options: str,
) -> None:
    """Take one picture, after the map has come to rest."""
    context = browser.new_context(base_url=base, viewport=viewport, **options)  # type: ignore[arg-type]
    if session:
        context.add_cookies([{"name": "quartier", "value": session, "url": base}])
    page = context.new_page()
    page.goto(path)
    if press:
        page.locator(press).first.click()
    page.wait_for_load_state("networkidle")
    if page.locator("where-field [data-stage]:visible").count():
        page.locator("where-field").scroll_into_view_if_needed()
        page.locator("where-field[data-state=live]").wait_for(timeout=60_000)
    for live in ("service-map", "compare-map", "scenario-editor"):
        if page.locator(f"{live}:visible").count():
            page.locator(f"{live}[data-state=live]").wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def take_scenarios(browser: Browser, base: str, session: str) -> None:
    """Take the pictures of the example's card, and of the editor with a copy of it, which is thrown away."""
    example = "/planner/scenarios/a8add49b-29b0-5720-aa9f-6e0b9ba7e2c0"
    for lang in ("fr", "nl"):
        take(browser, base, f"scenario-card-{lang}", f"/{lang}{example}", DESKTOP, session=session)
    context = browser.new_context(base_url=base, viewport=DESKTOP)  # type: ignore[arg-type]
    context.add_cookies([{"name": "quartier", "value": session, "url": base}])
    page = context.new_page()
    page.goto(f"/fr{example}")
    page.locator("form[action$=copies] button").click()
    copy = page.url.partition("?")[0].removeprefix(base)
    take(browser, base, "scenario-edit-fr", f"{copy}/edit", DESKTOP, session=session)
    dutch = copy.replace("/fr/", "/nl/", 1)
    take(browser, base, "scenario-edit-nl", f"{dutch}/edit", DESKTOP, session=session)
    page.locator(".throw-away summary").click()
    page.locator("form[action$=delete] button").click()
    context.close()


def main(base: str, team: str = "", moderator: str = "", planner: str = "", only: str = "") -> None:
    """Take all pictures; those of walks alone with `only=walks`."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for lang in HOME:
            take_walks(browser, base, lang, planner)
        if only == "walks":
            return
        finder = browser.new_page(base_url=base)
        for lang, home in HOME.items():
            finder.goto(f"{home}&low_threshold=1")
            service = finder.locator(".card h3 a").first.get_attribute("href") or ""
            take(browser, base, f"home-{lang}", home, DESKTOP)
            take(browser, base, f"home-phone-{lang}", home, PHONE)
            take(browser, base, f"home-phone-map-{lang}", home, PHONE, press=".switch [data-view=map]")
            take(browser, base, f"service-{lang}", service, DESKTOP)
            take(browser, base, f"quartier-{lang}", f"/{lang}/zones/quartier/9", DESKTOP)
            take_comparison(browser, base, lang)
        take(browser, base, "home-dark-fr", HOME["fr"], DESKTOP, color_scheme="dark")
        take(browser, base, "start-fr", "/fr/", DESKTOP)
        take(browser, base, "projects-fr", "/fr/projects", DESKTOP)
        take(browser, base, "projects-phone-nl", "/nl/projects", PHONE)
        take(browser, base, "functions-fr", "/fr/functions", DESKTOP)
        take(browser, base, "calendar-fr", "/fr/calendar/commune/21004", DESKTOP)
        take(browser, base, "calendar-phone-nl", "/nl/calendar/commune/21004", PHONE)
        if planner:
            take_scenarios(browser, base, planner)
        if team:
            take_form(browser, base, team)
            take(browser, base, "team-fr", "/fr/team", DESKTOP, session=team)
            take(browser, base, "team-phone-nl", "/nl/team", PHONE, session=team)
        if moderator:
            take_moderation(browser, base, moderator)
        browser.close()


def take_comparison(browser: Browser, base: str, lang: str) -> None:
    """Take three quartiers side by side on a desk and a phone, the map on the phone, and the chart."""
    three = f"/{lang}/compare?zone=quartier:1&zone=quartier:36&zone=quartier:8"
    take(browser, base, f"compare-{lang}", three, DESKTOP)
    take(browser, base, f"compare-phone-{lang}", three, PHONE)
    take(browser, base, f"compare-phone-map-{lang}", f"/{lang}/compare?view=map", PHONE)
    take(browser, base, f"compare-chart-{lang}", f"{three}&view=chart", DESKTOP)


def take_walks(browser: Browser, base: str, lang: str, planner: str) -> None:
    """Take a walk, an area on foot, minutes by street, a what-if; streets and coverage are there."""
    page = browser.new_context(base_url=base, viewport=DESKTOP).new_page()  # type: ignore[arg-type]
    page.goto(HOME[lang].partition("&")[0] + "&theme=pharmacy")
    page.locator("service-map[data-state=live]").wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.locator(".card").nth(3).hover()
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"walk-{lang}.png")
    page.locator("[data-reach-open]").click()
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"isochrone-{lang}.png")
    page.context.close()
    take(browser, base, f"minutes-{lang}", f"/{lang}/access/pharmacy", DESKTOP)
    if planner:
        take_what_if(browser, base, lang, planner)


def take_what_if(browser: Browser, base: str, lang: str, session: str) -> None:
    """Take what the closing of one pharmacy would change."""
    context = browser.new_context(base_url=base, viewport=DESKTOP)  # type: ignore[arg-type]
    context.add_cookies([{"name": "quartier", "value": session, "url": base}])
    page = context.new_page()
    page.goto(f"/{lang}/planner/access?theme=pharmacy&minutes=5")
    page.locator("input[name=what][value=close]").check()
    page.locator("#service").select_option(index=5)
    page.locator("button[value=add]").click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"what-if-{lang}.png")
    context.close()


def take_form(browser: Browser, base: str, session: str) -> None:
    """Take the form of a project on a phone and on a desk: the questions, and the map to draw on."""
    new, area = "/fr/team/projects/new", "input[name=where_kind][value=area]"
    take(browser, base, "project-form-phone-fr", new, PHONE, session=session)
    take(browser, base, "project-form-map-phone-fr", new, PHONE, press=area, session=session)
    take(
        browser,
        base,
        "project-form-map-nl",
        new.replace("/fr/", "/nl/"),
        DESKTOP,
        press=area,
        session=session,
    )


def take_moderation(browser: Browser, base: str, session: str) -> None:
    """Take the queue of what waits, and the first project in it."""
    take(browser, base, "moderation-queue-fr", "/fr/moderation", DESKTOP, session=session)
    take(
        browser, base, "moderation-fr", "/fr/moderation", DESKTOP,
        press="a[href*='/moderation/project/']", session=session,
    )  # fmt: skip


if __name__ == "__main__":
    given = dict(each.split("=", 1) for each in sys.argv[2:])
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000", **given)
