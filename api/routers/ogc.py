"""Every layer by the plain core of OGC API Features and Tiles. Nothing here knows a single layer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.answers import here, kept_while_same, link, page_links, raw_json
from api.dependencies import ReaderDep, ViewerDep
from api.errors import BadParameters
from api.parameters import Parameters, PathId, document, read
from api.schemas.common import PROBLEMS
from geo.directory.features import read_feature, read_features, read_tile
from geo.errors import NotFound
from geo.layers import layers_for
from geo.layers.base import Attribution, Layer
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import LANGS, Viewer

router = APIRouter(prefix="/ogc", tags=["ogc"], responses=PROBLEMS)

GEOJSON = "application/geo+json"
MVT = "application/vnd.mapbox-vector-tile"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)
MAX_ZOOM = 22


#: The filters of all layers, for the document; each layer takes its own and refuses the others'.
FILTERS = tuple(dict.fromkeys(layer.filters for layer in layers_for().values()))


class Window(Parameters):
    """A window on a collection."""

    limit: int = Field(10, ge=1, le=1000, description="How many features at most")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many features to pass over")


LayerId = Annotated[PathId, Path(description="Id of a layer", examples=["quartiers"])]
FeatureId = Annotated[PathId, Path(description="Id of a feature of the layer", examples=["36"])]


def layer_of(layer: str, viewer: Viewer) -> Layer[Any]:
    """Return the layer named in the path; one that the viewer may not see does not exist."""
    known = layers_for(viewer)
    if layer not in known:
        raise NotFound(kind="collection", id=layer[:80])
    return known[layer]


@router.get("", openapi_extra=document())
async def landing(request: Request) -> Response:
    """Say where everything is."""
    read(request)
    base = here(request).rstrip("/")
    root = base.removesuffix("/ogc")
    return JSONResponse(
        {
            "title": "Quartier",
            "description": "Health and social services of Brussels, near home, and the zones they lie in",
            "links": [
                {"rel": "self", "href": base, "type": "application/json"},
                {"rel": "conformance", "href": f"{base}/conformance", "type": "application/json"},
                {"rel": "data", "href": f"{base}/collections", "type": "application/json"},
                {
                    "rel": "service-desc",
                    "href": f"{root}/api/v1/openapi.json",
                    "type": "application/vnd.oai.openapi+json;version=3.0",
                },
                {"rel": "service-doc", "href": f"{root}/api/v1/docs", "type": "text/html"},
            ],
        }
    )


@router.get("/conformance", openapi_extra=document())
async def conformance(request: Request) -> dict[str, list[str]]:
    """Say which parts of the standards are met."""
    read(request)
    return {"conformsTo": list(CONFORMANCE)}


@router.get("/collections", openapi_extra=document())
async def collections(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the layers."""
    read(request)
    base, owed = here(request), await read_limit_credits(reader)
    described = [
        describe(each, f"{base}/{each.id}", owed_for(each, owed)) for each in layers_for(viewer).values()
    ]
    return JSONResponse({"collections": described, "links": [link(request, "self", "application/json")]})


@router.get("/collections/{layer}", openapi_extra=document())
async def collection(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Describe one layer."""
    read(request)
    chosen = layer_of(layer, viewer)
    owed = owed_for(chosen, await read_limit_credits(reader))
    return JSONResponse(describe(chosen, here(request), owed))


@router.get(
    "/collections/{layer}/items",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}}, "description": "A GeoJSON FeatureCollection"}},
    openapi_extra=document(Window, *FILTERS, example={"limit": 10}),
)
async def items(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return a page of a layer's features as GeoJSON. Each layer has filters of its own besides these."""
    chosen = layer_of(layer, viewer)
    window, filters = read(request, Window, chosen.filters)
    page = await read_features(reader, chosen, filters, viewer, limit=window.limit, offset=window.offset)
    links = page_links(
        request, matched=page.matched, limit=window.limit, offset=window.offset, media_type=GEOJSON
    )
    head = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"links":%s,"features":'
    told = json.dumps(links).encode()
    body = head % (page.matched, page.returned, told) + page.features + b"}"
    return raw_json(body, GEOJSON)


@router.get(
    "/collections/{layer}/items/{fid}",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}}, "description": "A GeoJSON Feature"}},
    openapi_extra=document(),
)
async def item(
    layer: LayerId, fid: FeatureId, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return one feature of a layer as GeoJSON."""
    read(request)
    found = await read_feature(reader, layer_of(layer, viewer), fid, viewer)
    if found is None:
        raise NotFound(kind=layer, id=fid[:80])
    return raw_json(found, GEOJSON)


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


def describe(layer: Layer[Any], href: str, owed: Sequence[Attribution]) -> dict[str, Any]:
    """Return a layer, owed to whom it is today, as an OGC collection."""
    return {
        "id": layer.id,
        "title": layer.title.en,
        "description": layer.description.en,
        "titles": {lang: getattr(layer.title, lang) for lang in LANGS},
        "attribution": ", ".join(each.text for each in owed),
        "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "extent": {"spatial": {"bbox": [[4.2438, 50.7637, 4.4823, 50.9139]]}},
        "links": [
            {"rel": "self", "href": href, "type": "application/json"},
            {"rel": "items", "href": f"{href}/items", "type": GEOJSON},
            {
                "rel": "item",
                "href": f"{href}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                "type": MVT,
                "templated": True,
            },
        ],
    }
