"""The doors of the OGC standards: the landing page, what is conformed to, and the collections."""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
from functools import cache, lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

import api.routers
from api.collections import LayerId, describe, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.kept import KEPT, keep
from api.links import OGC_REL, link_to, own_links, root_of
from api.negotiation import DOCUMENT, HTML, JSON, Offered, chosen_format, format_parameter, negotiated
from api.openapi_30 import describe_doors
from api.pages.ogc import show_collection, show_conformance, show_document
from api.parameters import document, read
from api.schemas.common import NEGOTIATED, PROBLEMS
from geo.db.reads import Reader
from geo.features.extents import read_extent
from geo.layers import layers_for
from geo.layers.base import Layer
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import Text, Viewer

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED, **KEPT})

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)
OPENAPI_PLAIN = "application/vnd.oai.openapi+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
API = (
    Offered("json", OPENAPI, Text("OpenAPI", "OpenAPI", "OpenAPI"), (JSON.media_type, OPENAPI_PLAIN)),
    HTML,
)
Format = format_parameter(*DOCUMENT)
IN_BOTH: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"application/json": {}, "text/html": {}}, "description": "As asked for"}},
    "openapi_extra": document(Format),
}


@router.get("", **IN_BOTH)
async def landing(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Say where everything is."""
    read(request, Format)
    told = _landing(request)
    if chosen_format(request, DOCUMENT) is HTML:
        return await show_document(request, reader, "landing", told, layers=layers_for(viewer))
    return negotiated(JSONResponse(told))


@router.get("/", include_in_schema=False)
async def with_slash(request: Request) -> Response:
    """Send whoever writes a slash behind the address to the landing page."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/ogc{query}", 308)


@router.get(
    "/api",
    response_class=Response,
    responses={200: {"content": {OPENAPI: {}, "text/html": {}}, "description": "As asked for"}},
    openapi_extra=document(Format),
)
async def interface(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Describe these addresses in OpenAPI 3.0, for programs and to try out."""
    read(request, Format)
    if chosen_format(request, API) is HTML:
        return await show_document(request, reader, "api", {})
    told = _described_in_30(request.app, f"{root_of(request)}/ogc", viewer)
    return negotiated(Response(told, media_type=OPENAPI))


@router.get("/conformance", **IN_BOTH)
async def conformance(request: Request, reader: ReaderDep) -> Response:
    """Say which parts of the standards are met."""
    read(request, Format)
    told = {"conformsTo": list(conformance_classes()), "links": _own_links(request)}
    if chosen_format(request, DOCUMENT) is HTML:
        return await show_conformance(request, reader, told)
    return negotiated(JSONResponse(told))


@router.get("/collections", **IN_BOTH)
async def collections(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the layers."""
    read(request, Format)
    known, wanted = layers_for(viewer), chosen_format(request, DOCUMENT)
    names = dict.fromkeys(name for each in known.values() for name in each.made_of)
    if wanted is JSON and (same := keep(request, viewer, *names)):
        return same
    described = await _described(request, reader, viewer, *known.values())
    told = {"collections": described, "links": _own_links(request)}
    if wanted is HTML:
        return await show_document(request, reader, "collections", told, layers=known)
    return negotiated(JSONResponse(told))


@router.get("/collections/{layer}", **IN_BOTH)
async def collection(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Describe one layer."""
    read(request, Format)
    chosen, wanted = layer_of(layer, viewer), chosen_format(request, DOCUMENT)
    if wanted is JSON and (same := keep(request, viewer, *chosen.made_of)):
        return same
    (told,) = await _described(request, reader, viewer, chosen)
    if wanted is HTML:
        return await show_collection(request, reader, chosen, told)
    return negotiated(JSONResponse(told))


async def _described(
    request: Request, reader: Reader, viewer: Viewer, *chosen: Layer[Any]
) -> list[dict[str, Any]]:
    """Return what is said of layers today."""
    limits = await read_limit_credits(reader)
    extents = await asyncio.gather(*(read_extent(reader, each, viewer) for each in chosen))
    base = f"{root_of(request)}/ogc/collections"
    return [
        describe(each, f"{base}/{each.id}", owed_for(each, limits), extent)
        for each, extent in zip(chosen, extents, strict=True)
    ]


@lru_cache(maxsize=16)
def _described_in_30(app: FastAPI, server: str, viewer: Viewer) -> bytes:
    """Return the description of the doors, made once for each name that the server is called by."""
    return json.dumps(describe_doors(app.openapi(), server, layers_for(viewer).values())).encode()


def _own_links(request: Request) -> list[dict[str, Any]]:
    return own_links(request, DOCUMENT, chosen_format(request, DOCUMENT))


def _landing(request: Request) -> dict[str, Any]:
    root = root_of(request)
    base = f"{root}/ogc"
    return {
        "title": "Quartier",
        "description": "Health and social services of Brussels, near home, and the zones they lie in",
        "links": [
            *_own_links(request),
            link_to(f"{base}/api", "service-desc", OPENAPI, "This interface in OpenAPI 3.0"),
            link_to(f"{base}/api?f=html", "service-doc", "text/html", "This interface, to read and try out"),
            link_to(f"{base}/conformance", "conformance", JSON.media_type, "The standards that are met"),
            link_to(f"{base}/collections", "data", JSON.media_type, "The layers"),
            link_to(
                f"{base}/tiles",
                f"{OGC_REL}/tilesets-vector",
                JSON.media_type,
                "Several layers as vector tiles",
            ),
        ],
    }


@cache
def conformance_classes() -> tuple[str, ...]:
    """Return the classes that the modules of routes say they conform to."""
    names = [each.name for each in pkgutil.iter_modules(api.routers.__path__) if each.name.startswith("ogc")]
    modules = [importlib.import_module(f"api.routers.{name}") for name in names]
    return tuple(dict.fromkeys(uri for module in modules for uri in getattr(module, "CONFORMANCE", ())))
