"""Gaps, what-ifs and sites as the API tells them, and how they are asked for."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import NetworkTold, Texts, ZoneNamed
from geo.access.siting.siting import SitingAsked
from geo.access.siting.what_if import Changes
from geo.queries.services import Code
from geo.vocabulary import Walker, ZoneKind


class Whose(BaseModel):
    """Whose ways to what, told in which zones."""

    theme: Code = Field(description="Code of a theme or group of themes")
    walker: Walker = Field(Walker.ADULT, description="Who walks")
    kind: ZoneKind = Field(ZoneKind.QUARTIER, description="Kind of the zones that are told")


class WhatIfAsked(Changes, Whose):
    """Services opened, moved or closed."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"theme": "pharmacy", "open": [{"lon": 4.3456, "lat": 50.8365}]}}
    )


class SitesAsked(SitingAsked, Whose):
    """Where new services of a theme would do most."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"theme": "pharmacy", "sites": 2, "minutes": 10, "zone": "commune:21004"}
        }
    )


class Point(BaseModel):
    """A place, EPSG:4326."""

    lon: float
    lat: float


class NeedTold(BaseModel):
    """The figure of a quartier."""

    value: float
    period: str
    better_off_percent: float = Field(description="Share of quartiers that are better off")


class NeedsTold(BaseModel):
    """The indicator by which need is told."""

    indicator: str
    name: Texts
    unit: str
    decimals: int
    attribution: str


class GapTold(BaseModel):
    """Streets of one quartier along which people lack the theme."""

    streets: list[Texts] = Field(description="At most three, those with most people first")
    sector: ZoneNamed | None
    quartier: ZoneNamed | None
    commune: ZoneNamed | None
    people: float
    median_minutes: float | None = Field(description="Null: half of them have no way to any")
    need: NeedTold | None
    point: Point = Field(description="On its streets, near the middle of its people")


class ReachedTold(BaseModel):
    """People with no, one, and two or more services within the minutes."""

    people: float
    none: float
    one: float
    several: float


class ZoneReached(ReachedTold):
    """The same for one zone."""

    zone: ZoneNamed


class OnFoot(BaseModel):
    """What every answer about reach says."""

    network: NetworkTold
    theme: str
    walker: Walker
    period: str = Field(description="Year of the population")


class GapList(OnFoot):
    """Where people lack a theme."""

    minutes: float
    services: int = Field(description="That count: public, told exactly, seen within three years")
    need: NeedsTold | None
    whole: ReachedTold
    zones: list[ZoneReached] = Field(description="Quartiers, those with most people without first")
    items: list[GapTold]
    numberMatched: int  # noqa: N815 - the OGC's word
    numberReturned: int  # noqa: N815


class GapLines(BaseModel):
    """A GeoJSON MultiLineString, EPSG:4326."""

    type: Literal["MultiLineString"]
    coordinates: list[list[list[float]]]


class GapFeature(BaseModel):
    """A gap as a GeoJSON feature."""

    type: Literal["Feature"]
    id: int
    geometry: GapLines
    properties: GapTold


class GapCollection(OnFoot):
    """Gaps as GeoJSON."""

    type: Literal["FeatureCollection"]
    minutes: float
    need: NeedsTold | None
    whole: ReachedTold
    features: list[GapFeature]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815


class CoveredTold(BaseModel):
    """People by their minutes to the nearest service."""

    people: float
    within: list[float] = Field(description="By `thresholds`, each including the ones before")
    unreached: float
    median_minutes: float | None


class ZoneChanged(BaseModel):
    """A zone where somebody's way changes."""

    zone: ZoneNamed
    before: CoveredTold
    after: CoveredTold


class Effect(BaseModel):
    """Coverage before and after."""

    kind: ZoneKind
    thresholds: list[int] = Field(description="Minutes")
    services_before: int
    services_after: int
    before: CoveredTold
    after: CoveredTold
    zones: list[ZoneChanged]
    same: int = Field(description="Zones where nothing changes")


class WhatIfTold(Effect, OnFoot):
    """What changes of services do."""


class ReachTold(BaseModel):
    """People within the minutes, and mean minutes of everybody; longer walks and none count as 30."""

    covered: float
    mean_minutes: float


class SiteTold(BaseModel):
    """A proposed site."""

    place: Point
    origin: Literal["address", "street", "own"]
    service_id: uuid.UUID | None = Field(description="Of the service that is there already")
    name: Texts | None
    street: Texts | None
    quartier: ZoneNamed | None
    people: float = Field(description="For whom it becomes the nearest")
    covered: float = Field(description="Of these, people who had none within the minutes, and now have")


class ProposalTold(OnFoot):
    """Sites, and how sure it is that there are none better."""

    asked: SitingAsked
    sites: list[SiteTold]
    before: ReachTold
    after: ReachTold
    effect: Effect
    gained: float = Field(description="People brought within the minutes, or mean minutes saved")
    at_most: float = Field(description="What no choice of so many sites can exceed")
    gap_percent: float = Field(description="How much better another choice might be")
    is_optimal: bool = Field(description="Whether it is proved that there is none")
    error_minutes: float = Field(
        description="How far, on average, people stand from the point that stood for them in the search"
    )
    candidates: int
    points: int
    seconds: float
