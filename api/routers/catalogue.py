"""What the directory is made of: themes, sources, and reports that something is wrong."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import LangDep, ReaderDep, ViewerDep, WriteSession
from api.kept import KEPT, keep
from api.parameters import document, read
from api.schemas.catalogue import Correction, NewCorrection, SourceList, ThemeList
from api.schemas.common import INVALID_BODY, PROBLEMS
from geo.directory.catalogue import sources_json, themes_json
from geo.directory.corrections import report_error

router = APIRouter(prefix="/api/v1", tags=["catalogue"], responses=PROBLEMS)


@router.get("/themes", response_model=ThemeList, responses=KEPT, openapi_extra=document())
async def themes(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the groups of themes and the themes, in the order in which they are shown."""
    read(request)
    if same := keep(request, viewer, "services"):
        return same
    found = await themes_json(reader)
    return listing(request, found.items, matched=found.number, returned=found.number)


@router.get("/sources", response_model=SourceList, openapi_extra=document())
async def sources(request: Request, reader: ReaderDep) -> Response:
    """List the sources: who publishes them, what they cover, how fresh they are, under which licence."""
    read(request)
    found = await sources_json(reader)
    return listing(request, found.items, matched=found.number, returned=found.number)


@router.post("/corrections", status_code=201, responses=INVALID_BODY)
async def correct(report: NewCorrection, session: WriteSession, lang: LangDep) -> Correction:
    """Report that a record is wrong. A moderator reads it; no name or address of a person is kept."""
    kept = await report_error(session, report.subject, report.subject_id, report.reason, report.message, lang)
    return Correction(id=kept)
