"""Sheets that were read and shown to whoever sent them, and wait for a yes; forgotten after two hours."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import DateTime, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import PERSONAL, Base


class SheetUpload(Base):
    """The rows of a sheet between preview and confirmation. Confirmed once: the rows go, the counts stay."""

    __tablename__ = "sheet_upload"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    author_key: Mapped[uuid.UUID | None] = mapped_column(comment="pseudonym of who sent it", info=PERSONAL)
    sent_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )
    sheet: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, info=PERSONAL, comment="titles and rows as text, and the versions of the projects they change"
    )
    outcome: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="how many rows became drafts; null: not confirmed yet"
    )
