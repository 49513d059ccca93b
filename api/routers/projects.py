"""Projects: read by everybody, kept by local teams, published by moderators."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, Field, create_model
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, listing, raw_json
from api.dependencies import ReaderDep, ViewerDep, WriteSession, requires
from api.parameters import Paging, Parameters, document, read
from api.schemas import projects as schemas
from api.schemas.common import INVALID_BODY, PROBLEMS, WRITING, FieldChanged
from api.versions import expected_version, merged, optional_version, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.comments import list_comments, told
from geo.community.project_draft import ProjectDraft
from geo.community.project_reads import read_project, search_projects
from geo.community.projects import (
    comment_on_project,
    load_project,
    register_project,
    save_project,
    step_project,
)
from geo.community.revisions import compare_revisions, list_revisions, read_revision
from geo.community.steps import Step
from geo.community.working_copies import content_at, read_working_copy
from geo.queries.projects import ProjectFilters

router = APIRouter(prefix="/api/v1/projects", tags=["projects"], responses=PROBLEMS)

ProjectId = Annotated[
    uuid.UUID,
    Path(description="Id of the project", examples=["f420868d-83a8-56df-b62e-b5092623957e"]),
]
Changes = Annotated[
    dict[str, Any],
    Body(
        description="The fields that change; a merge patch (RFC 7396)",
        examples=[{"summary": {"nl": "Een bank, thee, iemand die luistert."}}],
    ),
]
TEAM, EITHER, MODERATOR = Right.PROJECTS_WRITE, Right.PROJECTS_READ, Right.MODERATE

#: Who may ask for each step, and what the document says of it. The verb looks closer.
STEPS: dict[Step, tuple[Right, str]] = {
    Step.SUBMIT: (TEAM, "Give a project to the moderators. A missing language never stops it."),
    Step.WITHDRAW: (TEAM, "Take a submitted project back, to work on it."),
    Step.RETURN: (MODERATOR, "Give a submitted project back to its team, with a comment."),
    Step.PUBLISH: (MODERATOR, "Publish a submitted project: list, map, tiles and exports show it at once."),
    Step.CLOSE: (EITHER, "End a published project. It stays to be seen."),
    Step.REOPEN: (EITHER, "Let a closed project go on."),
    Step.ARCHIVE: (EITHER, "Put a project away; the public sees it no more."),
    Step.RESTORE: (EITHER, "Take an archived project out again, as a draft."),
}


_Number = Annotated[int, Field(ge=1, le=1_000_000)]
#: Two revisions of a project; "from" is a word of readers that Python keeps for itself.
_SPAN: dict[str, Any] = {
    "from": (_Number, Field(description="Number of the older revision")),
    "to": (_Number, Field(description="Number of the newer revision")),
}
Span = create_model("Span", __base__=Parameters, **_SPAN)


@router.get(
    "",
    response_model=schemas.ProjectList,
    openapi_extra=document(ProjectFilters, Paging, example={"theme": ["mind"]}),
)
async def search(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List published projects: the best fitting first where words are given, else the newest."""
    filters, paging = read(request, ProjectFilters, Paging)
    page = await search_projects(reader, filters, viewer, limit=paging.limit, offset=paging.offset)
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
    )


