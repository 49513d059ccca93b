"""Filters: the typed parameters of a query, their shape and their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Double, and_, func, literal_column
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, value
from geo.errors import UnknownValue
from geo.vocabulary import Bbox

SIDES = Bbox._fields

#: What a layer without references to other records says of its filters' values.
NONE_UNKNOWN: ColumnElement[list[str]] = literal_column("'{}'::text[]")


class Filters(BaseModel):
    """The filters every layer has. Frozen, and anything unknown is refused.

    A filter that is given becomes a named value of the query; `shape` says which are given, so that a
    compiled statement can be used again for other values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bbox: Bbox | None = Field(None, description="west,south,east,north in degrees (EPSG:4326)")

    @field_validator("bbox")
    @classmethod
    def _box_is_on_earth(cls, bbox: Bbox | None) -> Bbox | None:
        if bbox and not (-180 <= bbox.west <= bbox.east <= 180):
            raise PydanticCustomError("bbox_longitudes", "west <= east, both between -180 and 180")
        if bbox and not (-90 <= bbox.south <= bbox.north <= 90):
            raise PydanticCustomError("bbox_latitudes", "south <= north, both between -90 and 90")
        return bbox

    @property
    def shape(self) -> frozenset[str]:
        """Return the names of the filters that restrict the answer."""
        return frozenset(name for name, given in vars(self).items() if given is not None and given != ())

    def refuse(self, unknown: Sequence[str]) -> None:
        """Refuse the first of the filters that the query found to name nothing.

        Raises
        ------
        UnknownValue
            If there is one.
        """
        for name in unknown[:1]:
            given = getattr(self, name)
            raise UnknownValue(name=name, value=", ".join(given) if isinstance(given, tuple) else given)

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        values = {name: list(given) if type(given) is tuple else given for name, given in vars(self).items()}
        return values | dict(zip(SIDES, self.bbox or (None,) * 4, strict=True))


def meets_bbox(geom: Any) -> ColumnElement[bool]:
    """Return the condition that a geometry (EPSG:4326) meets the box of the values west … north."""
    box = func.ST_MakeEnvelope(*(value(side, Double) for side in SIDES), number(WGS84))
    return and_(geom.op("&&")(box), func.ST_Intersects(geom, box))
