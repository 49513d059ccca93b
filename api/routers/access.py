"""Walking: a way, what is within some minutes, and the streets that both are measured on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.dependencies import ReaderDep, StreetsDep, ViewerDep
from api.errors import BadParameters
from api.parameters import Origin, Parameters, document, read
from api.schemas.access import ReachCollection, StreetNetwork, Walk
from api.schemas.common import NO_STREETS, PROBLEMS
from geo.access.network.credit import tell_network
from geo.access.walking.walkers import read_walkers
from geo.access.walking.ways import tell_isochrone, tell_route, tell_route_to_service
from geo.vocabulary import LonLat, Walker
from geo.words import WALKERS

router = APIRouter(prefix="/api/v1/access", tags=["walking"], responses=PROBLEMS | NO_STREETS)

#: Nobody keeps where somebody set out from: neither browsers nor what stands between.
KEPT_BY_NOBODY = {"Cache-Control": "no-store"}
MOST_MINUTES = 60
MOST_LIMITS = 6
MAROLLES = "4.3456,50.8365"
GRAND_PLACE = "4.3525,50.8467"


def _on_earth(place: LonLat) -> LonLat:
    if not (-180 <= place.lon <= 180 and -90 <= place.lat <= 90):
        raise PydanticCustomError("point_on_earth", "longitude, latitude")
    return place


Place = Annotated[LonLat, AfterValidator(_on_earth)]


class Ends(Parameters):
    """Where a walk begins and ends."""

    origin: Place = Field(alias="from", description="lon,lat in degrees (EPSG:4326)")
    to: Place | None = Field(None, description="lon,lat in degrees; or else `to_service`")
    to_service: UUID | None = Field(None, description="Id of a service: the nearest of its places")


class Walking(Parameters):
    """Who walks, and when."""

    walker: Walker = Field(Walker.ADULT, description="Who walks")
    evening: bool = Field(False, description="Over no way that is known to be unlit")


class Limits(Parameters):
    """How far."""

    minutes: tuple[Annotated[float, Field(gt=0, le=MOST_MINUTES)], ...] = Field(
        (5, 10, 15), min_length=1, max_length=MOST_LIMITS, description="Minutes on foot, with commas"
    )


@router.get(
    "/route",
    response_model=Walk,
    openapi_extra=document(Ends, Walking, example={"from": MAROLLES, "to": GRAND_PLACE}),
)
async def route(request: Request, reader: ReaderDep, viewer: ViewerDep, streets: StreetsDep) -> Response:
    """Return the quickest walk to a place or a service: a line, legs in plain words, and what to know of it.

    The way back is told where it takes longer or climbs. Steps, slopes, cobbles and light are told where
    the map of the streets tells them.
    """
    ends, walking = read(request, Ends, Walking)
    how: dict[str, Any] = {"walker": walking.walker, "evening": walking.evening}
    if ends.to_service and not ends.to:
        walk = await tell_route_to_service(reader, streets, ends.origin, ends.to_service, viewer, **how)
    elif ends.to and not ends.to_service:
        walk = await tell_route(reader, streets, ends.origin, [ends.to], **how)
    else:
        raise BadParameters([{"loc": ("to",), "type": "one_destination"}])
    return JSONResponse(walk.as_json(), headers=KEPT_BY_NOBODY)


@router.get(
    "/isochrone",
    response_model=ReachCollection,
    openapi_extra=document(
        Origin, Limits, Walking, example={"lon": 4.3456, "lat": 50.8365, "minutes": [5, 10, 15]}
    ),
)
async def isochrone(request: Request, reader: ReaderDep, streets: StreetsDep) -> Response:
    """Return the areas within some minutes on foot, as GeoJSON: along the streets, no circles."""
    origin, limits, walking = read(request, Origin, Limits, Walking)
    reach = await tell_isochrone(
        reader,
        streets,
        LonLat(origin.lon, origin.lat),
        limits.minutes,
        walking.walker,
        evening=walking.evening,
    )
    return JSONResponse(reach.as_json(), headers=KEPT_BY_NOBODY)


@router.get("/network", response_model=StreetNetwork, openapi_extra=document())
async def network(request: Request, reader: ReaderDep, streets: StreetsDep) -> Response:
    """Return which streets minutes are measured on, of which day, and who walks on them how fast."""
    read(request)
    found = await streets.required(reader)
    speeds = {walker: facts.speed_m_per_min for walker, facts in read_walkers().items()}
    return JSONResponse(
        tell_network(found)
        | {
            "nodes": found.node_count,
            "edges": found.edge_count,
            "parts": int(found.node_part.max()) + 1,
            "length_km": round(float(found.edge_length_m.sum()) / 1000, 1),
            "walkers": [
                {"walker": walker, "name": asdict(WALKERS[walker]), "speed_m_per_min": speed}
                for walker, speed in speeds.items()
            ],
        }
    )
