"""A planner draws, weighs and shares a scenario: by pointer, by keyboard, without a script. All invented."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import delete

from geo.db.sessions import write_session
from geo.models.scenarios import Scenario, ScenarioRun
from geo.vocabulary import Role
from tests.e2e.test_home import opened
from tests.e2e.test_project_walk import DESKTOP, PHONE, check_access, signed_in
from tests.harness.accounts import Person, SignIn

WORDS = {
    "fr": {
        "draw": "Dessiner un scénario",
        "make": "Créer le scénario",
        "saved": "Enregistré",
        "undo": "Annuler",
        "move": "Déplacer",
        "card": "Terminé : voir la fiche",
        "changes": "Habitants qui changent de zone",
        "link": "Créer un lien",
        "shared": "Un scénario partagé avec vous",
        "compute": "Calculer une proposition",
        "cancel": "Annuler",
        "cancelled": "Le calcul est annulé",
    },
    "nl": {
        "draw": "Een scenario tekenen",
        "make": "Het scenario maken",
        "saved": "Opgeslagen",
        "undo": "Ongedaan maken",
        "move": "Verplaatsen",
        "card": "Klaar: zie de fiche",
        "changes": "Inwoners die van zone veranderen",
        "link": "Een link maken",
        "shared": "Een scenario dat met u is gedeeld",
        "compute": "Een voorstel berekenen",
        "cancel": "Annuleren",
        "cancelled": "De berekening is geannuleerd",
    },
}
SLOW_MS = 60_000
FACTS = "JSON.parse(document.querySelector('[data-facts]').textContent)"


@pytest.fixture
async def planner(sign_in: SignIn, application: Any) -> AsyncIterator[Person]:
    person = await sign_in(Role.PLANNER)
    yield person
    async with write_session(application.state.engine) as session:
        for model in (ScenarioRun, Scenario):
            await session.execute(delete(model).where(model.owner_id == person.account_id))


async def in_zone(page: Any, number: int) -> int:
    """Return how many quartiers the list of zones counts in one."""
    return int(await page.locator(f"[data-zone='{number}'] [data-atoms]").inner_text())


async def click_on(page: Any, code: str) -> None:
    """Click the map where the editor's own facts say that a quartier is."""
    facts = await page.evaluate(FACTS)
    (lon, lat) = next(each["point"] for each in facts["atoms"] if each["code"] == code)
    canvas = page.locator("scenario-editor canvas").first
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box
    x, y = await page.evaluate(
        "([lon, lat]) => document.querySelector('scenario-editor').placeOf(lon, lat)", [lon, lat]
    )
    await page.mouse.click(box["x"] + x, box["y"] + y)


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_planner_draws_weighs_and_shares(
    browser: Any, live_server: str, planner: Person, lang: str
) -> None:
    words = WORDS[lang]
    async with signed_in(browser, live_server, planner.cookie, viewport=DESKTOP) as page:
        page.set_default_timeout(SLOW_MS)
        await page.goto(f"/{lang}/planner")
        await check_access(page)
        await page.get_by_role("link", name=words["draw"]).click()
        await check_access(page)
        await page.locator("#name").fill("Essai du jeudi (exemple)")
        await page.get_by_role("button", name=words["make"]).click()
        await page.locator("scenario-editor[data-state=live]").wait_for()
        address = page.url.partition("/edit")[0]
        await check_access(page)

        # A quartier of zone 1 goes to zone 2 by a click, and back by undo.
        first, second = await in_zone(page, 1), await in_zone(page, 2)
        await page.locator("input[name=brush][value='2']").check()
        await click_on(page, await page.evaluate(f"{FACTS}.atoms.find(atom => atom.zone === 1).code"))
        await expect(page.locator("[data-zone='1'] [data-atoms]")).to_have_text(str(first - 1))
        await expect(page.locator("[data-zone='2'] [data-atoms]")).to_have_text(str(second + 1))
        await expect(page.locator("[data-status]")).to_have_text(words["saved"])
        await page.locator("[data-undo]").click()
        await expect(page.locator("[data-zone='1'] [data-atoms]")).to_have_text(str(first))
        await expect(page.locator("[data-status]")).to_have_text(words["saved"])

        # By keyboard: what lies under the cross goes to the zone of the number key.
        canvas = page.locator("scenario-editor canvas").first
        await canvas.focus()
        said = page.locator("[data-words]")
        await expect(said).not_to_be_empty()
        here = re.split(r": ", await said.inner_text())[0]
        target = "3" if (await said.inner_text()).split(": ")[-1] != await name_of(page, 3) else "4"
        await page.keyboard.press(target)
        await page.keyboard.press("Enter")
        await expect(said).to_contain_text(here)
        await expect(said).to_contain_text(await name_of(page, int(target)))
        await expect(page.locator("[data-status]")).to_have_text(words["saved"])

        # Two at once, from the table.
        third = await in_zone(page, 5)
        ticks = page.locator(".atom-table details[open] .tick:has(small)")
        for at in range(2):
            await ticks.nth(at).locator("input").check()
        await page.locator("#to").select_option("5")
        await page.get_by_role("button", name=words["move"], exact=True).click()
        await expect(page.locator(".atom-table input[name=atom]:checked")).to_have_count(0)
        assert await in_zone(page, 5) >= third
        await expect(page.locator("[data-status]")).to_have_text(words["saved"])

        await page.get_by_role("link", name=words["card"]).click()
        assert page.url.split("?")[0] == address
        await expect(page.get_by_text(words["changes"]).first).to_be_visible()
        await check_access(page)
        await page.get_by_role("button", name=words["link"]).click()
        link = await page.locator("#share .key").inner_text()

    async with opened(browser, live_server, viewport=PHONE) as page:
        await page.goto(link.strip())
        await expect(page.get_by_text(words["shared"])).to_be_visible()
        await check_access(page)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]


