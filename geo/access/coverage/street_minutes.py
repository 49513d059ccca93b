"""Minutes by street as they are drawn: tiles for a live map, lines for a file."""

from __future__ import annotations

from typing import Final

from geo.db.reads import Reader, ReadQuery
from geo.errors import NoStreets, NotFound
from geo.queries import street_minutes as queries
from geo.vocabulary import Walker

#: Minutes up to and with which a street belongs to a band; the last band has no end.
BAND_LIMITS: Final = queries.BAND_LIMITS

_VERSION, _TILE, _LINES = (
    ReadQuery(queries.version),
    ReadQuery(queries.tile),
    ReadQuery(queries.lines_by_band),
)


async def read_minutes_version(reader: Reader, theme: str, walker: Walker) -> str:
    """Return a text that changes when the minutes of a theme and walker do.

    Raises
    ------
    NoStreets
        No street network is loaded.
    NotFound
        Nothing is computed for this theme and walker.
    """
    compiled = _VERSION.compiled()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({"theme": theme, "walker": walker.value}))
    if row is None:
        raise NoStreets()
    if row["version"] is None:
        raise NotFound(kind="minutes", id=theme)
    return str(row["version"])


async def read_minutes_tile(reader: Reader, theme: str, walker: Walker, *, z: int, x: int, y: int) -> bytes:
    """Return a vector tile of the streets, each with its band of minutes; empty bytes where there are none.

    From zoom 13 on, streets stand one by one, with `minutes` and names; before, those of a band are one line.
    """
    compiled = _TILE.compiled(z >= queries.NEAR_ZOOM, z >= queries.PATHS_ZOOM)
    values = {"theme": theme, "walker": walker.value, "z": z, "x": x, "y": y}
    return await reader.fetchval(compiled.sql, *compiled.arguments(values)) or b""


async def read_minutes_lines(reader: Reader, theme: str, walker: Walker, *, paths: bool = True) -> bytes:
    """Return a JSON array of GeoJSON features, one for each band of minutes (EPSG:4326, simplified to 6 m).

    Parameters
    ----------
    paths : bool
        With footpaths, steps and service ways.
    """
    compiled = _LINES.compiled(paths)
    lines = await reader.fetchval(compiled.sql, *compiled.arguments({"theme": theme, "walker": walker.value}))
    return bytes(lines)
