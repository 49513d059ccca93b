"""The notice board: short notices of partners, with an end."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Moderated


class Notice(Moderated, Base):
    """A notice for some zones, or for the region. A moderator approves it."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'published', 'closed', 'archived')", name="status"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_notice_zone_ids", "zone_ids", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL")
    )
    title_fr: Mapped[str | None]
    title_nl: Mapped[str | None]
    title_en: Mapped[str | None]
    title: Mapped[vocabulary.Text] = composite("title_fr", "title_nl", "title_en")
    body_fr: Mapped[str | None]
    body_nl: Mapped[str | None]
    body_en: Mapped[str | None]
    body: Mapped[vocabulary.Text] = composite("body_fr", "body_nl", "body_en")
    url: Mapped[str | None]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    chosen_zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
