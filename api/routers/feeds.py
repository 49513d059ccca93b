"""iCalendar feeds: one activity, or all of a zone or theme, for calendars that come back by themselves."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, ViewerDep
from api.pages.frame import frame_of, read_shelf
from api.parameters import PathId, document, read
from api.schemas.common import PROBLEMS
from geo.community.agenda import ActivityTold, list_activities, read_activity
from geo.community.calendar import changed_at, write_calendar
from geo.db.reads import Reader
from geo.directory.schedules import BRUSSELS
from geo.errors import NotFound
from geo.queries.activities import ActivityFilters
from geo.territory.zones import read_zone
from geo.vocabulary import Lang, Text, Viewer, ZoneKind, ZoneRef
from maps.web.i18n import read_text, translate

router = APIRouter(tags=["activities"], responses=PROBLEMS)

CALENDAR = "text/calendar"
#: Past dates that a subscriber still gets, and activities at most.
PAST_DAYS = 30
MOST = 1000
THEME = "theme"

_FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {CALENDAR: {}}, "description": "An iCalendar file"},
    304: {"description": "Not changed"},
}
Kind = Annotated[
    str, Path(pattern="^[a-z]{3,10}$", description="A kind of zone, or theme", examples=["quartier"])
]
ActivityId = Annotated[uuid.UUID, Path(description="Id of the activity")]


@router.get(
    "/activities/{activity_id}.ics", response_class=Response, responses=_FEED, openapi_extra=document()
)
async def activity_feed(
    activity_id: ActivityId, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return one activity as iCalendar, with its rule, exceptions and cancelled dates."""
    read(request)
    activity = await read_activity(reader, activity_id, viewer)
    lang = _language(request)
    return await _answer(request, reader, [activity], read_text(activity.title, lang), lang)


@router.get("/calendar/{kind}/{code}.ics", response_class=Response, responses=_FEED, openapi_extra=document())
async def calendar_feed(
    kind: Kind, code: PathId, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return the activities of a zone (`quartier`, `commune` …) or of a `theme` as iCalendar."""
    read(request)
    lang = _language(request)
    name, filters = await _subject(request, reader, viewer, kind, code)
    since = dt.datetime.now(BRUSSELS).date() - dt.timedelta(days=PAST_DAYS)
    page = await list_activities(
        reader, filters.model_copy(update={"from": since}), viewer, limit=MOST, dates=0
    )
    title = translate(lang, "Activities · %(name)s", name=read_text(name, lang))
    return await _answer(request, reader, page.activities(), title, lang)


async def _subject(
    request: Request, reader: Reader, viewer: Viewer, kind: str, code: str
) -> tuple[Text, ActivityFilters]:
    """Return what the calendar is of: its name, and the filter that holds it."""
    if kind == THEME:
        theme = (await read_shelf(request, reader)).themes.get(code)
        if theme is None:
            raise NotFound(kind=THEME, id=code[:80])
        return theme.name, ActivityFilters(theme=(code,))
    if kind not in set(ZoneKind):
        raise NotFound(kind="calendar", id=kind)
    zone = await read_zone(reader, ZoneRef(ZoneKind(kind), code), viewer)
    return zone.name, ActivityFilters(zone=f"{kind}:{code}")


async def _answer(
    request: Request, reader: Reader, activities: Sequence[ActivityTold], name: str, lang: Lang
) -> Response:
    shelf = await read_shelf(request, reader)
    body = await asyncio.to_thread(
        write_calendar,
        activities,
        name=name,
        lang=lang,
        base_url=frame_of(request, None).base_url,
        themes={code: term.name for code, term in shelf.themes.items()},
        today=dt.datetime.now(BRUSSELS).date(),
    )
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        "Cache-Control": "no-cache",
        "Content-Language": lang,
        "Content-Disposition": 'inline; filename="quartier.ics"',
    }
    changed = changed_at(activities)
    if changed:
        headers["Last-Modified"] = format_datetime(changed.astimezone(dt.UTC), usegmt=True)
    if _is_known(request, headers["ETag"], changed):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=CALENDAR)


def _is_known(request: Request, etag: str, changed: dt.datetime | None) -> bool:
    """Return whether the reader has this state already; a date counts where no tag is given (RFC 9110)."""
    if tags := request.headers.get("if-none-match"):
        known = {each.strip().removeprefix("W/").replace("-gzip", "") for each in tags.split(",")}
        return etag in known or "*" in known
    since = request.headers.get("if-modified-since")
    if not since or not changed:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def _language(request: Request) -> Lang:
    given = request.query_params.get("lang")
    return given if given in ("nl", "en") else "fr"  # type: ignore[return-value]
