"""The editor of a scenario: a map, and the same as a table that needs no script."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.answers import kept_while_same
from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, Values, parse_form, read_values
from api.pages import scenarios as told
from api.pages.frame import credit_limits
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.texts import Titles
from geo.errors import ContentRefused, StaleVersion
from geo.territory.scenarios import kept as verbs
from geo.territory.scenarios.told import atom_features, list_atoms, read_scenario
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

ONE = "/{lang}/planner/scenarios/{scenario_id}"
WRITER = Right.SCENARIOS_WRITE


@router.get(f"{ONE}/edit")
async def edit(
    request: Request,
    reader: ReaderDep,
    lang: Lang,
    scenario_id: uuid.UUID,
    done: str = "",
    zone: str = "",
    actor: Actor = requires(WRITER),
) -> Response:
    """Return the map and the table; `zone`: the one that was moved to last."""
    scenario = await read_scenario(reader, actor, scenario_id)
    if not scenario.is_mine:
        return RedirectResponse(f"/{lang}/planner/scenarios/{scenario_id}", 303)
    atoms = await list_atoms(reader, scenario.atom_kind, scenario.atom_edition)
    limits = await credit_limits(request, reader, scenario.atom_kind, scenario.atom_edition)
    return await told.show_planner(
        request,
        reader,
        "edit",
        lang,
        done=told.done_words(done, lang),
        stale=done == "stale",
        chosen=zone,
        **told.editor_context(scenario, atoms, lang, limits),
    )


@router.get(f"{ONE}/atoms.geojson")
async def shapes(
    request: Request, reader: ReaderDep, lang: Lang, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Return what the scenario is made of as GeoJSON features, for the map."""
    scenario = await read_scenario(reader, actor, scenario_id)
    features = await atom_features(reader, scenario.atom_kind, scenario.atom_edition)
    body = b'{"type":"FeatureCollection","features":' + features + b"}"
    return kept_while_same(request, body, "application/geo+json")


@router.post(f"{ONE}/atoms")
async def move(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Move what was ticked to a zone, or out of all."""
    form: Form[Titles] = Form(await read_values(request))
    to = form.first("to")
    number = int(to) if to.isdecimal() and len(to) < 4 else None
    moves = dict.fromkeys(form.all("atom"), number)
    if not moves or (number is None and to != "none"):
        return _back(lang, scenario_id, "nothing", to)
    work = verbs.assign_atoms(session, actor, scenario_id, moves, version=_version(form.values))
    return await _done(session, work, lang, scenario_id, "moved", to)


@router.post(f"{ONE}/zones")
async def add_zone(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Add a zone."""
    form = parse_form(await read_values(request), Titles, lang)
    name = form.model or Titles()
    work = verbs.add_zone(session, actor, scenario_id, name, version=_version(form.values))
    return await _done(session, work, lang, scenario_id, "zone")


@router.post(f"{ONE}/zones/{{number}}")
async def name_zone(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    number: int,
    actor: Actor = requires(WRITER),
) -> Response:
    """Keep the names of a zone, or remove it."""
    form = parse_form(await read_values(request), Titles, lang)
    version = _version(form.values)
    if "remove" in form.values:
        gone = verbs.remove_zone(session, actor, scenario_id, number, version=version)
        return await _done(session, gone, lang, scenario_id, "removed")
    if form.model is None:
        return _back(lang, scenario_id, "too-long")
    named = verbs.name_zone(session, actor, scenario_id, number, form.model, version=version)
    return await _done(session, named, lang, scenario_id, "named")


async def _done(
    session: Any, work: Awaitable[object], lang: Lang, scenario_id: uuid.UUID, done: str, zone: str = ""
) -> Response:
    """Do it and go back; who was overtaken, or asked for what is gone, sees how it stands now."""
    try:
        async with session.begin_nested():
            await work
    except (StaleVersion, ContentRefused):
        return _back(lang, scenario_id, "stale", zone)
    return _back(lang, scenario_id, done, zone)


def _back(lang: Lang, scenario_id: uuid.UUID, done: str, zone: str = "") -> Response:
    kept = f"&zone={zone}" if zone.isdecimal() else ""
    return RedirectResponse(f"/{lang}/planner/scenarios/{scenario_id}/edit?done={done}{kept}#table", 303)


def _version(values: Values) -> int | None:
    given = next(iter(values.get("version", ())), "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1
