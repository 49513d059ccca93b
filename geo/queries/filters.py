"""Filters: the typed parameters of a query, their shape and their values."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Double, and_, func
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, value
from geo.vocabulary import Bbox

SIDES = Bbox._fields


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
            raise ValueError("longitudes lie between -180 and 180, west before east")
        if bbox and not (-90 <= bbox.south <= bbox.north <= 90):
            raise ValueError("latitudes lie between -90 and 90, south before north")
        return bbox

    @property
    def shape(self) -> frozenset[str]:
        """Return the names of the filters that restrict the answer."""
        return frozenset(name for name, given in self if given is not None and given != ())

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        values = {name: list(given) if type(given) is tuple else given for name, given in self}
        return values | dict(zip(SIDES, self.bbox or (None,) * 4, strict=True))


def meets_bbox(geom: Any) -> ColumnElement[bool]:
    """Return the condition that a geometry (EPSG:4326) meets the box of the values west … north."""
    box = func.ST_MakeEnvelope(*(value(side, Double) for side in SIDES), number(WGS84))
    return and_(geom.op("&&")(box), func.ST_Intersects(geom, box))
