"""The notice board: what runs now, and what partners send in."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep, WriteSession, requires
from api.local_facts import ENVELOPE, page_of, written
from api.parameters import Paging, document, read
from api.schemas.common import PROBLEMS
from api.schemas.local_facts import NewNotice, NoticeList, NoticeTold, Written
from api.versions import expected_version, merged, optional_version, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community import notices as verbs
from geo.community.steps import Step
from geo.queries.notices import NoticeFilters

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], responses=PROBLEMS)

Changes = Annotated[dict[str, Any], Body(description="The fields that change; a merge patch (RFC 7396)")]


@router.get("", response_model=NoticeList, openapi_extra=document(NoticeFilters, Paging))
async def every(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return the notices that run today, the newest first; with `zone`, those that concern it."""
    filters, paging = read(request, NoticeFilters, Paging)
    page = await verbs.list_notices(reader, filters, viewer, limit=paging.limit, offset=paging.offset)
    return page_of(request, page, paging)


@router.get("/{notice_id}", response_model=NoticeTold)
async def one(notice_id: uuid.UUID, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one notice that runs; its version is the ETag."""
    return versioned(*await verbs.notice_json(reader, notice_id, viewer))


@router.post("", response_model=Written, status_code=201)
async def register(
    request: Request,
    session: WriteSession,
    body: NewNotice,
    actor: Actor = requires(Right.NOTICES_WRITE),
) -> Response:
    """Keep a notice as a draft; submit it, and a moderator reads it before it shows."""
    draft = verbs.NoticeDraft.model_validate(body.model_dump(exclude=set(ENVELOPE)))
    return written(
        await verbs.register_notice(session, actor, body.team_id, draft, notice_id=body.id), request
    )


@router.patch("/{notice_id}", response_model=Written)
async def change(
    request: Request,
    session: WriteSession,
    notice_id: uuid.UUID,
    changes: Changes,
    actor: Actor = requires(Right.NOTICES_WRITE),
) -> Response:
    """Change a notice. `If-Match` says on which version; a published one is a draft again."""
    version = expected_version(request)
    record = await verbs.KEEPING.load(session, actor, notice_id)
    draft = merged(verbs.NoticeDraft, await verbs.draft_of(session, record), changes)
    return written(await verbs.save_notice(session, actor, notice_id, draft, version=version))


@router.post("/{notice_id}/{step}", response_model=Written)
async def move(
    request: Request,
    session: WriteSession,
    notice_id: uuid.UUID,
    step: Step,
    actor: Actor = requires(Right.NOTICES_WRITE),
) -> Response:
    """Take a step with a notice: submit, withdraw; publish and return are a moderator's."""
    version = optional_version(request)
    return written(await verbs.step_notice(session, actor, notice_id, step, version=version))
