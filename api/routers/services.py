"""Services: search, nearby, step-up, detail."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing, members, raw_json
from api.dependencies import DestinationsDep, ReaderDep, ViewerDep
from api.parameters import Origin, Paging, Parameters, Walking, document, read
from api.schemas.common import PROBLEMS
from api.schemas.services import Orientation, ServiceDetail, ServiceList, ServiceNearbyList
from geo.directory.detail import service_json
from geo.directory.nearby import MAX_K, nearby_json
from geo.directory.orientation import step_up_json
from geo.directory.search import search_services
from geo.queries.services import ServiceFilters
from geo.vocabulary import LonLat

router = APIRouter(prefix="/api/v1", tags=["services"], responses=PROBLEMS)

MAROLLES = {"lon": 4.3456, "lat": 50.8365}


ServiceId = Annotated[
    uuid.UUID, Path(description="Id of the service", examples=["c1f4a145-475c-5e57-aa48-da510ae03a96"])
]


class Facets(Parameters):
    """Whether to count."""

    facets: bool = Field(True, description="Count what each further filter would leave")


class Nearness(Walking):
    """How near, and when."""

    k: int = Field(20, ge=1, le=MAX_K, description="How many services at most")
    max_minutes: float | None = Field(None, gt=0, le=120, description="No farther than this on foot")
    mode: Literal["walk"] = Field("walk", description="On foot")


class Moment(Parameters):
    """What "now" means."""

    at: AwareDatetime | None = Field(None, description="The moment to answer for; default: now")


@router.get(
    "/services",
    response_model=ServiceList,
    openapi_extra=document(ServiceFilters, Paging, Facets, Moment, example={"theme": ["pharmacy"]}),
)
async def search(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Search services by words, theme, zone and what they ask of people.

    Facets count what each further filter would leave; a filter's own choices ignore its present value.
    Records that nobody saw for three years are left out unless `to_check` asks for them.
    """
    filters, paging, facets, moment = read(request, ServiceFilters, Paging, Facets, Moment)
    page = await search_services(
        reader,
        filters,
        viewer,
        limit=paging.limit,
        offset=paging.offset,
        facets=facets.facets,
        moment=moment.at,
    )
    more = {"facets": page.facets} if page.facets else {}
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
        **more,
    )


@router.get(
    "/services/nearby",
    response_model=ServiceNearbyList,
    openapi_extra=document(
        Origin, Nearness, ServiceFilters, Moment, example=MAROLLES | {"theme": ["pharmacy"]}
    ),
)
async def nearby(
    request: Request, reader: ReaderDep, destinations: DestinationsDep, viewer: ViewerDep
) -> Response:
    """Return the services nearest to a point: by minutes on foot where streets are loaded, else by metres.

    Filters apply first. A service that nobody can walk to along the streets comes last, without minutes.
    """
    origin, near, filters, moment = read(request, Origin, Nearness, ServiceFilters, Moment)
    found = await nearby_json(
        reader,
        LonLat(origin.lon, origin.lat),
        filters,
        viewer,
        k=near.k,
        max_minutes=near.max_minutes,
        moment=moment.at,
        walker=near.walker,
        destinations=destinations,
    )
    more = members(found.footing.as_json())
    return listing(
        request, found.items, matched=found.returned, returned=found.returned, limit=None, offset=0, **more
    )


@router.get(
    "/orientation",
    response_model=Orientation,
    openapi_extra=document(
        Origin, Walking, ServiceFilters, Moment, example=MAROLLES | {"theme": ["welfare"]}
    ),
)
async def orientation(
    request: Request, reader: ReaderDep, destinations: DestinationsDep, viewer: ViewerDep
) -> Response:
    """Step up: per level, how many serve the need, the nearest ones, and why the nearest others don't."""
    origin, walking, filters, moment = read(request, Origin, Walking, ServiceFilters, Moment)
    return raw_json(
        await step_up_json(
            reader,
            LonLat(origin.lon, origin.lat),
            filters,
            viewer,
            moment=moment.at,
            walker=walking.walker,
            destinations=destinations,
        )
    )


@router.get("/services/{service_id}", response_model=ServiceDetail, openapi_extra=document(Moment))
async def detail(service_id: ServiceId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return all that is known of one service, its open state in words in three languages included."""
    (moment,) = read(request, Moment)
    return raw_json(await service_json(reader, service_id, viewer, moment.at))
