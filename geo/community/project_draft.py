"""What a team says of a project, as it is typed: everything may still be missing."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from geo.community.shapes import check_shape
from geo.community.texts import (
    Content,
    Line,
    Lines,
    MailAddress,
    Passage,
    Passages,
    Phone,
    Stories,
    Title,
    Titles,
    WebAddress,
)
from geo.errors import Fault
from geo.queries.services import Code, ZoneName
from geo.vocabulary import Audience, Lang

Progress = Literal["idea", "preparing", "running", "paused", "finished"]
WhereKind = Literal["point", "area", "streets", "zones"]
Day = Annotated[dt.date, Field(ge=dt.date(1950, 1, 1), le=dt.date(2100, 12, 31))]

#: The texts of a project in three languages.
TEXTS = ("title", "summary", "description", "needs", "offer", "results", "lessons", "function_in_charge")
#: The languages that are asked for; English is a gift.
ASKED: tuple[Lang, ...] = ("fr", "nl")

_SHAPES = {"point": ("Point",), "area": ("Polygon", "MultiPolygon")}


class Where(Content):
    """Where a project takes place, in one of four ways."""

    kind: WhereKind
    geometry: dict[str, Any] | None = Field(
        None, description="GeoJSON in degrees (EPSG:4326): a Point, or a Polygon or MultiPolygon"
    )
    address: Line = None
    zones: Annotated[tuple[ZoneName, ...], Field(max_length=200)] = Field(
        (), description="For kind zones: the zones chosen, such as quartier:36"
    )
    streets: Annotated[tuple[uuid.UUID, ...], Field(max_length=50)] = Field(
        (), description="For kind streets: their ids, as /search/places tells them"
    )

    @field_validator("geometry")
    @classmethod
    def _is_of_the_kind(cls, given: dict[str, Any] | None, info: ValidationInfo) -> dict[str, Any] | None:
        types = _SHAPES.get(info.data.get("kind", ""))
        if given is None or types is None:
            return None
        return check_shape(given, *types)

    @field_validator("zones", "streets")
    @classmethod
    def _once_each(cls, given: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(given)) if info.data.get("kind") == info.field_name else ()

    @property
    def is_told(self) -> bool:
        """Return whether it says enough to be found on a map."""
        told = {"zones": self.zones, "streets": self.streets}
        return bool(told.get(self.kind, self.geometry))


class Link(Content):
    """A page elsewhere."""

    url: WebAddress = Field(description="http:// or https://")
    title: Title = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Link:
        if self.url is None:
            raise PydanticCustomError("missing", "url")
        return self


class ProjectDraft(Content):
    """The content of a project. Texts are plain text; names of persons do not belong here."""

    title: Titles = Titles()
    summary: Lines = Lines()
    description: Stories = Stories()
    needs: Passages = Passages()
    offer: Passages = Passages()
    results: Passages = Passages()
    lessons: Passages = Passages()
    function_in_charge: Titles = Field(Titles(), description="A function, never the name of a person")
    themes: Annotated[tuple[Code, ...], Field(max_length=10)] = Field(
        (), description="Codes of themes; the first is the main one"
    )
    audiences: Annotated[tuple[Audience, ...], Field(max_length=14)] = ()
    lead_organization_id: uuid.UUID | None = Field(None, description="An organization of the directory")
    partner_ids: Annotated[tuple[uuid.UUID, ...], Field(max_length=50)] = Field(
        (), description="Organizations of the directory"
    )
    other_partners: Passage = Field(None, description="Organizations that the directory doesn't know")
    starts_on: Day | None = None
    ends_on: Day | None = None
    progress: Progress | None = None
    funding: Line = None
    links: Annotated[tuple[Link, ...], Field(max_length=20)] = ()
    contact_email: MailAddress = Field(None, description="Of the organization")
    contact_phone: Phone = None
    website: WebAddress = None
    where: Where | None = None

    @field_validator("ends_on")
    @classmethod
    def _ends_after_it_starts(cls, ends_on: dt.date | None, info: ValidationInfo) -> dt.date | None:
        starts_on = info.data.get("starts_on")
        if ends_on and starts_on and ends_on < starts_on:
            raise PydanticCustomError("ends_before_start", "after the start", {"start": str(starts_on)})
        return ends_on

    @field_validator("themes", "audiences", "partner_ids")
    @classmethod
    def _once_each(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(given))

    @property
    def missing_languages(self) -> tuple[Lang, ...]:
        """Return the languages that are asked for in which some text is missing that another one has."""
        told = [getattr(self, name) for name in TEXTS]
        return tuple(lang for lang in ASKED if any(each and not getattr(each, lang) for each in told))

    def gaps(self) -> list[Fault]:
        """Return what is still missing before it can be submitted. A language never is."""
        needed = {
            "title": self.title.fr or self.title.nl,
            "summary": self.summary or self.description,
            "themes": self.themes,
            "where": self.where and self.where.is_told,
        }
        return [Fault(name, "missing") for name, given in needed.items() if not given]
