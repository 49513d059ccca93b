"""The pages of spaces of concertation: by method, each space, its dates as iCalendar."""

from __future__ import annotations

import json
import uuid

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep
from api.pages.frame import frame_of, show
from api.pages.route import PageRoute
from api.parameters import read
from geo.community.concertation import list_spaces, parse_space, read_methods, read_space
from geo.community.meetings import write_meetings
from geo.queries.concertation import ConcertationFilters
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/{lang}/concertation")
async def by_method(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return all spaces under their methods."""
    (filters,) = read(request, ConcertationFilters)
    page = await list_spaces(reader, filters, viewer, limit=1000)
    spaces = [parse_space(each) for each in json.loads(page.items)]
    methods = await read_methods(reader)
    listed = [(kind, [each for each in spaces if each.method.code == kind.code]) for kind in methods]
    return await show(
        request,
        reader,
        "concertation/list.html",
        lang,
        section="concertation",
        methods=listed,
        filters=filters,
    )


@router.get("/{lang}/concertation/{space_id}.ics")
async def calendar(
    request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang, space_id: uuid.UUID
) -> Response:
    """Return the coming dates of a space as iCalendar."""
    space = await read_space(reader, space_id, viewer)
    address = f"{frame_of(request, None).base_url}/{lang}/concertation/{space_id}"
    name = f'inline; filename="concertation-{space_id}.ics"'
    return Response(
        write_meetings(space, lang, address),
        headers={"Content-Disposition": name},
        media_type="text/calendar; charset=utf-8",
    )


@router.get("/{lang}/concertation/{space_id}")
async def one(
    request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang, space_id: uuid.UUID
) -> Response:
    """Return the page of a space."""
    space = await read_space(reader, space_id, viewer)
    return await show(request, reader, "concertation/space.html", lang, section="concertation", space=space)
