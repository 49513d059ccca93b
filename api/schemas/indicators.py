"""Indicators and their figures as the API tells them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.schemas.common import Listing, Texts, ZoneNamed
from geo.vocabulary import Aggregation, Direction, Topic, ValueStatus, ZoneKind


class IndicatorTold(BaseModel):
    """What is measured, in which unit, and how it adds up."""

    id: str
    name: Texts
    definition: Texts
    unit: str
    decimals: int
    direction: Direction
    topic: Topic
    level: ZoneKind | None = Field(description="The smallest kind of zone it is published for")
    aggregation: Aggregation = Field(description="sum; rate, by weight_id; none: its parts never add up")
    weight_id: str | None = Field(description="The indicator that a rate is a share of")
    source: str
    licence: str
    attribution: str
    is_derived: bool = Field(description="Computed here from the directory, some of it OpenStreetMap (ODbL)")
    periods: list[str]
    kinds: list[ZoneKind]


class IndicatorList(Listing):
    """The catalogue."""

    items: list[IndicatorTold]


class FigureTold(BaseModel):
    """One figure. Its value is null exactly when it is missing or suppressed; neither is ever zero."""

    zone: ZoneNamed
    period: str
    value: float | None
    status: ValueStatus
    source: str
    attribution: str
    licence: str


class FigureList(Listing):
    """Figures of one indicator; zones may have different newest periods, and each says its own."""

    items: list[FigureTold]
