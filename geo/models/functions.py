"""New functions of the first line: which there are, who carries them, where."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Moderated


class FunctionKind(Base):
    """A kind of function, such as case manager or référent de quartier. The list can grow."""

    __tablename__ = "function_kind"

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


class LocalFunction(Moderated, Base):
    """A function carried by an organization for some zones. Never a person."""

    __tablename__ = "local_function"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'published', 'closed', 'archived')", name="status"),
        CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name="period"),
        UniqueConstraint("source_id", "source_key"),
        Index("ix_local_function_zone_ids", "zone_ids", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("function_kind.code"), index=True)
    organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL"), index=True
    )
    note_fr: Mapped[str | None]
    note_nl: Mapped[str | None]
    note_en: Mapped[str | None]
    note: Mapped[vocabulary.Text] = composite("note_fr", "note_nl", "note_en")
    since: Mapped[dt.date | None]
    until: Mapped[dt.date | None]
    holders: Mapped[int | None] = mapped_column(comment="how many people do it; null: not known")
    contact_phone: Mapped[str | None] = mapped_column(comment="of the organization")
    contact_email: Mapped[str | None]
    website: Mapped[str | None]
    chosen_zone_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="the zones it is said to cover"
    )
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="those, what lies in them and what they lie in"
    )
    source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"), index=True)
    source_key: Mapped[str | None] = mapped_column(comment="the source's own id, where it was loaded")
    source_part: Mapped[str | None] = mapped_column(comment="where in the source: an action, a page")
    observed_on: Mapped[dt.date | None]
    verified_on: Mapped[dt.date | None]
