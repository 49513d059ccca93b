"""Layers as files for other programs: what `select` shows to the viewer, with credits written along.

A file appears whole or not at all; its credits lie beside it, in words.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

import asyncpg
from pydantic import ValidationError

from geo.crs import WGS84
from geo.db.engine import Work
from geo.db.reads import Reader
from geo.directory.catalogue import read_sources
from geo.errors import InvalidParameter, UnknownParameter
from geo.features.asked import Asked
from geo.features.formats import FORMATS
from geo.features.formats.base import Credit, Format, Told
from geo.features.streaming import Part, Summary, read_summary, told_columns, write_features
from geo.layers.base import Layer
from geo.queries.filters import Filters
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import Viewer

if TYPE_CHECKING:
    import geopandas as gpd

#: What a reader must know of rows that bear a mark.
NOTES = {
    "example": "Rows with example = true are FICTIONAL.",
    "generalised": "Limits are generalised, not official: near one, they may be off by some 150 m.",
}
LICENCES = {"ODbL-1.0": "share alike: what is derived from it keeps this licence"}


@dataclass(frozen=True, slots=True)
class Export:
    """A layer's rows (EPSG:4326, lon/lat; one column per property) and what is said of them."""

    frame: gpd.GeoDataFrame
    told: Told

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Whom the rows are owed to."""
        return self.told.owed

    @property
    def readme(self) -> str:
        """The words that go with the rows."""
        return self.told.readme


def parse_filters(layer: Layer[Any], given: Mapping[str, Sequence[str]]) -> Filters:
    """Return the layer's filters from words, as a command line gives them.

    Raises
    ------
    UnknownParameter, InvalidParameter
        Naming the filter that the layer doesn't have, or that has a value it doesn't take.
    """
    fields = layer.filters.model_fields
    values: dict[str, Any] = {}
    for name, words in given.items():
        if name not in fields:
            known = ", ".join(sorted(fields))
            raise UnknownParameter(f"{layer.id} has no filter of that name", name=name, known=known)
        if name == "bbox":
            values[name] = words[-1].split(",")
        else:
            is_many = get_origin(fields[name].annotation) is tuple
            values[name] = tuple(words) if is_many else words[-1]
    try:
        filters: Filters = layer.filters.model_validate(values)
        return filters
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        raise InvalidParameter(
            "a filter has a value it does not take", name=name, expected=fault["msg"]
        ) from error


async def describe_file(
    connection: asyncpg.Connection, asked: Asked, viewer: Viewer, format: Format, part: Part
) -> Told:
    """Return what a file of the features that match has to say of itself.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    InvalidParameter
        If the format has no room for so many rows, or for the reference system asked for.
    """
    if asked.crs != WGS84 and not format.takes_crs:
        raise InvalidParameter(
            "the format is always in WGS 84", name="crs", value=asked.crs, expected="CRS84"
        )
    summary = await read_summary(connection, asked, viewer, part)
    if format.most is not None and summary.number > format.most:
        expected = f"at most {format.most} rows, not {summary.number}: a filter, or another format"
        raise InvalidParameter("too many rows for the format", name="f", value=format.id, expected=expected)
    return Told(
        layer=asked.layer,
        columns=told_columns(asked.layer, asked.properties),
        crs=asked.crs,
        number=summary.number,
        unplaced=summary.unplaced,
        credits=await _credits(connection, asked, summary),
        notes=tuple(note for mark, note in NOTES.items() if mark in summary.marks),
    )


async def _credits(reader: Reader, asked: Asked, summary: Summary) -> dict[str, tuple[Credit, ...]]:
    """Return the credits of the sources that the rows name; under "" the layer's own where they name none."""
    if "source" not in {each.name for each in asked.layer.properties}:
        edition = asked.filters.values().get("edition")
        owed = owed_for(asked.layer, await read_limit_credits(reader, edition))
        return {"": tuple(_credit(each.text, each.licence, each.url) for each in owed)}
    return {
        each.id: (_credit(each.attribution or each.publisher, each.licence, each.licence_url or each.url),)
        for each in await read_sources(reader)
        if each.id in summary.sources
    }


def _credit(text: str, licence: str | None, url: str | None) -> Credit:
    return Credit(text, licence, url, LICENCES.get(licence or ""))


async def write_file(
    reader: Reader, asked: Asked, viewer: Viewer, format: Format, file: Path, part: Part
) -> Told:
    """Write what is asked of a layer to a file; return what the file says of itself.

    Raises
    ------
    UnknownValue, InvalidParameter
        As `describe_file`.
    OSError
        The file can't be written.
    """
    async with connection_of(reader) as connection:
        told = await describe_file(connection, asked, viewer, format, part)
        await write_features(connection, asked, viewer, format, told, file, part)
    return told


async def write_export(
    reader: Reader, asked: Asked, viewer: Viewer, format: Format, file: Path, part: Part
) -> tuple[Told, list[Path]]:
    """Write what is asked of a layer, and its credits beside it; return what was told, and the files.

    Raises
    ------
    OSError
        The folder is missing or can't be written to; no file has changed.
    """
    return await placed(file, lambda draft: write_file(reader, asked, viewer, format, draft, part))


async def placed(file: Path, write: Callable[[Path], Awaitable[Told]]) -> tuple[Told, list[Path]]:
    """Let a file be written elsewhere, then put it and its credits where they belong, both or none."""
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".export-") as room:
        draft = Path(room) / file.name
        told = await write(draft)
        draft.with_name("README").write_text(told.readme, encoding="utf-8")
        beside = file.with_name(f"{file.name}.README.txt")
        shutil.move(draft.with_name("README"), beside)
        shutil.move(draft, file)
    return told, [file, beside]


async def read_export(
    reader: Reader, layer: Layer[Any], filters: Filters, viewer: Viewer, *, with_examples: bool = False
) -> Export:
    """Return all rows of a layer that the viewer may see and the filters let through, in memory.

    Parameters
    ----------
    with_examples : bool
        Keep fictional records.
    """
    import geopandas as gpd

    asked, part = Asked(layer, filters), Part(with_examples=with_examples)
    with tempfile.TemporaryDirectory(prefix="quartier-export-") as room:
        file = Path(room) / "rows.parquet"
        told = await write_file(reader, asked, viewer, FORMATS["parquet"], file, part)
        frame = gpd.read_parquet(file).drop(columns="fid")
    return Export(frame, told)


@asynccontextmanager
async def connection_of(reader: Reader) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection on which all is read from one state of the database, for as long as a file takes."""
    async with AsyncExitStack() as stack:
        connection: Any = reader
        if isinstance(reader, asyncpg.Pool):
            connection = await stack.enter_async_context(reader.acquire())
        if not connection.is_in_transaction():
            whole = connection.transaction(isolation="repeatable_read", readonly=True)
            await stack.enter_async_context(whole)
        await connection.execute(f"SET LOCAL statement_timeout = {Work.FILE.value}")
        yield connection
