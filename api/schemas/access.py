"""Ways and areas on foot as the API tells them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import NetworkTold, Texts
from geo.vocabulary import Walker


class Line(BaseModel):
    """A GeoJSON line, EPSG:4326."""

    type: Literal["LineString"]
    coordinates: list[list[float]]


class Leg(BaseModel):
    """Part of a walk along one street."""

    text: Texts = Field(description="What to do, as one sentence")
    street: Texts | None = Field(description="Null where the street has no name")
    turn: str = Field(description="start, straight, left, right or back")
    length_m: int
    minutes: float
    notes: list[str] = Field(description="For example steps, rough, uphill, unlit")


class Walk(BaseModel):
    """A walk from one place to another."""

    walker: Walker
    to: list[float] = Field(description="Where it ends, [lon, lat]: the nearest place of the service")
    minutes: float
    walk_minutes: int = Field(description="Whole minutes, rounded up")
    length_m: int = Field(description="Along the streets")
    back_minutes: int | None = Field(description="Whole minutes for the way back; null: no way is known")
    geometry: Line
    legs: list[Leg]
    hints: list[Texts] = Field(description="What is worth knowing: steps, hills, the way back")
    network: NetworkTold


class Area(BaseModel):
    """A GeoJSON MultiPolygon, EPSG:4326; empty where nothing is within reach."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[list[float]]]]


class Within(BaseModel):
    """What is within some minutes."""

    minutes: float
    area_km2: float


class ReachFeature(BaseModel):
    """One area."""

    type: Literal["Feature"]
    geometry: Area
    properties: Within


class ReachCollection(BaseModel):
    """Areas within some minutes on foot, each within the next."""

    type: Literal["FeatureCollection"]
    walker: Walker
    network: NetworkTold
    features: list[ReachFeature]


class WalkerTold(BaseModel):
    """Somebody who walks."""

    walker: Walker
    name: Texts
    speed_m_per_min: float = Field(description="On level, even ground")


class StreetNetwork(NetworkTold):
    """The streets that minutes are measured on."""

    nodes: int = Field(description="Junctions and ends")
    edges: int = Field(description="Streets between two of them")
    parts: int = Field(description="Parts that no way joins; most places lie in the largest")
    length_km: float
    walkers: list[WalkerTold]
