"""What a team says of an activity, typed and bounded; the verbs check what only the database knows."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NaiveDatetime, model_validator
from pydantic_core import PydanticCustomError

from geo.community.recurrence import Recurrence
from geo.community.texts import Content, Line, MailAddress, Phone, Stories, Titles, WebAddress
from geo.queries.services import Code, ZoneName
from geo.vocabulary import Audience, LonLat

Dates = Annotated[tuple[NaiveDatetime, ...], Field(max_length=200)]


class ActivityDraft(Content):
    """What a team says of an activity. Times are civil times in Brussels."""

    title: Titles
    description: Stories = Stories()
    organization_id: uuid.UUID | None = None
    themes: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    audiences: Annotated[tuple[Audience, ...], Field(max_length=14)] = ()
    languages: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    starts_at: NaiveDatetime = Field(description="First time, civil time in Brussels, without an offset")
    duration_minutes: int = Field(ge=1, le=1440)
    rrule: Annotated[str, Field(max_length=300)] | None = Field(None, description="RFC 5545, without DTSTART")
    exdates: Dates = ()
    rdates: Dates = ()
    skips_holidays: bool = Field(False, description="The rule leaves Belgian public holidays out")
    is_free: bool | None = None
    price_eur: Decimal | None = Field(None, ge=0, le=1000, max_digits=6, decimal_places=2)
    registration: Literal["none", "recommended", "required"] = "none"
    contact_phone: Phone = None
    contact_email: MailAddress = None
    website: WebAddress = None
    wheelchair: Literal["yes", "limited", "no"] | None = None
    place_name: Titles = Titles()
    address: Line = None
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    zone: ZoneName | None = Field(None, description="Where no point is known: a zone such as quartier:36")

    @model_validator(mode="after")
    def _has_title_and_place(self) -> ActivityDraft:
        if not self.title:
            raise PydanticCustomError("missing", "title")
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("value_error", "lon, lat", {"error": "lon and lat go together"})
        return self

    @property
    def point(self) -> LonLat | None:
        """Return where it takes place."""
        return LonLat(self.lon, self.lat) if self.lon is not None and self.lat is not None else None

    @property
    def recurrence(self) -> Recurrence:
        """Return when it takes place, unchecked."""
        return Recurrence(
            self.starts_at,
            self.duration_minutes,
            self.rrule,
            self.exdates,
            self.rdates,
            skips_holidays=self.skips_holidays,
        )
