"""The only place that reprojects.

One truth per geometry: EPSG:4326, what every neighbouring system exchanges. Metres come from EPSG:3812
(Belgian Lambert 2008); official inputs also arrive in EPSG:31370 (Lambert 72) and EPSG:3035.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Double, bindparam, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.errors import InvalidParameter, OutsideRegion
from geo.vocabulary import Bbox, LonLat

if TYPE_CHECKING:
    from pyproj import Transformer

WGS84 = 4326
WEB_MERCATOR = 3857
LAMBERT_2008 = 3812
LAMBERT_72 = 31370
ETRS89_LAEA = 3035


@dataclass(frozen=True, slots=True)
class Crs:
    """A reference system that coordinates can be told and asked in, by its URI.

    `is_lat_lon`: its authority writes north before east, and so do we where it is named by this URI.
    """

    uri: str
    epsg: int
    is_lat_lon: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return all that it may be asked by: its URI, and the short forms of it."""
        if self.uri == CRS84_URI:
            return (self.uri, "OGC:CRS84", "[OGC:CRS84]", "CRS84")
        return (self.uri, f"EPSG:{self.epsg}", f"[EPSG:{self.epsg}]")


CRS84_URI: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG_URI: Final = "http://www.opengis.net/def/crs/EPSG/0/{}"
CRS84: Final = Crs(CRS84_URI, WGS84)
#: What features are offered in, by URI; the first is the default.
OFFERED: Final = MappingProxyType(
    {
        each.uri: each
        for each in (
            CRS84,
            Crs(_EPSG_URI.format(WGS84), WGS84, is_lat_lon=True),
            *(Crs(_EPSG_URI.format(epsg), epsg) for epsg in (WEB_MERCATOR, LAMBERT_72, LAMBERT_2008)),
        )
    }
)
_NAMED: Final = {name: each for each in OFFERED.values() for name in each.names}


def find_crs(name: str, parameter: str = "crs") -> Crs:
    """Return the reference system of a URI, or of a short form such as EPSG:31370.

    Raises
    ------
    InvalidParameter
        If it isn't offered; `parameter` says which one named it.
    """
    if name not in _NAMED:
        raise InvalidParameter(name=parameter, value=name[:80], expected=", ".join(OFFERED))
    return _NAMED[name]


#: Where EPSG:3812 is meant to be used; far from there its projection fails instead of answering.
METRES_HOLD_IN = Bbox(2.5, 49.4, 6.5, 51.6)


def ensure_metres_hold(point: LonLat) -> None:
    """Refuse a point (EPSG:4326) too far away to be measured from, before the database is asked.

    Raises
    ------
    OutsideRegion
        If it lies outside Belgium and its surroundings.
    """
    west, south, east, north = METRES_HOLD_IN
    if not (west <= point.lon <= east and south <= point.lat <= north):
        raise OutsideRegion(lon=point.lon, lat=point.lat)


def named_point() -> ColumnElement[Any]:
    """Return the point of the values `lon`, `lat` as an EPSG:4326 geometry."""
    lon, lat = bindparam("lon", type_=Double, required=True), bindparam("lat", type_=Double, required=True)
    return func.ST_SetSRID(func.ST_MakePoint(lon, lat), literal_column(str(WGS84)))


def named_point_m() -> ColumnElement[Any]:
    """Return the same point in metres (EPSG:3812): transformed once in a query, and never the column."""
    return select(func.ST_Transform(named_point(), literal_column(str(LAMBERT_2008)))).scalar_subquery()


@lru_cache(maxsize=16)
def transformer(source_epsg: int, target_epsg: int) -> Transformer:
    """Return a cached pyproj transformer with x/y (lon/lat) axis order."""
    from pyproj import Transformer  # imported late: the server itself never reprojects in Python

    return Transformer.from_crs(source_epsg, target_epsg, always_xy=True)
