"""Zones: every partition of the ground, their editions, shapes and links, and the roles of kinds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Computed, DateTime, Double, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.crs import WEB_MERCATOR, WGS84
from geo.models.base import Base, geom_column, geom_m_column


class ZoneEdition(Base):
    """One division of the ground: all zones of a kind that are valid together, and where they come from."""

    __tablename__ = "zone_edition"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        CheckConstraint("origin IN ('shipped', 'official', 'scenario')", name="origin"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    origin: Mapped[str] = mapped_column(default="shipped", server_default="shipped")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    scenario_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("scenario.id", ondelete="SET NULL"), comment="the scenario that was adopted"
    )
    file_digest: Mapped[str | None] = mapped_column(comment="SHA-256 of the file the shapes came from")
    loaded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    findings: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        server_default="{}",
        comment="what the checks found: repairs, gaps, overlaps, claims that differ",
    )


class Zone(Base):
    """One zone of one kind in one edition. Code and edition are kept as the publisher writes them."""

    __tablename__ = "zone"
    __table_args__ = (
        UniqueConstraint("kind", "code", "edition"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_zone_current", "kind", "code", postgresql_where="valid_to IS NULL"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    edition: Mapped[str]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    key_fr: Mapped[str | None] = mapped_column(Computed("place_key(name_fr, 'fr')", persisted=True))
    key_nl: Mapped[str | None] = mapped_column(Computed("place_key(name_nl, 'nl')", persisted=True))
    residential: Mapped[bool | None]
    carrier: Mapped[str | None] = mapped_column(comment="who carries a CLSS")
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    note_fr: Mapped[str | None]
    note_nl: Mapped[str | None]
    note_en: Mapped[str | None]
    note: Mapped[vocabulary.Text] = composite("note_fr", "note_nl", "note_en")
    generalised: Mapped[bool] = mapped_column(default=False, server_default="false")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    geom: Mapped[Any] = geom_column("MULTIPOLYGON", nullable=True)
    geom_m: Mapped[Any] = geom_m_column("MULTIPOLYGON")
    point: Mapped[Any] = mapped_column(
        Geometry("POINT", srid=WGS84, spatial_index=False),
        Computed("ST_PointOnSurface(geom)", persisted=True),
        nullable=True,
        comment="a point inside, for labels",
    )
    area_km2: Mapped[float | None] = mapped_column(
        Double,
        Computed("ST_Area(ST_Transform(geom, 3812)) / 1e6", persisted=True),
    )


class ZoneShape(Base):
    """A zone simplified for a band of zooms, with edges shared by all zones of its kind and edition."""

    __tablename__ = "zone_shape"

    zone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    max_zoom: Mapped[int] = mapped_column(primary_key=True, comment="the largest zoom this shape serves")
    tolerance_m: Mapped[float] = mapped_column(Double)
    geom: Mapped[Any] = mapped_column(
        Geometry("MULTIPOLYGON", srid=WEB_MERCATOR, spatial_index=True), nullable=False
    )


class ZoneLink(Base):
    """A child lies in a parent by these shares. A child can lie in several parents; one is main."""

    __tablename__ = "zone_link"
    __table_args__ = (
        CheckConstraint("basis IN ('official', 'computed', 'inferred')", name="basis"),
        Index("ix_zone_link_parent_id", "parent_id"),
    )

    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    share_area: Mapped[float | None] = mapped_column(Double)
    share_population: Mapped[float | None] = mapped_column(Double)
    is_main: Mapped[bool]
    basis: Mapped[str]


class Level(Base):
    """Which kind plays which level of responsibility (quartier, meso, region), since when."""

    __tablename__ = "level"

    role: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    rank: Mapped[int] = mapped_column(comment="0 is the lowest level, nearest to home")


class Crosswalk(Base):
    """How the zones of one division lie over those of another; its shares are in `crosswalk_share`."""

    __tablename__ = "crosswalk"
    __table_args__ = (
        UniqueConstraint("from_kind", "from_edition", "to_kind", "to_edition"),
        CheckConstraint("method IN ('sectors', 'area')", name="method"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_kind: Mapped[str]
    from_edition: Mapped[str]
    to_kind: Mapped[str]
    to_edition: Mapped[str]
    method: Mapped[str] = mapped_column(comment="sectors: whole sectors were counted; area: ground was cut")
    uncertain_area: Mapped[float] = mapped_column(
        Double, comment="share of all ground whose zone is not certain"
    )
    uncertain_population: Mapped[float | None] = mapped_column(
        Double, comment="share of all people whose zone is not certain; null where people are not known"
    )
    made_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CrosswalkShare(Base):
    """The share of one zone's ground and people that lies in a zone of the other division."""

    __tablename__ = "crosswalk_share"
    __table_args__ = (Index("ix_crosswalk_share_to_id", "to_id"),)

    crosswalk_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("crosswalk.id", ondelete="CASCADE"), primary_key=True
    )
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    share_area: Mapped[float] = mapped_column(Double)
    share_population: Mapped[float | None] = mapped_column(Double)
    uncertain: Mapped[float] = mapped_column(
        Double, server_default="0", comment="part of the share that hangs on an inferred or cut sector"
    )
