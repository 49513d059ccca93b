"""Activities as the API tells and takes them."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import MINUTES, Footing, Listing, Texts, ZoneNamed
from geo.community.activity_draft import ActivityDraft


class Occurrence(BaseModel):
    """One time that an activity takes place, in UTC."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    is_cancelled: bool = Field(description="Announced, and does not take place after all")


class NamedRecord(BaseModel):
    """A team or an organization by its name."""

    id: uuid.UUID
    name: Texts


class Activity(BaseModel):
    """An activity. Times without an offset are civil times in Brussels."""

    id: uuid.UUID
    title: Texts
    description: Texts
    organization: NamedRecord | None
    team: NamedRecord | None
    themes: list[str] = Field(description="Codes; the first is the main one")
    audiences: list[str]
    languages: list[str]
    starts_at: dt.datetime = Field(description="First time, civil time in Brussels")
    duration_minutes: int
    rrule: str | None = Field(description="RFC 5545; UNTIL is civil time; null: once")
    exdates: list[dt.datetime]
    rdates: list[dt.datetime]
    cancelled: list[dt.datetime]
    skips_holidays: bool
    is_free: bool | None
    price_eur: Decimal | None
    registration: str = Field(description="none, recommended or required")
    contact_phone: str | None
    contact_email: str | None
    website: str | None
    wheelchair: str | None = Field(description="yes, limited, no; null when nobody knows")
    place_name: Texts
    address: str | None
    lon: float | None
    lat: float | None
    zones: list[ZoneNamed] = Field(description="Quartiers and communes where it takes place")
    occurrences: list[Occurrence] = Field(description="The next dates")
    status: str
    example: bool = Field(description="Fictional")
    changed_at: dt.datetime
    version: int


class ActivityListed(Activity):
    """An activity in a list; with a point given, its distance."""

    distance_m: int | None = Field(None, description="Metres in a straight line")
    walk_minutes: int | None = Field(None, description=MINUTES)
    estimated: bool | None = None


class ActivityList(Footing, Listing):
    """A page of activities."""

    items: list[ActivityListed]


class ActivityNew(ActivityDraft):
    """A new activity of a team."""

    id: uuid.UUID | None = Field(None, description="Your own id, so that sending twice keeps one")
    team_id: uuid.UUID


class WorkingActivity(BaseModel):
    """An activity as its team sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    team_id: uuid.UUID | None
    status: str
    version: int
    waits_because: str | None = Field(description="Why a moderator looks first: near_limit, limits_unknown")
    draft: ActivityDraft
    missing_languages: list[str] = Field(description="fr or nl, where the title lacks it")
    may: list[str] = Field(description="Steps that you may take now")


class DateCancelled(BaseModel):
    """Whether one date takes place."""

    model_config = ConfigDict(extra="forbid")

    date: dt.datetime = Field(description="Civil time in Brussels of the date", examples=["2026-12-01T14:00"])
    is_cancelled: bool = True
