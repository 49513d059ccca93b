"""Any layer as a folium map of its own, with the filters of the layer as query parameters."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.collections import LayerId, layer_of
from api.dependencies import LangDep, ReaderDep, ViewerDep
from api.parameters import document, read
from api.schemas.common import PROBLEMS
from geo.directory.map_data import read_map
from maps.folium_page import draw_page

router = APIRouter(prefix="/maps", tags=["maps"], responses=PROBLEMS)


@router.get(
    "/{layer}",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}}, "description": "A page that is one map"}},
    openapi_extra=document(),
)
async def map_of_layer(
    layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep, lang: LangDep
) -> HTMLResponse:
    """Return a layer as a map of its own (folium). Each layer has filters of its own besides `lang`."""
    chosen = layer_of(layer, viewer)
    (filters,) = read(request, chosen.filters)
    data = await read_map(reader, chosen, filters, viewer)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    html = await asyncio.to_thread(draw_page, data, lang, nonce=request.state.csp_nonce, query=query)
    return HTMLResponse(html, headers={"Content-Language": lang, "Cache-Control": "no-cache"})
