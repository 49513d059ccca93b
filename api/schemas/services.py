"""Services as the API tells them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import MINUTES, Footing, Listing, Texts, ZoneNamed


class Named(BaseModel):
    """A record with its name."""

    id: uuid.UUID | None
    name: Texts


class Address(BaseModel):
    """Where it is, in both languages of Brussels."""

    street: Texts
    postal_code: str | None
    city: Texts


class Open(BaseModel):
    """Whether it is open; `is_open` is null when nobody knows."""

    is_open: bool | None
    closes_at: dt.datetime | None
    opens_at: dt.datetime | None
    text: Texts | None = Field(None, description="The same in words; in the detail of a service only")


class ServiceItem(BaseModel):
    """One service at one place."""

    id: uuid.UUID
    location_id: uuid.UUID | None
    name: Texts
    organization: Named
    summary: Texts
    theme: str = Field(description="Code of the main theme")
    group: str = Field(description="Code of its group")
    themes: list[str] = Field(description="Codes of all themes and their groups")
    address: Address
    phone: str | None
    website: str | None
    lon: float | None
    lat: float | None
    disclosure: str = Field(description="exact, zone or none: how precisely the place may be told")
    languages: list[str]
    is_free: bool | None
    is_low_threshold: bool | None
    papers_required: bool | None
    has_interpreter: bool | None
    wheelchair: str | None = Field(description="yes, limited, no; null when nobody knows")
    open: Open
    source: str
    observed_on: dt.date | None = Field(description="When the source saw it")
    verified_on: dt.date | None = Field(description="When somebody confirmed it")
    verified_by: str | None
    to_check: bool = Field(description="Nobody saw it for three years")
    example: bool = Field(description="Fictional")


class ServiceNear(ServiceItem):
    """A service with its distance."""

    distance_m: int = Field(description="Metres in a straight line")
    walk_minutes: int | None = Field(description=MINUTES)
    estimated: bool = Field(description="True where no streets are loaded, or none are near the origin")


class Facets(BaseModel):
    """How many services each further filter would leave."""

    theme: dict[str, int]
    language: dict[str, int]
    free: int
    low_threshold: int
    no_papers: int
    wheelchair: int
    open_at: int = Field(description="Open now")


class ServiceList(Listing):
    """A page of services."""

    items: list[ServiceItem]
    facets: Facets | None = None


class ServiceNearbyList(Footing, Listing):
    """The nearest services."""

    items: list[ServiceNear]


class Place(ServiceItem):
    """A place of a service, with its hours and access."""

    schedules: list[dict[str, Any]]
    phones: list[dict[str, Any]]
    zones: list[ZoneNamed]
    accessibility: Texts | None
    transportation: Texts | None


class ServiceDetail(BaseModel):
    """All that is known of one service."""

    model_config = ConfigDict(extra="allow")

    id: uuid.UUID
    name: Texts
    alternate_name: str | None
    summary: Texts
    description: Texts
    organization: dict[str, Any] | None
    themes: list[dict[str, Any]]
    application_process: Texts
    eligibility: Texts
    minimum_age: int | None
    maximum_age: int | None
    fees: Texts
    costs: list[dict[str, Any]]
    required_documents: list[Texts]
    languages: list[str]
    is_free: bool | None
    is_low_threshold: bool | None
    papers_required: bool | None
    has_interpreter: bool | None
    url: str | None
    email: str | None
    phones: list[dict[str, Any]]
    status: str
    places: list[Place]
    source: dict[str, Any]
    source_key: str
    observed_on: dt.date | None
    fetched_on: dt.date | None
    verified_on: dt.date | None
    verified_by: str | None
    example: bool
    version: int


class ServiceOnLevel(ServiceItem):
    """A service that a level offers; without a distance where its place is not told, or it has none."""

    distance_m: int | None = Field(description="Metres in a straight line")
    walk_minutes: int | None = Field(description=MINUTES)
    estimated: bool


class Unmet(BaseModel):
    """A near service that answers the need but not all that was asked, and why."""

    service: ServiceOnLevel
    reasons: list[Texts]


class Level(BaseModel):
    """What one level of responsibility can answer; counts include the levels below."""

    role: str = Field(description="quartier, meso or region")
    zone: ZoneNamed
    count: int = Field(description="How many serve the need and all constraints")
    count_any: int = Field(description="How many answer the need, constraints left aside")
    nearest: list[ServiceOnLevel]
    unmet: list[Unmet]
    text: Texts


class Orientation(Footing):
    """The step-up answer, lowest level first."""

    levels: list[Level]
    lowest: str | None = Field(description="The lowest level that can serve")
    near_limit: list[ZoneNamed] = Field(description="Neighbours whose generalised limit is within 150 m")
    estimated: bool
