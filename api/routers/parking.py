"""Parking+ for carers: places lent for home visits. For anybody else there are none."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import ReaderDep, requires
from api.parameters import Origin, Paging, Parameters, document, read
from api.routers.services import Moment
from api.schemas.common import PROBLEMS
from api.schemas.parking import LentList
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.lent_places import MAX_K, REACH_M, LentPlace, find_lent_near, list_lent
from geo.queries.parking import ParkingFilters
from geo.vocabulary import LonLat

router = APIRouter(prefix="/api/v1", tags=["parking"], responses=PROBLEMS)

_ITEMS = TypeAdapter(tuple[LentPlace, ...])


class Reach(Parameters):
    """How near."""

    k: int = Field(20, ge=1, le=MAX_K, description="How many places at most")
    max_distance_m: float = Field(REACH_M, gt=0, le=10_000, description="No farther, in a straight line")


@router.get("/parking", response_model=LentList, openapi_extra=document(ParkingFilters, Paging, Moment))
async def lent(request: Request, reader: ReaderDep, actor: Actor = requires(Right.PARKING_READ)) -> Response:
    """List the places lent to carers on home visits, by address. For registered carers only."""
    filters, paging, moment = read(request, ParkingFilters, Paging, Moment)
    found = await list_lent(
        reader, filters, actor.viewer, limit=paging.limit, offset=paging.offset, moment=moment.at
    )
    return listing(
        request,
        _ITEMS.dump_json(found.items),
        matched=found.matched,
        returned=len(found.items),
        limit=paging.limit,
        offset=paging.offset,
    )


@router.get(
    "/parking/nearby",
    response_model=LentList,
    openapi_extra=document(Origin, Reach, Moment, example={"lon": 4.3456, "lat": 50.8365}),
)
async def nearby(
    request: Request, reader: ReaderDep, actor: Actor = requires(Right.PARKING_READ)
) -> Response:
    """Return the places lent nearest to a point, which is kept nowhere. For registered carers only."""
    origin, reach, moment = read(request, Origin, Reach, Moment)
    found = await find_lent_near(
        reader,
        LonLat(origin.lon, origin.lat),
        actor.viewer,
        k=reach.k,
        reach_m=reach.max_distance_m,
        moment=moment.at,
    )
    return listing(request, _ITEMS.dump_json(found), matched=len(found), returned=len(found))
