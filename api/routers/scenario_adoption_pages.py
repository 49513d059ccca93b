"""Adopting a scenario as the méso level: what it changes, from when, and the way back."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, parse_form, read_values
from api.pages import scenarios as told
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.texts import Content
from geo.db.reads import Reader
from geo.directory.schedules import BRUSSELS
from geo.errors import AlreadyThere, EditionTooEarly, FictionalDivision, IncompleteDivision, InvalidParameter
from geo.territory.editions.adoption import adopt_scenario
from geo.territory.scenarios.cards import weigh_scenario
from geo.territory.scenarios.told import ScenarioTold, read_scenario
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

ADOPT = "/{lang}/planner/scenarios/{scenario_id}/adopt"
LEVELS = Right.LEVELS_MANAGE


class Adoption(Content):
    """The edition that a scenario becomes."""

    edition: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    valid_from: dt.date
    sure: bool


@router.get(ADOPT)
async def ask(
    request: Request, reader: ReaderDep, lang: Lang, scenario_id: uuid.UUID, actor: Actor = requires(LEVELS)
) -> Response:
    """Say what adopting changes, and ask for the day."""
    day = dt.datetime.now(BRUSSELS).date() + dt.timedelta(days=1)
    form: Form[Adoption] = Form({"edition": (str(day.year),), "valid_from": (day.isoformat(),)})
    scenario = await read_scenario(reader, actor, scenario_id)
    return await _show(request, reader, lang, scenario, form)


@router.post(ADOPT)
async def adopt(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(LEVELS),
) -> Response:
    """Adopt the scenario, and go on to the levels, where it can be taken back."""
    form = parse_form(await read_values(request), Adoption, lang)
    scenario = await read_scenario(reader, actor, scenario_id)
    if form.model is not None and not form.model.sure:
        form = form.refuse({"sure": told.done_words("unsure", lang)})
    if form.model is not None:
        try:
            async with session.begin_nested():
                await adopt_scenario(
                    session, actor, scenario_id, edition=form.model.edition, valid_from=form.model.valid_from
                )
            return RedirectResponse(f"/{lang}/admin/levels?done=adopted", 303)
        except AlreadyThere as error:
            form = form.refuse({"edition": problem_of(error, lang)["title"]})
        except (InvalidParameter, EditionTooEarly) as error:
            form = form.refuse({"valid_from": problem_of(error, lang)["detail"]})
        except (FictionalDivision, IncompleteDivision) as error:
            form = form.refuse({"": problem_of(error, lang)["detail"]})
    return await _show(request, reader, lang, scenario, form, status=422)


async def _show(
    request: Request, reader: Reader, lang: Lang, scenario: ScenarioTold, form: Form[Adoption], **more: Any
) -> Response:
    card = await weigh_scenario(reader, scenario)
    still = await told.still_of_scenario(reader, scenario, lang, told.SMALL_PX)
    return await told.show_planner(
        request, reader, "adopt", lang, form=form, scenario=scenario, card=card, still=still, **more
    )
