"""Coverage: how many people have a theme within some minutes on foot, zone by zone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.answers import page_links
from api.dependencies import ReaderDep
from api.parameters import Parameters, document, read
from api.schemas.common import NO_STREETS, PROBLEMS
from api.schemas.coverage import CoverageList
from geo.access.coverage.reading import CoverageTable, read_coverage
from geo.queries.services import Code
from geo.vocabulary import Walker, ZoneKind

router = APIRouter(prefix="/api/v1/access", tags=["walking"], responses=PROBLEMS | NO_STREETS)


class CoverageAsked(Parameters):
    """Whose way to what."""

    theme: Code = Field(description="Code of a theme or group of themes")
    kind: ZoneKind = Field(ZoneKind.QUARTIER, description="Kind of the zones")
    walker: Walker = Field(Walker.ADULT, description="Who walks")
    minutes: Literal["5", "10", "15", "20"] = Field("15", description="Who walks longer is not covered")


@router.get(
    "/coverage",
    response_model=CoverageList,
    openapi_extra=document(CoverageAsked, example={"theme": "pharmacy", "kind": "commune"}),
)
async def coverage(request: Request, reader: ReaderDep) -> Response:
    """Return how many people of each zone have a theme within some minutes on foot, and how unequally.

    People are spread along residential streets; records that are to check, fictional or not told exactly
    don't count. See docs/access.md for the method.
    """
    (asked,) = read(request, CoverageAsked)
    table = await read_coverage(reader, asked.theme, asked.kind, asked.walker, int(asked.minutes))
    return JSONResponse(_tell(table) | _envelope(request, len(table.items)))


def _tell(table: CoverageTable) -> dict[str, Any]:
    return asdict(table) | {"network": table.network.as_json()}


def _envelope(request: Request, number: int) -> dict[str, Any]:
    links = page_links(request, matched=number, limit=None, offset=0)
    return {"numberMatched": number, "numberReturned": number, "links": links}
