"""Data versions per layer: caches, ETags and open maps live on them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, func
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import Base


class LayerVersion(Base):
    """Bumped as the last statement of every transaction that changes what the layer shows."""

    __tablename__ = "layer_version"

    layer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