async def name_of(page: Any, number: int) -> str:
    name: str = await page.locator(f"input[name=brush][value='{number}']").get_attribute("data-name")
    return name


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_proposal_is_watched_and_cancelled(
    browser: Any, live_server: str, planner: Person, lang: str
) -> None:
    words = WORDS[lang]
    async with signed_in(browser, live_server, planner.cookie, viewport=PHONE) as page:
        page.set_default_timeout(SLOW_MS)
        await page.goto(f"/{lang}/planner/proposals/new")
        await check_access(page)
        await page.get_by_role("button", name=words["compute"]).click()
        await expect(page.locator("[data-faults]")).to_be_focused()
        await page.locator("#name").fill("Proposition (exemple)")
        await page.get_by_role("button", name=words["compute"]).click()
        await expect(page.locator("progress")).to_be_visible()
        await check_access(page)
        await page.get_by_role("button", name=words["cancel"]).click()
        await expect(page.get_by_text(words["cancelled"]).first).to_be_visible()


async def test_the_table_is_enough_without_a_script(browser: Any, live_server: str, planner: Person) -> None:
    async with signed_in(
        browser, live_server, planner.cookie, viewport=DESKTOP, java_script_enabled=False
    ) as page:
        page.set_default_timeout(SLOW_MS)
        await page.goto("/fr/planner/scenarios/new")
        await page.locator("#name").fill("Sans script (exemple)")
        await page.get_by_role("button", name=WORDS["fr"]["make"]).click()
        await expect(page.locator("scenario-editor canvas")).to_have_count(0)
        await expect(page.locator("[data-undo]")).to_be_hidden()
        before = await in_zone(page, 2)
        await page.locator(".atom-table details[open] .tick:has(.z1) input").first.check()
        await page.locator("#to").select_option("2")
        await page.get_by_role("button", name=WORDS["fr"]["move"], exact=True).click()
        await expect(page.get_by_text("Déplacé.")).to_be_visible()
        assert await in_zone(page, 2) == before + 1
