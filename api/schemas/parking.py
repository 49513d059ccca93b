"""Parking+: what lenders type, and what carers are told."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.common import Listing
from geo.community.parking_hours import WORKDAYS, LentHours
from geo.community.texts import Content, MailAddress, Passage, Title

Day = Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


class Terms(Content):
    """When a place may be used, and what carers must know."""

    hours: Literal["always", "workdays", "chosen"] = "always"
    days: Annotated[tuple[Day, ...], Field(max_length=7)] = ()
    opens_at: dt.time | None = None
    closes_at: dt.time | None = None
    conditions: Passage = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the fields that the choice of own hours leaves open."""
        if self.hours != "chosen":
            return ()
        return tuple(name for name in ("days", "opens_at", "closes_at") if getattr(self, name) in (None, ()))

    @property
    def opening_hours(self) -> str | None:
        """Return the hours in OSM syntax; None: at any time."""
        if self.hours == "workdays":
            return WORKDAYS.written()
        if self.opens_at is None or self.closes_at is None or self.hours == "always":
            return None
        return LentHours(self.days, self.opens_at, self.closes_at).written()


class Where(Content):
    """Where the place is: its address, and the point that was found for it or shown on the map."""

    kind: Literal["point"] = "point"
    address: Title = None
    at: Annotated[str, Field(max_length=120)] | None = None
    geometry: dict[str, Any] | None = None


class Lending(Terms):
    """The form of a lender."""

    place: uuid.UUID
    where: Where
    email: MailAddress = None


class Pausing(Content):
    """Until when a lender pauses."""

    until: dt.date | None = None


class Lender(Content):
    """Who wants their links again."""

    email: MailAddress = None


class Opening(BaseModel):
    """Whether the place may be used at the moment asked about."""

    is_open: bool | None
    closes_at: dt.datetime | None
    opens_at: dt.datetime | None


class LentItem(BaseModel):
    """A place lent to carers on home visits."""

    id: uuid.UUID
    address: str
    conditions: str | None
    opening_hours: str | None = Field(description="OSM syntax, Europe/Brussels; null: at any time")
    lon: float
    lat: float
    example: bool = Field(description="True for fictional records")
    open: Opening
    distance_m: int | None = Field(description="Metres in a straight line; null in lists")


class LentList(Listing):
    """A list of places lent."""

    items: list[LentItem]
