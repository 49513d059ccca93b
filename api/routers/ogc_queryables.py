"""What the features of a layer can be filtered and sorted by, and the functions that filters may call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.collections import LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.errors import told
from api.language import language_of
from api.links import own_links, root_of
from api.negotiation import HTML, JSON, Offered, chosen_format, format_parameter, negotiated
from api.pages.ogc import show_queryables
from api.parameters import document, read
from api.schemas.common import NEGOTIATED, PROBLEMS
from geo.db.reads import Reader
from geo.features.cql2 import FUNCTIONS, Function, Queryable, queryables_of, sortables_of
from geo.features.cql2.expressions import element_of, is_array
from geo.layers.base import Layer
from geo.vocabulary import Lang, Text

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED})

_FILTERING = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMANCE = (
    *(f"{_FILTERING}/{each}" for each in ("queryables", "filter", "features-filter")),
    *(
        f"{_CQL2}/{each}"
        for each in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
            "functions",
            "arithmetic",
        )
    ),
)
SCHEMA = "application/schema+json"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: How the standards name the shapes of a layer, as a format and as a schema of GeoJSON's.
_SHAPES = {
    "point": ("geometry-point", "Point"),
    "line": ("geometry-any", "Geometry"),
    "polygon": ("geometry-any", "Geometry"),
    "mixed": ("geometry-any", "Geometry"),
}
_TYPES: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}

AS_SCHEMA = Offered(
    "json", SCHEMA, Text("JSON Schema", "JSON Schema", "JSON Schema"), ("schema", "application/json")
)
SCHEMAS, FUNCTION_LISTS = (AS_SCHEMA, HTML), (JSON,)
SchemaFormat, ListFormat = format_parameter(*SCHEMAS), format_parameter(*FUNCTION_LISTS)
_AS_SCHEMA: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {SCHEMA: {}, "text/html": {}}, "description": "A JSON Schema"}},
    "openapi_extra": document(SchemaFormat),
}


@router.get("/collections/{layer}/queryables", **_AS_SCHEMA)
async def queryables(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Say what the features of a layer can be filtered by, in CQL2, as a JSON Schema."""
    chosen = layer_of(layer, viewer)
    return await _told(request, reader, chosen, queryables_of(chosen).values())


@router.get("/collections/{layer}/sortables", **_AS_SCHEMA)
async def sortables(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Say what the features of a layer can be sorted by, as a JSON Schema."""
    chosen = layer_of(layer, viewer)
    return await _told(request, reader, chosen, sortables_of(chosen).values())


@router.get(
    "/functions",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "Their names and arguments"}},
    openapi_extra=document(ListFormat),
)
async def functions(request: Request) -> Response:
    """List the functions that filters may call besides those of CQL2."""
    read(request, ListFormat)
    wanted, lang = chosen_format(request, FUNCTION_LISTS), language_of(request)
    told = {
        "functions": [_function(each, lang) for each in FUNCTIONS.values()],
        "links": own_links(request, FUNCTION_LISTS, wanted),
    }
    return negotiated(JSONResponse(told))


async def _told(request: Request, reader: Reader, layer: Layer[Any], named: Iterable[Queryable]) -> Response:
    read(request, SchemaFormat)
    lang = language_of(request)
    schema = {
        "$schema": _DRAFT,
        "$id": f"{root_of(request)}{request.url.path}",
        "type": "object",
        "title": told(layer.title, lang),
        "properties": {each.name: _property(each, lang) for each in named},
        "additionalProperties": False,
    }
    if chosen_format(request, SCHEMAS) is HTML:
        return await show_queryables(request, reader, layer, schema)
    return negotiated(JSONResponse(schema, media_type=SCHEMA))


def _property(named: Queryable, lang: Lang) -> dict[str, Any]:
    """Return what the schema says of one property."""
    title = {"title": told(named.title, lang)}
    if named.type == "geometry":
        form, name = _SHAPES[named.geometry]
        shape = f"https://geojson.org/schema/{name}.json"
        return title | {"x-ogc-role": "primary-geometry", "format": form, "$ref": shape}
    if is_array(named.type):
        return title | {"type": "array", "items": _TYPES.get(kind := element_of(named.type), {"type": kind})}
    return title | _TYPES.get(named.type, {"type": named.type})


def _function(function: Function, lang: Lang) -> dict[str, Any]:
    return {
        "name": function.name,
        "description": told(function.title, lang),
        "arguments": [{"type": list(each)} for each in function.arguments],
        "returns": [function.returns],
    }
