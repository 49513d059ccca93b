"""The features of every layer by OGC API Features. Nothing here knows a single layer."""

from __future__ import annotations

import json

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_links, raw_json
from api.collections import FEATURES, FILTERS, GEOJSON, FeatureId, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.negotiation import HTML, chosen_format, format_parameter, negotiated
from api.pages.ogc import show_item, show_items
from api.parameters import Parameters, document, read
from api.schemas.common import NEGOTIATED, PROBLEMS
from api.versions import tagged
from geo.errors import NotFound
from geo.features.reading import read_feature, read_features
from geo.features.versions import read_version

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED})

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)

Format = format_parameter(*FEATURES)


class Window(Parameters):
    """A window on a collection."""

    limit: int = Field(10, ge=1, le=1000, description="How many features at most")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many features to pass over")


@router.get(
    "/collections/{layer}/items",
    response_class=Response,
    responses={
        200: {"content": {GEOJSON: {}, "text/html": {}}, "description": "A GeoJSON FeatureCollection"}
    },
    openapi_extra=document(Window, Format, *FILTERS, example={"limit": 10}),
)
async def items(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return a page of a layer's features as GeoJSON. Each layer has filters of its own besides these."""
    chosen = layer_of(layer, viewer)
    window, _, filters = read(request, Window, Format, chosen.filters)
    wanted = chosen_format(request, FEATURES)
    page = await read_features(reader, chosen, filters, viewer, limit=window.limit, offset=window.offset)
    links = page_links(
        request, matched=page.matched, limit=window.limit, offset=window.offset, media_type=GEOJSON
    )
    head = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"links":%s,"features":'
    told = json.dumps(links).encode()
    body = head % (page.matched, page.returned, told) + page.features + b"}"
    if wanted is HTML:
        return await show_items(request, reader, chosen, body)
    return negotiated(raw_json(body, GEOJSON))


@router.get(
    "/collections/{layer}/items/{fid}",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}, "text/html": {}}, "description": "A GeoJSON Feature"}},
    openapi_extra=document(Format),
)
async def item(
    layer: LayerId, fid: FeatureId, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return one feature of a layer as GeoJSON."""
    read(request, Format)
    chosen, wanted = layer_of(layer, viewer), chosen_format(request, FEATURES)
    found = await read_feature(reader, chosen, fid, viewer)
    if found is None:
        raise NotFound(kind=layer, id=fid[:80])
    if wanted is HTML:
        return await show_item(request, reader, chosen, found)
    return tagged(negotiated(raw_json(found, GEOJSON)), await read_version(reader, chosen, fid))
