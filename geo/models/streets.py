"""Streets as people walk them: a network is loaded as an edition; the newest is in use, the former is kept.

Everything here derives from OpenStreetMap (ODbL) and stays in tables of its own.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Double, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.crs import WGS84
from geo.models.base import Base, geom_column, geom_m_column


class StreetNetwork(Base):
    """One edition of the streets. `key` changes whenever its rows do: files made of them are named by it."""

    __tablename__ = "street_network"
    __table_args__ = (
        Index("uq_street_network_is_current", "is_current", unique=True, postgresql_where=text("is_current")),
    )

    edition: Mapped[str] = mapped_column(primary_key=True, comment="for example osm-2013-01-01")
    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    observed_on: Mapped[dt.date] = mapped_column(comment="the day whose streets these are")
    loaded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    rules: Mapped[str] = mapped_column(comment="the set of rules that says which ways can be walked")
    is_current: Mapped[bool] = mapped_column(default=False, server_default="false")
    node_number: Mapped[int]
    edge_number: Mapped[int]
    length_km: Mapped[float] = mapped_column(Double)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="what the load found and left out")
    covered: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="what coverage was computed from last: residents, versions of layers; null: not yet"
    )


class StreetNode(Base):
    """A junction or an end. `number` counts from 0 within the edition: the place in arrays."""

    __tablename__ = "street_node"

    edition: Mapped[str] = mapped_column(
        ForeignKey("street_network.edition", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(comment="connected part; 0 is the largest")
    flags: Mapped[int] = mapped_column(default=0, server_default="0", comment="bits of NodeFlag")
    geom: Mapped[Any] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))


class StreetEdge(Base):
    """A street between two junctions, walked both ways. `number` counts from 0 within the edition."""

    __tablename__ = "street_edge"
    __table_args__ = (CheckConstraint("length_m > 0", name="length"),)

    edition: Mapped[str] = mapped_column(
        ForeignKey("street_network.edition", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_node: Mapped[int]
    to_node: Mapped[int]
    length_m: Mapped[float] = mapped_column(Double)
    highway: Mapped[str] = mapped_column(comment="the OSM word of the way")
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    flags: Mapped[int] = mapped_column(default=0, server_default="0", comment="bits of StreetFlag")
    incline_percent: Mapped[float | None] = mapped_column(
        Double, comment="uphill from from_node to to_node; null: not told"
    )
    osm_way_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), comment="the OSM ways that it is made of"
    )
    geom: Mapped[Any] = geom_column("LINESTRING")
    geom_m: Mapped[Any] = geom_m_column("LINESTRING")
