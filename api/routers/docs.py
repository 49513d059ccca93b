"""The OpenAPI document and its reader."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

router = APIRouter(prefix="/api/v1", include_in_schema=False)


@router.get("/openapi.json", name="openapi")
async def openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())
