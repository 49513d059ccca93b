"""Schedules (HSDS) and what follows from them: the hours at which a place is really open."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Schedule(Base):
    """When a service is given at a place: an OSM `opening_hours` text, or an HSDS recurrence."""

    __tablename__ = "schedule"
    __table_args__ = (
        CheckConstraint("opening_hours IS NOT NULL OR opens_at IS NOT NULL", name="says_something"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_at_location_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("service_at_location.id", ondelete="CASCADE"), index=True
    )
    opening_hours: Mapped[str | None] = mapped_column(comment="OSM opening_hours syntax")
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    dtstart: Mapped[dt.date | None]
    freq: Mapped[str | None] = mapped_column(comment="WEEKLY or MONTHLY, as in RFC 5545")
    interval: Mapped[int | None]
    byday: Mapped[str | None]
    bymonthday: Mapped[str | None]
    opens_at: Mapped[dt.time | None] = mapped_column(comment="civil time in Europe/Brussels")
    closes_at: Mapped[dt.time | None]
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")


class OpenPeriod(Base):
    """One opening, expanded from schedules some months ahead, so that SQL can answer "open now?"."""

    __tablename__ = "open_period"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="order"),
        Index(
            "ix_open_period_closes_at", "service_at_location_id", "closes_at", postgresql_include=["opens_at"]
        ),
        Index("ix_open_period_opens_at", "opens_at"),
    )

    service_at_location_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("service_at_location.id", ondelete="CASCADE"), primary_key=True
    )
    opens_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    closes_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
