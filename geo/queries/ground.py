"""The ground of the map: which features a reader asks for."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import Integer, Select, Text, select
from sqlalchemy.dialects import postgresql

from geo.db.reads import value
from geo.models.ground import GroundFeature
from geo.queries.filters import Filters, meets_bbox

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z-]{3,20}$")]


class GroundFilters(Filters):
    """What may be asked of the ground. Several kinds mean: any of them."""

    kind: tuple[Kind, ...] = Field((), max_length=20, description="Kinds of feature: park, water, rail …")
    zoom: int | None = Field(None, ge=0, le=24, description="Only what is drawn at this zoom")


def select_ground(shape: frozenset[str], *columns: Any) -> Select[Any]:
    """Return columns of the features that the filters let through.

    Values: `kind` and `zoom`, where given, and the sides of the box.
    """
    rows = select(*columns)
    if "kind" in shape:
        rows = rows.where(GroundFeature.kind == value("kind", postgresql.ARRAY(Text)).any_())
    if "zoom" in shape:
        rows = rows.where(GroundFeature.min_zoom <= value("zoom", Integer))
    return rows.where(meets_bbox(GroundFeature.geom)) if "bbox" in shape else rows
