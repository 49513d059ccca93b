"""A project's way, from an invitation to the public's pages. All people and projects are invented."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from sqlalchemy import delete

from geo.accounts.accounts import invite
from geo.accounts.actors import COMMAND
from geo.community.project_draft import ProjectDraft
from geo.community.projects import register_project, step_project
from geo.community.steps import Step
from geo.db.sessions import write_session
from geo.models.accounts import Account
from geo.vocabulary import Role
from tests.e2e.test_home import AXE, opened
from tests.harness.mail import Mailbox, link_in

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}
PASSWORD = "quatre mots de tous les jours"
HOME_ZONE = "quartier:9"

WORDS = {
    "fr": {
        "title": "Bancs du jeudi (exemple)",
        "summary": "Des bancs et des chaises pour se parler, chaque jeudi.",
        "open": "Ouvrir mon compte",
        "area": "Dans une zone que je dessine",
        "drawn": "La zone est dessinée",
        "saved": "Enregistré à",
        "other": "Ajouter le néerlandais",
        "onward": "Soumettre…",
        "submit": "Soumettre le projet",
        "submitted": "Le projet est soumis",
        "comment": "Commentaire pour l’équipe",
        "only": "Seulement commenter",
        "publish": "Publier le projet",
        "published": "C’est publié",
        "missing": "néerlandais",
    },
    "nl": {
        "title": "Banken op donderdag (voorbeeld)",
        "summary": "Banken en stoelen om te praten, elke donderdag.",
        "open": "Mijn account openen",
        "area": "In een gebied dat ik teken",
        "drawn": "Het gebied is getekend",
        "saved": "Opgeslagen om",
        "other": "Frans toevoegen",
        "onward": "Indienen…",
        "submit": "Het project indienen",
        "submitted": "Het project is ingediend",
        "comment": "Opmerking voor het team",
        "only": "Alleen een opmerking",
        "publish": "Het project publiceren",
        "published": "Het is gepubliceerd",
        "missing": "Frans",
    },
}


@asynccontextmanager
async def signed_in(browser: Any, live_server: str, cookie: str, **options: Any) -> AsyncIterator[Any]:
    """A page of somebody who is signed in."""
    async with opened(browser, live_server, **options) as page:
        await page.context.add_cookies([{"name": "quartier", "value": cookie, "url": live_server}])
        yield page


async def check_access(page: Any) -> None:
    """Axe finds nothing, light and dark."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way
        found = await Axe().run(page, options=AXE)
        assert found.response["violations"] == [], f"{page.url} {scheme}\n{found.generate_report()}"


