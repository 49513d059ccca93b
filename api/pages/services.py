"""What the page of a service shows."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request

from api.pages import walks
from api.pages.frame import Shelf, frame_of
from api.pages.walks import WalkQuery
from geo.access.destinations import Destinations, Footing
from geo.db.reads import Reader
from geo.directory.detail import Place, ServiceDetail, read_service
from geo.directory.hours import week_table
from geo.directory.items import ServiceItem
from geo.directory.nearby import nearby_json
from geo.directory.search import search_services
from geo.errors import OutsideRegion
from geo.layers.services import layer
from geo.queries.services import ServiceFilters
from geo.vocabulary import Lang, Viewer, ZoneKind
from maps.web.i18n import read_text

BRUSSELS = ZoneInfo("Europe/Brussels")
SHOWN_NEARBY = 3
#: What is farther than this is not "nearby" to somebody on foot.
NEARBY_MINUTES = 30
#: Kinds of zones that a service page names, nearest first.
NAMED = (ZoneKind.QUARTIER, ZoneKind.COMMUNE)
#: A sitemap holds at most 50,000 addresses.
LISTED = 10_000


async def page(
    request: Request,
    reader: Reader,
    viewer: Viewer,
    lang: Lang,
    service_id: uuid.UUID,
    query: WalkQuery,
    *,
    private: bool = False,
) -> dict[str, Any]:
    """Return the context of the service page, with the walk to it that was asked for.

    Raises
    ------
    NotFound
        If there is no such service.
    """
    detail = await read_service(reader, service_id, viewer)
    place = detail.places[0]
    item = place.card
    way = await walks.answer(reader, request.app.state.streets, item, query, lang, private=private)
    still, (nearby, footing) = await asyncio.gather(
        walks.still_of_way(reader, lang, item, way),
        _of_the_same_kind(reader, request.app.state.destinations, viewer, item),
    )
    return {
        "item": item,
        "detail": detail,
        "place": place,
        "week": _week(place, lang),
        "zones": [zone for kind in NAMED for zone in place.zones if zone.kind is kind],
        "way": way,
        "still": still,
        "nearby": nearby,
        "footing": footing,
        "attribution": layer.attribution[0].text,
        "share_words": _words(request, detail, item, lang),
    }


async def _of_the_same_kind(
    reader: Reader, destinations: Destinations, viewer: Viewer, item: ServiceItem
) -> tuple[list[ServiceItem], Footing]:
    if not item.point:
        return [], Footing()
    same = ServiceFilters(theme=(item.theme,))
    most: dict[str, Any] = {"k": SHOWN_NEARBY + 1, "max_minutes": NEARBY_MINUTES}
    try:
        found = await nearby_json(reader, item.point, same, viewer, destinations=destinations, **most)
    except OutsideRegion:  # a service may lie just outside the region that it serves
        return [], Footing()
    return [other for other in found.parsed() if other.id != item.id][:SHOWN_NEARBY], found.footing


def _week(place: Place, lang: Lang) -> tuple[Any, ...]:
    if not place.schedules:
        return ()
    return week_table(place.schedules, dt.datetime.now(BRUSSELS).date(), lang, place.card.point)


def _words(request: Request, detail: ServiceDetail, item: ServiceItem, lang: Lang) -> str:
    """Return what is sent when the service is shared: name, address, telephone, page."""
    street, city = read_text(item.street, lang), read_text(item.city, lang)
    where = ", ".join(part for part in (street, " ".join(filter(None, (item.postal_code, city)))) if part)
    address = f"{frame_of(request, None).base_url}/{lang}/services/{detail.id}"
    return "\n".join(filter(None, (read_text(detail.name, lang), where, item.phone, address)))


async def addresses(reader: Reader, viewer: Viewer, shelf: Shelf) -> list[str]:
    """Return the addresses of all public pages without their language; examples are left out."""
    found = await search_services(reader, ServiceFilters(), viewer, limit=LISTED)
    real = dict.fromkeys(f"/services/{item.id}" for item in found.parsed() if not item.example)
    fixed = ["/", "/zones", "/about", "/sources", "/privacy", "/accessibility"]
    return [*fixed, *(f"/zones/quartier/{zone.code}" for zone in shelf.quartiers), *real]
