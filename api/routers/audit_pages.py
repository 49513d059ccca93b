"""Administration: the audit, read and taken away as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.dependencies import ReaderDep, requires
from api.pages.admin import admin_page
from api.pages.route import PageRoute
from api.parameters import read
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.trail import AuditFilters, read_audit, read_audit_words, write_audit_csv
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Auditor = Annotated[Actor, requires(Right.AUDIT_READ)]
ON_A_PAGE = 50


@router.get("/{lang}/admin/audit")
async def audit(request: Request, reader: ReaderDep, lang: Lang, actor: Auditor) -> Response:
    """Return what was written, the latest first, by record, action, day and pseudonym."""
    (asked,) = read(request, AuditFilters)
    events = await read_audit(reader, actor, asked, ON_A_PAGE)
    kinds, actions = await read_audit_words(reader, actor)
    older = events[-1].id if len(events) == ON_A_PAGE else None
    return await admin_page(
        request, reader, "audit", lang, events=events, kinds=kinds, actions=actions, asked=asked, older=older
    )


@router.get("/{lang}/admin/audit.csv")
async def audit_csv(request: Request, reader: ReaderDep, lang: Lang, actor: Auditor) -> Response:
    """Return all that matches as CSV."""
    (asked,) = read(request, AuditFilters)
    headers = {
        "Content-Disposition": 'attachment; filename="audit.csv"',
        "Cache-Control": "private, no-store",
        "Content-Language": lang,
    }
    lines = write_audit_csv(reader, actor, asked)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
