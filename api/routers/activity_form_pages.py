"""Pages on which teams keep their activities and moderators let them through; no JavaScript is needed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from uuid6 import uuid7

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, parse_form, read_values
from api.pages import activity_keeping
from api.pages.activity_form import ActivityForm, asked, find_point, form_of_work
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.activities import cancel_date, register_activity, save_activity, step_activity
from geo.community.activity_draft import ActivityDraft
from geo.community.steps import Step
from geo.community.working_activities import WorkingActivity, read_working_activity
from geo.db.reads import Reader
from geo.errors import ContentRefused, NotFound, OutsideMandate, QuartierError, StaleVersion, WrongStep
from geo.models.activities import Activity
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

OWN = "/{lang}/team/activities/{activity_id}"
MODERATED = "/{lang}/moderation/activity/{activity_id}"
WRITER, MODERATOR = Right.ACTIVITIES_WRITE, Right.MODERATE


@router.get("/{lang}/team/activities/new")
async def begin(
    request: Request, reader: ReaderDep, lang: Lang, team: str = "", actor: Actor = requires(WRITER)
) -> Response:
    """Return the empty form of an activity; it carries the id under which it will be kept."""
    chosen = team if team in map(str, actor.team_ids) else next(map(str, sorted(actor.team_ids)), "")
    usual = {"how_often": ("weekly",), "price": ("free",), "registration": ("none",)}
    form: Form[ActivityForm] = Form({"team": (chosen,), **usual})
    return await activity_keeping.page(request, reader, actor, lang, uuid.UUID(int=uuid7().int), form, None)


@router.get(OWN)
async def edit(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    activity_id: uuid.UUID,
    done: str = "",
    actor: Actor = requires(WRITER),
) -> Response:
    """Return the form of an activity as it stands."""
    work = await read_working_activity(session, actor, activity_id)
    return await activity_keeping.page(
        request, reader, actor, lang, activity_id, form_of_work(work), work, done=done
    )


@router.post(OWN)
async def save(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Keep what was typed, or show the dates that follow from it; publish where that was asked."""
    values = await read_values(request)
    work = await _find(session, actor, activity_id)
    form = parse_form(values, ActivityForm, lang)
    found = await find_point(reader, values, work.draft if work else None, lang)
    form = form.refuse(found.faults) if found.faults else form
    shown: dict[str, Any] = {"found": found}
    if form.model:
        try:
            draft = form.model.to_draft(found.point)
            if form.first("step") != "preview":
                async with session.begin_nested():
                    kept = await _keep(session, actor, activity_id, work, draft, form)
                return _onward(lang, kept, form.first("step"))
            shown["preview"] = activity_keeping.preview_draft(draft, lang)
        except ContentRefused as error:
            form = form.refuse_for(asked(error), lang)
        except OutsideMandate as error:
            form = form.refuse({"address": str(problem_of(error, lang)["detail"])})
        except StaleVersion:
            assert work
            shown["differences"] = activity_keeping.stored_differences(work, form)
    status = 412 if "differences" in shown else 422 if form.faults else 200
    return await activity_keeping.page(
        request, reader, actor, lang, activity_id, form, work, status=status, **shown
    )


async def _find(session: AsyncSession, actor: Actor, activity_id: uuid.UUID) -> WorkingActivity | None:
    try:
        return await read_working_activity(session, actor, activity_id)
    except NotFound:
        return None


async def _keep(
    session: AsyncSession,
    actor: Actor,
    activity_id: uuid.UUID,
    work: WorkingActivity | None,
    draft: ActivityDraft,
    form: Form[ActivityForm],
) -> Activity:
    if work and form.first("version").isdigit():
        activity = await save_activity(session, actor, activity_id, draft, version=int(form.first("version")))
    else:  # a new form, perhaps sent twice
        team = next((each for each in actor.team_ids if str(each) == form.first("team")), None)
        if team is None:
            raise NotFound(kind="team")
        activity = await register_activity(session, actor, team, draft, activity_id=activity_id)
    if form.first("step") == "publish" and activity.status == "draft":
        activity = await step_activity(session, actor, activity_id, Step.PUBLISH, version=activity.version)
    return activity


def _onward(lang: Lang, activity: Activity, step: str) -> Response:
    done = step if step == "publish" else "saved"
    if activity.status == "submitted":
        done = "waits"
    return RedirectResponse(f"/{lang}/team/activities/{activity.id}?done={done}", 303)


@router.post(f"{OWN}/dates")
async def cancel(
    request: Request,
    session: WriteSession,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Say of one date that it does not take place, or that it does after all: one click."""
    form: Form[ActivityForm] = Form(await read_values(request))
    try:
        date = dt.datetime.strptime(form.first("date"), "%Y-%m-%dT%H:%M")
    except ValueError:
        raise NotFound(kind="date") from None
    await cancel_date(session, actor, activity_id, date, cancelled=form.first("cancelled") == "1")
    return RedirectResponse(f"/{lang}/team/activities/{activity_id}?done=dated#dates", 303)


@router.post(f"{OWN}/steps")
async def step(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Take a step of the team: publish, take back, close, open again, archive, bring back."""
    return await _step(request, session, reader, lang, activity_id, actor, moderating=False)


@router.get(MODERATED)
async def review(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor = requires(MODERATOR),
) -> Response:
    """Return an activity as a moderator sees it."""
    work = await read_working_activity(session, actor, activity_id)
    return await activity_keeping.page(
        request, reader, actor, lang, activity_id, form_of_work(work), work, moderating=True
    )


@router.post(MODERATED)
async def decide(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor = requires(MODERATOR),
) -> Response:
    """Publish an activity, give it back, or put it away."""
    return await _step(request, session, reader, lang, activity_id, actor, moderating=True)


async def _step(
    request: Request,
    session: AsyncSession,
    reader: Reader,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor,
    *,
    moderating: bool,
) -> Response:
    form: Form[ActivityForm] = Form(await read_values(request))
    if form.first("step") not in set(Step):
        raise NotFound(kind="step")
    version = int(form.first("version")) if form.first("version").isdigit() else None
    try:
        async with session.begin_nested():
            activity = await step_activity(
                session, actor, activity_id, Step(form.first("step")), version=version
            )
    except (StaleVersion, WrongStep, OutsideMandate) as error:
        return await _refused(
            request, session, reader, lang, activity_id, actor, error, moderating=moderating
        )
    if moderating:
        return RedirectResponse(f"/{lang}/moderation?done={form.first('step')}", 303)
    waits = activity.status == "submitted" and form.first("step") == Step.PUBLISH
    return RedirectResponse(
        f"/{lang}/team/activities/{activity_id}?done={'waits' if waits else form.first('step')}", 303
    )


async def _refused(
    request: Request,
    session: AsyncSession,
    reader: Reader,
    lang: Lang,
    activity_id: uuid.UUID,
    actor: Actor,
    error: QuartierError,
    *,
    moderating: bool,
) -> Response:
    problem = problem_of(error, lang)
    work = await read_working_activity(session, actor, activity_id)
    return await activity_keeping.page(
        request,
        reader,
        actor,
        lang,
        activity_id,
        form_of_work(work),
        work,
        refusal=f"{problem['title']}. {problem['detail']}",
        status=problem["status"],
        moderating=moderating,
    )
