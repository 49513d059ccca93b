"""What an editor of the directory says of a service at a place: flat, as the layer of services tells it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from geo.community.shapes import check_shape
from geo.community.texts import Content, Line, MailAddress, Phone, Story, Title, WebAddress
from geo.queries.services import Code

PostalCode = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class ServiceDraft(Content):
    """The content of a service at one place. Contacts are those of the service, never of a person."""

    name_fr: Title = None
    name_nl: Title = None
    name_en: Title = None
    summary_fr: Line = None
    summary_nl: Line = None
    summary_en: Line = None
    description_fr: Story = None
    description_nl: Story = None
    description_en: Story = None
    theme: Code = Field(description="Code of the main theme")
    other_themes: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    languages: Annotated[tuple[Code, ...], Field(max_length=40)] = Field(
        (), description="Spoken there: ISO 639-1, else 639-3; sign languages sfb, vgt"
    )
    organization_id: uuid.UUID | None = Field(None, description="An organization of the directory")
    is_free: bool | None = Field(None, description="null: not known")
    is_low_threshold: bool | None = None
    papers_required: bool | None = None
    has_interpreter: bool | None = None
    wheelchair: Literal["yes", "limited", "no"] | None = None
    street_fr: Line = Field(None, description="Street and number")
    street_nl: Line = None
    postal_code: PostalCode | None = None
    city_fr: Title = None
    city_nl: Title = None
    phone: Phone = None
    email: MailAddress = Field(None, description="Of the service, not of a person")
    website: WebAddress = None
    geometry: dict[str, Any] = Field(description="A GeoJSON Point in degrees (EPSG:4326)")

    @field_validator("geometry")
    @classmethod
    def _is_a_point(cls, given: dict[str, Any]) -> dict[str, Any]:
        return check_shape(given, "Point")

    @field_validator("other_themes")
    @classmethod
    def _are_others(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return tuple(each for each in dict.fromkeys(given) if each != info.data.get("theme"))

    @field_validator("languages")
    @classmethod
    def _once_each(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(given))


def _named(*fields: str) -> tuple[str, ...]:
    return tuple(f"{name}_{lang}" for name in fields for lang in ("fr", "nl", "en"))


#: What stands in the service's own row under the same name, and in its address.
OF_SERVICE = (
    *_named("name", "summary", "description"),
    "organization_id", "is_free", "is_low_threshold", "papers_required", "has_interpreter", "email",
)  # fmt: skip
OF_ADDRESS = ("street_fr", "street_nl", "postal_code", "city_fr", "city_nl")
