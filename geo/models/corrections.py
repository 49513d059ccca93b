"""Corrections that readers report; a moderator looks at them. No name, no address of a person."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import Base


class Correction(Base):
    """One report that a record is wrong."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("status IN ('received', 'accepted', 'declined')", name="status"),
        CheckConstraint("char_length(message) BETWEEN 1 AND 2000", name="message_length"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(comment="service or zone")
    subject_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(comment="closed, moved, hours, contact, other")
    message: Mapped[str]
    lang: Mapped[str]
    received_on: Mapped[dt.date] = mapped_column(comment="a day, not a moment: enough for a moderator")
    status: Mapped[str] = mapped_column(default="received", server_default="received")
