"""Every layer as vector tiles by OGC API Tiles, alone or with others. Nothing here knows a single layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.asking import Conditions
from api.collections import FILTERS, MVT, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.errors import BadParameters
from api.kept import KEPT, keep
from api.negotiation import format_parameter
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.tilesets import MVT_TILE
from geo.features.asked import Asked
from geo.features.intervals import Interval, read_interval
from geo.features.matrix import MAX_ZOOM, Tile
from geo.features.tiling import read_tile
from geo.layers import layers_for
from geo.layers.base import Layer
from geo.vocabulary import Viewer

router = APIRouter(prefix="/ogc", tags=["ogc"], responses=PROBLEMS)

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/collections-selection",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/datetime",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
)
Format = format_parameter(MVT_TILE)

Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom", examples=[12])]
Row = Annotated[int, Path(ge=0, description="Row, from the north", examples=[1374])]
Column = Annotated[int, Path(ge=0, description="Column, from the west", examples=[2097])]

ANSWERS: dict[int | str, Any] = {
    200: {"content": {MVT: {}}, "description": "A Mapbox vector tile"},
    204: {"description": "Nothing lies in this tile"},
    **KEPT,
}


class Times(Parameters):
    """When features have to hold."""

    datetime: str | None = Field(None, description="An instant, or since/until; .. for an open end")

    @property
    def interval(self) -> Interval | None:
        """Return the interval, if one is given."""
        return read_interval(self.datetime) if self.datetime else None


class Collections(Parameters):
    """Which layers are drawn together."""

    collections: tuple[str, ...] = Field(
        (), max_length=40, description="Ids of layers, the lowest first; without it, all"
    )


def chosen_layers(given: Collections, viewer: Viewer) -> list[Layer[Any]]:
    """Return the layers that are asked for, each once, in that order.

    Raises
    ------
    BadParameters
        If the viewer knows of none by such an id.
    """
    known = layers_for(viewer)
    names = dict.fromkeys(given.collections or known)
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        told = {"expected": ", ".join(known)}
        raise BadParameters([{"loc": ("collections",), "type": "literal_error", "ctx": told}])
    return [known[name] for name in names]


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    response_class=Response,
    responses=ANSWERS,
    operation_id="collection.vector.getTile",
    openapi_extra=document(Format, Conditions, *FILTERS),
)
async def tile(
    layer: LayerId, z: Zoom, y: Row, x: Column, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return a vector tile of a layer; its filters are query parameters, and conditions in CQL2.

    As far as zoom 14, features of a layer of points say in `point_count` how many points each stands for.
    """
    chosen = layer_of(layer, viewer)
    _, given, filters = read(request, Format, Conditions, chosen.filters)
    asked = given.add_to(Asked(chosen, filters))
    return await _answer(request, reader, viewer, [asked], _tile(z, x, y))


@router.get(
    "/tiles/WebMercatorQuad/{z}/{y}/{x}",
    response_class=Response,
    responses=ANSWERS,
    operation_id="dataset.vector.getTile",
    openapi_extra=document(Format, Collections, Times, example={"collections": "communes,services"}),
)
async def dataset_tile(
    z: Zoom, y: Row, x: Column, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return a vector tile of several layers in one, in the order in which they are named."""
    _, given, times = read(request, Format, Collections, Times)
    asked = [Asked(each, each.filters(), times=times.interval) for each in chosen_layers(given, viewer)]
    return await _answer(request, reader, viewer, asked, _tile(z, x, y))


async def _answer(
    request: Request, reader: ReaderDep, viewer: Viewer, asked: Sequence[Asked], tile: Tile
) -> Response:
    names = dict.fromkeys(name for each in asked for name in each.layer.made_of)
    steady_s = min(each.layer.steady_s(each.filters.shape) for each in asked)
    if same := keep(request, viewer, *names, steady_s=steady_s):
        return same
    body = await read_tile(reader, asked, viewer, tile)
    return Response(body, media_type=MVT) if body else Response(status_code=204)


def _tile(z: int, x: int, y: int) -> Tile:
    """Return a tile of the zoom.

    Raises
    ------
    BadParameters
        If the zoom has no such row or column.
    """
    beyond = [name for name, at in (("x", x), ("y", y)) if at >= 2**z]
    if beyond:
        raise BadParameters(
            [{"loc": (name,), "type": "less_than_equal", "ctx": {"le": 2**z - 1}} for name in beyond]
        )
    return Tile(z, x, y)
