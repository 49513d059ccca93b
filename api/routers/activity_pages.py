"""The public pages of activities: complete without JavaScript, in three languages."""

from __future__ import annotations

import datetime as dt
import uuid

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep
from api.pages import activities
from api.pages.activities import AgendaQuery
from api.pages.frame import show
from api.pages.queries import read_finder
from api.pages.route import PageRoute
from api.parameters import PathId
from geo.db.reads import Reader
from geo.vocabulary import Lang, Viewer, ZoneKind, ZoneRef

router = APIRouter(include_in_schema=False, route_class=PageRoute)

#: How far the calendar can be turned, in years from this one.
TURNED_YEARS = 2


@router.get("/{lang}/activities")
async def search(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return what takes place this week, near a place where one is given."""
    given = request.query_params.multi_items()
    return await _agenda(request, reader, viewer, lang, read_finder(given, AgendaQuery), private=False)


@router.post("/{lang}/activities/near")
async def near(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return what takes place near the position of a device. It comes in the body and stays nowhere."""
    async with request.form(max_files=0, max_fields=100) as form:
        given = form.multi_items()
    return await _agenda(request, reader, viewer, lang, read_finder(given, AgendaQuery), private=True)


async def _agenda(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, query: AgendaQuery, *, private: bool
) -> Response:
    context = await activities.agenda(request, reader, viewer, lang, query, private=private)
    return await show(
        request, reader, "activities/agenda.html", lang, section="activities", private=private, **context
    )


@router.get("/{lang}/activities/{activity_id}")
async def activity(
    request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang, activity_id: uuid.UUID
) -> Response:
    """Return the page of one activity."""
    context = await activities.detail(request, reader, viewer, lang, activity_id)
    return await show(request, reader, "activities/activity.html", lang, section="activities", **context)


@router.get("/{lang}/calendar/{kind}/{code}")
async def calendar(
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
    lang: Lang,
    kind: ZoneKind,
    code: PathId,
    month: str = "",
) -> Response:
    """Return a month of a zone, to look at and to print."""
    first = _month(month)
    if kind not in activities.CALENDARS or abs(first.year - activities.today().year) > TURNED_YEARS:
        raise HTTPException(404)
    context = await activities.month(request, reader, viewer, lang, ZoneRef(kind, code), first)
    return await show(request, reader, "activities/calendar.html", lang, section="activities", **context)


def _month(written: str) -> dt.date:
    """Return the first day of the month written as `2026-12`; this month where nothing is."""
    if not written:
        return activities.today().replace(day=1)
    try:
        return dt.datetime.strptime(written, "%Y-%m").date()
    except ValueError:
        raise HTTPException(404) from None
