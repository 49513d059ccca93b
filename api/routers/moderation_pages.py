"""The moderators' pages: what waits, a project beside what is published of it, reported errors."""

from __future__ import annotations

import uuid

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, read_values
from api.pages import moderation
from api.pages.frame import show
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.moderation import decide_report, list_reports, list_submitted
from geo.community.project_draft import ProjectDraft
from geo.community.projects import comment_on_project, step_project
from geo.community.steps import Step
from geo.community.working_copies import read_working_copy
from geo.errors import InputRefused, NotFound, StaleVersion, WrongStep
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PROJECT = "/{lang}/moderation/project/{project_id}"
MODERATE = Right.MODERATE


@router.get("/{lang}/moderation")
async def queue(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    done: str = "",
    actor: Actor = requires(MODERATE),
) -> Response:
    """Return all that waits, the longest waiting first."""
    waiting, reports = await list_submitted(reader, actor), await list_reports(session, actor)
    context = moderation.queue(waiting, reports, done, lang)
    return await show(request, reader, "moderation/queue.html", lang, section="moderation", **context)


@router.get(PROJECT)
async def review(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    done: str = "",
    actor: Actor = requires(MODERATE),
) -> Response:
    """Return a submitted project: what it says, what publishing would change, where it lies."""
    work = await read_working_copy(session, actor, project_id)
    context = await moderation.review(request, session, reader, work, Form(), done, lang)
    return await show(request, reader, "moderation/review.html", lang, section="moderation", **context)


@router.post(PROJECT)
async def decide(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    actor: Actor = requires(MODERATE),
) -> Response:
    """Publish a project, send it back to its team, or say something about it."""
    form: Form[ProjectDraft] = Form(await read_values(request))
    step, body, version = form.first("step"), form.first("comment").strip(), form.first("version")
    if step not in (Step.PUBLISH, Step.RETURN, "comment"):
        raise NotFound()
    try:
        async with session.begin_nested():
            if step == "comment":
                await comment_on_project(session, actor, project_id, body)
            else:
                read = int(version) if version.isdecimal() else None
                await step_project(session, actor, project_id, Step(step), version=read, comment=body or None)
    except (InputRefused, StaleVersion, WrongStep) as error:
        refused = (
            form.refuse_for(error, lang)
            if isinstance(error, InputRefused)
            else form.refuse({"": problem_of(error, lang)["detail"]})
        )
        work = await read_working_copy(session, actor, project_id)
        context = await moderation.review(request, session, reader, work, refused, "", lang)
        return await show(
            request, reader, "moderation/review.html", lang, section="moderation", status=422, **context
        )
    onward = f"/project/{project_id}?done=comment" if step == "comment" else f"?done={step}"
    return RedirectResponse(f"/{lang}/moderation{onward}", 303)


@router.post("/{lang}/moderation/corrections/{report_id}")
async def decide_correction(
    request: Request,
    session: WriteSession,
    lang: Lang,
    report_id: uuid.UUID,
    actor: Actor = requires(MODERATE),
) -> Response:
    """Accept or decline an error that a reader reported."""
    form: Form[ProjectDraft] = Form(await read_values(request))
    accept = form.first("decision") == "accept"
    await decide_report(session, actor, report_id, accept=accept)
    return RedirectResponse(f"/{lang}/moderation?done={'accept' if accept else 'decline'}#reports", 303)
