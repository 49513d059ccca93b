"""The tiles of a layer as one file, its credits within it and beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.crs import WGS84
from geo.db.reads import Reader
from geo.errors import InvalidParameter, NotFound
from geo.exchange.export import connection_of, describe_file, placed
from geo.features.archive import ZOOMS, write_archive
from geo.features.asked import Asked
from geo.features.cql2 import queryables_of, read_condition
from geo.features.extents import read_extent
from geo.features.formats import FORMATS
from geo.features.formats.base import Told
from geo.features.streaming import Part
from geo.features.tiling import vector_layer
from geo.vocabulary import Viewer

#: Leaves fictional records out.
TRUE_ONES = "example = FALSE"


async def write_tiles(
    reader: Reader, asked: Asked, viewer: Viewer, file: Path, *, with_examples: bool = False
) -> tuple[Told, list[Path]]:
    """Write the tiles of what is asked of a layer, and its credits beside it.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    InvalidParameter
        If another reference system is asked for: tiles are in Web Mercator.
    NotFound
        Nothing matches: such a file can't be.
    OSError
        The folder is missing or can't be written to; no file has changed.
    """
    if asked.crs != WGS84:
        raise InvalidParameter("tiles are in Web Mercator", name="crs", value=asked.crs, expected="4326")
    known = queryables_of(asked.layer)
    if "example" in known and not with_examples:
        asked = replace(asked, where=read_condition(TRUE_ONES, "cql2-text", known))

    async def write(draft: Path) -> Told:
        async with connection_of(reader) as connection:
            told = await describe_file(connection, asked, viewer, FORMATS["geojson"], Part())
            extent = await read_extent(connection, asked.layer, viewer)
            if extent.box is None:
                raise NotFound("There is nothing to draw", layer=asked.layer.id)
            said = _metadata(told)
            await write_archive(connection, asked, viewer, draft, box=extent.box, metadata=said)
        return told

    return await placed(file, write)


def _metadata(told: Told) -> dict[str, Any]:
    return {
        "name": told.title,
        "description": told.description,
        "attribution": told.credit,
        "type": "overlay",
        "vector_layers": [vector_layer(told.layer, ZOOMS[-1])],
    }
