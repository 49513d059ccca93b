"""Places lent near a carer's visit. What is asked is bound to the query and kept nowhere."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, func, select

from geo.crs import ensure_metres_hold, named_point
from geo.db.reads import Reader, ReadQuery, as_bytes, json_object, value
from geo.directory.items import OpenState
from geo.directory.schedules import BRUSSELS, PlaceSchedule, expand
from geo.errors import OutsideRegion
from geo.models.parking import ParkingPlace
from geo.queries.parking import ParkingFilters, select_nearest, select_places
from geo.queries.zones import covering
from geo.vocabulary import LonLat, Viewer, ZoneKind

MAX_K = 100
#: A carer who parks farther away walks longer than a visit bears.
REACH_M = 1_000
_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)

_TOLD = (
    ParkingPlace.id,
    ParkingPlace.address,
    ParkingPlace.conditions,
    ParkingPlace.opening_hours,
    ParkingPlace.example,
    func.ST_X(ParkingPlace.geom).label("lon"),
    func.ST_Y(ParkingPlace.geom).label("lat"),
)


@dataclass(frozen=True, slots=True)
class LentPlace:
    """A place as carers see it.

    Attributes
    ----------
    opening_hours : str or None
        OSM syntax, Europe/Brussels; None: at any time.
    open : OpenState
        Whether it may be used at the moment that was asked about, and until or from when.
    distance_m : int or None
        Straight line from where the carer goes.
    """

    id: uuid.UUID
    address: str
    conditions: str | None
    opening_hours: str | None
    lon: float
    lat: float
    example: bool
    open: OpenState
    distance_m: int | None = None

    @property
    def point(self) -> LonLat:
        """Return where it is."""
        return LonLat(self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class LentPlaces:
    """Places, and how many match in all."""

    items: tuple[LentPlace, ...]
    matched: int


def _near(viewer: Viewer) -> Select[Any]:
    rows = select_nearest(viewer, *_TOLD).subquery("near")
    array = func.json_agg(json_object(**{column.key: column for column in rows.c}))
    inside: Any = covering(ZoneKind.SECTEUR, named_point())
    return select(as_bytes(select(array).scalar_subquery()).label("items"), inside.label("inside"))


def _listed(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    matched = select_places(shape, viewer, *_TOLD).cte("matched")
    chosen = select(matched).order_by(matched.c.address, matched.c.id)
    rows = chosen.limit(value("limit", Integer)).offset(value("offset", BigInteger)).subquery("chosen")
    array = func.json_agg(json_object(**{column.key: column for column in rows.c}))
    return select(
        as_bytes(select(array).scalar_subquery()).label("items"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
    )


_NEAR = ReadQuery(_near)
_LISTED = ReadQuery(_listed)


async def find_lent_near(
    reader: Reader,
    origin: LonLat,
    viewer: Viewer,
    *,
    k: int = 20,
    reach_m: float = REACH_M,
    moment: dt.datetime | None = None,
) -> tuple[LentPlace, ...]:
    """Return the places lent nearest to a point; none for a viewer who is no carer.

    Parameters
    ----------
    origin : LonLat
        EPSG:4326.
    k : int
        1 to 100.
    reach_m : float
        No farther than this, in a straight line.
    moment : datetime, optional
        For when; aware. Default: now.

    Raises
    ------
    OutsideRegion
        If the origin lies outside the region.
    """
    ensure_metres_hold(origin)
    values = {"lon": origin.lon, "lat": origin.lat, "k": k, "reach_m": reach_m}
    compiled = _NEAR.compiled(viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None  # it has no condition of its own
    if not row["inside"]:
        raise OutsideRegion(lon=origin.lon, lat=origin.lat)
    return _parse(row["items"], moment)


async def list_lent(
    reader: Reader,
    filters: ParkingFilters,
    viewer: Viewer,
    *,
    limit: int = 100,
    offset: int = 0,
    moment: dt.datetime | None = None,
) -> LentPlaces:
    """Return the places lent that match the filters, by address; none for a viewer who is no carer."""
    compiled = _LISTED.compiled(filters.shape, viewer)
    values = filters.values() | {"limit": limit, "offset": offset}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None  # counting always answers
    return LentPlaces(_parse(row["items"], moment), row["matched"])


def opening_of(opening_hours: str | None, moment: dt.datetime, point: LonLat) -> OpenState:
    """Return whether hours in OSM syntax hold at a moment, and until or from when within a week."""
    if opening_hours is None:
        return OpenState(True)
    day = moment.astimezone(BRUSSELS).date()
    schedule = PlaceSchedule(uuid.UUID(int=0), opening_hours=opening_hours)
    periods = expand([schedule], day - _DAY, day + _WEEK, point)
    current = next((each for each in periods if each.opens_at <= moment < each.closes_at), None)
    if current:
        return OpenState(True, closes_at=current.closes_at)
    later = (each.opens_at for each in periods if each.opens_at > moment)
    return OpenState(False, opens_at=next(later, None))


def _parse(items: bytes | None, moment: dt.datetime | None) -> tuple[LentPlace, ...]:
    rows: Sequence[Mapping[str, Any]] = json.loads(items or b"[]") or []
    return tuple(_place(row, moment or dt.datetime.now(dt.UTC)) for row in rows)


def _place(row: Mapping[str, Any], moment: dt.datetime) -> LentPlace:
    distance_m = row.get("distance_m")
    place = LentPlace(**{**row, "id": uuid.UUID(row["id"]), "open": OpenState(None)})
    return replace(
        place,
        open=opening_of(place.opening_hours, moment, place.point),
        distance_m=None if distance_m is None else round(distance_m),
    )
