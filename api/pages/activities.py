"""What the public pages of activities show: the week near a place, one activity, a month."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from markupsafe import Markup
from pydantic import Field
from starlette.requests import Request

from api.pages.choices import audience_choices
from api.pages.frame import frame_of, read_shelf
from api.pages.queries import FinderQuery
from api.pages.stills import SMALL_PX, still_of_pins
from api.pages.whereabouts import Whereabouts, locate
from geo.access.destinations import Destinations, Footing
from geo.community.agenda import ActivityTold, Agenda, read_activity, read_agenda, upcoming
from geo.community.rhythm import describe
from geo.db.reads import Reader
from geo.directory.schedules import BRUSSELS
from geo.errors import OutsideRegion
from geo.queries.activities import ActivityFilters
from geo.territory.zones import read_zone
from geo.vocabulary import Audience, Lang, Viewer, ZoneKind, ZoneRef
from geo.words import AUDIENCES
from maps.still import Pin
from maps.web.agenda_views import by_day, feed_links, month_page
from maps.web.agenda_words import agenda_words
from maps.web.i18n import read_text, translate

SHOWN = 200
SHOWN_DATES = 10


class AgendaQuery(FinderQuery):
    """A search for activities near a place, for a week or a month."""

    audience: Annotated[tuple[Audience, ...], Field(max_length=14)] = ()
    days: Annotated[Literal["7", "31"], Field()] = "7"
    since: dt.date | None = None

    def agenda_filters(self, zone: str | None) -> ActivityFilters:
        """Return what geo is asked; what is not ticked is not asked."""
        return ActivityFilters(
            q=self.q,
            theme=self.theme,
            language=self.language,
            audience=self.audience,
            free=self.free or None,
            wheelchair=self.wheelchair or None,
            zone=zone,
        )


@dataclass(frozen=True, slots=True)
class AgendaForm:
    """The form of the agenda as it was filled in."""

    query: AgendaQuery
    where: Whereabouts
    first: dt.date
    days: int
    is_private: bool

    @property
    def last(self) -> dt.date:
        """Return the last day shown."""
        return self.first + dt.timedelta(days=self.days - 1)


def today() -> dt.date:
    """Return the civil day in Brussels."""
    return dt.datetime.now(BRUSSELS).date()


async def agenda(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, query: AgendaQuery, *, private: bool
) -> dict[str, Any]:
    """Return the context of the agenda; a place that is unknown or outside is told, not raised."""
    where = await locate(reader, query, lang)
    form = AgendaForm(query, where, query.since or today(), int(query.days), private)
    found = Agenda([], Footing())
    if not where.problem:
        try:
            found = await _find(reader, request.app.state.destinations, viewer, form)
        except OutsideRegion:
            form = replace(form, where=replace(where, point=None, problem="outside-region"))
    shelf = await read_shelf(request, reader)
    return {
        "form": form,
        "days": list(by_day(found.items)),
        "total": len(found.items),
        "footing": found.footing,
        "groups": shelf.groups,
        "audiences": audience_choices(lang),
        **agenda_words(lang),
        "choices": [
            replace(each, href=each.href.replace(f"/{lang}/?", f"/{lang}/activities?"))
            for each in where.choices
        ],
    }


async def _find(reader: Reader, destinations: Destinations, viewer: Viewer, form: AgendaForm) -> Agenda:
    # A zone is meant as it is asked for; a place is a point, whatever zone it lies in.
    filters = form.query.agenda_filters(form.where.zone)
    origin = None if form.where.zone else form.where.point
    return await read_agenda(
        reader,
        filters,
        viewer,
        days=form.days,
        today=form.first,
        origin=origin,
        limit=SHOWN,
        walker=form.query.walker,
        destinations=destinations,
    )


async def detail(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, activity_id: uuid.UUID
) -> dict[str, Any]:
    """Return the context of the page of one activity.

    Raises
    ------
    NotFound
        If there is none that this viewer may see.
    """
    activity = await read_activity(reader, activity_id, viewer, dates=SHOWN_DATES)
    return {
        "activity": activity,
        "rhythm": describe(activity.recurrence, lang, today()),
        **agenda_words(lang),
        "audience_words": AUDIENCES,
        "still": await _still(reader, lang, activity),
        "feed": feed_links(frame_of(request, None).base_url, f"/activities/{activity.id}.ics", lang),
    }


async def _still(reader: Reader, lang: Lang, activity: ActivityTold) -> Markup | None:
    if not activity.point:
        return None
    title = read_text(activity.title, lang)
    pin = Pin(1, activity.point, "local", title)
    told = translate(lang, "Map: where %(title)s takes place.", title=title)
    return await still_of_pins(reader, lang, [pin], None, told, size_px=SMALL_PX)


async def month(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, ref: ZoneRef, first: dt.date
) -> dict[str, Any]:
    """Return the context of the calendar of a zone in the month that begins on `first`.

    Raises
    ------
    UnknownZone
        If there is no such zone today.
    """
    page = month_page(first, ())
    filters = ActivityFilters.model_validate({"zone": str(ref), "from": page.first, "to": page.last})
    zone = await read_zone(reader, ref, viewer)  # first: a zone that isn't there is told before anything
    items = await upcoming(reader, filters, viewer, limit=1000)
    path = f"/calendar/{ref.kind.value}/{ref.code}.ics"
    return {
        "zone": zone,
        "month": month_page(first, items),
        "total": len(items),
        "has_examples": any(each.activity.example for each in items),
        **agenda_words(lang),
        "feed": feed_links(frame_of(request, None).base_url, path, lang),
    }


#: Kinds of zones that have a calendar page.
CALENDARS = frozenset(ZoneKind) - {ZoneKind.SCENARIO, ZoneKind.SECTEUR}
