"""Teams, and the areas in which they may write."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Team(Base):
    """A local team: of a CLSS, a relais d'action quartier, a partner."""

    __tablename__ = "team"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="SET NULL"), comment="who carries it"
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    example: Mapped[bool] = mapped_column(default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class TeamMember(Base):
    """An account belongs to a team; a coordinator invites others."""

    __tablename__ = "team_member"

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_coordinator: Mapped[bool] = mapped_column(default=False, server_default="false")
    since: Mapped[dt.date]


class Mandate(Base):
    """A team may write in a zone: a CLSS, a quartier, a bassin."""

    __tablename__ = "mandate"

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="RESTRICT"), primary_key=True)


class ZoneMember(Base):
    """A zone without official limits (a CLSS) is made of these quartiers or sectors: entered by hand."""

    __tablename__ = "zone_member"

    zone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("zone.id", ondelete="RESTRICT"), primary_key=True)
    entered_on: Mapped[dt.date]
