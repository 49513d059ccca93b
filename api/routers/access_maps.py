"""Minutes on foot by street, as a folium map of their own."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.dependencies import LangDep, ReaderDep
from api.pages.frame import read_shelf
from api.parameters import document, read
from api.routers.street_minutes import MinutesQuestion
from api.schemas.common import NO_STREETS, PROBLEMS
from geo.access.coverage.overview import read_overview
from geo.access.coverage.street_minutes import read_minutes_lines, read_minutes_version
from geo.errors import NoStreets, UnknownValue
from maps.folium_access import minutes_map
from maps.folium_page import draw_page

router = APIRouter(prefix="/maps", tags=["maps"], responses=PROBLEMS | NO_STREETS)


@router.get(
    "/access",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}}, "description": "A page that is one map"}},
    openapi_extra=document(MinutesQuestion, example={"theme": "pharmacy"}),
)
async def map_of_minutes(request: Request, reader: ReaderDep, lang: LangDep) -> HTMLResponse:
    """Return the streets by minutes on foot to a theme, as a map of its own (folium)."""
    (asked,) = read(request, MinutesQuestion)
    themes = (await read_shelf(request, reader)).themes
    if asked.theme not in themes:
        raise UnknownValue(name="theme", value=asked.theme)
    await read_minutes_version(reader, asked.theme, asked.walker)
    overview = await read_overview(reader, asked.walker)
    if overview is None:
        raise NoStreets()
    lines = await read_minutes_lines(reader, asked.theme, asked.walker)
    data = minutes_map(lines, themes[asked.theme].name, asked.walker, overview.network)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    nonce = request.state.csp_nonce
    html = await asyncio.to_thread(draw_page, data, lang, nonce=nonce, query=query, is_filtered=False)
    return HTMLResponse(html, headers={"Content-Language": lang, "Cache-Control": "no-cache"})
