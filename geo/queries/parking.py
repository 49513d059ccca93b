"""Places lent by Parking+: which of them a viewer may see. Carers alone see any."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Double, Integer, Select, and_, cast, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import named_point_m
from geo.db.reads import quoted, value
from geo.models.parking import ParkingPlace
from geo.queries.filters import Filters, meets_bbox
from geo.queries.visibility import is_visible
from geo.vocabulary import Viewer, Visibility


class ParkingFilters(Filters):
    """Filters of the places lent."""


def is_lent() -> ColumnElement[bool]:
    """Return the condition that the lender has consented, and does not pause today (a day in Brussels)."""
    today = cast(func.timezone(quoted("Europe/Brussels"), func.now()), Date)
    return or_(
        ParkingPlace.status == quoted("lent"),
        and_(ParkingPlace.status == quoted("paused"), ParkingPlace.paused_until <= today),
    )


def select_places(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return columns of the places that the viewer may see and that are lent today. Never the lender's."""
    chosen = select(*columns).where(is_visible(quoted(Visibility.CARER), viewer), is_lent())
    return chosen.where(meets_bbox(ParkingPlace.geom)) if "bbox" in shape else chosen


def select_nearest(viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the places nearest to the point of the values lon, lat, with `distance_m`.

    Values: lon, lat (EPSG:4326), reach_m (no farther than this), k.
    """
    origin_m = named_point_m()
    distance_m = ParkingPlace.geom_m.op("<->")(origin_m)
    return (
        select_places(frozenset(), viewer, *columns, distance_m.label("distance_m"))
        .where(func.ST_DWithin(ParkingPlace.geom_m, origin_m, value("reach_m", Double)))
        .order_by(distance_m)
        .limit(value("k", Integer))
    )
