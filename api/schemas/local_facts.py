"""Functions, spaces of concertation and notices: answers, and what is sent to register them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import Listing, Texts, ZoneNamed
from geo.community.concertation import SpaceDraft
from geo.community.functions import FunctionDraft
from geo.community.notices import NoticeDraft


class Kind(BaseModel):
    """A kind of function, or a method of concertation."""

    code: str
    name: Texts
    description: Texts


class KindList(Listing):
    """Kinds of functions, or methods."""

    items: list[Kind]


class Carrying(BaseModel):
    """An organization as records name it."""

    id: uuid.UUID
    name: Texts
    website: str | None
    example: bool


class Keeper(BaseModel):
    """The team that keeps a record."""

    id: uuid.UUID
    name: Texts


class Taken(BaseModel):
    """Where a record was taken from."""

    id: str
    name: Texts
    part: str | None = Field(description="Where in it: the number of an action, a page")
    observed_on: dt.date | None


class _Local(BaseModel):
    id: uuid.UUID
    team: Keeper | None
    zones: list[ZoneNamed] = Field(description="The zones that it names; empty: not known")
    status: str
    example: bool
    version: int


class _Sourced(_Local):
    source: Taken | None
    verified_on: dt.date | None
    changed_on: dt.date
    contact_phone: str | None
    contact_email: str | None
    website: str | None
    since: dt.date | None
    until: dt.date | None


class FunctionTold(_Sourced):
    """A function: which, who carries it, where. Never who the person is."""

    kind: Kind
    organization: Carrying | None
    note: Texts
    holders: int | None = Field(description="How many people do it; null: not known")


class FunctionList(Listing):
    """Functions, in the order of their kinds."""

    items: list[FunctionTold]


class MatrixCarrier(BaseModel):
    """Who carries a function in a zone."""

    id: uuid.UUID
    organization: Carrying | None
    whole: bool = Field(description="All of the zone; else some part of it")
    zones: list[ZoneNamed]
    holders: int | None
    since: dt.date | None
    known_on: dt.date
    example: bool


class MatrixCell(BaseModel):
    """What is known of one kind of function in a zone. `nobody_known` does not say that there is nobody."""

    kind: str
    state: Literal["nobody_known", "part", "covered", "overlap", "parts"]
    functions: list[MatrixCarrier]


class MatrixRow(BaseModel):
    """One zone."""

    zone: ZoneNamed
    cells: list[MatrixCell]


class MatrixTold(Listing):
    """Zones by kinds of functions."""

    items: list[MatrixRow]
    kinds: list[Kind]
    unplaced: list[FunctionTold] = Field(description="Functions of which no zone of this kind is known")


class MemberTold(BaseModel):
    """An organization that sits in a space."""

    id: uuid.UUID
    name: Texts
    service_id: uuid.UUID | None = Field(description="A service of it in the directory")
    example: bool


class MeetingTold(BaseModel):
    """A date of a space."""

    id: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    place: str | None
    note: str | None


class SpaceTold(_Sourced):
    """A space of concertation."""

    method: Kind
    name: Texts
    summary: Texts
    carrier: Carrying | None
    members: list[MemberTold]
    dates: list[MeetingTold] = Field(description="Dates that are not over")
    themes: list[str]
    participants: str | None
    meetings_a_year: int | None
    facts_of: str | None
    changed_at: dt.datetime


class SpaceList(Listing):
    """Spaces of concertation, in the order of their methods."""

    items: list[SpaceTold]


class NoticeTold(_Local):
    """A notice that runs."""

    title: Texts
    body: Texts
    url: str | None
    organization: Carrying | None
    starts_on: dt.date
    ends_on: dt.date
    published_at: dt.datetime | None
    changed_at: dt.datetime


class NoticeList(Listing):
    """Notices that run today, the newest first."""

    items: list[NoticeTold]


class NewFunction(FunctionDraft):
    """A function to register for a team; `id` makes sending it twice harmless."""

    id: uuid.UUID | None = None
    team_id: uuid.UUID | None = Field(None, description="The team that keeps it")


class NewSpace(SpaceDraft):
    """A space to register for a team; `id` makes sending it twice harmless."""

    id: uuid.UUID | None = None
    team_id: uuid.UUID | None = Field(None, description="The team that keeps it")


class NewNotice(NoticeDraft):
    """A notice to send in; `id` makes sending it twice harmless."""

    id: uuid.UUID | None = None
    team_id: uuid.UUID | None = Field(None, description="The team in whose name it is, if any")


class Written(BaseModel):
    """A record after a write: where it stands now."""

    model_config = ConfigDict(extra="forbid")

    id: uuid.UUID
    status: str
    waits_because: str | None = Field(description="Why a moderator has to look first")
    version: int
