"""WebMercatorQuad: the squares that the world is cut into, zoom by zoom (OGC 17-083r4, annex D)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from geo.vocabulary import Bbox

ID: Final = "WebMercatorQuad"
URI: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
#: Zooms of the set, and those of them that tiles are made for.
ZOOMS: Final = range(25)
MAX_ZOOM: Final = 22
#: Half the side of the world in metres, and of a pixel in metres by which scales are reckoned.
_HALF_M: Final = 20_037_508.342_789_244
_PIXEL_M: Final = 0.000_28
_TILE_PX: Final = 256


@dataclass(frozen=True, slots=True)
class Tile:
    """One square: its zoom, its column from the west, its row from the north."""

    z: int
    x: int
    y: int

    @property
    def box(self) -> Bbox:
        """Return its sides in degrees (EPSG:4326)."""
        return Bbox(
            _longitude(self.z, self.x),
            _latitude(self.z, self.y + 1),
            _longitude(self.z, self.x + 1),
            _latitude(self.z, self.y),
        )

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        sides = {f"tile_{side}": each for side, each in self.box._asdict().items()}
        return {"z": self.z, "x": self.x, "y": self.y} | sides


def _longitude(z: int, x: int) -> float:
    return x / float(2**z) * 360 - 180


def _latitude(z: int, y: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / float(2**z)))))


def tiles_over(box: Bbox, zoom: int) -> Iterator[Tile]:
    """Yield the tiles of a zoom that meet a box (EPSG:4326), row by row from the north-west."""
    (west, north), (east, south) = _at(box.west, box.north, zoom), _at(box.east, box.south, zoom)
    for y in range(north, south + 1):
        for x in range(west, east + 1):
            yield Tile(zoom, x, y)


def _at(lon: float, lat: float, z: int) -> tuple[int, int]:
    last = 2**z - 1
    x, y = position(lon, lat, z)
    return min(max(int(x), 0), last), min(max(int(y), 0), last)


def position(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Return where a place lies, in squares of a zoom from the north-western corner of the world."""
    x = (lon + 180) / 360 * 2**z
    return x, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z


def tile_matrix_set() -> dict[str, Any]:
    """Return the set as its standard writes it in JSON."""
    return {
        "id": ID,
        "title": "Web Mercator, squares halved at each zoom",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in ZOOMS],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell_m = 2 * _HALF_M / _TILE_PX / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / _PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF_M, _HALF_M],
        "tileWidth": _TILE_PX,
        "tileHeight": _TILE_PX,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def limits() -> list[dict[str, Any]]:
    """Return which rows and columns tiles are made for: all, as far in as `MAX_ZOOM`."""
    return [
        {
            "tileMatrix": str(zoom),
            "minTileRow": 0,
            "maxTileRow": 2**zoom - 1,
            "minTileCol": 0,
            "maxTileCol": 2**zoom - 1,
        }
        for zoom in range(MAX_ZOOM + 1)
    ]
