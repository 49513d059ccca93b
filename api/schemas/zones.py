"""Zones as the API tells them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import Listing, Texts, ZoneNamed
from geo.vocabulary import LevelRole


class ZoneListed(ZoneNamed):
    """A zone in a list."""

    area_km2: float | None
    residential: bool | None
    lon: float | None = Field(description="A point inside, for labels (EPSG:4326)")
    lat: float | None


class ZoneList(Listing):
    """Zones valid today."""

    items: list[ZoneListed]


class ZonesHere(Listing):
    """The zones of all kinds at a point."""

    items: list[ZoneNamed]
    near_limit: list[ZoneNamed] = Field(description="Neighbours whose generalised limit is within 150 m")


class Parent(BaseModel):
    """A zone that this one lies in, by shares."""

    kind: str
    code: str
    name: Texts
    edition: str
    share_area: float | None
    share_population: float | None
    main: bool
    basis: str = Field(description="official, computed or inferred")
    provisional: bool


class Point(BaseModel):
    """One value of a series."""

    period: str
    value: float | None
    status: str


class Figure(Point):
    """The latest value of an indicator, and its series. Missing is null with a status, never zero."""

    id: str
    name: Texts
    definition: Texts
    unit: str
    decimals: int
    direction: str = Field(description="higher-better, lower-better or neutral")
    topic: str
    aggregation: str = Field(description="sum, rate or none: whether such figures may be added up")
    is_derived: bool = Field(description="Computed here from other records")
    source: str
    series: list[Point]


class ZoneDetail(BaseModel):
    """All that is told of one zone."""

    kind: str
    code: str
    name: Texts
    edition: str
    valid_from: dt.date
    valid_to: dt.date | None
    generalised: bool
    provisional: bool
    note: Texts
    residential: bool | None
    carrier: str | None
    area_km2: float | None
    lon: float | None
    lat: float | None
    bbox: list[float] | None
    source: str
    parents: list[Parent]
    neighbours: list[ZoneNamed]
    indicators: list[Figure]
    services_by_theme: dict[str, int]


class LargerZone(BaseModel):
    """A zone of a level above that the zone lies in."""

    role: LevelRole
    zone: ZoneNamed


class Comparator(BaseModel):
    """The figure of a larger zone: of the same period where there is one, else its latest."""

    role: LevelRole
    period: str
    value: float | None
    status: str
    is_same_period: bool
    share: float | None = Field(description="The part of the larger zone, 0 to 1, where figures add up")


class Spine(BaseModel):
    """How the values of all zones of the kind are spread in the period of the figure."""

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float
    number: int = Field(description="How many zones have a value")


class Rank(BaseModel):
    """The place among them."""

    position: int = Field(description="1 is the best; the highest where no way is better")
    number: int
    percentile: float = Field(description="Share of lower values, 0 to 100, half of equal ones included")


class Trend(BaseModel):
    """Where the last ten years are going."""

    direction: Literal["up", "down", "flat"]
    better: bool | None
    per_year: float = Field(description="Slope of the line of least squares, in the unit of the figure")
    periods: list[str]


class Standing(BaseModel):
    """How a figure of `zone.indicators` stands. Null where too few zones or years are known."""

    id: str
    comparators: list[Comparator]
    spine: Spine | None
    rank: Rank | None
    trend: Trend | None


class ZoneProfile(BaseModel):
    """A zone in full, and how its figures stand."""

    zone: ZoneDetail
    larger: list[LargerZone]
    figures: list[Standing]
