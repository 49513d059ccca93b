"""Collective activities that recur, and when each takes place."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Moderated, geom_column, geom_m_column


class Activity(Moderated, Base):
    """Something people do together, once or again and again. Times are civil times in Brussels."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'published', 'closed', 'archived')", name="status"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("registration IN ('none', 'recommended', 'required')", name="registration"),
        Index("ix_activity_zone_ids", "zone_ids", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL")
    )
    title_fr: Mapped[str | None]
    title_nl: Mapped[str | None]
    title_en: Mapped[str | None]
    title: Mapped[vocabulary.Text] = composite("title_fr", "title_nl", "title_en")
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")
    themes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    audiences: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}", comment="spoken there")
    starts_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=False), comment="first time, civil time in Brussels"
    )
    duration_minutes: Mapped[int]
    rrule: Mapped[str | None] = mapped_column(comment="RFC 5545, without DTSTART; null: once")
    exdates: Mapped[list[dt.datetime]] = mapped_column(
        ARRAY(DateTime(timezone=False)), server_default="{}", comment="civil times that are left out"
    )
    rdates: Mapped[list[dt.datetime]] = mapped_column(
        ARRAY(DateTime(timezone=False)), server_default="{}", comment="civil times that are added"
    )
    cancelled: Mapped[list[dt.datetime]] = mapped_column(
        ARRAY(DateTime(timezone=False)),
        server_default="{}",
        comment="civil times that were announced and do not take place; told as such",
    )
    skips_holidays: Mapped[bool] = mapped_column(
        default=False, server_default="false", comment="the rule leaves public holidays out"
    )
    is_free: Mapped[bool | None]
    price_eur: Mapped[Decimal | None]
    registration: Mapped[str] = mapped_column(default="none", server_default="none")
    contact_phone: Mapped[str | None]
    contact_email: Mapped[str | None]
    website: Mapped[str | None]
    wheelchair: Mapped[str | None]
    place_name_fr: Mapped[str | None]
    place_name_nl: Mapped[str | None]
    place_name_en: Mapped[str | None]
    place_name: Mapped[vocabulary.Text] = composite("place_name_fr", "place_name_nl", "place_name_en")
    address: Mapped[str | None]
    geom: Mapped[Any] = geom_column("POINT", nullable=True)
    geom_m: Mapped[Any] = geom_m_column("POINT")
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")


class ActivityOccurrence(Base):
    """One time that an activity takes place, in UTC; expanded some months ahead."""

    __tablename__ = "activity_occurrence"
    __table_args__ = (Index("ix_activity_occurrence_starts_at", "starts_at"),)

    activity_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True
    )
    starts_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    ends_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    is_cancelled: Mapped[bool] = mapped_column(default=False, server_default="false")
