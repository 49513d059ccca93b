"""What the server counts of its own work, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import metrics
from geo.errors import NotFound

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def told(request: Request) -> Response:
    """Return all metrics; 404 where they are turned off."""
    if not request.app.state.settings.metrics:
        raise NotFound("metrics are turned off")
    body, media_type = metrics.told(request.headers.get("accept", ""))
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": media_type})
