"""Tiles as tests look at them: decoded by GDAL, which has no part in making them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from geo.features.matrix import Tile


def decode(body: bytes, layer: str, tile: Tile | None = None) -> gpd.GeoDataFrame:
    """Return the features of one layer of a tile: in metres (EPSG:3857) where the tile is said."""
    options = (
        {f: str(value) for f, value in zip("XYZ", (tile.x, tile.y, tile.z), strict=True)} if tile else {}
    )
    with _written(body) as path:
        return pyogrio.read_dataframe(path, layer=layer, CLIP="NO", **options)


def layers_of(body: bytes) -> list[str]:
    """Return the names of the layers of a tile, in their order."""
    with _written(body) as path:
        return [str(name) for name, _ in pyogrio.list_layers(path)]


@contextmanager
def _written(body: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tile.pbf"
        path.write_bytes(body)
        yield path
