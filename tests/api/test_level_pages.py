"""The pages of levels and editions, as an administrator sees them. They write: in a database of their own."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from api.app import create_app
from geo.accounts.actors import COMMAND
from geo.db.sessions import write_session
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioZone
from geo.models.teams import Mandate
from geo.models.zones import Zone, ZoneLink
from geo.settings import Settings
from geo.territory.editions.adoption import adopt_scenario
from geo.vocabulary import Role
from tests.harness.accounts import MakeTeam, SignIn, new_id

PAIR = "bassin:2024|meso:2027"
MAROLLES = {"lon": 4.3456, "lat": 50.8365}


@pytest.fixture
async def application(spare_database: str) -> AsyncIterator[Any]:
    """The application on a database that this module may change."""
    app = create_app(Settings(database_url=spare_database))
    async with app.router.lifespan_context(app):
        yield app


async def adopt(application: Any) -> None:
    """Adopt an invented division of sectors: Nord as it is, Nord-Est in two, the rest in one."""
    parent = Zone.__table__.alias("parent")
    lies = (
        select(Zone.id, Zone.code, parent.c.code)
        .join(ZoneLink, ZoneLink.child_id == Zone.id)
        .join(parent, parent.c.id == ZoneLink.parent_id)
        .where(Zone.kind == "secteur", parent.c.kind == "bassin")
    )
    async with write_session(application.state.engine) as session:
        scenario = Scenario(id=new_id(), name="Essai", atom_kind="secteur", atom_edition="2020")
        session.add(scenario)
        await session.flush()
        numbers = {
            id_: {"nord": 1, "nord-est": 2 + ord(code[7]) % 2}.get(bassin, 4)
            for id_, code, bassin in await session.execute(lies)
        }
        session.add_all(
            ScenarioZone(scenario_id=scenario.id, number=number, name_fr=f"Essai {number}")
            for number in set(numbers.values())
        )
        session.add_all(
            ScenarioPart(scenario_id=scenario.id, atom_id=id_, number=number)
            for id_, number in numbers.items()
        )
        day: dt.date = await session.scalar(select(func.current_date())) or dt.date.max
        await adopt_scenario(session, COMMAND, scenario.id, edition="2027", valid_from=day)


async def mandates(application: Any, team: uuid.UUID) -> list[str]:
    named = select(Zone.kind + ":" + Zone.code).join(Mandate, Mandate.zone_id == Zone.id)
    async with write_session(application.state.engine) as session:
        return list(await session.scalars(named.where(Mandate.team_id == team)))


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found[1])


async def test_a_planner_is_not_let_in(sign_in: SignIn) -> None:
    planner = await sign_in(Role.PLANNER)
    for path in ("/fr/admin/levels", f"/fr/admin/levels/moves?pair={PAIR}"):
        assert (await planner.client.get(path)).status_code == 403


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "Niveau méso"), ("nl", "Mesoniveau"), ("en", "Meso level")]
)
async def test_levels_are_told_in_every_language(sign_in: SignIn, lang: str, words: str) -> None:
    administrator = await sign_in(Role.ADMINISTRATOR)
    page = await administrator.client.get(f"/{lang}/admin/levels")
    assert page.status_code == 200
    assert words in page.text and "2024" in page.text


async def test_an_adoption_is_seen_moved_to_and_taken_back(
    application: Any, sign_in: SignIn, make_team: MakeTeam
) -> None:
    north, divided = await make_team("bassin:nord", name="Nord fictif"), await make_team("bassin:nord-est")
    administrator = (await sign_in(Role.ADMINISTRATOR)).client
    await adopt(application)

    levels = await administrator.get("/fr/admin/levels")
    assert "Édition 2027" in levels.text
    here = (await administrator.get("/api/v1/zones", params={"kind": "meso"})).json()
    assert here["numberMatched"] == 4
    assert "Ma zone méso" in (await administrator.get("/fr/", params=MAROLLES)).text

    shown = await administrator.get("/fr/admin/levels/moves", params={"pair": PAIR})
    assert "Nord fictif" in shown.text
    form = {"start": "bassin:2024", "end": "meso:2027", "shown": "something else"}
    again = await administrator.post("/fr/admin/levels/moves", data=form)
    assert "done=changed" in again.headers["location"]
    assert await mandates(application, north) == ["bassin:nord"]

    form["shown"] = hidden(shown, "shown")
    moved = await administrator.post("/fr/admin/levels/moves", data=form)
    assert moved.status_code == 303 and "done=moved" in moved.headers["location"]
    assert await mandates(application, north) == ["meso:1"]
    assert await mandates(application, divided) == ["bassin:nord-est"]  # nobody guesses

    back = await administrator.post("/fr/admin/levels/revert")
    assert "done=reverted" in back.headers["location"]
    assert (await administrator.get("/api/v1/zones", params={"kind": "meso"})).json()["numberMatched"] == 0
    assert "Mon bassin" in (await administrator.get("/fr/", params=MAROLLES)).text
    kept = await administrator.get("/api/v1/zones/meso/1", params={"edition": "2027"})
    assert kept.json()["name"]["fr"] == "Essai 1"
    nothing = await administrator.post("/fr/admin/levels/revert")
    assert "done=nothing" in nothing.headers["location"]


async def test_what_was_not_computed_is_computed_on_demand(sign_in: SignIn) -> None:
    administrator = (await sign_in(Role.ADMINISTRATOR)).client
    pair = {"start": "commune:2020", "end": "quartier:2020"}
    asked = {"pair": "commune:2020|quartier:2020"}
    before = await administrator.get("/en/admin/levels/moves", params=asked)
    assert "/en/admin/levels/crosswalk" in before.text
    done = await administrator.post("/en/admin/levels/crosswalk", data=pair)
    assert done.status_code == 303
    after = await administrator.get("/en/admin/levels/moves", params=asked)
    assert "/en/admin/levels/crosswalk" not in after.text


@pytest.mark.parametrize("pair", ["", "bassin", "street:1|meso:2", "bassin:1999|bassin:2024"])
async def test_a_pair_that_is_none_is_an_answer_and_no_fault(sign_in: SignIn, pair: str) -> None:
    administrator = (await sign_in(Role.ADMINISTRATOR)).client
    answer = await administrator.get("/fr/admin/levels/moves", params={"pair": pair})
    assert answer.status_code in (303, 400, 404)
