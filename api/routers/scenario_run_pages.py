"""The pages of work that takes a while: asking for a proposal or a rank, watching it, cancelling it."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, form_of, parse_form, read_values
from api.pages import scenarios as told
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader
from geo.errors import InputRefused, RunUnderWay, WrongStep
from geo.territory.scenarios import runs as runs
from geo.vocabulary import Aggregation, Lang, ZoneKind

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PLANNER = "/{lang}/planner"
WRITER = Right.SCENARIOS_WRITE
#: What a proposal is asked with at first.
FIRST = {
    "atom_kind": ("quartier",),
    "proposal_zones": ("5",),
    "proposal_compactness": ("0.3",),
    "proposal_seed": ("1",),
}


@router.get(f"{PLANNER}/proposals/new")
async def begin(
    request: Request,
    reader: ReaderDep,
    lang: Lang,
    again: uuid.UUID | None = None,
    actor: Actor = requires(WRITER),
) -> Response:
    """Return the form to ask for a proposal; `again`: with the answers of an earlier one."""
    form: Form[runs.ProposalAsked] = Form(FIRST)
    if again:
        asked = dict((await runs.read_run(reader, actor, again)).request)
        asked.pop("atom_edition", None)
        form = form_of(runs.ProposalAsked.model_validate(asked))
    return await _show_form(request, reader, lang, form)


@router.post(f"{PLANNER}/proposals/new")
async def propose(
    request: Request, session: WriteSession, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)
) -> Response:
    """Have a division proposed, and go on to watch it."""
    form = parse_form(await read_values(request), runs.ProposalAsked, lang)
    if form.model is not None:
        try:
            async with session.begin_nested():
                run = await runs.request_proposal(session, actor, form.model)
            return _watch(lang, run.id)
        except RunUnderWay as error:
            return _watch(lang, uuid.UUID(error.params["run"]))
        except InputRefused as error:
            form = form.refuse_for(error, lang)
    return await _show_form(request, reader, lang, form, status=422)


@router.post(f"{PLANNER}/scenarios/{{scenario_id}}/ranks")
async def rank(
    request: Request,
    session: WriteSession,
    lang: Lang,
    scenario_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Have a scenario held against random divisions, and go on to watch it."""
    form = parse_form(await read_values(request), runs.RankAsked, lang)
    try:
        async with session.begin_nested():
            asked = form.model or runs.RankAsked()
            run = await runs.request_rank(session, actor, scenario_id, asked)
        return _watch(lang, run.id)
    except RunUnderWay as error:
        return _watch(lang, uuid.UUID(error.params["run"]))


@router.get(f"{PLANNER}/runs/{{run_id}}")
async def watch(
    request: Request, reader: ReaderDep, lang: Lang, run_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Return how far a computation is; once it is done, what it made."""
    run = await runs.read_run(reader, actor, run_id)
    if run.state == "done" and run.scenario_id:
        onward = "?done=proposed" if run.task == "propose" else "#rank"
        address = f"/{lang}/planner/scenarios/{run.scenario_id}{onward}"
        if "hx-request" in request.headers:  # what watches would follow a redirect without leaving the page
            return Response(headers={"HX-Redirect": address, "Cache-Control": "no-store"})
        return RedirectResponse(address, 303)
    why = told.failure_words(run, lang) if run.state == "failed" else ""
    return await told.show_planner(request, reader, "run", lang, run=run, why=why)


@router.post(f"{PLANNER}/runs/{{run_id}}/cancel")
async def cancel(
    session: WriteSession, lang: Lang, run_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Cancel a computation; one that has just ended shows what it made."""
    try:
        async with session.begin_nested():
            await runs.cancel_run(session, actor, run_id)
    except WrongStep:
        pass
    return _watch(lang, run_id)


async def _show_form(
    request: Request, reader: Reader, lang: Lang, form: Form[runs.ProposalAsked], **more: Any
) -> Response:
    catalogue = await told.catalogue_of(request, reader, ZoneKind.QUARTIER)
    balanced = [
        each
        for each in catalogue
        if each.aggregation is not Aggregation.NONE and not each.is_derived and each.id != "population"
    ]
    return await told.show_planner(request, reader, "propose", lang, form=form, indicators=balanced, **more)


def _watch(lang: Lang, run_id: uuid.UUID) -> Response:
    return RedirectResponse(f"/{lang}/planner/runs/{run_id}", 303)
