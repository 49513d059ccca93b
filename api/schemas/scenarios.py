"""Scenarios: answers, and what is sent to draw them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field, RootModel

from api.schemas.common import Listing, Texts
from geo.territory.scenarios_kept import ScenarioDraft, ZoneNumber


class ScenarioZoneTold(BaseModel):
    """A zone of a scenario."""

    number: int
    name: Texts
    atoms: int = Field(description="How many quartiers or sectors are in it")


class ScenarioItem(BaseModel):
    """A scenario in a list."""

    id: uuid.UUID
    name: str
    note: str | None
    atom_kind: Literal["quartier", "secteur"] = Field(description="What its zones are made of")
    atom_edition: str
    origin: Literal["drawn", "proposed", "copied"]
    is_mine: bool
    is_shared: bool
    shared_key: str | None = Field(description="What its link ends with; told to its owner alone")
    example: bool
    created_at: dt.datetime
    changed_at: dt.datetime
    version: int
    zones: list[ScenarioZoneTold]
    atoms: int = Field(description="How many quartiers or sectors there are")
    generalised: bool = Field(description="True while their limits are our own approximation")
    placed: int = Field(description="How many of them are in a zone")


class ScenarioFull(ScenarioItem):
    """A scenario in full."""

    parts: dict[str, int] = Field(description="Code of a quartier or sector → number of its zone")


class ScenarioList(Listing):
    """Scenarios that one may see, the one changed last first."""

    items: list[ScenarioItem]


class NewScenario(ScenarioDraft):
    """A scenario to begin; `id` makes sending it twice harmless."""

    id: uuid.UUID | None = None


class Parts(RootModel[dict[str, ZoneNumber | None]]):
    """Code of a quartier or sector → number of the zone it moves to; null takes it out of its zone."""

    model_config = {"json_schema_extra": {"examples": [{"36": 2, "9": None}]}}


class ScenarioWritten(BaseModel):
    """A scenario after a write."""

    id: uuid.UUID
    version: int


class ZoneWritten(ScenarioWritten):
    """A scenario after a zone was added to it."""

    number: int


class Shared(BaseModel):
    """A link with which anybody may read."""

    key: str
    url: str


class ScenarioFeatures(BaseModel):
    """The zones of a scenario as a GeoJSON FeatureCollection (EPSG:4326)."""

    type: Literal["FeatureCollection"]
    name: str
    example: bool
    generalised: bool = Field(description="True while the limits of what it is made of are approximations")
    attribution: list[str]
    features: list[dict[str, Any]]
