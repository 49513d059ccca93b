"""Places: what people type when they say where they are, and the house numbers along streets."""

from __future__ import annotations

import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from geo.crs import WGS84
from geo.models.base import Base, geom_column


def _trigrams(column: str) -> Index:
    return Index(
        f"ix_place_{column}", column, postgresql_using="gist", postgresql_ops={column: "gist_trgm_ops"}
    )


class Place(Base):
    """A street, a postal area or a stop. Zones, services and house numbers are places by their own tables.

    `key_fr` and `key_nl` are the names as `place_key` folds them: no case, accents, punctuation or
    abbreviations. The question is folded by the same function, once for each language.
    """

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("kind IN ('street', 'postcode', 'stop')", name="kind"),
        CheckConstraint("name_fr IS NOT NULL OR name_nl IS NOT NULL", name="named"),
        _trigrams("key_fr"),
        _trigrams("key_nl"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="shorter names in use, folded"
    )
    modes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="of a stop: rail, metro, tram, bus"
    )
    postal_codes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="the most fitting first"
    )
    commune_nis: Mapped[str | None] = mapped_column(comment="NIS code of the commune")
    locality_fr: Mapped[str | None] = mapped_column(comment="what stands behind the postal code")
    locality_nl: Mapped[str | None]
    key_fr: Mapped[str | None] = mapped_column(Computed("place_key(name_fr, 'fr')", persisted=True))
    key_nl: Mapped[str | None] = mapped_column(Computed("place_key(name_nl, 'nl')", persisted=True))
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    source_key: Mapped[str] = mapped_column(comment="the source's own id of the place")
    geom: Mapped[Any] = geom_column("POINT")
    points: Mapped[Any] = mapped_column(
        Geometry("MULTIPOINT", srid=WGS84, spatial_index=False),
        nullable=True,
        comment="a few points along a street",
    )


class HouseNumber(Base):
    """A numbered door in a street."""

    __tablename__ = "house_number"
    __table_args__ = (Index("ix_house_number_street_id_number", "street_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    street_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(comment="lower case, without spaces")
    box: Mapped[str | None]
    postal_code: Mapped[str | None]
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    source_key: Mapped[str] = mapped_column(comment="the source's own id of the address")
    geom: Mapped[Any] = geom_column("POINT")
