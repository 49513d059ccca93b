"""Sources: the directory of directories. Every record and every figure names one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Source(Base):
    """A data set that we took facts from: who publishes it, under which licence, how fresh."""

    __tablename__ = "source"

    id: Mapped[str] = mapped_column(primary_key=True, comment="slug, for example osm-2026-07")
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    publisher: Mapped[str]
    url: Mapped[str | None]
    licence: Mapped[str]
    licence_url: Mapped[str | None]
    attribution: Mapped[str]
    covers: Mapped[str | None]
    observed_on: Mapped[dt.date | None]
    fetched_on: Mapped[dt.date | None]
    share_alike: Mapped[bool] = mapped_column(default=False, server_default="false")
    example: Mapped[bool] = mapped_column(default=False, server_default="false")
