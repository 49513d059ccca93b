"""The planner's pages: scenarios in a list, a new one, one with its card, several beside each other."""

from __future__ import annotations

import json
import uuid

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, form_of, parse_form, read_values
from api.pages import scenarios as told
from api.pages.route import PageRoute
from api.parameters import Parameters, read
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.errors import InputRefused, InvalidParameter
from geo.territory.scenarios import kept as verbs
from geo.territory.scenarios.runs import list_open_runs
from geo.territory.scenarios.told import list_scenarios, parse_scenario, read_scenario, read_shared
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PLANNER = "/{lang}/planner"
SCENARIOS = f"{PLANNER}/scenarios"
ONE = f"{SCENARIOS}/{{scenario_id}}"
WRITER = Right.SCENARIOS_WRITE
#: Beside each other on one page; more are none to be compared.
MOST_COMPARED = 6


class Chosen(Parameters):
    """Which scenarios to lay beside each other."""

    scenario: tuple[uuid.UUID, ...] = Field((), max_length=50)


@router.get(PLANNER)
async def start(request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)) -> Response:
    """Return what a planner can do here."""
    page = await list_scenarios(reader, actor, limit=5)
    latest = [parse_scenario(each) for each in json.loads(page.items)]
    runs = await list_open_runs(reader, actor)
    return await told.show_planner(
        request, reader, "start", lang, latest=latest, matched=page.matched, runs=runs
    )


@router.get(SCENARIOS)
async def listing(
    request: Request, reader: ReaderDep, lang: Lang, done: str = "", actor: Actor = requires(WRITER)
) -> Response:
    """Return one's scenarios, and the examples."""
    page = await list_scenarios(reader, actor, limit=1000)
    found = [parse_scenario(each) for each in json.loads(page.items)]
    runs = await list_open_runs(reader, actor)
    words = told.done_words(done, lang)
    return await told.show_planner(
        request, reader, "list", lang, found=found, runs=runs, done=words, origins=told.ORIGINS
    )


@router.get(f"{SCENARIOS}/new")
async def begin(request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)) -> Response:
    """Return the form to draw a scenario."""
    form: Form[verbs.ScenarioDraft] = Form(
        {"atom_kind": ("quartier",), "start": ("present",), "zones": ("5",)}
    )
    return await told.show_planner(request, reader, "new", lang, form=form)


@router.post(f"{SCENARIOS}/new")
async def make(
    request: Request, session: WriteSession, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)
) -> Response:
    """Make a scenario and go on to its map."""
    form = parse_form(await read_values(request), verbs.ScenarioDraft, lang)
    if form.model is not None:
        try:
            made = await verbs.create_scenario(session, actor, form.model)
            return RedirectResponse(f"/{lang}/planner/scenarios/{made.id}/edit?done=made", 303)
        except InputRefused as error:
            form = form.refuse_for(error, lang)
    return await told.show_planner(request, reader, "new", lang, form=form, status=422)


@router.get(f"{SCENARIOS}/compare")
async def compare(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)
) -> Response:
    """Return scenarios side by side, measure by measure."""
    (chosen,) = read(request, Chosen)
    asked = list(dict.fromkeys(chosen.scenario))
    if len(asked) > MOST_COMPARED:
        raise InvalidParameter(name="scenario", value=str(len(asked)), expected=f"2–{MOST_COMPARED}")
    found = [await read_scenario(reader, actor, each) for each in asked]
    page = await list_scenarios(reader, actor, limit=1000)
    others = [parse_scenario(each) for each in json.loads(page.items)]
    context = await told.comparison_context(request, reader, lang, found)
    return await told.show_planner(request, reader, "compare", lang, others=others, **context)


@router.get(ONE)
async def one(
    request: Request,
    reader: ReaderDep,
    lang: Lang,
    scenario_id: uuid.UUID,
    done: str = "",
    actor: Actor = requires(WRITER),
) -> Response:
    """Return a scenario with its card."""
    scenario = await read_scenario(reader, actor, scenario_id)
    context = await told.card_context(request, reader, lang, scenario)
    return await told.show_planner(
        request, reader, "card", lang, done=told.done_words(done, lang), key=None, **context
    )


@router.get("/{lang}/scenarios/shared/{key}")
async def shared(request: Request, reader: ReaderDep, lang: Lang, key: str) -> Response:
    """Return a scenario to whoever has its link."""
    scenario = await read_shared(reader, key)
    context = await told.card_context(request, reader, lang, scenario)
    return await told.show_planner(request, reader, "card", lang, done="", key=key, **context)


@router.post(f"{ONE}/copies")
async def copy(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Copy a scenario, and go on to the copy."""
    form: Form[verbs.ScenarioNames] = Form(await read_values(request))
    made = await verbs.copy_scenario(session, actor, scenario_id, key=form.first("key") or None)
    return RedirectResponse(f"/{lang}/planner/scenarios/{made.id}?done=copied", 303)


@router.get(f"{ONE}/name")
async def names(
    request: Request, reader: ReaderDep, lang: Lang, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Return the form of a scenario's name and note."""
    scenario = await read_scenario(reader, actor, scenario_id)
    known = verbs.ScenarioNames.model_construct(name=scenario.name, note=scenario.note)
    return await told.show_planner(request, reader, "name", lang, form=form_of(known), scenario=scenario)


@router.post(f"{ONE}/name")
async def rename(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Keep a name and a note."""
    form = parse_form(await read_values(request), verbs.ScenarioNames, lang)
    if form.model is not None:
        await verbs.rename_scenario(session, actor, scenario_id, form.model, version=None)
        return RedirectResponse(f"/{lang}/planner/scenarios/{scenario_id}?done=saved", 303)
    scenario = await read_scenario(reader, actor, scenario_id)
    return await told.show_planner(request, reader, "name", lang, form=form, scenario=scenario, status=422)


@router.post(f"{ONE}/link")
async def share(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Share a scenario by link, or end that."""
    ends = "unshare" in await read_values(request)
    if ends:
        await verbs.unshare_scenario(session, actor, scenario_id)
    else:
        await verbs.share_scenario(session, actor, scenario_id)
    return RedirectResponse(
        f"/{lang}/planner/scenarios/{scenario_id}?done={'unshared' if ends else 'shared'}#share", 303
    )


@router.post(f"{ONE}/delete")
async def drop(
    session: WriteSession, lang: Lang, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Throw a scenario away."""
    await verbs.delete_scenario(session, actor, scenario_id)
    return RedirectResponse(f"/{lang}/planner/scenarios?done=deleted", 303)
