"""Projects as the API tells and takes them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import FieldChanged, Listing, Texts, ZoneNamed
from geo.community.comments import MAX_BODY
from geo.community.project_draft import ProjectDraft

EXAMPLE: Any = {
    "team_id": "01999999-0000-7000-8000-000000000001",
    "title": {"fr": "Le banc qui écoute", "nl": "De luisterbank"},
    "summary": {"fr": "Un banc, un thé, quelqu'un qui écoute, le mardi."},
    "themes": ["mental-health"],
    "audiences": ["everybody"],
    "where": {"kind": "zones", "zones": ["quartier:8"]},
}


class TeamNamed(BaseModel):
    """The team that keeps a project."""

    id: uuid.UUID | None
    name: Texts


class OrganizationNamed(BaseModel):
    """An organization of the directory."""

    id: uuid.UUID
    name: Texts


class ProjectListed(BaseModel):
    """A project in a list."""

    id: uuid.UUID
    title: Texts
    summary: Texts
    team: TeamNamed
    lead: Texts = Field(description="Name of the lead organization")
    themes: list[str] = Field(description="Codes; the first is the main one")
    theme_group: str | None
    audiences: list[str]
    progress: str | None
    status: Literal["published", "closed"]
    starts_on: dt.date | None
    ends_on: dt.date | None
    where_kind: str | None
    address: str | None
    lon: float | None = Field(description="Of a point of it")
    lat: float | None
    published_at: dt.datetime
    changed_at: dt.datetime
    example: bool = Field(description="Fictional")


class ProjectList(Listing):
    """A page of projects."""

    items: list[ProjectListed]


class Link(BaseModel):
    """A page elsewhere."""

    url: str
    title: str | None


class WhereTold(BaseModel):
    """Where a project takes place."""

    kind: str | None = Field(description="point, area, streets or zones")
    address: str | None
    lon: float | None = Field(description="Of a point of it")
    lat: float | None
    geometry: dict[str, Any] | None = Field(description="GeoJSON in degrees (EPSG:4326)")
    zones: list[ZoneNamed] = Field(description="The quartiers and communes that it touches")
    chosen: list[ZoneNamed] = Field(description="Of kind zones: those that the team chose")


class Project(BaseModel):
    """A project as it was last published."""

    id: uuid.UUID
    title: Texts
    summary: Texts
    description: Texts
    needs: Texts
    offer: Texts
    results: Texts
    lessons: Texts
    function_in_charge: Texts
    team: TeamNamed
    lead: list[OrganizationNamed] = Field(description="None or one")
    partners: list[OrganizationNamed]
    other_partners: str | None
    themes: list[str]
    theme_group: str | None
    audiences: list[str]
    progress: str | None
    status: Literal["published", "closed"]
    starts_on: dt.date | None
    ends_on: dt.date | None
    funding: str | None
    links: list[Link]
    contact_email: str | None = Field(description="Of the organization")
    contact_phone: str | None
    website: str | None
    where: WhereTold
    revision: int
    published_at: dt.datetime
    changed_at: dt.datetime
    verified_on: dt.date
    example: bool


class ProjectNew(ProjectDraft):
    """A new project of a team. Everything but the team may come later."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    id: uuid.UUID | None = Field(None, description="Your own id, so that sending twice makes one project")
    team_id: uuid.UUID


class Said(BaseModel):
    """A remark. Please name no person in it."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(max_length=MAX_BODY)


class StepTaken(BaseModel):
    """What goes with a step."""

    model_config = ConfigDict(extra="forbid")

    comment: str | None = Field(None, max_length=MAX_BODY, description="Returning a project needs one")


class Remark(BaseModel):
    """A remark between a team and a moderator, signed by a role."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    role: Literal["team", "moderator"]
    body: str
    written_at: dt.datetime
    is_mine: bool


class RemarkList(Listing):
    """All remarks on a project, the oldest first."""

    items: list[Remark]


class Revision(BaseModel):
    """A state of a project's content."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    step: str = Field(description="saved, submitted, withdrawn, returned, published, closed …")
    saved_at: dt.datetime
    is_mine: bool


class RevisionList(Listing):
    """All revisions of a project, the newest first."""

    items: list[Revision]


class Comparison(Listing):
    """The fields in which two revisions differ."""

    items: list[FieldChanged]


class WorkingProject(BaseModel):
    """A project as its team and moderators see it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    team_id: uuid.UUID | None
    status: str = Field(description="draft, submitted, published, closed or archived")
    version: int = Field(description="Also the ETag")
    content: ProjectDraft
    waits_because: str | None = Field(
        description="Why a moderator has to look closely: near_limit, limits_unknown"
    )
    published_revision: int | None = Field(description="The revision that the public sees")
    missing: list[str] = Field(description="Fields without which it can't be submitted")
    missing_languages: list[str] = Field(description="Languages that are asked for; they never block")
    may: list[str] = Field(description="Steps that you may take now")
    may_edit: bool
    changed_at: dt.datetime
    example: bool
