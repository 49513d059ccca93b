"""Who reaches what on foot: inhabitants along streets, minutes by street, people covered by zone.

All of it is computed from one edition of the streets, thus from OpenStreetMap (ODbL): tables of their own.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, DateTime, Double, ForeignKey, func
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from geo.models.base import Base


class _OfStreets:
    """Computed from one edition of the streets, and gone with it."""

    @declared_attr
    def edition(cls) -> Mapped[str]:  # noqa: N805
        """Return the edition of the streets."""
        return mapped_column(
            ForeignKey("street_network.edition", ondelete="CASCADE"), primary_key=True, sort_order=-1
        )


class StreetResidents(_OfStreets, Base):
    """Inhabitants of a sector along one piece of a street; over a sector they add up to its population."""

    __tablename__ = "street_residents"
    __table_args__ = (
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("fraction BETWEEN 0 AND 1", name="fraction"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edge_number: Mapped[int]
    fraction: Mapped[float] = mapped_column(Double, comment="of the edge, from from_node: the piece's middle")
    sector_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), index=True)
    people: Mapped[float] = mapped_column(Double)
    period: Mapped[str] = mapped_column(comment="the year of the population that was spread")


class StreetMinutes(_OfStreets, Base):
    """Minutes on foot from the middle of every edge to the nearest service of a theme."""

    __tablename__ = "street_minutes"

    theme: Mapped[str] = mapped_column(primary_key=True, comment="code of a theme or a group of themes")
    walker: Mapped[str] = mapped_column(primary_key=True, comment="vocabulary.Walker")
    minutes: Mapped[list[float | None]] = mapped_column(
        ARRAY(REAL), comment="by the number of the edge, from 0; null: none can be reached"
    )
    digest: Mapped[str] = mapped_column(
        comment="of all that it was computed from: the same need not be again"
    )


class Coverage(_OfStreets, Base):
    """The inhabitants of a zone and the minutes they walk to the nearest service of a theme.

    `within_5` … `within_20` count people, each including the ones before; `unreached` have no way to any.
    """

    __tablename__ = "coverage"
    __table_args__ = (
        CheckConstraint(
            "within_5 <= within_10 AND within_10 <= within_15 AND within_15 <= within_20", name="grows"
        ),
    )

    zone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[str] = mapped_column(primary_key=True, comment="code of a theme or a group of themes")
    walker: Mapped[str] = mapped_column(primary_key=True, comment="vocabulary.Walker")
    people: Mapped[float] = mapped_column(Double)
    within_5: Mapped[float] = mapped_column(Double)
    within_10: Mapped[float] = mapped_column(Double)
    within_15: Mapped[float] = mapped_column(Double)
    within_20: Mapped[float] = mapped_column(Double)
    twice_within_15: Mapped[float] = mapped_column(
        Double, comment="people with two services or more within 15 minutes"
    )
    unreached: Mapped[float] = mapped_column(Double)
    median_minutes: Mapped[float | None] = mapped_column(Double, comment="null: half have no way to any")
    best_tenth_minutes: Mapped[float | None] = mapped_column(Double, comment="a tenth walk less than this")
    worst_tenth_minutes: Mapped[float | None] = mapped_column(Double, comment="a tenth walk more than this")
    places_per_1000: Mapped[float | None] = mapped_column(
        Double, comment="E2SFCA within 15 minutes; null where no capacity is known"
    )
    services: Mapped[int] = mapped_column(comment="counted in the zone itself")
    computed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
