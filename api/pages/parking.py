"""What the pages of Parking+ show: the lender's form, the lender's page, the places near a carer's visit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from uuid6 import uuid7

from api.errors import N_
from api.forms import FORM_FAULTS, Form, Values, parse_form
from api.pages.frame import keep, show
from api.pages.project_form import find_places
from api.pages.stills import still_of_pins, still_of_region
from api.pages.whereabouts import is_called
from api.schemas.parking import Lending, Terms
from geo.community.lent_places import LentPlace, find_lent_near
from geo.community.parking import Offer
from geo.community.parking_hours import DAYS, WORKDAYS, read_hours
from geo.community.texts import Content, Title
from geo.db.reads import Reader
from geo.directory.places import PlaceHit, read_place, search_places
from geo.directory.schedules import BRUSSELS
from geo.errors import OutsideRegion
from geo.layers.parking import layer
from geo.models.parking import ParkingPlace
from geo.vocabulary import Lang, LonLat, Text, Viewer
from maps.still import Pin
from maps.web.i18n import read_text, translate

#: The group whose colour and icon the pins of places have.
GROUP = "home"
OFFERED = 6
OUTSIDE = N_("This place lies outside the Brussels Region.")
NOT_A_POINT = N_("Please show the place on the map again.")


def new_lending() -> Form[Lending]:
    """Return an empty form. It has the id of its place, so that sending it twice lends one place."""
    return Form({"place": (str(uuid7()),), "hours": ("always",)})


async def read_lending(reader: Reader, values: Values, lang: Lang) -> tuple[Form[Lending], dict[str, Any]]:
    """Return the lender's form with its address found on the ground, else the places to choose from."""
    values, context, faults = await find_places(reader, {**values, "where_kind": ("point",)}, lang)
    form = parse_form(await _with_town(reader, values, lang), Lending, lang)
    if form.model is not None:
        needed = {"where_address": form.model.where.address, "email": form.model.email}
        missing = [name for name, given in needed.items() if not given]
        faults = _unanswered([*missing, *form.model.missing], lang) | faults
    if form.model is not None and not faults and _point_of(form.model) is None:
        faults = {"where_address": translate(lang, NOT_A_POINT)}
    return (form.refuse(faults) if faults else form), context


def read_terms(values: Values, lang: Lang) -> Form[Terms]:
    """Return the hours and conditions that a lender changes."""
    form = parse_form(values, Terms, lang)
    faults = _unanswered(form.model.missing, lang) if form.model else {}
    return form.refuse(faults) if faults else form


def offer_of(lending: Lending) -> Offer:
    """Return what a form without faults offers."""
    point = _point_of(lending)
    assert point is not None and lending.where.address is not None  # `read_lending` saw to it
    return Offer(lending.where.address, point, lending.opening_hours, lending.conditions)


def terms_of(place: ParkingPlace) -> Form[Terms]:
    """Return the form that shows the hours and conditions of a place."""
    hours, values = read_hours(place.opening_hours), {"conditions": (place.conditions or "",)}
    if place.opening_hours is None:
        return Form({**values, "hours": ("always",)})
    if hours == WORKDAYS:
        return Form({**values, "hours": ("workdays",)})
    if hours is None:
        return Form({**values, "hours": ("chosen",)})
    times = {"opens_at": (f"{hours.opens_at:%H:%M}",), "closes_at": (f"{hours.closes_at:%H:%M}",)}
    return Form({**values, **times, "hours": ("chosen",), "days": hours.days})


async def show_lending(
    request: Request, reader: Reader, lang: Lang, form: Form[Lending], **context: Any
) -> Response:
    """Return the page of the lender's form."""
    shown: dict[str, Any] = {"place_hits": (), "days": DAYS, **context}
    return await show(request, reader, "parking/lend.html", lang, private=True, form=form, **shown)


async def show_lender(
    request: Request, reader: Reader, lang: Lang, place: ParkingPlace, token: str, **context: Any
) -> Response:
    """Return the lender's page of one place."""
    today = dt.datetime.now(BRUSSELS).date()
    shown: dict[str, Any] = {"form": terms_of(place), "pausing": Form(), "done": "", **context}
    facts: dict[str, Any] = {
        "place": place,
        "token": token,
        "days": DAYS,
        "tomorrow": today + dt.timedelta(days=1),
    }
    return await show(request, reader, "parking/lender.html", lang, private=True, **facts, **shown)


