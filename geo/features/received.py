"""Features as they are sent to be written, and what became of them, for every collection that takes them.

A feature is written through the same properties by which its layer tells it. What the layer tells of a
record but nobody types (its id, its date of verification) is passed over, so that a feature that was read can
be sent back with one value changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo.crs import CRS84, WGS84, Crs, transformer
from geo.errors import ContentRefused, Fault
from geo.layers.base import Layer

M = TypeVar("M", bound=BaseModel)

#: How deep positions may lie in coordinates (those of a MultiPolygon), and how far a number may go.
_DEEPEST, _FARTHEST = 3, 1e9

#: The member of a feature that is no property, and names itself in faults.
GEOMETRY = "geometry"


class FeatureReceived(BaseModel):
    """A whole GeoJSON feature. Members that GeoJSON doesn't know are passed over, as it asks."""

    model_config = ConfigDict(frozen=True)

    type: Literal["Feature"]
    id: str | int | None = Field(None, description="Passed over by POST; PUT refuses another one")
    geometry: dict[str, Any] | None = Field(description="GeoJSON, in the system of Content-Crs, else CRS84")
    properties: dict[str, Any] | None


class FeatureChanges(BaseModel):
    """A merge patch (RFC 7396) of a feature: only what changes; null takes a value away."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["Feature"] = "Feature"
    id: str | int | None = Field(None, description="No other than it is")
    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a feature: its id, its version, and whether a moderator has to look first."""

    fid: str
    version: int
    is_waiting: bool = False


def in_degrees(geometry: dict[str, Any], crs: Crs) -> dict[str, Any]:
    """Return a GeoJSON geometry of a reference system in CRS84. What is no position is left to be refused."""
    if crs == CRS84:
        return geometry
    return geometry | {"coordinates": _turned(geometry.get("coordinates"), crs, _DEEPEST)}


def _turned(given: Any, crs: Crs, depth: int) -> Any:
    if not isinstance(given, list | tuple) or depth < 0:
        return given
    if not _is_position(given):
        return [_turned(each, crs, depth - 1) for each in given]
    x, y = (given[1], given[0]) if crs.is_lat_lon else (given[0], given[1])
    return list(transformer(crs.epsg, WGS84).transform(x, y))


def _is_position(given: list[Any] | tuple[Any, ...]) -> bool:
    numbers = [each for each in given[:2] if type(each) in (int, float) and abs(each) < _FARTHEST]
    return len(numbers) == 2


def expect_same_id(received: FeatureReceived | FeatureChanges, fid: str) -> None:
    """Refuse a feature sent to the address of another.

    Raises
    ------
    ContentRefused
        If it says another id.
    """
    if received.id is not None and str(received.id) != fid:
        raise ContentRefused(Fault("id", "not_known", {"value": str(received.id)[:80]}))


def replaced(layer: Layer[Any], known: BaseModel, received: FeatureReceived) -> dict[str, Any]:
    """Return a record's values with all that its layer tells replaced by a feature.

    What the layer doesn't tell, such as a description, stays unless the feature says it too.
    """
    told = {each.name for each in layer.properties} | {GEOMETRY}
    hidden = {name: value for name, value in known.model_dump().items() if name not in told}
    return hidden | values_of(layer, type(known), received)


def changed(layer: Layer[Any], known: BaseModel, changes: FeatureChanges) -> dict[str, Any]:
    """Return a record's values with those of a merge patch changed."""
    given = changes.model_fields_set
    values = known.model_dump() | _typed(layer, type(known).model_fields, changes.properties)
    return values | ({GEOMETRY: changes.geometry} if GEOMETRY in given else {})


def values_of(layer: Layer[Any], model: type[BaseModel], received: FeatureReceived) -> dict[str, Any]:
    """Return the values of a feature, without those that its layer tells and nobody types."""
    return _typed(layer, model.model_fields, received.properties or {}) | {GEOMETRY: received.geometry}


def draft_from(model: type[M], values: Mapping[str, Any]) -> M:
    """Return what was sent as a draft.

    Raises
    ------
    ContentRefused
        Naming each property that can't be taken, and what is wrong with it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ContentRefused(*(_fault(each) for each in error.errors(include_url=False))) from None


def _typed(layer: Layer[Any], fields: Collection[str], given: Mapping[str, Any]) -> dict[str, Any]:
    passed_over = {each.name for each in layer.properties} - set(fields) | {GEOMETRY}
    return {name: value for name, value in given.items() if name not in passed_over}


def _fault(error: Any) -> Fault:
    where = [str(each) for each in error["loc"]]
    at = where if where[:1] == [GEOMETRY] else ["properties", *where]
    return Fault(".".join(at), error["type"], error.get("ctx") or {})
