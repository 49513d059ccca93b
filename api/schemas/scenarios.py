"""Scenarios: answers, and what is sent to draw them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from api.schemas.common import Listing, Texts
from geo.territory.scenarios.kept import ScenarioDraft, ZoneNumber


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


AtomCode = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]


class Parts(RootModel[Annotated[dict[AtomCode, ZoneNumber | None], Field(max_length=2000)]]):
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


class ZoneShort(BaseModel):
    """A commune, a care area or a local contract by its code."""

    code: str
    name: Texts


class NeedTold(BaseModel):
    """An indicator in a zone."""

    rate: float | None = Field(description="In its own unit; of a sum, per 1,000 inhabitants")
    amount: float | None = Field(description="Of a sum, the sum")


class ZoneWeighed(BaseModel):
    """A zone of a scenario, weighed."""

    number: int
    atoms: int
    population: int
    population_deviation: float | None = Field(description="Share by which it differs from the mean zone")
    area_km2: float
    compactness: float | None = Field(description="Polsby–Popper: 1 is a circle")
    parts: int = Field(description="Into how many pieces it falls")
    communes: list[ZoneShort] = Field(description="As many CPAS to deal with")
    clss: list[ZoneShort]
    hospitals: int
    offer: int = Field(description="Services seen within three years")
    offer_to_check: int
    offer_rate: float | None = Field(description="Services per 10,000 inhabitants")
    needs: dict[str, NeedTold]
    continues: ZoneShort | None = Field(description="The present care area whose inhabitants it keeps")
    moved: int = Field(description="Inhabitants who come from another care area")


class BalanceTold(BaseModel):
    """How an indicator is spread over zones."""

    minimum: float | None
    maximum: float | None
    overall: float | None
    unevenness: float | None = Field(description="Weighted coefficient of variation; 0 is even")
    period: str
    direction: str
    is_sum: bool
    estimated: bool = Field(description="Shared out from larger zones by inhabitants")


class CardTold(BaseModel):
    """A scenario weighed; measures are of what is in a zone."""

    zones: list[ZoneWeighed]
    population: int
    period: str | None
    unplaced_atoms: int
    unplaced_population: int
    empty_atoms: int
    unpublished_atoms: int
    population_minimum: int
    population_maximum: int
    population_imbalance: float | None = Field(description="Coefficient of variation; 0 is even")
    needs: dict[str, BalanceTold]
    offer_unevenness: float | None
    compactness_mean: float | None
    compactness_minimum: float | None
    zones_in_parts: int
    communes_cut: list[ZoneShort]
    clss_cut: list[ZoneShort]
    clss_by_commune: list[ZoneShort]
    clss_unknown: list[ZoneShort]
    cpas_per_zone: float | None
    moved: int
    generalised: bool


class MeasureCompared(BaseModel):
    """One measure over several scenarios."""

    measure: str = Field(description="Of the card, or the id of an indicator")
    is_indicator: bool
    better: Literal["lower", "higher"]
    values: list[float | None]
    best: list[int] = Field(description="Places of the best ones; none where all are as good")


class ScenariosCompared(BaseModel):
    """Scenarios measure by measure; values stand in the order of `scenarios`."""

    scenarios: list[uuid.UUID]
    measures: list[MeasureCompared]


class RunState(BaseModel):
    """A computation. `scenario_id`: what it made, or what it ranks."""

    id: uuid.UUID
    task: Literal["propose", "rank"]
    scenario_id: uuid.UUID | None
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: float = Field(description="From 0 to 1")
    request: dict[str, Any]
    outcome: dict[str, Any] | None = Field(description="The answer, or which constraint is to blame")
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


class AdoptionAsked(BaseModel):
    """The edition that a scenario becomes."""

    model_config = ConfigDict(extra="forbid")

    edition: str = Field(min_length=1, max_length=40, description="Such as 2027; new among those of meso")
    valid_from: dt.date = Field(description="Today or later")


class EditionAdopted(BaseModel):
    """The edition that a scenario became."""

    kind: str
    edition: str
    valid_from: dt.date
    scenario_id: uuid.UUID
