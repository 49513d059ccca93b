"""What may be asked of the features of any layer: query parameters, and the question that comes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from api.parameters import Parameters
from geo.crs import CRS84, CRS84_URI, Crs, find_crs
from geo.errors import InvalidParameter
from geo.features.asked import Asked, SortKey
from geo.features.boxes import Box, read_box
from geo.features.cql2 import Condition, queryables_of, read_condition, sortables_of
from geo.features.intervals import read_interval
from geo.layers.base import Layer
from geo.queries.filters import Filters

Finite = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, StringConstraints(max_length=80)]
MAX_LIMIT: Final = 1000
DEFAULT_LIMIT: Final = 10
#: Longer than any filter that is read; what is wrong with a shorter one is told by who reads it.
_LONGEST_FILTER: Final = 100_000


class Systems(Parameters):
    """In which reference system coordinates are told."""

    crs: str = Field(CRS84_URI, max_length=200, description="Of the answer: URI of one of those offered")

    @property
    def told(self) -> Crs:
        """Return it."""
        return CRS84 if self.crs == CRS84_URI else find_crs(self.crs)


class Conditions(Parameters):
    """What features have to meet besides the filters of their layer."""

    ids: tuple[Name, ...] = Field((), max_length=MAX_LIMIT, description="Ids of features")
    datetime: str | None = Field(
        None, max_length=200, description="An instant, or since/until; .. for an open end"
    )
    filter: str | None = Field(
        None, max_length=_LONGEST_FILTER, description="A condition in CQL2 on the layer's queryables"
    )
    filter_lang: Literal["cql2-text", "cql2-json", "cql-text"] = Field(
        "cql2-text", alias="filter-lang", description="How the condition is written; cql-text: as cql2-text"
    )
    filter_crs: str = Field(
        CRS84_URI, alias="filter-crs", max_length=200, description="Of coordinates in the condition"
    )

    def where(self, layer: Layer[Any]) -> Condition | None:
        """Return the condition, if one is given.

        Raises
        ------
        InvalidFilter, InvalidParameter
            If it can't be taken, or its reference system isn't offered.
        """
        crs = find_crs(self.filter_crs, "filter-crs")
        if self.filter is None:
            return None
        lang: Literal["cql2-text", "cql2-json"] = (
            "cql2-json" if self.filter_lang == "cql2-json" else "cql2-text"
        )
        return read_condition(self.filter, lang, queryables_of(layer), crs.epsg, is_lat_lon=crs.is_lat_lon)

    def add_to(self, asked: Asked) -> Asked:
        """Return a question with these conditions besides its own."""
        times = read_interval(self.datetime) if self.datetime else None
        return replace(asked, ids=self.ids, times=times, where=self.where(asked.layer))


class FeatureParameters(Conditions, Systems):
    """What may be asked of a layer's features: which, in which order, and what is told of them."""

    limit: int = Field(
        DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many features at most; files hold all without it"
    )
    after: str | None = Field(None, max_length=2000, description="Where to go on: as a next link says")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many to pass over; `after` is quicker")
    bbox: tuple[Finite, ...] = Field(
        (), min_length=4, max_length=6, description="west,south,east,north in degrees, or as bbox-crs says"
    )
    bbox_crs: str = Field(CRS84_URI, alias="bbox-crs", max_length=200, description="Of bbox: a URI")
    sortby: tuple[Name, ...] = Field(
        (), max_length=20, description="Names of properties; with - before, the largest first"
    )
    properties: tuple[Name, ...] = Field(
        (), max_length=100, description="Names of those to tell; without it, all"
    )
    count: Literal["exact"] | None = Field(
        None, description="exact: count all that match, also where they are many"
    )

    def asked(self, layer: Layer[Any], filters: Filters) -> Asked:
        """Return the question.

        Raises
        ------
        InvalidParameter, UnknownParameter, InvalidFilter
            Naming the parameter that can't be taken.
        """
        told = self.told
        asked = Asked(
            layer,
            filters,
            box=self.box,
            sort=self._sort(layer),
            properties=self._properties(layer),
            crs=told.epsg,
            is_flipped=told.is_lat_lon,
        )
        return self.add_to(asked)

    @property
    def most(self) -> int | None:
        """Return how many features a file holds at most; None: all."""
        return self.limit if "limit" in self.model_fields_set else None

    @property
    def box(self) -> Box | None:
        """Return the box, if one is given."""
        crs = CRS84 if self.bbox_crs == CRS84_URI else find_crs(self.bbox_crs, "bbox-crs")
        return read_box(self.bbox, crs.epsg, is_lat_lon=crs.is_lat_lon) if self.bbox else None

    def _sort(self, layer: Layer[Any]) -> tuple[SortKey, ...]:
        if not self.sortby:
            return ()
        keys: dict[str, SortKey] = {}
        for each in self.sortby:  # a plus in an address is read as a space
            key = SortKey(each.lstrip("+- "), each.startswith("-"))
            keys.setdefault(key.name, key)
        _refuse_unknown("sortby", keys, sortables_of(layer))
        return tuple(keys.values())

    def _properties(self, layer: Layer[Any]) -> tuple[str, ...] | None:
        if not self.properties:
            return None
        known = tuple(each.name for each in layer.properties)
        _refuse_unknown("properties", self.properties, known)
        return tuple(name for name in known if name in self.properties)


def _refuse_unknown(parameter: str, names: Iterable[str], known: Collection[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidParameter(name=parameter, value=unknown[0], expected=", ".join(known))
