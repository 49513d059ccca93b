"""The public pages of projects: who does what in which quartier."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, ViewerDep, WriteSession
from api.pages import projects
from api.pages.frame import show
from api.pages.route import PageRoute
from api.parameters import read
from api.schemas.catalogue import Message
from geo.directory.corrections import Reason, report_error
from geo.queries.projects import ProjectFilters
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/{lang}/projects")
async def listing(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the published projects, by words, theme, neighbourhood, audience and progress."""
    filters, leaf = read(request, ProjectFilters, projects.Leaf)
    context = await projects.listing(request, reader, viewer, lang, filters, leaf)
    return await show(request, reader, "projects/list.html", lang, section="projects", **context)


@router.get("/{lang}/projects/{project_id}")
async def project(
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
    lang: Lang,
    project_id: uuid.UUID,
    thanks: bool = False,
) -> Response:
    """Return the page of one project."""
    context = await projects.detail(request, reader, viewer, lang, project_id)
    return await show(
        request, reader, "projects/detail.html", lang, section="projects", thanks=thanks, **context
    )


@router.post("/{lang}/projects/{project_id}/corrections")
async def correct(
    session: WriteSession,
    lang: Lang,
    project_id: uuid.UUID,
    reason: Annotated[Reason, Form()],
    message: Annotated[Message, Form()],
) -> Response:
    """Keep a report of an error for a moderator."""
    await report_error(session, "project", project_id, reason, message, lang)
    return RedirectResponse(f"/{lang}/projects/{project_id}?thanks=1", 303)
