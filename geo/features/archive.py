"""All tiles of a layer in one file (PMTiles 3), which a plain web server can hand out piece by piece."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from geo.db.reads import Reader
from geo.errors import NotFound
from geo.features.asked import Asked
from geo.features.matrix import Tile, tiles_over
from geo.features.tiling import COUNTED_TO_ZOOM, read_tile
from geo.vocabulary import Bbox, Viewer

#: Zooms that an archive holds. At the last, every point is drawn; maps enlarge it to come nearer.
ZOOMS: Final = range(COUNTED_TO_ZOOM + 2)
_E7: Final = 10_000_000


async def write_archive(
    reader: Reader, asked: Asked, viewer: Viewer, file: Path, *, box: Bbox, metadata: dict[str, Any]
) -> int:
    """Write the tiles of what is asked of a layer to a file; return how many there are that hold something.

    Parameters
    ----------
    box : Bbox
        Around all features, in degrees (EPSG:4326).
    metadata : dict
        What the file says of itself: `name`, `attribution`, `vector_layers` …, as TileJSON has them.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    NotFound
        Nothing matches: such a file can't be.
    OSError
        The file can't be written.
    """
    from pmtiles.tile import zxy_to_tileid
    from pmtiles.writer import write

    number = 0
    with write(str(file)) as archive:
        async for tile, body in _tiles(reader, asked, viewer, box):
            packed = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
            archive.write_tile(zxy_to_tileid(tile.z, tile.x, tile.y), packed)
            number += 1
        if not number:
            raise NotFound("There is nothing to draw", layer=asked.layer.id)
        archive.finalize(_header(box), metadata)
    return number


async def _tiles(
    reader: Reader, asked: Asked, viewer: Viewer, box: Bbox
) -> AsyncIterator[tuple[Tile, bytes]]:
    """Yield the tiles that are not empty, zoom by zoom along the curve of the archive."""
    from pmtiles.tile import zxy_to_tileid

    for zoom in ZOOMS:
        for tile in sorted(tiles_over(box, zoom), key=lambda each: zxy_to_tileid(each.z, each.x, each.y)):
            if body := await read_tile(reader, [asked], viewer, tile):
                yield tile, body


def _header(box: Bbox) -> dict[str, Any]:
    from pmtiles.tile import Compression, TileType

    west, south, east, north = (round(each * _E7) for each in box)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 11,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
