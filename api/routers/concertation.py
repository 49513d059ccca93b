"""Spaces of concertation, their dates, and what teams register."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep, WriteSession, requires
from api.local_facts import ENVELOPE, page_of, whole_of, written
from api.parameters import Paging, document, read
from api.schemas.common import PROBLEMS
from api.schemas.local_facts import KindList, NewSpace, SpaceList, SpaceTold, Written
from api.versions import expected_version, merged, optional_version, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community import concertation as verbs
from geo.community.steps import Step
from geo.queries.concertation import ConcertationFilters

router = APIRouter(prefix="/api/v1/concertation", tags=["concertation"], responses=PROBLEMS)

Changes = Annotated[dict[str, Any], Body(description="The fields that change; a merge patch (RFC 7396)")]
WRITER = Right.CONCERTATION_WRITE


@router.get(
    "", response_model=SpaceList, openapi_extra=document(ConcertationFilters, Paging, example={"limit": 5})
)
async def every(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return spaces of concertation: method, carrier, members as organizations, zones, coming dates."""
    filters, paging = read(request, ConcertationFilters, Paging)
    page = await verbs.list_spaces(reader, filters, viewer, limit=paging.limit, offset=paging.offset)
    return page_of(request, page, paging)


@router.get("/methods", response_model=KindList)
async def methods(request: Request, reader: ReaderDep) -> Response:
    """Return the methods of concertation."""
    return whole_of(request, await verbs.list_methods(reader))


@router.get("/{space_id}", response_model=SpaceTold)
async def one(space_id: uuid.UUID, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one space; its version is the ETag."""
    return versioned(*await verbs.space_json(reader, space_id, viewer))


@router.post("", response_model=Written, status_code=201)
async def register(
    request: Request, session: WriteSession, body: NewSpace, actor: Actor = requires(WRITER)
) -> Response:
    """Register a space as a draft of a team."""
    draft = verbs.SpaceDraft.model_validate(body.model_dump(exclude=set(ENVELOPE)))
    return written(await verbs.register_space(session, actor, body.team_id, draft, space_id=body.id), request)


@router.patch("/{space_id}", response_model=Written)
async def change(
    request: Request,
    session: WriteSession,
    space_id: uuid.UUID,
    changes: Changes,
    team_id: uuid.UUID | None = None,
    actor: Actor = requires(WRITER),
) -> Response:
    """Change a space. `If-Match` says on which version; `team_id` takes over what a source told."""
    version = expected_version(request)
    record = await verbs.KEEPING.load(session, actor, space_id, team_id)
    draft = merged(verbs.SpaceDraft, await verbs.draft_of(session, record), changes)
    return written(await verbs.save_space(session, actor, space_id, draft, version=version, team_id=team_id))


@router.post("/{space_id}/dates", response_model=Written, status_code=201)
async def add_date(
    session: WriteSession,
    space_id: uuid.UUID,
    body: verbs.DateDraft,
    actor: Actor = requires(WRITER),
) -> Response:
    """Add a date; its times are civil times in Brussels."""
    date = await verbs.add_date(session, actor, space_id, body)
    return written(await verbs.KEEPING.load(session, actor, date.space_id), status=201)


@router.delete("/{space_id}/dates/{date_id}", status_code=204)
async def drop_date(
    session: WriteSession, space_id: uuid.UUID, date_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Response:
    """Take a date away."""
    await verbs.drop_date(session, actor, space_id, date_id)
    return Response(status_code=204)


@router.post("/{space_id}/{step}", response_model=Written)
async def move(
    request: Request,
    session: WriteSession,
    space_id: uuid.UUID,
    step: Step,
    actor: Actor = requires(WRITER),
) -> Response:
    """Take a step with a space: submit, publish, close, archive and others."""
    version = optional_version(request)
    return written(await verbs.step_space(session, actor, space_id, step, version=version))
