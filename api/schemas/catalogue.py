"""Themes, sources and places as the API tells them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.common import Listing, Texts
from geo.directory.corrections import MAX_MESSAGE, Reason, Subject


class Theme(BaseModel):
    """A theme, or a group of themes (then `group` is null)."""

    code: str
    group: str | None
    name: Texts
    icon: str
    colour: str
    rank: int


class ThemeList(Listing):
    """All themes and groups."""

    items: list[Theme]


class Source(BaseModel):
    """A data set that facts were taken from."""

    id: str
    name: Texts
    publisher: str
    url: str | None
    licence: str
    licence_url: str | None
    attribution: str
    covers: str | None
    observed_on: dt.date | None
    fetched_on: dt.date | None
    share_alike: bool
    example: bool


class SourceList(Listing):
    """All sources."""

    items: list[Source]


class Place(BaseModel):
    """A place found by its name."""

    id: str = Field(description="For example street:…, zone:quartier:36, postcode:1000")
    kind: Literal["zone", "postcode", "stop", "service", "street", "address"]
    name: Texts
    detail: Texts
    lon: float | None
    lat: float | None
    precision: str = Field(description="address, street, zone or point")
    number_unknown: bool = Field(description="The house number is not known; this is its street")
    score: float


class PlaceList(Listing):
    """Places, the likeliest first."""

    items: list[Place]


#: What a reader writes: not empty, and nothing that PostgreSQL refuses in a text.
Message = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_MESSAGE, pattern=r"^[^\x00]*$"),
]


class NewCorrection(BaseModel):
    """A report that a record is wrong. Please name no person."""

    model_config = ConfigDict(extra="forbid")

    subject: Subject
    subject_id: uuid.UUID
    reason: Reason
    message: Message


class Correction(BaseModel):
    """The report as kept for a moderator."""

    id: uuid.UUID
    status: Literal["received"] = "received"
