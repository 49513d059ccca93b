"""Teams and the audit, as administrators read and write them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.common import Listing, Texts, ZoneNamed
from geo.vocabulary import ZoneKind

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=160, pattern=r"^[^\x00-\x1f\x7f]*$")
]
ZoneReference = Annotated[
    str, StringConstraints(pattern=rf"^({'|'.join(ZoneKind)}):[0-9A-Za-z_.-]{{1,60}}$", max_length=80)
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NameIn(_Body):
    """A name in up to three languages."""

    fr: Name | None = None
    nl: Name | None = None
    en: Name | None = None


class TeamIn(_Body):
    """A team, to be kept."""

    id: uuid.UUID | None = Field(
        None, description="Given by the sender, so that sending twice makes one team"
    )
    name: NameIn
    organization_id: uuid.UUID | None = None
    is_active: bool = True


class TeamContent(_Body):
    """What of a team can be changed."""

    name: NameIn
    organization_id: uuid.UUID | None = None
    is_active: bool = True


class ZonesIn(_Body):
    """Zones by `kind:code`."""

    zones: list[ZoneReference] = Field(max_length=800, examples=[["quartier:36", "clss:marolles"]])


class TeamWritten(BaseModel):
    """Which team was written, and its version now."""

    id: uuid.UUID
    version: int


class TeamTold(BaseModel):
    """A team. Mail addresses of members are told on pages alone."""

    id: uuid.UUID
    name: Texts
    organization_id: uuid.UUID | None
    organization: Texts
    is_active: bool
    example: bool
    version: int
    members: int
    coordinators: int
    zones: list[ZoneNamed]


class TeamList(Listing):
    """Teams by name."""

    items: list[TeamTold]


class EventTold(BaseModel):
    """Something that was written; `actor_key` is the pseudonym of an account."""

    id: int
    at: dt.datetime
    actor_key: uuid.UUID | None
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    team_id: uuid.UUID | None
    before: dict[str, Any]
    after: dict[str, Any]


class EventList(BaseModel):
    """Events, the latest first; `before` of the next page is the last id of this one."""

    items: list[EventTold]
    numberReturned: int  # noqa: N815 - the OGC's word
    next: int | None = Field(description="Value of `before` for the next page")
