"""Zones: in a list, at a point, one in full."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing, raw_json
from api.dependencies import LangDep, ReaderDep, ViewerDep
from api.kept import KEPT, keep
from api.pages.frame import read_shelf
from api.parameters import Origin, Paging, Parameters, PathId, document, read
from api.schemas.common import PROBLEMS
from api.schemas.zones import ZoneDetail, ZoneList, ZoneProfile, ZonesHere
from geo.queries.services import Edition, Words
from geo.territory.figures.profile import profile_json, read_profile
from geo.territory.figures.profile_table import write_csv
from geo.territory.zones import list_zones, locate_zones, zone_json
from geo.vocabulary import LonLat, ZoneKind, ZoneRef
from maps.web.i18n import read_text

router = APIRouter(prefix="/api/v1", tags=["zones"], responses=PROBLEMS)

#: Data versions of what is told of zones.
ZONES = ("bassins", "clss", "communes", "meso", "quartiers", "region")
TOLD = (*ZONES, "figures", "services")

Kind = Annotated[ZoneKind, Path(description="Kind of zone", examples=["quartier"])]
Code = Annotated[PathId, Path(description="Code of the zone", examples=["36"])]


class ZoneQuestion(Parameters):
    """Which zones."""

    kind: ZoneKind | None = Field(None, description="Only zones of this kind")
    edition: Edition | None = Field(None, description="An edition; without it, the zones valid today")
    q: Words | None = Field(None, description="Words of the name, in any language; accents and case forgiven")


class EditionAsked(Parameters):
    """Which edition of a zone."""

    edition: Edition | None = Field(None, description="An edition; without it, the one valid today")


@router.get(
    "/zones",
    response_model=ZoneList,
    responses=KEPT,
    openapi_extra=document(ZoneQuestion, Paging, example={"kind": "quartier"}),
)
async def zones(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """List the zones valid today, or those of an edition."""
    asked, paging = read(request, ZoneQuestion, Paging)
    if same := keep(request, viewer, *TOLD):
        return same
    page = await list_zones(
        reader,
        asked.kind,
        asked.q,
        edition=asked.edition,
        limit=paging.limit,
        offset=paging.offset,
        viewer=viewer,
    )
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
    )


@router.get(
    "/zones/at",
    response_model=ZonesHere,
    openapi_extra=document(Origin, example={"lon": 4.3456, "lat": 50.8365}),
)
async def zones_at(request: Request, reader: ReaderDep) -> Response:
    """List the zones of all kinds at a point; near a generalised limit the neighbours are named too."""
    (origin,) = read(request, Origin)
    here = await locate_zones(reader, LonLat(origin.lon, origin.lat))
    return listing(
        request, here.items, matched=here.returned, returned=here.returned, near_limit=here.near_limit
    )


@router.get(
    "/zones/{kind}/{code}", response_model=ZoneDetail, responses=KEPT, openapi_extra=document(EditionAsked)
)
async def zone(kind: Kind, code: Code, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one zone: its parents with shares, neighbours, figures with sources, services by theme."""
    (asked,) = read(request, EditionAsked)
    if same := keep(request, viewer, *TOLD):
        return same
    return raw_json(await zone_json(reader, ZoneRef(kind, code, asked.edition), viewer))


@router.get("/zones/{kind}/{code}/profile", response_model=ZoneProfile, openapi_extra=document(EditionAsked))
async def profile(kind: Kind, code: Code, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one zone and how its figures stand: against its larger zones, its kind, and over the years."""
    (asked,) = read(request, EditionAsked)
    return raw_json(await profile_json(reader, ZoneRef(kind, code, asked.edition), viewer))


@router.get(
    "/zones/{kind}/{code}/profile.csv",
    openapi_extra=document(EditionAsked),
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
async def profile_csv(
    kind: Kind, code: Code, request: Request, reader: ReaderDep, viewer: ViewerDep, lang: LangDep
) -> Response:
    """Return the same as CSV: one row an indicator."""
    (asked,) = read(request, EditionAsked)
    told = await read_profile(reader, ZoneRef(kind, code, asked.edition), viewer)
    shelf = await read_shelf(request, reader)
    sources = {source.id: read_text(source.name, lang) for source in shelf.sources}
    headers = {"Content-Disposition": f'attachment; filename="{kind.value}-{code}.csv"'}
    text = write_csv(told, lang, sources)
    return Response("\ufeff" + text, headers=headers, media_type="text/csv; charset=utf-8")