@pytest.fixture
async def invited(application: Any, make_team: Any) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Invite the coordinator of a new team; returns the address of the mail."""
    made: list[str] = []

    async def make(lang: str) -> str:
        team = await make_team(HOME_ZONE, name="Équipe du jeudi (exemple)")
        address = f"{uuid.uuid4().hex}@example.org"
        async with write_session(application.state.engine) as session:
            await invite(session, COMMAND, address, lang, team=team, coordinator=True)
        made.append(address)
        return address

    yield make
    async with write_session(application.state.engine) as session:
        await session.execute(delete(Account).where(Account.email.in_(made)))


async def draw_triangle(page: Any) -> None:
    """Click three corners around the middle of the map, and the first one again."""
    await page.locator("where-field[data-state=live]").wait_for(timeout=30_000)
    for _ in range(2):
        await page.locator("[data-draw=in]").click()
    canvas = page.locator(".draw-map canvas").first
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for across, down in ((-40, 30), (40, 30), (0, -40), (-40, 30)):
        await page.mouse.move(x + across - 4, y + down - 4)
        await page.mouse.move(x + across, y + down)
        await page.mouse.click(x + across, y + down, delay=30)


@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_a_project_goes_from_an_invitation_to_the_public(
    browser: Any, live_server: str, invited: Any, sign_in: Any, make_team: Any, mailbox: Mailbox, lang: str
) -> None:
    words = WORDS[lang]
    address = await invited(lang)
    (letter,) = [each for each in await mailbox.collect() if address in str(each["To"])]
    link = live_server + link_in(letter)

    async with opened(browser, live_server, viewport=DESKTOP) as page:
        await page.goto(link)
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.get_by_role("button", name=words["open"]).click()
        await page.wait_for_url("**/team**")

        await page.goto(f"/{lang}/team/projects/new")
        await page.locator(f"#title_{lang}").fill(words["title"])
        await page.locator(f"#summary_{lang}").fill(words["summary"])
        await page.locator("input[name=themes]").first.check()
        await page.get_by_label(words["area"]).check()
        await draw_triangle(page)
        await expect(page.locator(".draw > [role=status]")).to_contain_text(words["drawn"])
        await expect(page.locator("[data-saved]")).to_contain_text(words["saved"], timeout=15_000)
        await expect(page).to_have_url(re.compile(r"/team/projects/[0-9a-f-]{36}$"))
        await check_access(page)

        await page.get_by_role("button", name=words["onward"]).click()
        await page.wait_for_url("**/submit")
        await expect(page.locator("main")).to_contain_text(words["missing"])
        await expect(page.get_by_role("link", name=words["other"])).to_be_visible()
        await check_access(page)
        await page.get_by_role("button", name=words["submit"]).click()
        await expect(page.get_by_role("status").first).to_contain_text(words["submitted"])
        project_id = re.findall(r"[0-9a-f-]{36}", page.url)[0]
        await check_access(page)

    moderator = await sign_in(Role.MODERATOR)
    async with signed_in(browser, live_server, moderator.cookie, viewport=DESKTOP) as page:
        await page.goto(f"/{lang}/moderation")
        await check_access(page)
        await page.get_by_role("link", name=words["title"]).click()
        await expect(page.locator("svg.still")).to_be_visible()
        await page.get_by_label(words["comment"]).fill("Exemple : bravo, une question suit.")
        await page.get_by_role("button", name=words["only"]).click()
        await expect(page.locator(".comments")).to_contain_text("une question suit")
        await check_access(page)
        await page.get_by_role("button", name=words["publish"]).click()
        await expect(page.get_by_role("status").first).to_contain_text(words["published"])

    await see_as_the_public(browser, live_server, lang, words["title"], project_id)
    await refuse_another_team(live_server, project_id, lang, await other_cookie(sign_in, make_team))


async def see_as_the_public(browser: Any, live_server: str, lang: str, title: str, project_id: str) -> None:
    """List, own page, quartier, API, folium map and OGC collection show it."""
    async with opened(browser, live_server, viewport=DESKTOP) as page:
        await page.goto(f"/{lang}/projects?zone={HOME_ZONE}")
        await check_access(page)
        await page.get_by_role("link", name=title).click()
        await expect(page.locator("h1")).to_have_text(title)
        await check_access(page)
        await page.goto(f"/{lang}/zones/quartier/9")
        await expect(page.get_by_role("link", name=title)).to_be_visible()
    async with httpx.AsyncClient(base_url=live_server, timeout=30) as public:
        listed = (await public.get(f"/api/v1/projects?zone={HOME_ZONE}")).json()["items"]
        assert project_id in [each["id"] for each in listed]
        assert title in (await public.get("/maps/projects")).text
        features = (await public.get("/ogc/collections/projects/items?limit=1000")).json()["features"]
        assert [f["geometry"]["type"] for f in features if f["properties"]["id"] == project_id] == ["Polygon"]


async def other_cookie(sign_in: Any, make_team: Any) -> str:
    """The session of a coordinator of another team."""
    person = await sign_in(team=await make_team("quartier:36"), coordinator=True)
    return str(person.cookie)


async def refuse_another_team(live_server: str, project_id: str, lang: str, cookie: str) -> None:
    """Another team neither reads nor writes it."""
    address = f"/{lang}/team/projects/{project_id}"
    headers = {"Origin": live_server, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    async with httpx.AsyncClient(
        base_url=live_server, cookies={"quartier": cookie}, headers=headers
    ) as other:
        assert (await other.get(address)).status_code == 403
        token = re.search(r'name="csrf" content="([^"]+)"', (await other.get(f"/{lang}/projects")).text)
        assert token
        form = {"csrf": token[1], "title_fr": "x", "version": "1", "step": "save"}
        assert (await other.post(address, data=form)).status_code == 403
        assert (await other.post(f"{address}/steps", data=form | {"step": "archive"})).status_code == 403


async def test_a_team_writes_without_javascript(
    browser: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    person = await sign_in(team=await make_team(HOME_ZONE), coordinator=True, lang="nl")
    async with signed_in(
        browser, live_server, person.cookie, viewport=PHONE, java_script_enabled=False
    ) as page:
        await page.goto("/nl/team/projects/new")
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await page.locator("#title_nl").fill("Soep op straat (voorbeeld)")
        await page.locator("#summary_nl").fill("Samen soep eten op straat.")
        await page.locator("input[name=themes]").first.check()
        await page.locator("#ends_on").fill("2026-01-01")
        await page.locator("#starts_on").fill("2026-02-01")
        await page.get_by_label("In hele wijken").check()
        picker = page.locator("#where_zones")
        await picker.locator("summary", has_text=re.compile("^Brussel")).first.click()
        await picker.locator(f"input[value='{HOME_ZONE}']").check()
        await page.get_by_role("button", name="Opslaan").click()
        fault = page.locator("[data-faults] a")
        await expect(fault).to_have_attribute("href", "#ends_on")
        assert await page.locator("#title_nl").input_value() == "Soep op straat (voorbeeld)"
        await page.locator("#ends_on").fill("2026-12-31")
        await page.get_by_role("button", name="Indienen…").click()
        await page.get_by_role("button", name="Het project indienen").click()
        await expect(page.get_by_role("status").first).to_contain_text("ingediend")
        await page.get_by_role("button", name="Terugnemen").click()
        await expect(page.locator("#title_nl")).to_have_value("Soep op straat (voorbeeld)")


async def test_the_second_writer_sees_both_versions_and_chooses(
    browser: Any, application: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    team = await make_team(HOME_ZONE)
    one, two = await sign_in(team=team), await sign_in(team=team)
    draft = ProjectDraft.model_validate({"title": {"fr": "Avant"}, "summary": {"fr": "Début"}})
    async with write_session(application.state.engine) as session:
        project = await register_project(session, one.actor, team, draft)
    address = f"/fr/team/projects/{project.id}"
    options = {"viewport": DESKTOP, "java_script_enabled": False}
    async with (
        signed_in(browser, live_server, one.cookie, **options) as mine,
        signed_in(browser, live_server, two.cookie, **options) as theirs,
    ):
        await mine.goto(address)
        await theirs.goto(address)
        await theirs.locator("#title_fr").fill("Leur titre")
        await theirs.locator("#funding").fill("Leur subside")
        await theirs.get_by_role("button", name="Enregistrer").click()
        await mine.locator("#title_fr").fill("Mon titre")
        await mine.locator("#summary_fr").fill("Mon résumé")
        await mine.get_by_role("button", name="Enregistrer").click()
        await expect(mine.locator(".both")).to_have_count(2)
        await expect(mine.locator("input[name=keep__title_fr][value=mine]")).to_be_checked()
        await expect(mine.locator("input[name=keep__funding][value=theirs]")).to_be_checked()
        await mine.locator("input[name=keep__title_fr][value=theirs]").check()
        await mine.get_by_role("button", name="Enregistrer ce choix").click()
        await expect(mine.locator("#title_fr")).to_have_value("Leur titre")
        await expect(mine.locator("#summary_fr")).to_have_value("Mon résumé")
        await expect(mine.locator("#funding")).to_have_value("Leur subside")
        await mine.goto(f"{address}/history")
        await expect(mine.locator(".differences")).to_contain_text("Mon résumé")


async def test_words_stay_on_the_page_while_offline(
    browser: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    person = await sign_in(team=await make_team(HOME_ZONE), coordinator=True)
    async with signed_in(browser, live_server, person.cookie, viewport=PHONE) as page:
        await page.goto("/fr/team/projects/new")
        await page.context.set_offline(True)
        await page.locator("#title_fr").fill("Sans réseau (exemple)")
        await expect(page.locator("[data-saved]")).to_contain_text("La connexion est coupée", timeout=10_000)
        assert await page.evaluate("localStorage.length") == 0
        await page.context.set_offline(False)
        await expect(page.locator("[data-saved]")).to_contain_text("Enregistré à", timeout=15_000)
        await page.reload()
        await expect(page.locator("#title_fr")).to_have_value("Sans réseau (exemple)")


async def test_an_area_is_drawn_by_keyboard(
    browser: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    person = await sign_in(team=await make_team(HOME_ZONE), coordinator=True)
    async with signed_in(browser, live_server, person.cookie, viewport=DESKTOP) as page:
        await page.goto("/fr/team/projects/new")
        await page.get_by_label("Dans une zone que je dessine").check()
        await page.locator("where-field[data-state=live]").wait_for(timeout=30_000)
        corner = page.get_by_role("button", name="Poser un coin sur la croix")
        canvas = page.locator(".draw-map canvas").first
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
            await corner.press("Enter")
            await canvas.press(key)
            await page.wait_for_function(MAP_RESTS)
        await page.get_by_role("button", name="Fermer la zone").press("Enter")
        await expect(page.locator("#where_geometry")).to_have_value(re.compile('"Polygon"'))
        await page.get_by_role("button", name="Tout effacer").press("Enter")
        await expect(page.locator("#where_geometry")).to_have_value("")


async def test_a_button_pressed_while_the_page_saves_does_not_meet_itself(
    application: Any, browser: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    person = await sign_in(team=await make_team(HOME_ZONE), coordinator=True)
    async with signed_in(browser, live_server, person.cookie, viewport=PHONE) as page:

        async def keep_waiting(route: Any) -> None:
            if "x-autosave" in route.request.headers:
                answer = await route.fetch()  # kept already, but the page does not know yet
                await asyncio.sleep(1.5)
                await route.fulfill(response=answer)
            else:
                await route.continue_()

        await page.route("**/fr/team/projects/*", keep_waiting)
        await page.goto("/fr/team/projects/new")
        await page.locator("#title_fr").fill("Deux fois (exemple)")
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(page.locator(".thanks")).to_be_visible()
        async with page.expect_request(lambda request: "x-autosave" in request.headers):
            await page.locator("#title_fr").fill("Deux fois encore (exemple)")
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Deux fois encore (exemple)")


async def test_words_written_before_the_script_comes_are_saved(
    application: Any, browser: Any, live_server: str, sign_in: Any, make_team: Any
) -> None:
    person = await sign_in(team=await make_team(HOME_ZONE), coordinator=True)
    async with signed_in(browser, live_server, person.cookie, viewport=PHONE) as page:
        is_written = asyncio.Event()

        async def wait_for_words(route: Any) -> None:
            await is_written.wait()
            await route.continue_()

        await page.route("**/*.js", wait_for_words)
        await page.goto("/fr/team/projects/new", wait_until="commit")
        await page.locator("#title_fr").fill("Avant le script (exemple)")
        async with page.expect_response(lambda answer: "x-autosave" in answer.request.headers) as answered:
            is_written.set()
        assert (await answered.value).ok
        assert "Avant le script" in ((await answered.value).request.post_data or "").replace("+", " ")


#: The map moves for a moment after an arrow; its canvas is marked while it does.
MAP_RESTS = "() => !document.querySelector('[data-moving]')"


async def test_what_lies_outside_the_area_is_refused_by_name(
    application: Any, sign_in: Any, make_team: Any
) -> None:
    team = await make_team(HOME_ZONE)
    person = await sign_in(team=team, coordinator=True)
    form = {
        "title_fr": "Trop loin (exemple)",
        "team": str(team),
        "where_kind": "zones",
        "where_zones": "quartier:36",
    }
    answer = await person.client.post(f"/fr/team/projects/{uuid.uuid4()}", data=form)
    assert answer.status_code == 422
    assert "Trop loin (exemple)" in answer.text and "hors de la zone de votre équipe" in answer.text


async def test_a_project_returns_with_a_comment(application: Any, sign_in: Any, make_team: Any) -> None:
    team = await make_team(HOME_ZONE)
    person, moderator = await sign_in(team=team, coordinator=True), await sign_in(Role.MODERATOR)
    whole = {
        "title": {"fr": "Retour (exemple)"},
        "summary": {"fr": "Un essai."},
        "themes": ["walking-none"],
        "where": {"kind": "zones", "zones": [HOME_ZONE]},
    }
    themes = (await person.client.get("/api/v1/themes")).json()["items"]
    whole["themes"] = [next(each["code"] for each in themes if each.get("group"))]
    async with write_session(application.state.engine) as session:
        project = await register_project(session, person.actor, team, ProjectDraft.model_validate(whole))
        await step_project(session, person.actor, project.id, Step.SUBMIT, version=project.version)
        version = project.version
    address = f"/fr/moderation/project/{project.id}"
    silent = await moderator.client.post(address, data={"step": "return", "version": version, "comment": ""})
    assert silent.status_code == 422 and 'href="#comment"' in silent.text
    sent = {"step": "return", "version": version, "comment": "Exemple : précisez le lieu."}
    assert (await moderator.client.post(address, data=sent)).status_code == 303
    page = (await person.client.get(f"/fr/team/projects/{project.id}")).text
    assert "précisez le lieu" in page and "Brouillon" in page
    assert (await person.client.get("/fr/moderation")).status_code == 403
