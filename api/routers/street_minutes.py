"""Minutes on foot by street, as vector tiles for a live map."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.collections import MAX_ZOOM, MVT
from api.dependencies import ReaderDep, ViewerDep
from api.errors import BadParameters
from api.kept import KEPT, keep
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
        **KEPT,
    },
    openapi_extra=document(MinutesQuestion, example={"theme": "pharmacy"}),
)
async def tile(
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom", examples=[12])],
    y: Annotated[int, Path(ge=0, description="Row, from the north", examples=[1374])],
    x: Annotated[int, Path(ge=0, description="Column, from the west", examples=[2097])],
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
) -> Response:
    """Return the streets in a tile, each with its minutes on foot to the nearest service of a theme."""
    (asked,) = read(request, MinutesQuestion)
    if max(x, y) >= 2**z:
        raise BadParameters(
            [{"loc": ("x" if x >= 2**z else "y",), "type": "less_than_equal", "ctx": {"le": 2**z - 1}}]
        )
    if same := keep(request, viewer, "streets", "coverage"):
        return same
    await read_minutes_version(reader, asked.theme, asked.walker)  # refuses what no minutes are known of
    body = await read_minutes_tile(reader, asked.theme, asked.walker, z=z, x=x, y=y)
    return Response(body, 200 if body else 204, media_type=MVT if body else None)
