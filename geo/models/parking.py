"""Parking+: places lent in front of garages, for home visits. Signed-in carers alone see them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Index, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import PERSONAL, Base, geom_column, geom_m_column


class ParkingPlace(Base):
    """A place somebody lends. Of the lender, a mail address and the day of consent are kept, no more."""

    __tablename__ = "parking_place"
    __table_args__ = (
        CheckConstraint("status IN ('unconfirmed', 'lent', 'paused')", name="status"),
        CheckConstraint("status = 'unconfirmed' OR consented_on IS NOT NULL", name="consent"),
        Index("ix_parking_place_zone_ids", "zone_ids", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="unconfirmed", server_default="unconfirmed")
    lender_email: Mapped[str] = mapped_column(info=PERSONAL)
    lang: Mapped[str]
    consented_on: Mapped[dt.date | None]
    paused_until: Mapped[dt.date | None]
    link_version: Mapped[int] = mapped_column(default=1, server_default="1")
    address: Mapped[str] = mapped_column(info=PERSONAL)
    conditions: Mapped[str | None] = mapped_column(info=PERSONAL)
    opening_hours: Mapped[str | None] = mapped_column(info=PERSONAL, comment="OSM syntax; null: at any time")
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    example: Mapped[bool] = mapped_column(default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    geom: Mapped[Any] = geom_column("POINT")
    geom_m: Mapped[Any] = geom_m_column("POINT")
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
