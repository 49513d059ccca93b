"""Scenarios: divisions of the region that a planner draws or asks for, and the work of computing them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Double, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import PERSONAL, Base


class Scenario(Base):
    """A division of the region into zones made of whole atoms: quartiers or sectors of one edition."""

    __tablename__ = "scenario"
    __table_args__ = (
        CheckConstraint("atom_kind IN ('quartier', 'secteur')", name="atom_kind"),
        CheckConstraint("origin IN ('drawn', 'proposed', 'copied')", name="origin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    note: Mapped[str | None]
    atom_kind: Mapped[str]
    atom_edition: Mapped[str]
    origin: Mapped[str] = mapped_column(default="drawn", server_default="drawn")
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True, info=PERSONAL
    )
    shared_key: Mapped[str | None] = mapped_column(
        unique=True, info=PERSONAL, comment="whoever has the link with it may read; null: not shared"
    )
    is_example: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class ScenarioZone(Base):
    """One zone of a scenario, known by its number."""

    __tablename__ = "scenario_zone"

    scenario_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scenario.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")


class ScenarioPart(Base):
    """An atom and the zone of the scenario that it is in; an atom without a row is in none yet."""

    __tablename__ = "scenario_part"
    __table_args__ = (Index("ix_scenario_part_atom_id", "atom_id"),)

    scenario_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scenario.id", ondelete="CASCADE"), primary_key=True
    )
    atom_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int]


class ScenarioRun(Base):
    """One computation: proposing a division, or ranking one among random ones. It may take a minute."""

    __tablename__ = "scenario_run"
    __table_args__ = (
        CheckConstraint("task IN ('propose', 'rank')", name="task"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    task: Mapped[str]
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True, info=PERSONAL
    )
    scenario_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("scenario.id", ondelete="CASCADE"), index=True, comment="what it made, or what it ranks"
    )
    request: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="the question, with its seed")
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting", index=True)
    progress: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    outcome: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="the answer, or which constraint is to blame"
    )
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
