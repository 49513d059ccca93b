"""Every layer as vector tiles by OGC API Tiles. Nothing here knows a single layer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.answers import kept_while_same
from api.collections import FILTERS, MAX_ZOOM, MVT, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.errors import BadParameters
from api.parameters import document, read
from api.schemas.common import PROBLEMS
from geo.features.reading import read_tile

router = APIRouter(prefix="/ogc", tags=["ogc"], responses=PROBLEMS)

CONFORMANCE = ("http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",)


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}, "description": "A Mapbox vector tile"},
        204: {"description": "Nothing lies in this tile"},
    },
    openapi_extra=document(*FILTERS),
)
async def tile(
    layer: LayerId,
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom", examples=[12])],
    y: Annotated[int, Path(ge=0, description="Row, from the north", examples=[1374])],
    x: Annotated[int, Path(ge=0, description="Column, from the west", examples=[2097])],
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
) -> Response:
    """Return a vector tile of a layer; its filters are query parameters."""
    chosen = layer_of(layer, viewer)
    (filters,) = read(request, chosen.filters)
    if max(x, y) >= 2**z:
        raise BadParameters(
            [{"loc": ("x" if x >= 2**z else "y",), "type": "less_than_equal", "ctx": {"le": 2**z - 1}}]
        )
    body = await read_tile(reader, chosen, filters, viewer, z=z, x=x, y=y)
    return kept_while_same(request, body, MVT)
