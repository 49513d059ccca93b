"""Service cards: the read model that every list, map, tile and export goes through.

One row per service and place (or per service without a place), rebuilt from the HSDS tables in the
transaction that changes them. What a location does not disclose is not in its card, so nothing that
reads cards can leak it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from geo.models.base import Base, geom_column, geom_m_column

#: What readers filter by besides the theme, and whether a card is shown; no names, which may be too long.
FILTERED_BY = [
    "theme_group",
    "postal_code",
    "is_free",
    "is_low_threshold",
    "wheelchair",
    "source_id",
    "observed_on",
    "verified_on",
    "last_seen_on",
    "example",
    "visibility",
    "geom",
]


class ServiceCard(Base):
    """All that a list or a map says about a service at a place."""

    __tablename__ = "service_card"
    __table_args__ = (
        Index("ix_service_card_zone_ids", "zone_ids", postgresql_using="gin"),
        Index("ix_service_card_themes", "themes", postgresql_using="gin"),
        Index(
            "ix_service_card_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        # A page of one theme is read in its order, and stops at its limit; what else readers ask for
        # besides, this index answers alone.
        Index("ix_service_card_theme_id", "theme", "id", postgresql_include=FILTERED_BY),
        Index("ix_service_card_postal_code", "postal_code"),
        # Counts and tiles of many cards are answered by this index alone.
        Index(
            "idx_service_card_geom",
            "geom",
            postgresql_using="gist",
            postgresql_include=["geom", "visibility", "last_seen_on", "theme_group"],
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, comment="the service_at_location's id, else the service's"
    )
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    location_id: Mapped[uuid.UUID | None]
    organization_id: Mapped[uuid.UUID | None]
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    organization_fr: Mapped[str | None]
    organization_nl: Mapped[str | None]
    organization_en: Mapped[str | None]
    summary_fr: Mapped[str | None]
    summary_nl: Mapped[str | None]
    summary_en: Mapped[str | None]
    theme: Mapped[str] = mapped_column(comment="code of the main theme")
    theme_group: Mapped[str] = mapped_column(comment="code of the main theme's group")
    themes: Mapped[list[str]] = mapped_column(ARRAY(Text), comment="codes of all themes and their groups")
    street_fr: Mapped[str | None]
    street_nl: Mapped[str | None]
    postal_code: Mapped[str | None]
    city_fr: Mapped[str | None]
    city_nl: Mapped[str | None]
    phone: Mapped[str | None]
    website: Mapped[str | None]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_free: Mapped[bool | None]
    is_low_threshold: Mapped[bool | None]
    papers_required: Mapped[bool | None]
    has_interpreter: Mapped[bool | None]
    wheelchair: Mapped[str | None]
    has_schedule: Mapped[bool]
    disclosure: Mapped[str]
    visibility: Mapped[str]
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), comment="the zones valid today that the place may be said to lie in"
    )
    search_text: Mapped[str] = mapped_column(comment="names, themes and synonyms, folded for search")
    source_id: Mapped[str]
    observed_on: Mapped[dt.date | None]
    verified_on: Mapped[dt.date | None]
    verified_by: Mapped[str | None]
    last_seen_on: Mapped[dt.date | None] = mapped_column(comment="the later of observed_on and verified_on")
    example: Mapped[bool]
    geom: Mapped[Any] = geom_column("POINT", nullable=True, indexed=False)
    geom_m: Mapped[Any] = geom_m_column("POINT")