@router.get("/{project_id}", response_model=schemas.Project, openapi_extra=document())
async def detail(project_id: ProjectId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return a project as it was last published."""
    read(request)
    return raw_json(await read_project(reader, project_id, viewer))


@router.post("", status_code=201, response_model=schemas.WorkingProject, responses=INVALID_BODY | WRITING)
async def register(
    new: schemas.ProjectNew, request: Request, session: WriteSession, actor: Actor = requires(TEAM)
) -> Response:
    """Keep a new project as a draft of your team, inside the team's area.

    With an `id` of your own, sending twice makes one project.
    """
    draft = ProjectDraft.model_validate(new.model_dump(exclude={"id", "team_id"}))
    project = await register_project(session, actor, new.team_id, draft, project_id=new.id)
    return await _working(session, actor, project.id, status=201, location=f"{here(request)}/{project.id}")


@router.get("/{project_id}/working-copy", response_model=schemas.WorkingProject, openapi_extra=document())
async def working_copy(
    project_id: ProjectId, request: Request, session: WriteSession, actor: Actor = requires(EITHER)
) -> Response:
    """Return a project as its team and moderators see it, published or not; its version is the ETag."""
    read(request)
    return await _working(session, actor, project_id)


@router.patch("/{project_id}", response_model=schemas.WorkingProject, responses=INVALID_BODY | WRITING)
async def save(
    project_id: ProjectId,
    request: Request,
    session: WriteSession,
    changes: Changes,
    actor: Actor = requires(TEAM),
) -> Response:
    """Change a working copy; `If-Match` says on which version. What is published stays until it is again.

    If somebody was faster, the answer (412) tells what each of the two of you changed.
    """
    version = expected_version(request)
    draft = merged(ProjectDraft, await content_at(session, actor, project_id, version), changes)
    await save_project(session, actor, project_id, draft, version=version)
    return await _working(session, actor, project_id)


@router.get("/{project_id}/comments", response_model=schemas.RemarkList, openapi_extra=document())
async def comments(
    project_id: ProjectId, request: Request, session: WriteSession, actor: Actor = requires(EITHER)
) -> Response:
    """Return what the team and the moderators said to each other."""
    read(request)
    await load_project(session, actor, project_id)
    return _whole(request, schemas.Remark, await list_comments(session, project_id, actor))


@router.post(
    "/{project_id}/comments",
    status_code=201,
    response_model=schemas.Remark,
    responses=INVALID_BODY | WRITING,
)
async def comment(
    said: schemas.Said, project_id: ProjectId, session: WriteSession, actor: Actor = requires(EITHER)
) -> schemas.Remark:
    """Say something about a project to the other side; they are told by mail."""
    kept = await comment_on_project(session, actor, project_id, said.body)
    await session.refresh(kept)
    return schemas.Remark.model_validate(told(kept, actor))


@router.get("/{project_id}/revisions", response_model=schemas.RevisionList, openapi_extra=document())
async def revisions(
    project_id: ProjectId, request: Request, session: WriteSession, actor: Actor = requires(EITHER)
) -> Response:
    """Return the states that a project went through."""
    read(request)
    await load_project(session, actor, project_id)
    return _whole(request, schemas.Revision, await list_revisions(session, project_id, actor))


@router.get(
    "/{project_id}/revisions/compare",
    response_model=schemas.Comparison,
    openapi_extra=document(Span, example={"from": 1, "to": 2}),
)
async def compare(
    project_id: ProjectId, request: Request, session: WriteSession, actor: Actor = requires(EITHER)
) -> Response:
    """Return the fields in which two revisions differ, texts language by language."""
    (span,) = read(request, Span)
    await load_project(session, actor, project_id)
    numbers = dict(span)
    before = await read_revision(session, project_id, numbers["from"])
    after = await read_revision(session, project_id, numbers["to"])
    return _whole(request, FieldChanged, compare_revisions(before.content, after.content))


def _route_of(step: Step, right: Right) -> Callable[..., Awaitable[Response]]:
    async def take(
        project_id: ProjectId,
        request: Request,
        session: WriteSession,
        taken: Annotated[schemas.StepTaken | None, Body()] = None,
        actor: Actor = requires(right),
    ) -> Response:
        version = expected_version(request) if step is Step.PUBLISH else optional_version(request)
        said = taken.comment if taken else None
        await step_project(session, actor, project_id, step, version=version, comment=said)
        return await _working(session, actor, project_id)

    return take


for _step, (_right, _words) in STEPS.items():
    router.add_api_route(
        f"/{{project_id}}/{_step.value}",
        _route_of(_step, _right),
        methods=["POST"],
        name=_step.value,
        description=_words,
        response_model=schemas.WorkingProject,
        responses=INVALID_BODY | WRITING,
    )


async def _working(
    session: AsyncSession,
    actor: Actor,
    project_id: uuid.UUID,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response:
    copy = await read_working_copy(session, actor, project_id)
    body = schemas.WorkingProject.model_validate(copy).model_dump_json().encode()
    return versioned(body, copy.version, status=status, location=location)


def _whole(request: Request, model: type[BaseModel], rows: Sequence[Any]) -> Response:
    """Return a list that is never cut into pages."""
    items = [model.model_validate(row, from_attributes=True).model_dump(mode="json") for row in rows]
    return listing(request, json.dumps(items).encode(), matched=len(items), returned=len(items))
