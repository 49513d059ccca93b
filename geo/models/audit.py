"""The audit: every write, append-only. Values of personal fields are never in it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import Base


class AuditEvent(Base):
    """Who changed what, before and after, when. A trigger refuses to change or delete it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_kind", "subject_id"),
        Index("ix_audit_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor_key: Mapped[uuid.UUID | None] = mapped_column(
        comment="an account's pseudonym; null: nobody signed in"
    )
    actor: Mapped[str] = mapped_column(comment="account, token, command, public, worker")
    action: Mapped[str] = mapped_column(comment="insert, update, delete, or a verb: submit, publish …")
    subject_kind: Mapped[str] = mapped_column(comment="the table")
    subject_id: Mapped[str] = mapped_column(comment="its primary key")
    team_id: Mapped[uuid.UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
