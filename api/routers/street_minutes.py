"""Minutes on foot by street, as vector tiles for a live map."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.collections import MAX_ZOOM, MVT
from api.dependencies import ReaderDep
from api.errors import BadParameters
from api.parameters import Parameters, document, read
from api.schemas.common import NO_STREETS, PROBLEMS
from geo.access.coverage.street_minutes import read_minutes_tile, read_minutes_version
from geo.queries.services import Code
from geo.vocabulary import Walker

BANDS = (
    "A Mapbox vector tile, layer `minutes`. `band` of each street: 0 up to 5 minutes, 1 up to 10, 2 up to "
    "15, 3 up to 20, 4 more, 5 no way to any. "
    "From zoom 13 on also `minutes`, `name_fr` and `name_nl`."
)
router = APIRouter(prefix="/api/v1/access", tags=["walking"], responses=PROBLEMS | NO_STREETS)


class MinutesQuestion(Parameters):
    """Minutes to what, and who walks."""

    theme: Code = Field(description="Code of a theme or of a group of themes")
    walker: Walker = Field(Walker.ADULT, description="Who walks")


@router.get(
    "/streets/{z}/{y}/{x}",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}, "description": BANDS},
        204: {"description": "No street lies in this tile"},
        304: {"description": "Nothing has changed"},
    },
    openapi_extra=document(MinutesQuestion, example={"theme": "pharmacy"}),
)
async def tile(
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom", examples=[12])],
    y: Annotated[int, Path(ge=0, description="Row, from the north", examples=[1374])],
    x: Annotated[int, Path(ge=0, description="Column, from the west", examples=[2097])],
    request: Request,
    reader: ReaderDep,
) -> Response:
    """Return the streets in a tile, each with its minutes on foot to the nearest service of a theme."""
    (asked,) = read(request, MinutesQuestion)
    if max(x, y) >= 2**z:
        raise BadParameters(
            [{"loc": ("x" if x >= 2**z else "y",), "type": "less_than_equal", "ctx": {"le": 2**z - 1}}]
        )
    etag = f'W/"{await read_minutes_version(reader, asked.theme, asked.walker)}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if etag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    body = await read_minutes_tile(reader, asked.theme, asked.walker, z=z, x=x, y=y)
    return Response(body, 200 if body else 204, headers, media_type=MVT if body else None)
