"""The notice board as a page, and as an Atom feed."""

from __future__ import annotations

import datetime as dt
import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep
from api.pages.choices import zone_choices
from api.pages.frame import frame_of, show
from api.pages.route import PageRoute
from api.parameters import read
from geo.community.notices import list_notices, parse_notice
from geo.queries.notices import NoticeFilters
from geo.vocabulary import Lang
from maps.web.render import render

router = APIRouter(include_in_schema=False, route_class=PageRoute)

MOST = 100


@router.get("/{lang}/notices")
async def board(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the notices that run today, for all or for one zone."""
    (filters,) = read(request, NoticeFilters)
    page = await list_notices(reader, filters, viewer, limit=MOST)
    return await show(
        request,
        reader,
        "notices/list.html",
        lang,
        section="notices",
        notices=[parse_notice(each) for each in json.loads(page.items)],
        zone=filters.zone or "",
        zones=await zone_choices(request, reader, lang),
    )


@router.get("/{lang}/notices.atom")
async def feed(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the notices that run today as an Atom feed (RFC 4287)."""
    (filters,) = read(request, NoticeFilters)
    page = await list_notices(reader, filters, viewer, limit=MOST)
    notices = [parse_notice(each) for each in json.loads(page.items)]
    moments = [each.published_at or each.changed_at for each in notices]
    xml = render(
        "notices/feed.xml",
        lang,
        base_url=frame_of(request, None).base_url,
        zone=filters.zone or "",
        notices=notices,
        updated=max(moments, default=dt.datetime.fromtimestamp(0, dt.UTC)),
    )
    headers = {"Content-Language": lang, "Cache-Control": "no-cache"}
    return Response(xml, headers=headers, media_type="application/atom+xml")
