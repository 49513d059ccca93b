"""Indicators: a catalogue, and values per zone and period. Missing is never zero."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Indicator(Base):
    """What is measured, in which unit, and whether more is better."""

    __tablename__ = "indicator"

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


class IndicatorValue(Base):
    """One figure. `value` is null exactly when `status` says that it is missing or suppressed."""

    __tablename__ = "indicator_value"
    __table_args__ = (
        CheckConstraint("status IN ('ok', 'estimated', 'missing', 'suppressed')", name="status"),
        CheckConstraint(
            "(value IS NULL) = (status IN ('missing', 'suppressed'))", name="missing_is_never_zero"
        ),
        Index("ix_indicator_value_zone_id", "zone_id", "indicator_id", "period"),
    )

    indicator_id: Mapped[str] = mapped_column(
        ForeignKey("indicator.id", ondelete="CASCADE"), primary_key=True
    )
    zone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True, comment="a year, as published")
    dimensions: Mapped[dict[str, Any]] = mapped_column(
        JSONB, primary_key=True, server_default=text("'{}'::jsonb")
    )
    value: Mapped[float | None] = mapped_column(Double)
    status: Mapped[str] = mapped_column(server_default="ok")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
