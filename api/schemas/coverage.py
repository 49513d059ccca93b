"""Coverage on foot as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import Listing, NetworkTold, ZoneNamed
from geo.vocabulary import Walker, ZoneKind


class Within(BaseModel):
    """People within these minutes, each number including the ones before."""

    five: float = Field(alias="5")
    ten: float = Field(alias="10")
    fifteen: float = Field(alias="15")
    twenty: float = Field(alias="20")


class ZoneCovered(BaseModel):
    """The people of a zone, and how far they walk."""

    zone: ZoneNamed
    people: float = Field(description="Inhabitants, spread along the streets")
    covered: float = Field(description="Those within the minutes asked for")
    share: float = Field(description="Covered people among all, 0 to 1")
    within: Within
    twice: float = Field(description="People with two places or more within 15 minutes")
    unreached: float = Field(description="People who have no way to any place")
    median_minutes: float | None = Field(description="Half of the people walk less; null: half have no way")
    best_tenth_minutes: float | None = Field(description="A tenth of the people walks less")
    worst_tenth_minutes: float | None = Field(description="A tenth of the people walks more")
    places_per_1000: float | None = Field(
        description="Capacity for 1,000 people within 15 minutes (E2SFCA); null where it is not known"
    )
    services: int = Field(description="Places of the theme in the zone itself")
    income: float | None = Field(description="Median income in the zone, where published")


class Fifths(BaseModel):
    """The fifths of zones with the lowest and the highest incomes."""

    poorest: float = Field(description="Share of their people who are covered, 0 to 1")
    richest: float
    ratio: float | None = Field(description="Poorest to richest: below 1, the poor have less")
    zones: int = Field(description="Zones in each fifth")


class Inequality(BaseModel):
    """How unequal the share of covered people is."""

    gini: float | None = Field(description="Between zones, by people: 0 is the same everywhere")
    fifths: Fifths | None = Field(description="Null where incomes are known of too few zones")


class CoverageList(Listing):
    """Coverage of a theme, zone by zone."""

    items: list[ZoneCovered]
    theme: str
    kind: ZoneKind
    walker: Walker
    minutes: int
    status: Literal["ok", "no-service", "not-computed"] = Field(
        description="no-service: no service of the theme counts, so that nothing is known; never zero"
    )
    period: str | None = Field(description="Year of the population")
    region: ZoneCovered | None = Field(description="The same for the whole region")
    inequality: Inequality
    network: NetworkTold
