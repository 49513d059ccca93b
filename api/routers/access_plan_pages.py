"""The planner's page about ways on foot: services tried out elsewhere, and where new ones would do most."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, StreetsDep, requires
from api.forms import Form, read_values
from api.pages.access_plan import Plan, PlanQuery, make_plan, plan_context
from api.pages.route import PageRoute
from api.pages.scenarios import show_planner
from api.parameters import read
from api.seats import GONE, while_there
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/{lang}/planner/access"


@router.get(PATH)
async def plan(
    request: Request,
    reader: ReaderDep,
    streets: StreetsDep,
    lang: Lang,
    actor: Actor = requires(Right.ACCESS_PLAN),
) -> Response:
    """Return the page before anything is tried out."""
    (query,) = read(request, PlanQuery)
    network = await streets.current(reader)
    context = await plan_context(request, reader, network, Plan(query, Form()), lang)
    return await show_planner(request, reader, "access", lang, **context)


@router.post(PATH)
async def try_out(
    request: Request,
    reader: ReaderDep,
    streets: StreetsDep,
    lang: Lang,
    actor: Actor = requires(Right.ACCESS_PLAN),
) -> Response:
    """Return the page with what came of the changes, or with proposed sites."""
    network = await streets.current(reader)
    values = await read_values(request)
    work = make_plan(reader, streets, values, lang, asker=actor.account_id)
    tried = await while_there(request, work)
    if tried is None:
        return Response(status_code=GONE)
    context = await plan_context(request, reader, network, tried, lang)
    status = 422 if tried.form.faults or tried.problem else 200
    return await show_planner(request, reader, "access", lang, status=status, **context)
