"""How a layer looks on a map, by OGC API Styles: one style each, for MapLibre and others who read it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.asking import Conditions
from api.collections import FILTERS, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.links import link_to, own_links, root_of
from api.negotiation import JSON, Offered, chosen_format, format_parameter, negotiated
from api.parameters import document, read
from api.schemas.common import NEGOTIATED, PROBLEMS
from api.tilesets import attribution, read_tileset, tiles_path
from geo.vocabulary import Text
from maps.map_style import map_style

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED})

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/mapbox-style",
)
MAPBOX = Offered(
    "mbs",
    "application/vnd.mapbox.style+json",
    Text("Style MapLibre", "MapLibre-stijl", "MapLibre style"),
    ("json", "application/json"),
)
ListFormat = format_parameter(JSON)
StyleFormat = format_parameter(MAPBOX)
#: The one style that every layer has.
STYLE = "default"


@router.get("/collections/{layer}/styles", response_class=JSONResponse, openapi_extra=document(ListFormat))
async def styles(layer: LayerId, request: Request, viewer: ViewerDep) -> Response:
    """List the styles of a layer: one."""
    chosen = layer_of(layer, viewer)
    read(request, ListFormat)
    href = f"{root_of(request)}/ogc/collections/{chosen.id}/styles/{STYLE}"
    one: dict[str, Any] = {
        "id": STYLE,
        "title": chosen.title.en,
        "links": [link_to(href, "stylesheet", MAPBOX.media_type, f"{chosen.title.en} in MapLibre's words")],
    }
    links = own_links(request, (JSON,), chosen_format(request, (JSON,)))
    return JSONResponse({"styles": [one], "default": STYLE, "links": links})


@router.get(
    f"/collections/{{layer}}/styles/{STYLE}",
    response_class=Response,
    responses={200: {"content": {MAPBOX.media_type: {}}, "description": "A style of version 8"}},
    openapi_extra=document(StyleFormat, Conditions, *FILTERS),
)
async def style(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return a style that draws the tiles of a layer; filters stay in their addresses."""
    chosen = layer_of(layer, viewer)
    read(request, StyleFormat, Conditions, chosen.filters)
    chosen_format(request, (MAPBOX,))
    told = await read_tileset(request, reader, viewer, [chosen], tiles_path(chosen))
    drawn = map_style(chosen, told.address("{z}", "{y}", "{x}"), attribution=attribution(told), box=told.box)
    return negotiated(JSONResponse(drawn, media_type=MAPBOX.media_type))
