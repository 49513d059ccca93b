"""Comparisons of zones as the API tells them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.schemas.common import Texts
from geo.vocabulary import ZoneKind


class ComparedZone(BaseModel):
    """A column of the comparison."""

    letter: str | None = Field(description="A to L; null where all zones of the kind are ranked")
    kind: ZoneKind
    code: str
    name: Texts
    edition: str
    generalised: bool
    residential: bool | None
    population: float | None = Field(description="The newest number of inhabitants")


class ComparedIndicator(BaseModel):
    """What is measured, and whom the figures are owed to."""

    id: str
    name: Texts
    definition: Texts
    unit: str
    direction: str = Field(description="higher-better, lower-better or neutral")
    topic: str
    source: str
    licence: str
    attribution: str
    is_derived: bool


class Told(BaseModel):
    """A figure. Missing is null with a status, never zero."""

    value: float | None
    status: str = Field(description="ok, estimated, missing or suppressed")
    period: str | None


class TrendTold(BaseModel):
    """Where a series is going."""

    direction: str = Field(description="up, down or flat")
    better: bool | None
    per_year: float


class ComparedCell(Told):
    """A figure of a zone, and its place among all zones of the kind with a figure of the same year."""

    position: int | None = Field(description="From the best, where one way is better; else from the highest")
    among: int | None
    percentile: float | None = Field(description="Share of zones that have less, 0 to 100")
    trend: TrendTold | None
    worse_and_worsening: bool


class Spread(BaseModel):
    """How the figures of all zones of the kind are spread."""

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float
    number: int


class ComparedRow(BaseModel):
    """One indicator; `cells` are in the order of the zones."""

    indicator: ComparedIndicator
    unit: str = Field(description="Of the values: per-1000 where a count was divided by the inhabitants")
    decimals: int
    period: str | None = Field(description="The year that most zones have")
    periods: list[str]
    note: Texts | None = Field(description="A caution, such as different years")
    spread: Spread | None
    region: Told | None
    cells: list[ComparedCell]


class ClassesTold(BaseModel):
    """Classes for a map, made of all zones of the kind, lowest first."""

    indicator: str
    method: str
    bounds: list[float] = Field(description="The least value, then the highest value of each class")
    counts: list[int]
    places: list[int | None] = Field(description="The class of each zone, 0 the lowest; null: not published")


class ZoneComparison(BaseModel):
    """Zones side by side, or all of a kind, best first in the first row."""

    kind: ZoneKind
    edition: str
    per: str
    zones: list[ComparedZone]
    rows: list[ComparedRow]
    classes: ClassesTold | None
