"""Where people lack a theme on foot, what a change would do, and where the next service belongs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import raw_json
from api.dependencies import ReaderDep, StreetsDep, requires
from api.parameters import Parameters, document, read
from api.schemas.common import NO_STREETS, PROBLEMS, WRITE_REFUSALS
from api.schemas.siting import GapCollection, GapList, ProposalTold, SitesAsked, WhatIfAsked, WhatIfTold
from api.seats import GONE, SEARCHES, WHAT_IFS, while_there
from geo.access.network.loaded import Streets
from geo.access.siting.gaps import Gaps, Order, find_gaps
from geo.access.siting.siting import SitingAsked, propose_sites
from geo.access.siting.told import gaps_geojson, gaps_json, proposal_json, what_if_json
from geo.access.siting.what_if import what_if
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader
from geo.queries.services import Code, ZoneName
from geo.territory.zones import parse_reference
from geo.vocabulary import Walker

router = APIRouter(prefix="/api/v1/access", tags=["walking"], responses=PROBLEMS | NO_STREETS)

GEOJSON = "application/geo+json"
TOO_MANY: dict[int | str, dict[str, Any]] = {429: WRITE_REFUSALS[429]}


class GapsAsked(Parameters):
    """Who lacks what."""

    theme: Code = Field(description="Code of a theme or group of themes")
    walker: Walker = Field(Walker.ADULT, description="Who walks")
    minutes: float = Field(15, gt=0, le=60, description="Who walks longer lacks it")
    need: Code | None = Field(None, description="An indicator of quartiers; without it, the median income")
    order: Order = Field(
        "people",
        description="By people, or by people and need: people times the share of better-off quartiers",
    )
    zone: ZoneName | None = Field(None, description="Only people of a zone, as kind:code")
    limit: int = Field(20, ge=1, le=200, description="How many gaps at most")


@router.get("/gaps", response_model=GapList, openapi_extra=document(GapsAsked, example={"theme": "pharmacy"}))
async def gaps(request: Request, reader: ReaderDep, streets: StreetsDep) -> Response:
    """List where people lack a theme within some minutes on foot, most people or most need first.

    `whole` and `zones` say how many have none, one, or two and more within the minutes.
    """
    return raw_json(gaps_json(await _find(request, reader, streets)))


@router.get(
    "/gaps.geojson",
    response_model=GapCollection,
    responses={200: {"content": {GEOJSON: {}}}},
    openapi_extra=document(GapsAsked, example={"theme": "pharmacy", "limit": 5}),
)
async def gaps_drawn(request: Request, reader: ReaderDep, streets: StreetsDep) -> Response:
    """Return the same gaps as GeoJSON: the streets along which people lack the theme."""
    return raw_json(gaps_geojson(await _find(request, reader, streets)), GEOJSON)


async def _find(request: Request, reader: Reader, streets: Streets) -> Gaps:
    (asked,) = read(request, GapsAsked)
    zone = parse_reference(asked.zone) if asked.zone else None
    given = asked.model_dump(exclude={"theme", "zone"})
    return await find_gaps(reader, streets, asked.theme, zone=zone, **given)


@router.post("/what-if", response_model=WhatIfTold, responses=TOO_MANY)
async def try_out(body: WhatIfAsked, reader: ReaderDep, streets: StreetsDep) -> Response:
    """Tell who has a service near before and after some are opened, moved or closed. Nothing is kept."""
    with WHAT_IFS.take():
        told = await what_if(reader, streets, body.theme, body, walker=body.walker, kind=body.kind)
    return raw_json(what_if_json(told))


@router.post("/siting", response_model=ProposalTold)
async def propose(
    request: Request,
    body: SitesAsked,
    reader: ReaderDep,
    streets: StreetsDep,
    actor: Actor = requires(Right.ACCESS_PLAN),
) -> Response:
    """Propose sites for new services of a theme. It takes up to `seconds`; leaving ends the search.

    `at_most`, `gap_percent` and `is_optimal` say how sure it is that no other choice is better.
    """
    asked = SitingAsked.model_validate(body.model_dump(include=set(SitingAsked.model_fields)))
    with SEARCHES.take(actor.account_id):
        work = propose_sites(reader, streets, body.theme, asked, walker=body.walker, kind=body.kind)
        found = await while_there(request, work)
    return raw_json(proposal_json(found)) if found else Response(status_code=GONE)
