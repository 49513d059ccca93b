"""The form of an activity: questions people can answer, and the draft that follows from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.errors import N_
from api.forms import Form, Values, form_of
from geo.community.activity_draft import ActivityDraft
from geo.community.rhythm import DAYS, Rhythm, build_rule, read_rhythm
from geo.community.texts import Content, Line, MailAddress, Phone, Stories, Titles, WebAddress
from geo.community.working_activities import WorkingActivity
from geo.db.reads import Reader
from geo.directory.places import PlaceHit, read_place, search_places
from geo.errors import ContentRefused, Fault, NotFound
from geo.queries.services import Code, ZoneName
from geo.vocabulary import Audience, Lang, LonLat
from maps.web.i18n import translate

HowOften = Literal["once", "weekly", "monthly_weekday", "monthly_last", "monthly_day", "rule"]
Day = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
SHOWN_HITS = 6
#: A fault of the draft → the question of the form that it answers to.
QUESTIONS = {
    "starts_at": "day",
    "duration_minutes": "ends",
    "rrule": "how_often",
    "exdates": "exceptions",
    "rdates": "additions",
    "is_free": "price",
    "lon": "address",
    "lat": "address",
    "": "title",
}


class ExceptionDay(Content):
    """A day on which it does not take place."""

    day: dt.date


class AddedDay(Content):
    """A day on which it takes place besides, at its own hour or at the usual one."""

    day: dt.date
    begins: dt.time | None = None


class ActivityForm(Content):
    """An activity as its form asks for it."""

    title: Titles = Titles()
    description: Stories = Stories()
    themes: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    audiences: Annotated[tuple[Audience, ...], Field(max_length=14)] = ()
    languages: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    day: dt.date
    begins: dt.time
    ends: dt.time
    how_often: HowOften = "once"
    days: tuple[Day, ...] = ()
    every: int = Field(1, ge=1, le=12)
    until: dt.date | None = None
    rule: Annotated[str, StringConstraints(max_length=300)] | None = None
    exceptions: Annotated[tuple[ExceptionDay, ...], Field(max_length=200)] = ()
    additions: Annotated[tuple[AddedDay, ...], Field(max_length=200)] = ()
    skips_holidays: bool = False
    price: Literal["free", "paid", "unknown"] = "unknown"
    price_eur: Decimal | None = Field(None, ge=0, le=1000, max_digits=6, decimal_places=2)
    registration: Literal["none", "recommended", "required"] = "none"
    contact_phone: Phone = None
    contact_email: MailAddress = None
    website: WebAddress = None
    wheelchair: Literal["yes", "limited", "no"] | None = None
    place_name: Titles = Titles()
    address: Line = None
    zone: ZoneName | None = None

    @property
    def rrule(self) -> str | None:
        """Return the rule that the answers make."""
        if self.how_often in ("once", "rule"):
            return self.rule if self.how_often == "rule" else None
        weekday, place = DAYS[self.day.weekday()], (self.day.day - 1) // 7 + 1
        if self.how_often == "monthly_last" or place > 4:
            place = -1
        kind: Any = "monthly_weekday" if self.how_often == "monthly_last" else self.how_often
        days = (self.days or (weekday,)) if kind == "weekly" else (weekday,)
        rhythm = Rhythm(kind, days, self.every, place, self.day.day, self.until)
        return build_rule(rhythm)

    def to_draft(self, point: LonLat | None) -> ActivityDraft:
        """Return the draft that the answers make.

        Raises
        ------
        ContentRefused
            If the title is missing, or it ends when it begins.
        """
        if not self.title:
            raise ContentRefused(Fault("title", "missing"))
        start = dt.datetime.combine(self.day, self.begins)
        end = dt.datetime.combine(self.day, self.ends)
        if end == start:
            raise ContentRefused(Fault("ends", "duration"))
        end += dt.timedelta(days=1) if end < start else dt.timedelta()  # past midnight
        same = self.model_dump(include=set(ActivityDraft.model_fields) - {"rrule"})
        return ActivityDraft.model_validate(
            {
                **same,
                "starts_at": start,
                "duration_minutes": int((end - start).total_seconds() // 60),
                "rrule": self.rrule,
                "exdates": [dt.datetime.combine(each.day, self.begins) for each in self.exceptions],
                "rdates": [
                    dt.datetime.combine(each.day, each.begins or self.begins) for each in self.additions
                ],
                "is_free": {"free": True, "paid": False, "unknown": None}[self.price],
                "price_eur": self.price_eur if self.price == "paid" else None,
                "lon": point.lon if point else None,
                "lat": point.lat if point else None,
                "zone": None if point else self.zone,
            }
        )


def form_of_work(work: WorkingActivity) -> Form[ActivityForm]:
    """Return the form that shows an activity as it stands."""
    draft, start = work.draft, work.recurrence.starts_at
    rhythm = read_rhythm(work.recurrence)
    how_often = {"monthly_weekday": "monthly_last" if rhythm.place == -1 else "monthly_weekday"}.get(
        rhythm.kind, rhythm.kind
    )
    if rhythm.count:
        how_often = "rule"
    same = draft.model_dump(include=set(ActivityForm.model_fields))
    price = "unknown" if draft.is_free is None else "free" if draft.is_free else "paid"
    answers = {
        **same,
        "day": start.date(),
        "begins": start.time(),
        "ends": (start + dt.timedelta(minutes=draft.duration_minutes)).time(),
        "how_often": how_often,
        "days": rhythm.days if rhythm.kind == "weekly" else (),
        "every": rhythm.every,
        "until": rhythm.until,
        "rule": draft.rrule,
        "exceptions": [{"day": each.date()} for each in draft.exdates],
        "additions": [{"day": each.date(), "begins": each.time()} for each in draft.rdates],
        "price": price,
    }
    form = form_of(ActivityForm.model_validate(answers))
    # Browsers show times without seconds.
    values = {name: tuple(_short(each) for each in texts) for name, texts in form.values.items()}
    return Form(values, form.model)


def _short(text: str) -> str:
    return text[:5] if len(text) == 8 and text[2::3] == "::" else text


@dataclass(frozen=True, slots=True)
class Found:
    """Where the address of a form lies: a point, or what to choose from, or what is wrong with it."""

    point: LonLat | None = None
    hits: tuple[PlaceHit, ...] = ()
    faults: Mapping[str, str] | None = None


async def find_point(reader: Reader, values: Values, known: ActivityDraft | None, lang: Lang) -> Found:
    """Return where what was typed lies. An address that stayed the same keeps its point."""
    address = next(iter(values.get("address", ())), "").strip()
    chosen = next(iter(values.get("at", ())), "")
    if chosen:
        return await _read(reader, chosen)
    if not address:
        same_place = known is not None and known.address is None and not any(values.get("zone", ()))
        return Found(known.point if known and same_place else None)
    if known and known.address == address and (known.point or any(values.get("zone", ()))):
        return Found(known.point)
    hits = [
        each for each in await search_places(reader, address, lang, limit=SHOWN_HITS) if each.lon is not None
    ]
    exact = [each for each in hits if each.precision == "address"]
    if len(exact) == 1 or len(hits) == 1:
        hit = (exact or hits)[0]
        return Found(LonLat(float(hit.lon or 0), float(hit.lat or 0)))
    if any(each.strip() for each in values.get("zone", ())):
        return Found()
    say = (
        N_("Please choose one of the places below.")
        if hits
        else N_("We do not know this address. Check it, or choose the neighbourhood below.")
    )
    return Found(None, tuple(hits), {"address": translate(lang, say)})


async def _read(reader: Reader, place_id: str) -> Found:
    try:
        hit = await read_place(reader, place_id)
    except NotFound:
        return Found()
    return Found(LonLat(hit.lon, hit.lat) if hit.lon is not None and hit.lat is not None else None)


def asked(error: ContentRefused) -> ContentRefused:
    """Return what a verb refused, by the questions of the form instead of the fields of the draft."""
    faults = []
    for fault in error.faults:
        question = "until" if fault.kind == "rule_ends_early" else QUESTIONS.get(fault.field, fault.field)
        faults.append(Fault(question, fault.kind, fault.params))
    return ContentRefused(*faults)
