"""What many answers share. These models document answers whose bytes the database builds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, Field

from geo.vocabulary import ZoneKind

MINUTES = (
    "Minutes on foot, rounded up; ceil(distance_m × 1.3 / 75) while estimated; null: no way on foot is known"
)


class Texts(BaseModel):
    """A text in three languages; an absent language is null, never a copy of another."""

    fr: str | None
    nl: str | None
    en: str | None


class NetworkTold(BaseModel):
    """The streets that minutes on foot were measured on."""

    edition: str
    observed_on: dt.date = Field(description="The day whose streets these are")
    attribution: str


class Footing(BaseModel):
    """What minutes on foot stand on."""

    network: NetworkTold | None = Field(description="The streets they were measured on; null: estimated")
    far_from_streets: bool = Field(description="Streets are loaded, but none is near the origin")


class Link(BaseModel):
    """A link to this or another answer."""

    rel: str
    href: str
    type: str


class Listing(BaseModel):
    """What every list says besides its items."""

    numberMatched: int  # noqa: N815 - the OGC's word
    numberReturned: int  # noqa: N815
    links: list[Link]


class ZoneNamed(BaseModel):
    """A zone as other records name it."""

    kind: ZoneKind
    code: str
    name: Texts
    edition: str
    generalised: bool = Field(description="True while the limits are our own approximation")
    provisional: bool = Field(description="True while its composition is inferred, not official")


class Fault(BaseModel):
    """What is wrong with one parameter or field."""

    field: str | None
    detail: str


class FieldChanged(BaseModel):
    """A field whose value differs between two states; values as JSON has them."""

    field: str = Field(description="For example title.nl or where.geometry")
    before: Any
    after: Any


class Problem(BaseModel):
    """Problem details (RFC 9457), in the reader's language."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
    version: int | None = Field(None, description="412: the version that there is now")
    mine: list[FieldChanged] | None = Field(None, description="412: what you changed since you read it")
    theirs: list[FieldChanged] | None = Field(None, description="412: what others changed since")


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


#: The problems that any route may answer with; for `APIRouter(responses=…)`.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem("A parameter is unknown or has a value that is not allowed; it is named"),
    404: _problem("There is nothing at this address"),
    503: _problem("The database is not available or took too long; try again after Retry-After seconds"),
}
#: What a route answers besides that is offered in several formats.
NEGOTIATED: dict[int | str, dict[str, Any]] = {
    406: _problem("None of the formats that the request accepts is offered; it says which are"),
}
#: What a route answers besides that tells ways, areas or minutes on foot.
NO_STREETS: dict[int | str, dict[str, Any]] = {
    422: _problem("No street that can be walked is near this place"),
    404: _problem("There is nothing at this address, or no street network is loaded; see `type`"),
}
#: What a route that adds figures up answers where they can't be.
NOT_ADDED_UP: dict[int | str, dict[str, Any]] = {
    409: _problem("The figure is a median, a mean or an index: parts say nothing of the whole")
}
#: What a route answers to whoever may not use it; added to every route that asks for a right.
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _problem("Nobody is signed in, or the token has ended"),
    403: _problem("The role, the scopes of the token or the area of the team do not include this"),
}
#: How a write may be refused besides.
WRITE_REFUSALS: dict[int | str, dict[str, Any]] = {
    409: _problem("The record is not where this step starts, or exists already"),
    412: _problem("Somebody changed the record since; the difference is told"),
    413: _problem("Too much was sent"),
    422: _problem("A field of the body is not as expected; it is named"),
    428: _problem("If-Match with the version of the record is needed"),
    429: _problem("Too many attempts; try again after Retry-After seconds"),
}
INVALID_BODY: dict[int | str, dict[str, Any]] = {
    422: _problem("A field of the body is not as expected; it is named")
}
#: What a route answers besides that looks at the media type of what it is sent.
UNREADABLE_BODY: dict[int | str, dict[str, Any]] = {
    413: _problem("Too much was sent"),
    415: _problem("The body is of a media type that this address doesn't take; it says which it takes"),
}
#: What writing a record may be answered with besides.
WRITING: dict[int | str, dict[str, Any]] = {
    401: _problem("Nobody is signed in, or the token has ended"),
    403: _problem("Your role or team may not do this, or not there; what lies outside is named"),
    409: _problem("The record is not where this step starts, or the id is taken"),
    412: _problem("Somebody changed it since you read it; `mine` and `theirs` tell what"),
    428: _problem("Send If-Match with the version that you read"),
}
