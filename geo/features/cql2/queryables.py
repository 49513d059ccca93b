"""What a layer can be filtered by: its properties and its geometry, nothing else of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from geo.features.cql2.expressions import array_of, is_array
from geo.layers import layers
from geo.layers.base import Layer
from geo.vocabulary import Text

#: Names of the geometry of every layer: to readers, and among the columns of its rows.
GEOMETRY: Final = "geometry"
_COLUMN: Final = "geom"
_PLACE: Final = Text("Géométrie", "Geometrie", "Geometry")


@dataclass(frozen=True, slots=True)
class Queryable:
    """A property that a filter may name.

    Attributes
    ----------
    type : str
        `string`, `number`, `integer`, `boolean`, `date`, `timestamp`, `geometry`, or `array of string` etc.
    column : str
        Name of the column that holds it; empty: the same.
    geometry : str
        Of geometries, which: point, line, polygon or mixed.
    """

    name: str
    type: str
    title: Text
    column: str = ""
    geometry: str = "mixed"


def queryables_of(layer: Layer[Any]) -> MappingProxyType[str, Queryable]:
    """Return what a layer can be filtered by, by name."""
    return _queryables(layer.id)


def sortables_of(layer: Layer[Any]) -> MappingProxyType[str, Queryable]:
    """Return what the features of a layer can be sorted by, by name: what has an order."""
    found = queryables_of(layer)
    ordered = {
        name: each for name, each in found.items() if each.type != "geometry" and not is_array(each.type)
    }
    return MappingProxyType(ordered)


@cache
def _queryables(layer_id: str) -> MappingProxyType[str, Queryable]:
    layer = layers()[layer_id]
    found = [Queryable(GEOMETRY, "geometry", _PLACE, _COLUMN, layer.geometry)]
    found += [
        Queryable(each.name, array_of("string") if each.type == "array" else each.type, each.title)
        for each in layer.properties
    ]
    return MappingProxyType({each.name: each for each in found})
