"""Zones compared: over the API, and as the files that the page offers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.answers import raw_json
from api.dependencies import ReaderDep
from api.pages.comparison_files import Ending, comparison_file
from api.pages.route import PageRoute
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.schemas.compare import ZoneComparison
from geo.queries.services import Code, Edition
from geo.territory.classes import MAX_CLASSES, MIN_CLASSES, Method, classify
from geo.territory.comparison import MAX_ZONES, Per, compare_zones
from geo.territory.comparison_told import comparison_json
from geo.territory.zones import parse_reference
from geo.vocabulary import Lang, ZoneKind

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
    zones = [parse_reference(each, asked.edition) for each in asked.zone]
    given: dict[str, Any] = {"edition": asked.edition, "per": asked.per}
    comparison = await compare_zones(reader, zones, kind=asked.kind, indicators=asked.indicator, **given)
    on = comparison.row(asked.on) if asked.on else next(iter(comparison.rows), None)
    whole = on
    if on and zones:
        every = await compare_zones(reader, kind=comparison.kind, indicators=[on.indicator.id], **given)
        whole = every.rows[0]
    classes = classify(whole.numbers(asked.per), asked.classes, asked.k) if whole else None
    return raw_json(comparison_json(comparison, on, classes))


@pages.get("/{lang}/compare.{ending}")
async def file(request: Request, reader: ReaderDep, lang: Lang, ending: Ending) -> Response:
    """Return the comparison that the address describes as a file."""
    return await comparison_file(request, reader, lang, ending)


router.include_router(pages)
