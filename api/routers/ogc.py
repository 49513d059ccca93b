"""The doors of the OGC standards: the landing page, what is conformed to, and the collections."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import api.routers
from api.answers import here, link
from api.collections import LayerId, describe, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.parameters import document, read
from api.schemas.common import PROBLEMS
from geo.layers import layers_for
from geo.territory.editions.credits import owed_for, read_limit_credits

router = APIRouter(prefix="/ogc", tags=["ogc"], responses=PROBLEMS)

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)


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
    return {"conformsTo": list(conformance_classes())}


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


@cache
def conformance_classes() -> tuple[str, ...]:
    """Return the classes that the modules of routes say they conform to."""
    names = [each.name for each in pkgutil.iter_modules(api.routers.__path__) if each.name.startswith("ogc")]
    modules = [importlib.import_module(f"api.routers.{name}") for name in names]
    return tuple(dict.fromkeys(uri for module in modules for uri in getattr(module, "CONFORMANCE", ())))
