"""Spaces where professionals meet to agree: method, carrier, members, zones, next dates."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Moderated


class ConcertationMethod(Base):
    """A way to meet: Diapason, medico-pharmaceutical concertation, community of practice and others."""

    __tablename__ = "concertation_method"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")
    rank: Mapped[int]
    source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"))


class ConcertationSpace(Moderated, Base):
    """One space, with the organizations that sit in it."""

    __tablename__ = "concertation_space"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'published', 'closed', 'archived')", name="status"),
        UniqueConstraint("source_id", "source_key"),
        Index("ix_concertation_space_zone_ids", "zone_ids", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(ForeignKey("concertation_method.code"), index=True)
    carrier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    summary_fr: Mapped[str | None]
    summary_nl: Mapped[str | None]
    summary_en: Mapped[str | None]
    summary: Mapped[vocabulary.Text] = composite("summary_fr", "summary_nl", "summary_en")
    themes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    member_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="organization.id of each member"
    )
    participants: Mapped[str | None] = mapped_column(comment="how many take part, as the source says")
    meetings_a_year: Mapped[int | None]
    facts_of: Mapped[str | None] = mapped_column(comment="the year that these facts are of")
    since: Mapped[dt.date | None]
    until: Mapped[dt.date | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    website: Mapped[str | None]
    chosen_zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"), index=True)
    source_key: Mapped[str | None] = mapped_column(comment="the source's own id, where it was loaded")
    source_part: Mapped[str | None] = mapped_column(comment="where in the source: an action, a page")
    observed_on: Mapped[dt.date | None]
    verified_on: Mapped[dt.date | None]


class ConcertationDate(Base):
    """A coming or past meeting of a space."""

    __tablename__ = "concertation_date"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("concertation_space.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    place: Mapped[str | None]
    note: Mapped[str | None]
