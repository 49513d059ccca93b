"""The audit, for administrators."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from api.dependencies import ReaderDep, requires
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.schemas.teams import EventList
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.trail import AuditFilters, read_audit

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], responses=PROBLEMS)


class Window(Parameters):
    """How many at once."""

    limit: int = Field(50, ge=1, le=1000, description="How many events at most")


@router.get("", response_model=EventList, openapi_extra=document(AuditFilters, Window))
async def every(
    request: Request, reader: ReaderDep, actor: Actor = requires(Right.AUDIT_READ)
) -> dict[str, Any]:
    """Return what was written, the latest first: who (a pseudonym), what, before and after, when."""
    filters, window = read(request, AuditFilters, Window)
    events = await read_audit(reader, actor, filters, window.limit)
    more = len(events) == window.limit
    return {
        "items": [asdict(each) for each in events],
        "numberReturned": len(events),
        "next": events[-1].id if more else None,
    }
