"""Places as the API tells them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import Listing, Texts


class PlaceFound(BaseModel):
    """A place that answers what was typed."""

    id: str = Field(description="Addresses the place, for example zone:quartier:36 or street:<uuid>")
    kind: Literal["street", "postcode", "stop", "zone", "service", "address"]
    name: Texts
    detail: Texts = Field(description="What tells it from its namesakes")
    lon: float | None = Field(description="EPSG:4326; of a street its middle")
    lat: float | None
    precision: Literal["address", "street", "point", "zone"] = Field(description="What the point stands for")
    number_unknown: bool = Field(description="True when a house number was asked that is not known here")


class PlaceList(Listing):
    """Places that answer what was typed, best first."""

    items: list[PlaceFound]