class Asked(Content):
    """Where a carer goes, and when; sent in the body of a request, so that it stays nowhere."""

    place: Title = None
    at: Annotated[str, Field(max_length=120)] | None = None
    choice: Annotated[str, Field(max_length=120)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    when: dt.datetime | None = None

    @property
    def point(self) -> LonLat | None:
        """Return the position of the device, if it was sent."""
        return None if self.lon is None or self.lat is None else LonLat(self.lon, self.lat)

    @property
    def moment(self) -> dt.datetime | None:
        """Return the moment in Brussels; None: now."""
        return self.when.replace(tzinfo=BRUSSELS) if self.when else None


@dataclass(frozen=True, slots=True)
class Found:
    """Where the carer goes as it was understood, and the places lent near there."""

    name: str = ""
    at: str | None = None
    origin: LonLat | None = None
    others: tuple[PlaceHit, ...] = ()
    places: tuple[LentPlace, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the map's legend."""

    code: str
    name: Text


async def show_places(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, form: Form[Asked]
) -> Response:
    """Return the carers' page: the question, and the places near where they go."""
    found = await _find(reader, viewer, lang, form.model or Asked())
    pins = [Pin(n, each.point, GROUP, each.address) for n, each in enumerate(found.places, 1)]
    told = translate(lang, "Map of %(count)s places; the list beside it says the same.", count=len(pins))
    if found.origin:
        still = await still_of_pins(reader, lang, pins, found.origin, told)
    else:
        still = await keep(request, f"region-{lang}", lambda: still_of_region(reader, lang))
    return await show(
        request,
        reader,
        "parking/search.html",
        lang,
        section="parking",
        private=True,
        form=form,
        found=found,
        still=still,
        legend=[Mark(GROUP, layer.title)],
        attribution="© OpenStreetMap",
    )


async def _find(reader: Reader, viewer: Viewer, lang: Lang, asked: Asked) -> Found:
    found = await _locate(reader, asked, lang)
    if found.origin is None:
        return found
    try:
        places = await find_lent_near(reader, found.origin, viewer, moment=asked.moment)
    except OutsideRegion:
        return Found(found.name, problem="outside-region")
    return Found(found.name, found.at, found.origin, found.others, places)


async def _locate(reader: Reader, asked: Asked, lang: Lang) -> Found:
    if asked.point:
        return Found(origin=asked.point)
    for id_ in filter(None, (asked.choice, asked.at)):
        hit = await read_place(reader, id_)
        if id_ == asked.choice or is_called(hit.name, asked.place or ""):
            return _there(hit, lang)
    if not asked.place:
        return Found()
    hits = [
        hit for hit in await search_places(reader, asked.place, lang, limit=OFFERED) if hit.lon is not None
    ]
    if not hits:
        return Found(asked.place, problem="unknown-place")
    first = _there(hits[0], lang)
    return Found(first.name, first.at, first.origin, tuple(hits[1:]))


def _there(hit: PlaceHit, lang: Lang) -> Found:
    origin = LonLat(hit.lon, hit.lat) if hit.lon is not None and hit.lat is not None else None
    return Found(read_text(hit.name, lang), hit.id, origin)


def _point_of(lending: Lending) -> LonLat | None:
    match lending.where.geometry:
        case {"type": "Point", "coordinates": [float() | int() as lon, float() | int() as lat]}:
            return LonLat(float(lon), float(lat))
    return None


def _unanswered(names: list[str] | tuple[str, ...], lang: Lang) -> dict[str, str]:
    needed = FORM_FAULTS["missing"]
    return {name: translate(lang, needed) for name in names}


async def _with_town(reader: Reader, values: Values, lang: Lang) -> Values:
    """Add the town to an address whose street was chosen from a list: carers must tell it from namesakes."""
    at, address = (next(iter(values.get(f"where_{name}", ())), "") for name in ("at", "address"))
    if not at or not values.get("where_geometry"):
        return values
    town = read_text((await read_place(reader, at)).detail, lang)
    if not town or town in address:
        return values
    return {**values, "where_address": (f"{address}, {town}",)}
