"""How many points of a layer lie where, counted beforehand: what maps of whole cities are drawn from."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import Base


class CountedLayer(Base):
    """A layer whose points are counted, and what of it was: the counts hold for no other version or day."""

    __tablename__ = "counted_layer"

    layer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, comment="sum of the data versions that it is made of")
    counted_on: Mapped[dt.date] = mapped_column(comment="the database's day: records grow old by days")


class CountedCell(Base):
    """A square of WebMercatorQuad, and how many points that everybody may see lie in it."""

    __tablename__ = "counted_cell"

    layer: Mapped[str] = mapped_column(
        ForeignKey("counted_layer.layer", ondelete="CASCADE"), primary_key=True
    )
    zoom: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="column from the west")
    y: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="row from the north")
    points: Mapped[int]
    lon_sum: Mapped[float] = mapped_column(comment="degrees; by the number of points, where their middle is")
    lat_sum: Mapped[float]
    kinds: Mapped[list[str | None]] = mapped_column(
        ARRAY(Text), comment="values of the property that colours the layer"
    )
    kind_points: Mapped[list[int]] = mapped_column(ARRAY(Integer), comment="how many there are of each kind")
