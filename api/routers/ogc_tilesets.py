"""Which tiles there are and how the world is cut into them, by OGC API Tiles and as TileJSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.asking import Conditions
from api.collections import FILTERS, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.links import link_to, own_links, root_of
from api.negotiation import DOCUMENT, HTML, JSON, chosen_format, format_parameter, negotiated
from api.pages.ogc import show_tilesets
from api.parameters import document, read
from api.routers.ogc_tiles import Collections, Times, chosen_layers
from api.schemas.common import NEGOTIATED, PROBLEMS
from api.tilesets import TILEJSON, TILESET, TilesetTold, read_tileset, summary, tilejson, tiles_path, tileset
from geo.features import matrix
from geo.layers.base import Layer

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED})

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilesetmetadata",
)
OneFormat = format_parameter(JSON)
ListFormat = format_parameter(*DOCUMENT)
SetFormat = format_parameter(*TILESET)

ONE_FORMAT: dict[str, Any] = {"response_class": JSONResponse, "openapi_extra": document(OneFormat)}


def _answers(*formats: Any) -> dict[str, Any]:
    content: dict[str, Any] = {each.media_type: {} for each in formats}
    answer: dict[int, Any] = {200: {"content": content, "description": "As asked for"}}
    return {"response_class": Response, "responses": answer}


@router.get("/tileMatrixSets", operation_id="getTileMatrixSetsList", **ONE_FORMAT)
async def matrix_sets(request: Request) -> Response:
    """List the ways in which the world is cut into tiles: one."""
    read(request, OneFormat)
    href = f"{root_of(request)}/ogc/tileMatrixSets/{matrix.ID}"
    one = {
        "id": matrix.ID,
        "title": "Web Mercator, squares halved at each zoom",
        "uri": matrix.URI,
        "links": [link_to(href, "self", JSON.media_type, matrix.ID)],
    }
    links = own_links(request, (JSON,), chosen_format(request, (JSON,)))
    return JSONResponse({"tileMatrixSets": [one], "links": links})


@router.get("/tileMatrixSets/WebMercatorQuad", operation_id="getTileMatrixSet", **ONE_FORMAT)
async def matrix_set(request: Request) -> Response:
    """Say how the world is cut into tiles."""
    read(request, OneFormat)
    chosen_format(request, (JSON,))
    return JSONResponse(matrix.tile_matrix_set())


@router.get(
    "/collections/{layer}/tiles",
    operation_id="collection.vector.getTileSetsList",
    openapi_extra=document(ListFormat, Conditions, *FILTERS),
    **_answers(*DOCUMENT),
)
async def tilesets(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the sets of tiles of a layer."""
    chosen = layer_of(layer, viewer)
    read(request, ListFormat, Conditions, chosen.filters)
    told = await read_tileset(request, reader, viewer, [chosen], tiles_path(chosen))
    styles = f"{root_of(request)}/ogc/collections/{chosen.id}/styles/default"
    return await _listed(request, reader, chosen, told, styles)


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad",
    operation_id="collection.vector.getTileSet",
    openapi_extra=document(SetFormat, Conditions, *FILTERS),
    **_answers(*TILESET),
)
async def layer_tileset(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Describe the tiles of a layer; filters stay in their addresses."""
    chosen = layer_of(layer, viewer)
    read(request, SetFormat, Conditions, chosen.filters)
    return _described(request, await read_tileset(request, reader, viewer, [chosen], tiles_path(chosen)))


@router.get(
    "/tiles",
    operation_id="dataset.vector.getTileSetsList",
    openapi_extra=document(ListFormat, Collections, Times),
    **_answers(*DOCUMENT),
)
async def dataset_tilesets(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the sets of tiles that hold several layers in one."""
    _, given, _ = read(request, ListFormat, Collections, Times)
    told = await read_tileset(request, reader, viewer, chosen_layers(given, viewer), tiles_path())
    return await _listed(request, reader, None, told, None)


@router.get(
    "/tiles/WebMercatorQuad",
    operation_id="dataset.vector.getTileSet",
    openapi_extra=document(SetFormat, Collections, Times, example={"collections": "communes,services"}),
    **_answers(*TILESET),
)
async def dataset_tileset(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Describe the tiles of several layers in one."""
    _, given, _ = read(request, SetFormat, Collections, Times)
    return _described(
        request, await read_tileset(request, reader, viewer, chosen_layers(given, viewer), tiles_path())
    )


async def _listed(
    request: Request, reader: ReaderDep, layer: Layer[Any] | None, told: TilesetTold, styles: str | None
) -> Response:
    chosen = chosen_format(request, DOCUMENT)
    listed = {"tilesets": [summary(told)], "links": own_links(request, DOCUMENT, chosen)}
    if chosen is HTML:
        return await show_tilesets(request, reader, layer, listed, styles)
    return negotiated(JSONResponse(listed))


def _described(request: Request, told: TilesetTold) -> Response:
    if chosen_format(request, TILESET) is TILEJSON:
        return negotiated(JSONResponse(tilejson(told), media_type=TILEJSON.media_type))
    return negotiated(JSONResponse(tileset(told)))
