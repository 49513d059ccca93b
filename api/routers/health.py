"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import ReaderDep
from api.schemas.common import PROBLEMS

router = APIRouter(prefix="/health", tags=["operations"], responses={503: PROBLEMS[503]})


@router.get("/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(reader: ReaderDep) -> dict[str, str]:
    """Say that the database answers too; 503 while it does not."""
    await reader.fetchval("SELECT 1")
    return {"status": "ok"}
