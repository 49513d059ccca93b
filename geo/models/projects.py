"""Projects of local teams: the working copy, what is published of it, its history and its talk."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.crs import WGS84
from geo.models.base import PERSONAL, Base, Moderated, geom_column, geom_m_column


class ProjectContent:
    """What a project says of itself; the working copy and the published card have the same columns."""

    title_fr: Mapped[str | None]
    title_nl: Mapped[str | None]
    title_en: Mapped[str | None]
    summary_fr: Mapped[str | None]
    summary_nl: Mapped[str | None]
    summary_en: Mapped[str | None]
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    needs_fr: Mapped[str | None]
    needs_nl: Mapped[str | None]
    needs_en: Mapped[str | None]
    offer_fr: Mapped[str | None]
    offer_nl: Mapped[str | None]
    offer_en: Mapped[str | None]
    results_fr: Mapped[str | None]
    results_nl: Mapped[str | None]
    results_en: Mapped[str | None]
    lessons_fr: Mapped[str | None]
    lessons_nl: Mapped[str | None]
    lessons_en: Mapped[str | None]
    themes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="codes; the first is the main one"
    )
    audiences: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="codes of geo.vocabulary.Audience"
    )
    function_in_charge_fr: Mapped[str | None] = mapped_column(comment="a function, never a person's name")
    function_in_charge_nl: Mapped[str | None]
    function_in_charge_en: Mapped[str | None]
    lead_organization_id: Mapped[uuid.UUID | None] = mapped_column(comment="organization.id")
    partner_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="organization.id of each partner"
    )
    other_partners: Mapped[str | None] = mapped_column(comment="organizations the directory doesn't know")
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    progress: Mapped[str | None] = mapped_column(comment="idea, preparing, running, paused, finished")
    funding: Mapped[str | None] = mapped_column(comment="who pays for it")
    links: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default="[]", comment='[{"url": …, "title": …}]'
    )
    contact_email: Mapped[str | None] = mapped_column(comment="of the organization")
    contact_phone: Mapped[str | None]
    website: Mapped[str | None]
    where_kind: Mapped[str | None] = mapped_column(comment="point, area, streets or zones")
    address: Mapped[str | None]
    chosen_zone_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="where_kind zones: the quartiers chosen"
    )
    street_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="where_kind streets: place.id"
    )
    zone_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", comment="every zone valid today that it touches, computed"
    )


class Project(ProjectContent, Moderated, Base):
    """The working copy that a team edits; nobody else sees it."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'submitted', 'published', 'closed', 'archived')", name="status"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="period"),
        CheckConstraint("where_kind IN ('point', 'area', 'streets', 'zones')", name="where_kind"),
        CheckConstraint(
            "progress IN ('idea', 'preparing', 'running', 'paused', 'finished')", name="progress"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    closed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    geom: Mapped[Any] = geom_column("GEOMETRY", nullable=True)
    geom_m: Mapped[Any] = geom_m_column("GEOMETRY")


class ProjectCard(ProjectContent, Base):
    """A project as it was last published: what every list, map, tile, feed and export reads."""

    __tablename__ = "project_card"
    __table_args__ = (
        Index("ix_project_card_zone_ids", "zone_ids", postgresql_using="gin"),
        Index("ix_project_card_themes", "themes", postgresql_using="gin"),
        Index(
            "ix_project_card_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[uuid.UUID | None]
    team_fr: Mapped[str | None]
    team_nl: Mapped[str | None]
    team_en: Mapped[str | None]
    lead_fr: Mapped[str | None] = mapped_column(comment="name of the lead organization")
    lead_nl: Mapped[str | None]
    lead_en: Mapped[str | None]
    theme_group: Mapped[str | None] = mapped_column(comment="group of the main theme")
    status: Mapped[str] = mapped_column(comment="published or closed")
    visibility: Mapped[str]
    revision: Mapped[int] = mapped_column(comment="number of the revision that is shown")
    published_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    verified_on: Mapped[dt.date] = mapped_column(comment="when the team last confirmed it")
    search_text: Mapped[str]
    example: Mapped[bool]
    geom: Mapped[Any] = geom_column("GEOMETRY", nullable=True)
    geom_m: Mapped[Any] = geom_m_column("GEOMETRY")
    point: Mapped[Any] = mapped_column(
        Geometry("POINT", srid=WGS84, spatial_index=False),
        Computed("ST_PointOnSurface(geom)", persisted=True),
        nullable=True,
        comment="a point of it, for labels and lists",
    )


class ProjectRevision(Base):
    """A project's content as it stood after a save or a step; differences are drawn between two."""

    __tablename__ = "project_revision"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    number: Mapped[int]
    version: Mapped[int] = mapped_column(comment="the project's version from then on")
    step: Mapped[str] = mapped_column(comment="saved, submitted, returned, published, closed, archived …")
    is_autosave: Mapped[bool] = mapped_column(
        default=False, server_default="false", comment="the next save by the same author takes its place"
    )
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    author_key: Mapped[uuid.UUID | None]
    saved_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ProjectComment(Base):
    """A remark between a team and a moderator; signed by a role, never by a name."""

    __tablename__ = "project_comment"
    __table_args__ = (CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name="body_length"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    author_key: Mapped[uuid.UUID | None] = mapped_column(info=PERSONAL)
    author_role: Mapped[str] = mapped_column(comment="team or moderator")
    body: Mapped[str] = mapped_column(info=PERSONAL)
    written_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
