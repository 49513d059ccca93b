"""Places: what people type when they say where they are."""

from __future__ import annotations

import json
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import LangDep, ReaderDep, ViewerDep
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.schemas.places import PlaceList
from geo.directory.places import search_places
from geo.queries.services import Words

router = APIRouter(prefix="/api/v1/search", tags=["places"], responses=PROBLEMS)


class PlaceQuestion(Parameters):
    """What was typed."""

    q: Words = Field(description="A street, address, stop, postal code, zone or service, in any language")
    limit: int = Field(8, ge=1, le=50, description="How many places at most")


@router.get(
    "/places", response_model=PlaceList, openapi_extra=document(PlaceQuestion, example={"q": "rue haute"})
)
async def places(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: LangDep) -> Response:
    """Find places, streets and addresses known locally; typos, accents and case are forgiven.

    What was typed is written in no log and no database. A house number that is not known falls back on its
    street and says so in `number_unknown`.
    """
    (asked,) = read(request, PlaceQuestion)
    hits = await search_places(reader, asked.q, lang, limit=asked.limit, viewer=viewer)
    told = [{name: value for name, value in asdict(hit).items() if name != "score"} for hit in hits]
    body = json.dumps(told, ensure_ascii=False).encode()
    return listing(request, body, matched=len(hits), returned=len(hits))
