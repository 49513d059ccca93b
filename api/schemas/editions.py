"""Editions, levels and crosswalks as the API tells them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import Listing, Texts
from geo.vocabulary import Aggregation, LevelRole, ValueStatus, ZoneKind


class Division(BaseModel):
    """All zones of one kind in one edition."""

    kind: ZoneKind
    edition: str


class EditionListed(Division):
    """A division, and since when and until when it is valid."""

    valid_from: dt.date
    valid_to: dt.date | None = Field(description="The first day on which it is no longer valid")
    state: Literal["past", "current", "future", "withdrawn"] = Field(
        description="withdrawn: taken back before its first day was over"
    )
    origin: Literal["shipped", "official", "scenario"] = Field(
        description="scenario: adopted by a planner's draft"
    )
    source: str
    zones: int
    generalised: bool = Field(description="True while limits are our own approximation")


class LevelListed(BaseModel):
    """The kind that plays a level of responsibility from a day on."""

    role: LevelRole
    kind: ZoneKind
    since: dt.date
    is_current: bool


class EditionList(Listing):
    """All divisions, by kind, the newest first."""

    items: list[EditionListed]
    levels: list[LevelListed] = Field(description="All that levels were given, by level and in time")


class ZoneOfDivision(BaseModel):
    """A zone within a division that is named beside."""

    code: str
    name: Texts


class CrosswalkListed(BaseModel):
    """How the zones of one division lie over those of another."""

    from_: Division = Field(alias="from")
    to: Division
    method: Literal["sectors", "area"] = Field(description="sectors: whole sectors were counted; area: cut")
    uncertain_area: float = Field(description="Share of all ground whose zone is not certain")
    uncertain_population: float | None = Field(description="The same of people; null: not known")
    made_at: dt.datetime


class ShareTold(BaseModel):
    """The share of a zone that lies in another, 0 to 1."""

    from_: ZoneOfDivision = Field(alias="from")
    to: ZoneOfDivision
    share_area: float
    share_population: float | None = Field(description="null: nobody lives there, or it is not known")
    uncertain: float = Field(description="Part of the share that hangs on an inferred or cut sector")


class CrosswalkTold(CrosswalkListed):
    """A crosswalk; with its shares where both divisions are asked for."""

    shares: list[ShareTold] | None = None


class CrosswalkList(Listing):
    """The crosswalk that is asked for, or all that are stored."""

    items: list[CrosswalkTold]


class EstimateTold(ZoneOfDivision):
    """A figure estimated for a zone; null with a status where it can't be."""

    value: float | None
    status: ValueStatus
    uncertain: float = Field(description="Part of it that hangs on ground whose zone is not certain, 0 to 1")


class WeightedBy(BaseModel):
    """The denominator of a rate."""

    indicator: str
    period: str


class EstimateList(BaseModel):
    """An indicator of one division estimated on another, and how."""

    indicator: str
    name: Texts
    unit: str
    period: str
    from_: Division = Field(alias="from")
    to: Division
    rule: Aggregation
    weights: WeightedBy | None = Field(description="Of a rate: what it was weighed by")
    by: Literal["population", "area"] = Field(description="What was shared out")
    method: Literal["sectors", "area"]
    source: str
    items: list[EstimateTold]
