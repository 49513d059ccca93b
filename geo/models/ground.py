"""The ground of the map: generalised streets, railways, water, green and stations."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import Base, geom_column


class GroundFeature(Base):
    """One feature of the ground, drawn from `min_zoom` on. Not for measuring."""

    __tablename__ = "ground_feature"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="park, water, primary, metro-station …")
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    ref: Mapped[str | None] = mapped_column(comment="number of the line")
    min_zoom: Mapped[int]
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    geom: Mapped[Any] = geom_column("GEOMETRY")
