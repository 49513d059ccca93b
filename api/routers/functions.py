"""Functions of the first line: the list, the matrix, and what teams register."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import LangDep, ReaderDep, ViewerDep, WriteSession, requires
from api.local_facts import ENVELOPE, page_of, whole_of, written
from api.pages.matrix import words_of
from api.parameters import Paging, document, read
from api.schemas.common import PROBLEMS
from api.schemas.local_facts import FunctionList, FunctionTold, KindList, MatrixTold, NewFunction, Written
from api.versions import expected_version, merged, optional_version, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community import functions as verbs
from geo.community.matrix import MatrixFilters, matrix_json, read_matrix, write_csv
from geo.community.steps import Step
from geo.queries.functions import FunctionFilters

router = APIRouter(prefix="/api/v1/functions", tags=["functions"], responses=PROBLEMS)

Changes = Annotated[dict[str, Any], Body(description="The fields that change; a merge patch (RFC 7396)")]


@router.get(
    "", response_model=FunctionList, openapi_extra=document(FunctionFilters, Paging, example={"limit": 5})
)
async def every(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return who carries which function, and for which zones; never who the person is."""
    filters, paging = read(request, FunctionFilters, Paging)
    page = await verbs.list_functions(reader, filters, viewer, limit=paging.limit, offset=paging.offset)
    return page_of(request, page, paging)


@router.get("/kinds", response_model=KindList)
async def kinds(request: Request, reader: ReaderDep) -> Response:
    """Return the kinds of functions."""
    return whole_of(request, await verbs.list_kinds(reader))


@router.get(
    "/matrix",
    response_model=MatrixTold,
    openapi_extra=document(MatrixFilters, example={"zones": "bassin"}),
)
async def matrix(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return zones by kinds of functions: who carries what, where nobody is known to, where several do."""
    (filters,) = read(request, MatrixFilters)
    told = await matrix_json(reader, filters, viewer)
    return listing(
        request,
        told.items,
        matched=told.matched,
        returned=told.matched,
        kinds=told.kinds,
        unplaced=told.unplaced,
    )


@router.get(
    "/matrix.csv",
    openapi_extra=document(MatrixFilters, example={"zones": "bassin"}),
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def matrix_csv(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: LangDep) -> Response:
    """Return the matrix as CSV: one row a zone, one column a kind of function."""
    (filters,) = read(request, MatrixFilters)
    text = write_csv(await read_matrix(reader, filters, viewer), lang, words_of(lang))
    name = f'attachment; filename="functions-{filters.zones.value}.csv"'
    return Response(
        "\ufeff" + text, headers={"Content-Disposition": name}, media_type="text/csv; charset=utf-8"
    )


@router.get("/{function_id}", response_model=FunctionTold)
async def one(function_id: uuid.UUID, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one function; its version is the ETag."""
    return versioned(*await verbs.function_json(reader, function_id, viewer))


@router.post("", response_model=Written, status_code=201)
async def register(
    request: Request,
    session: WriteSession,
    body: NewFunction,
    actor: Actor = requires(Right.FUNCTIONS_WRITE),
) -> Response:
    """Register a function as a draft of a team."""
    draft = verbs.FunctionDraft.model_validate(body.model_dump(exclude=set(ENVELOPE)))
    record = await verbs.register_function(session, actor, body.team_id, draft, function_id=body.id)
    return written(record, request)


@router.patch("/{function_id}", response_model=Written)
async def change(
    request: Request,
    session: WriteSession,
    function_id: uuid.UUID,
    changes: Changes,
    team_id: uuid.UUID | None = None,
    actor: Actor = requires(Right.FUNCTIONS_WRITE),
) -> Response:
    """Change a function. `If-Match` says on which version; `team_id` takes over what a source told."""
    version = expected_version(request)
    record = await verbs.KEEPING.load(session, actor, function_id, team_id)
    draft = merged(verbs.FunctionDraft, await verbs.draft_of(session, record), changes)
    record = await verbs.save_function(session, actor, function_id, draft, version=version, team_id=team_id)
    return written(record)


@router.post("/{function_id}/{step}", response_model=Written)
async def move(
    request: Request,
    session: WriteSession,
    function_id: uuid.UUID,
    step: Step,
    actor: Actor = requires(Right.FUNCTIONS_WRITE),
) -> Response:
    """Take a step with a function: submit, publish, close, archive and others."""
    version = optional_version(request)
    return written(await verbs.step_function(session, actor, function_id, step, version=version))
