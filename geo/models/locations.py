"""Locations (HSDS 3.1): where, how precisely that may be told, and how one gets in."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Provenance, geom_column


class Location(Provenance, Base):
    """A place. Its point is read only through the cards, where `disclosure` is applied."""

    __tablename__ = "location"
    __table_args__ = (
        UniqueConstraint("source_id", "source_key"),
        CheckConstraint("disclosure IN ('exact', 'zone', 'none')", name="disclosure"),
        CheckConstraint("wheelchair IN ('yes', 'limited', 'no')", name="wheelchair"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    location_type: Mapped[str] = mapped_column(default="physical", server_default="physical")
    disclosure: Mapped[str] = mapped_column(default="exact", server_default="exact")
    transportation_fr: Mapped[str | None]
    transportation_nl: Mapped[str | None]
    transportation_en: Mapped[str | None]
    transportation: Mapped[vocabulary.Text] = composite(
        "transportation_fr", "transportation_nl", "transportation_en"
    )
    wheelchair: Mapped[str | None]
    accessibility_fr: Mapped[str | None]
    accessibility_nl: Mapped[str | None]
    accessibility_en: Mapped[str | None]
    accessibility: Mapped[vocabulary.Text] = composite(
        "accessibility_fr", "accessibility_nl", "accessibility_en"
    )
    geom: Mapped[Any] = geom_column("POINT", nullable=True)


class Address(Base):
    """A postal address of a location (HSDS address); street and city in both languages."""

    __tablename__ = "address"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id", ondelete="CASCADE"), index=True)
    address_type: Mapped[str] = mapped_column(default="physical", server_default="physical")
    street_fr: Mapped[str | None] = mapped_column(comment="street and number")
    street_nl: Mapped[str | None]
    street_en: Mapped[str | None]
    street: Mapped[vocabulary.Text] = composite("street_fr", "street_nl", "street_en")
    postal_code: Mapped[str | None]
    city_fr: Mapped[str | None]
    city_nl: Mapped[str | None]
    city_en: Mapped[str | None]
    city: Mapped[vocabulary.Text] = composite("city_fr", "city_nl", "city_en")
    country: Mapped[str] = mapped_column(default="BE", server_default="BE")
