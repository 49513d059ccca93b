"""Zones compared: over the API, and as the files that the page offers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.answers import raw_json
from api.dependencies import LangDep, ReaderDep
from api.pages.comparison_files import Ending, comparison_file
from api.pages.route import PageRoute
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.schemas.compare import ZoneComparison
from geo.db.reads import Reader
from geo.errors import NotFound
from geo.queries.services import Code, Edition
from geo.territory.comparison.classes import MAX_CLASSES, MIN_CLASSES, Method, classify
from geo.territory.comparison.compared import ZoneComparison as Comparison
from geo.territory.comparison.comparing import MAX_ZONES, Per, compare_zones
from geo.territory.comparison.told import comparison_json
from geo.territory.editions.credits import read_limit_credits
from geo.territory.outlines import read_outlines
from geo.territory.zones import parse_reference
from geo.vocabulary import Lang, ZoneKind
from maps.folium_compare import comparison_map
from maps.folium_page import draw_page

router = APIRouter(responses=PROBLEMS)
pages = APIRouter(include_in_schema=False, route_class=PageRoute)

ZoneText = Annotated[str, StringConstraints(max_length=60)]


class ComparisonQuestion(Parameters):
    """Which zones, in which figures."""

    zone: tuple[ZoneText, ...] = Field(
        (), description=f"Up to {MAX_ZONES} zones of one kind, each as kind:code; none: all of a kind, ranked"
    )
    kind: ZoneKind | None = Field(None, description="The kind to rank; quartiers, if nothing is said")
    edition: Edition | None = Field(None, description="An edition; without it, the one valid today")
    indicator: Annotated[tuple[Code, ...], Field(max_length=60)] = Field(
        (), description="Indicators, in the order of the rows; none: all that have figures"
    )
    per: Per = Field("value", description="Values, counts per 1,000 inhabitants, or places among all zones")
    on: Code | None = Field(None, description="The indicator that is put into classes; else the first")
    classes: Method = Field("quantiles", description="How classes are made")
    k: int = Field(5, ge=MIN_CLASSES, le=MAX_CLASSES, description="How many classes")


@router.get(
    "/api/v1/zones/compare",
    tags=["zones"],
    response_model=ZoneComparison,
    openapi_extra=document(
        ComparisonQuestion, example={"zone": "quartier:36,quartier:10", "indicator": "median-income"}
    ),
)
async def compare(request: Request, reader: ReaderDep) -> Response:
    """Lay zones side by side, or rank all of a kind: figures, places, spread, trends, classes."""
    (asked,) = read(request, ComparisonQuestion)
    comparison, whole = await _compare(reader, asked)
    on = comparison.row(whole.rows[0].indicator.id) if whole.rows else None
    classes = classify(whole.rows[0].numbers(asked.per), asked.classes, asked.k) if whole.rows else None
    return raw_json(comparison_json(comparison, on, classes))


@router.get(
    "/maps/compare",
    tags=["maps"],
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}}, "description": "A page that is one map"}},
    openapi_extra=document(ComparisonQuestion, example={"indicator": "median-income"}),
)
async def map_of_comparison(request: Request, reader: ReaderDep, lang: LangDep) -> HTMLResponse:
    """Return a comparison as a map of its own (folium): all zones of the kind, the chosen ones by letter."""
    (asked,) = read(request, ComparisonQuestion)
    comparison, whole = await _compare(reader, asked)
    if not whole.rows:
        raise NotFound()
    row = whole.rows[0]
    classes = classify(row.numbers(asked.per), asked.classes, asked.k)
    letters = {zone.ref.code: zone.letter for zone in comparison.zones if zone.letter}
    outlines = await read_outlines(reader, whole.kind, asked.edition)
    limits = await read_limit_credits(reader, asked.edition)
    data = comparison_map(outlines, whole, row, classes, letters, limits[whole.kind])
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    html = await asyncio.to_thread(draw_page, data, lang, nonce=request.state.csp_nonce, query=query)
    return HTMLResponse(html, headers={"Content-Language": lang, "Cache-Control": "no-cache"})


async def _compare(reader: Reader, asked: ComparisonQuestion) -> tuple[Comparison, Comparison]:
    """Return what is asked for, and all zones of the kind in the one figure that is put into classes."""
    zones = [parse_reference(each, asked.edition) for each in asked.zone]
    compare = partial(compare_zones, reader, edition=asked.edition, per=asked.per)
    comparison = await compare(zones, kind=asked.kind, indicators=asked.indicator)
    on = asked.on or next((row.indicator.id for row in comparison.rows), None)
    if on and zones:
        return comparison, await compare(kind=comparison.kind, indicators=(on,))
    return comparison, replace(comparison, rows=(comparison.row(on),) if on else ())


@pages.get("/{lang}/compare.{ending}")
async def file(request: Request, reader: ReaderDep, lang: Lang, ending: Ending) -> Response:
    """Return the comparison that the address describes as a file."""
    return await comparison_file(request, reader, lang, ending)


router.include_router(pages)
