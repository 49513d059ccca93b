"""Editions: which divisions there are, and which kind plays which level."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import ReaderDep
from api.parameters import document, read
from api.schemas.common import PROBLEMS
from api.schemas.editions import EditionList
from geo.territory.editions.listing import editions_json

router = APIRouter(prefix="/api/v1", tags=["zones"], responses=PROBLEMS)


@router.get("/editions", response_model=EditionList, openapi_extra=document())
async def editions(request: Request, reader: ReaderDep) -> Response:
    """List all divisions of the ground with their editions, and what plays the three levels since when."""
    read(request)
    items, number, levels = await editions_json(reader)
    return listing(request, items, matched=number, returned=number, levels=levels)
