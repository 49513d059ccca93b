"""Organizations (HSDS 3.1)."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Provenance


class Organization(Provenance, Base):
    """Who carries services."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("source_id", "source_key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    parent_organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL")
    )
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    alternate_name: Mapped[str | None]
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")
    email: Mapped[str | None]
    website: Mapped[str | None]
    legal_status: Mapped[str | None]
