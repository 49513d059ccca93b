"""Levels and editions: what plays which level, what a new edition would move, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import parse_form, read_form
from api.pages import levels as told
from api.pages.admin import admin_page
from api.pages.levels import MoveForm
from api.pages.route import PageRoute
from api.parameters import Parameters, read
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader
from geo.errors import NothingToRevert, UnknownCrosswalk
from geo.territory.editions.crosswalks import compute_crosswalk
from geo.territory.editions.levels import revert_level
from geo.territory.editions.listing import find_division, list_editions
from geo.territory.editions.moves import MovePlan, move_references, plan_moves
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Manager = Annotated[Actor, requires(Right.LEVELS_MANAGE)]
LEVELS = "/{lang}/admin/levels"


class LevelsAsked(Parameters):
    """What was done just now; the two divisions, as start|end, between which references would move."""

    done: str = ""
    pair: str = ""


@router.get(LEVELS)
async def levels(request: Request, reader: ReaderDep, lang: Lang, actor: Manager) -> Response:
    """Return the levels, the editions of every kind, and what refers to former ones."""
    (asked,) = read(request, LevelsAsked)
    known = await list_editions(reader)
    return await admin_page(
        request,
        reader,
        "levels",
        lang,
        levels=told.level_rows(known, lang),
        editions=known.editions,
        adopted=told.adopted_edition(known),
        pairs=told.move_choices(known, lang),
        asked=asked,
        **told.words(lang),
    )


@router.post(LEVELS + "/revert")
async def revert(session: WriteSession, lang: Lang, actor: Manager) -> Response:
    """Take the last adoption back; where another took it back already, there is nothing left to do."""
    try:
        await revert_level(session, actor)
    except NothingToRevert:
        return RedirectResponse(f"/{lang}/admin/levels?done=nothing", 303)
    return RedirectResponse(f"/{lang}/admin/levels?done=reverted", 303)


@router.get(LEVELS + "/moves")
async def moves(request: Request, reader: ReaderDep, lang: Lang, actor: Manager) -> Response:
    """Return what refers to one division and where it would move in another; nothing is changed."""
    (asked,) = read(request, LevelsAsked)
    start, _, end = asked.pair.partition("|")
    form = parse_form({"start": (start,), "end": (end,)}, MoveForm, lang).model
    if form is None:
        return RedirectResponse(f"/{lang}/admin/levels", 303)
    return await admin_page(
        request,
        reader,
        "moves",
        lang,
        asked=asked,
        pair=form,
        plan=(plan := await _plan(reader, form)),
        shown=told.digest_of(plan) if plan else "",
        **told.words(lang),
    )


@router.post(LEVELS + "/crosswalk")
async def compute(
    request: Request, session: WriteSession, reader: ReaderDep, lang: Lang, actor: Manager
) -> Response:
    """Compute how two divisions lie over each other, for moving references by it."""
    form = (await read_form(request, MoveForm, lang)).model
    if form is None:
        return RedirectResponse(f"/{lang}/admin/levels", 303)
    start, end = await find_division(reader, form.start), await find_division(reader, form.end)
    await compute_crosswalk(session, start, end)
    return _back(lang, form, "computed")


@router.post(LEVELS + "/moves")
async def move(
    request: Request, session: WriteSession, reader: ReaderDep, lang: Lang, actor: Manager
) -> Response:
    """Move what was shown, if that is still what would move."""
    form = (await read_form(request, MoveForm, lang)).model
    plan = await _plan(reader, form) if form else None
    if form is None or plan is None:
        return RedirectResponse(f"/{lang}/admin/levels", 303)
    if told.digest_of(plan) != form.shown:
        return _back(lang, form, "changed")
    await move_references(session, actor, reader, plan)
    return _back(lang, form, "moved")


async def _plan(reader: Reader, form: MoveForm) -> MovePlan | None:
    start, end = await find_division(reader, form.start), await find_division(reader, form.end)
    try:
        return await plan_moves(reader, start, end)
    except UnknownCrosswalk:
        return None


def _back(lang: Lang, form: MoveForm, done: str) -> Response:
    return RedirectResponse(f"/{lang}/admin/levels/moves?pair={form.start}%7C{form.end}&done={done}", 303)
