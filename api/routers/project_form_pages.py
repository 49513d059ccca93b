"""The pages on which a team writes its projects. Complete without JavaScript; with it, saved as typed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from uuid6 import uuid7

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, parse_form, read_values
from api.pages import project_form
from api.pages.frame import read_shelf, show
from api.pages.project_conflict import clashes, merge
from api.pages.project_saving import Autosaved, Writing, autosave, find_work, keep
from api.pages.project_words import Namer
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.project_draft import ProjectDraft
from geo.community.revisions import content_of
from geo.community.team_space import list_own_teams
from geo.community.working_copies import WorkingProject, read_working_copy
from geo.db.reads import Reader
from geo.errors import StaleVersion
from geo.vocabulary import LANGS, Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

TEAM = "/{lang}/team/projects"
WRITER = Right.PROJECTS_WRITE


@router.get(f"{TEAM}/new")
async def begin(
    request: Request, reader: ReaderDep, lang: Lang, team: str | None = None, actor: Actor = requires(WRITER)
) -> Response:
    """Return the empty form of a project; it carries the id under which it will be kept."""
    chosen = project_form.first_team(await list_own_teams(reader, actor), team)
    form: Form[ProjectDraft] = Form({"team": (str(chosen.id),)})
    return await _page(request, reader, actor, lang, uuid.UUID(int=uuid7().int), form, None)


@router.get(f"{TEAM}/{{project_id}}")
async def edit(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    done: str = "",
    actor: Actor = requires(WRITER),
) -> Response:
    """Return the form of a project as it stands."""
    work = await read_working_copy(session, actor, project_id)
    known = await project_form.organizations(request, reader)
    form = project_form.show_content(work.content, known, lang)
    form = replace(form, values={**form.values, "team": (str(work.team_id),)})
    return await _page(request, reader, actor, lang, project_id, form, work, done=done)


@router.post(f"{TEAM}/{{project_id}}")
async def save(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    project_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Keep what was typed; go on to submitting where that was asked."""
    writing = await find_work(session, actor, lang, project_id)
    form, hits = await _read(request, reader, writing)
    try:
        if "x-autosave" in request.headers:
            return _told(await autosave(writing, form), lang)
        form = await keep(writing, form)
    except StaleVersion as error:
        if "x-autosave" in request.headers:
            raise
        return await _conflict(request, reader, writing, form, error)
    if form.faults:
        return await _page(request, reader, actor, lang, project_id, form, writing.work, status=422, **hits)
    onward = "/submit" if form.first("step") == "submit" else "?done=saved"
    return RedirectResponse(f"/{lang}/team/projects/{project_id}{onward}", 303)


async def _read(
    request: Request, reader: Reader, writing: Writing
) -> tuple[Form[ProjectDraft], dict[str, Any]]:
    """Return what was typed, names turned into records, and places to choose among."""
    lang, typed = writing.lang, await read_values(request)
    known = await project_form.organizations(request, reader)
    if writing.work:
        typed = merge(typed, project_form.show_content(writing.work.content, known, lang).values)
    values, hits, faults = await project_form.find_places(reader, typed, lang)
    values, unknown = project_form.find_organizations(values, known, lang)
    form = parse_form(values, ProjectDraft, lang)
    return (form.refuse(faults | unknown) if faults or unknown else form), hits


def _told(saved: Autosaved, lang: Lang) -> Response:
    missing = project_form.missing_words(saved.missing, lang)
    told = {"version": saved.version, "words": saved.words, "missing": missing, "kept": saved.is_kept}
    return JSONResponse(told)


async def _conflict(
    request: Request, reader: Reader, writing: Writing, form: Form[ProjectDraft], error: StaleVersion
) -> Response:
    """Show both versions side by side; what was typed goes along."""
    work, mine = writing.work, form.model
    assert work is not None
    assert mine is not None
    shelf, known = await read_shelf(request, reader), await project_form.organizations(request, reader)
    namer = Namer(writing.lang, shelf, known)
    return await show(
        request,
        reader,
        "projects/conflict.html",
        writing.lang,
        section="team",
        status=412,
        project_id=writing.project_id,
        version=work.version,
        form=form,
        clashes=clashes(error, content_of(mine), content_of(work.content), namer),
    )


async def _page(
    request: Request,
    reader: Reader,
    actor: Actor,
    lang: Lang,
    project_id: uuid.UUID,
    form: Form[ProjectDraft],
    work: WorkingProject | None,
    *,
    done: str = "",
    status: int = 200,
    **hits: Any,
) -> Response:
    context = await project_form.context_of(request, reader, actor, lang, form)
    known = await project_form.organizations(request, reader)
    namer = Namer(lang, await read_shelf(request, reader), known)
    return await show(
        request,
        reader,
        "projects/form.html",
        lang,
        section="team",
        status=status,
        **{**context, **hits},
        **project_form.work_context(work, lang),
        project_id=project_id,
        version=form.first("version") or (work.version if work else ""),
        open=[each for each in request.query_params.getlist("add") if each in LANGS],
        done=project_form.done_words(done, lang),
        content=namer.tell(content_of(work.content)) if work and not work.may_edit else (),
        talk=Form(),
    )
