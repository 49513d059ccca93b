"""Indicators: a catalogue, and values per zone and period. Missing is never zero."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Double, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, declared_attr, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Indicator(Base):
    """What is measured, in which unit, whether more is better, and how it may be added up."""

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("aggregation IN ('sum', 'rate', 'none')", name="aggregation"),
        CheckConstraint("(aggregation = 'rate') = (weight_id IS NOT NULL)", name="rate_has_weight"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    definition_fr: Mapped[str | None]
    definition_nl: Mapped[str | None]
    definition_en: Mapped[str | None]
    definition: Mapped[vocabulary.Text] = composite("definition_fr", "definition_nl", "definition_en")
    unit: Mapped[str] = mapped_column(comment="people, percent, eur …")
    decimals: Mapped[int] = mapped_column(default=0, server_default="0")
    direction: Mapped[str] = mapped_column(comment="higher-better, lower-better or neutral")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
    topic: Mapped[str] = mapped_column(default="other", server_default="other", comment="vocabulary.Topic")
    level: Mapped[str | None] = mapped_column(comment="the smallest kind of zone it is published for")
    aggregation: Mapped[str] = mapped_column(
        default="none", server_default="none", comment="sum, rate (by the weight) or none: never added up"
    )
    weight_id: Mapped[str | None] = mapped_column(
        ForeignKey("indicator.id"), comment="the number of people or things that a rate is a share of"
    )
    is_derived: Mapped[bool] = mapped_column(
        default=False, server_default="false", comment="computed here from other records"
    )
    is_published: Mapped[bool] = mapped_column(
        default=True, server_default="true", comment="false: kept, but doubtful, and shown to nobody"
    )


class FigureColumns:
    """One figure of a zone. `value` is null exactly when `status` says that it is missing or suppressed."""

    @declared_attr
    def indicator_id(cls) -> Mapped[str]:  # noqa: N805
        """Return the indicator."""
        return mapped_column(ForeignKey("indicator.id", ondelete="CASCADE"), primary_key=True)

    @declared_attr
    def zone_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805
        """Return the zone, of one edition."""
        return mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)

    period: Mapped[str] = mapped_column(primary_key=True, comment="a year, as published")
    dimensions: Mapped[dict[str, Any]] = mapped_column(
        JSONB, primary_key=True, server_default=text("'{}'::jsonb")
    )
    value: Mapped[float | None] = mapped_column(Double)
    status: Mapped[str] = mapped_column(server_default="ok")

    @declared_attr
    def source_id(cls) -> Mapped[str]:  # noqa: N805
        """Return the source."""
        return mapped_column(ForeignKey("source.id"))


def _rules(table: str) -> tuple[CheckConstraint | Index, ...]:
    return (
        CheckConstraint("status IN ('ok', 'estimated', 'missing', 'suppressed')", name="status"),
        CheckConstraint(
            "(value IS NULL) = (status IN ('missing', 'suppressed'))", name="missing_is_never_zero"
        ),
        Index(f"ix_{table}_zone_id", "zone_id", "indicator_id", "period"),
        Index(
            f"ix_{table}_plain",  # one figure of all zones, for a comparison
            "indicator_id",
            "period",
            postgresql_include=["zone_id", "value"],
            postgresql_where=text("dimensions = '{}'::jsonb"),
        ),
    )


class IndicatorValue(FigureColumns, Base):
    """A figure as its publisher gives it, or added up from such figures."""

    __tablename__ = "indicator_value"
    __table_args__ = _rules("indicator_value")


class DerivedValue(FigureColumns, Base):
    """A figure computed here from services and the like, some of them from OpenStreetMap (ODbL): kept apart.

    The view `figure` unites both tables.
    """

    __tablename__ = "derived_value"
    __table_args__ = _rules("derived_value")

    method: Mapped[str] = mapped_column(comment="how it was computed")
    computed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
