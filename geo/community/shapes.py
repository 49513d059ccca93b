"""Geometries as they are sent: GeoJSON in degrees, of the kind that is asked for, of a bearable size.

What can be seen without the database is seen here; `geo.community.project_places` asks it for the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from geo.crs import METRES_HOLD_IN

MAX_VERTICES = 5_000
#: Decimals of degrees that are kept: 7 is about a centimetre.
DECIMALS = 7

#: How deep the positions of each type lie in its coordinates.
_DEPTHS = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}
_WGS84 = ("CRS84", "4326")

Json = Mapping[str, Any]


def check_shape(geometry: Json, *types: str) -> dict[str, Any]:
    """Return a GeoJSON geometry with nothing but its type and coordinates (lon, lat in EPSG:4326).

    Raises
    ------
    PydanticCustomError
        Naming what is wrong and where: `geometry_type`, `geometry_crs`, `geometry_numbers`,
        `geometry_metres`, `geometry_swapped`, `geometry_far`, `geometry_ring`, `geometry_vertices`.
    """
    kind = geometry.get("type")
    if kind not in types or not isinstance(kind, str):
        raise _fault("geometry_type", expected=", ".join(types), found=str(kind)[:40])
    if "crs" in geometry and not any(name in str(geometry["crs"]) for name in _WGS84):
        raise _fault("geometry_crs")
    coordinates = _coordinates(geometry.get("coordinates"), _DEPTHS[kind], Budget())
    for ring in _rings(coordinates, _DEPTHS[kind]):
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise _fault("geometry_ring", lon=ring[0][0], lat=ring[0][1])
    return {"type": kind, "coordinates": coordinates}


class Budget:
    """Counts vertices, and stops at the first too many."""

    def __init__(self) -> None:
        self.spent = 0

    def spend(self) -> None:
        """Count one vertex."""
        self.spent += 1
        if self.spent > MAX_VERTICES:
            raise _fault("geometry_vertices", max=MAX_VERTICES)


def _coordinates(given: Any, depth: int, budget: Budget) -> list[Any]:
    if depth == 0:
        budget.spend()
        return _position(given)
    if not isinstance(given, list | tuple) or not given:
        raise _fault("geometry_numbers")
    return [_coordinates(each, depth - 1, budget) for each in given]


def _position(given: Any) -> list[float]:
    if not isinstance(given, list | tuple) or not 2 <= len(given) <= 4:
        raise _fault("geometry_numbers")
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in given):
        raise _fault("geometry_numbers")
    x, y = map(_finite, given[:2])
    west, south, east, north = METRES_HOLD_IN
    if west <= x <= east and south <= y <= north:
        return [round(x, DECIMALS), round(y, DECIMALS)]
    if west <= y <= east and south <= x <= north:
        raise _fault("geometry_swapped", lon=_short(x), lat=_short(y))
    metres = 10_000 < abs(x) < 1e7 and 10_000 < abs(y) < 1e7
    raise _fault("geometry_metres" if metres else "geometry_far", lon=_short(x), lat=_short(y))


def _finite(number: int | float) -> float:
    try:
        found = float(number)
    except OverflowError:  # JSON knows whole numbers of any length
        found = math.inf
    if not math.isfinite(found):
        raise _fault("geometry_numbers")
    return found


def _short(number: float) -> str:
    return f"{number:.6g}"


def _rings(coordinates: list[Any], depth: int) -> Iterator[list[list[float]]]:
    if depth == 2:
        yield from coordinates
    elif depth == 3:
        for polygon in coordinates:
            yield from polygon


def _fault(kind: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError(kind, kind, facts)
