"""The pages on which a team moves its projects on, answers the moderator and looks back."""

from __future__ import annotations

import uuid

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, read_values
from api.pages import project_form
from api.pages.frame import read_shelf, show
from api.pages.project_history import history
from api.pages.project_words import Namer
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.project_draft import ProjectDraft
from geo.community.projects import comment_on_project, step_project
from geo.community.steps import Step
from geo.community.working_copies import WorkingProject, read_working_copy
from geo.db.reads import Reader
from geo.errors import ContentRefused, NotFound, OutsideMandate
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PROJECT = "/{lang}/team/projects/{project_id}"
WRITER = Right.PROJECTS_WRITE


@router.get(f"{PROJECT}/submit")
async def ask(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Ask once more for what is missing, before the project goes to a moderator."""
    return await _ask(request, reader, lang, await read_working_copy(session, actor, project_id))


async def _ask(
    request: Request, reader: Reader, lang: Lang, work: WorkingProject, refusal: str = "", status: int = 200
) -> Response:
    labels = project_form.gap_words(lang)
    return await show(
        request,
        reader,
        "projects/submit.html",
        lang,
        section="team",
        status=status,
        **project_form.work_context(work, lang),
        gaps=[(each, labels[each]) for each in work.missing],
        refusal=refusal,
    )


@router.post(f"{PROJECT}/steps")
async def step(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Take a step: submit, take back, close, open again, archive, bring back."""
    form: Form[ProjectDraft] = Form(await read_values(request))
    if form.first("step") not in (*project_form.STEP_WORDS, Step.SUBMIT):
        raise NotFound()
    taken, version = Step(form.first("step")), form.first("version")
    try:
        async with session.begin_nested():
            await step_project(
                session, actor, project_id, taken, version=int(version) if version.isdecimal() else None
            )
    except (ContentRefused, OutsideMandate) as error:
        work = await read_working_copy(session, actor, project_id)
        return await _ask(request, reader, lang, work, problem_of(error, lang)["detail"], 422)
    return RedirectResponse(f"/{lang}/team/projects/{project_id}?done={taken.value}", 303)


@router.post(f"{PROJECT}/comments")
async def comment(
    request: Request,
    session: WriteSession,
    lang: Lang,
    project_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Answer the moderator."""
    form: Form[ProjectDraft] = Form(await read_values(request))
    if not form.first("body").strip():
        return RedirectResponse(f"/{lang}/team/projects/{project_id}#talk", 303)
    await comment_on_project(session, actor, project_id, form.first("body"))
    return RedirectResponse(f"/{lang}/team/projects/{project_id}?done=comment", 303)


@router.get(f"{PROJECT}/history")
async def look_back(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    revision: int | None = None,
    actor: Actor = requires(WRITER),
) -> Response:
    """Return every version of a project, and what one of them changed."""
    work = await read_working_copy(session, actor, project_id)
    known = await project_form.organizations(request, reader)
    namer = Namer(lang, await read_shelf(request, reader), known)
    return await show(
        request,
        reader,
        "projects/history.html",
        lang,
        section="team",
        **project_form.work_context(work, lang),
        **await history(session, work, revision, namer),
    )
