"""Zones as the API tells them."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from api.schemas.common import Listing, Texts, ZoneNamed


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
    direction: str
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
