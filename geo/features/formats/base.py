"""What a format is: the words by which the database tells a row, and what takes those words to a file.

Rows never pass through Python one by one. PostgreSQL writes each as text (COPY), in batches, and a *sink*
takes the batches: it appends them to a file, or hands them to a process that makes a binary file of them.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Subquery, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, quoted, value
from geo.layers.base import Layer, Property
from geo.queries.features import PRECISION, PRECISION_M
from geo.vocabulary import Text as Words

Sink = Callable[[bytes], Awaitable[None]]

#: Each row is one line as the format wants it: no delimiter or quote of COPY can occur in it.
LINES: Mapping[str, Any] = {"format": "csv", "delimiter": "\x02", "quote": "\x01"}
CELLS: Mapping[str, Any] = {"format": "csv"}


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom rows are owed to, and under which licence they may be used."""

    text: str
    licence: str | None
    url: str | None
    more: str | None = None

    def __str__(self) -> str:
        return ", ".join(part for part in (self.text, self.licence, self.url, self.more) if part)

    @property
    def short(self) -> str:
        """What stands beside each row."""
        return ", ".join(part for part in (self.text, self.licence) if part)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of itself.

    Parameters
    ----------
    layer : Layer
        Whose features.
    columns : tuple of Property
        What is told of each.
    crs : int
        EPSG code of the coordinates.
    number, unplaced : int
        How many features there are; how many of them have no shape.
    credits : mapping
        Whom rows are owed to, by the source that they name; by "" where they name none.
    notes : tuple of str
        What a reader must know: fictional rows, generalised limits.
    """

    layer: Layer[Any]
    columns: tuple[Property, ...]
    crs: int
    number: int
    unplaced: int
    credits: Mapping[str, tuple[Credit, ...]]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The layer's title in the languages it has."""
        title = self.layer.title
        return " / ".join(filter(None, (title.fr, title.nl, title.en)))

    @property
    def credit(self) -> str:
        """Whom all of it is owed to, in one line."""
        return " | ".join(map(str, self.owed))

    @property
    def owed(self) -> tuple[Credit, ...]:
        """Whom the rows are owed to, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(self.credits.values())))

    @property
    def description(self) -> str:
        """Notes and credits in one line."""
        return " ".join([*self.notes, self.credit])

    @property
    def readme(self) -> str:
        """The words that go with the rows: what they are, and whom they are owed to."""
        axes = "(lon, lat)" if self.crs == WGS84 else "(x, y)"
        head = [self.title, f"{self.number} rows, EPSG:{self.crs} {axes}", *self.notes]
        owed = [f"- {credit}" for credit in self.owed]
        return "\n".join([*head, "", "Sources:", *owed, ""])


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a question, as SQL: `fid`, `geom` (EPSG:4326) and columns.

    The value `credits` (JSON) says whom rows of each source are owed to.
    """

    table: Subquery
    layer: Layer[Any]
    columns: tuple[Property, ...]
    crs: int
    is_flipped: bool

    @property
    def geometry(self) -> ColumnElement[Any]:
        """The shape in the reference system asked for, x before y."""
        shape = self.table.c.geom
        return shape if self.crs == WGS84 else func.ST_Transform(shape, number(self.crs))

    @property
    def decimals(self) -> ColumnElement[int]:
        """Decimals of coordinates written as text."""
        return number(PRECISION if self.crs == WGS84 else PRECISION_M)

    @property
    def credit(self) -> ColumnElement[str]:
        """Whom the row is owed to: for formats with no other place to say so."""
        named = self.table.c.source if "source" in self.table.c else quoted("")
        return value("credits", JSONB).op("->>")(cast(named, Text))

    def column(self, name: str) -> ColumnElement[Any]:
        """Return the cell of a column."""
        return self.table.c[name]

    def told(self, *cells: ColumnElement[Any]) -> Select[Any]:
        """Return cells of each row, in this order."""
        named = (cell.label(f"cell_{place}") for place, cell in enumerate(cells))
        return select(*named).select_from(self.table)


class Format(ABC):
    """A kind of file that features of any layer can be written as."""

    id: str
    media_type: str
    extension: str
    title: Words
    #: Names besides `id` under which a request may ask for it.
    also: tuple[str, ...] = ()
    #: Written in the reference system asked for; else always in WGS 84.
    takes_crs: bool = True
    #: Whether its beginning can be sent before its end is written.
    grows: bool = True
    #: The most rows it has room for.
    most: int | None = None
    copy: Mapping[str, Any] = LINES

    @abstractmethod
    def select(self, rows: Rows) -> Select[Any]:
        """Return what COPY writes of each row: one line, or cells."""

    @abstractmethod
    def open(self, file: Path, told: Told) -> AbstractAsyncContextManager[Sink]:
        """Open the file, written in full when the block ends well."""


class TextFormat(Format):
    """A format that is a head, rows as the database writes them, and an end."""

    #: Bytes at the beginning of the first row that belong between rows.
    separator: int = 0

    @abstractmethod
    def head(self, told: Told) -> bytes:
        """Return what stands before the rows."""

    def tail(self) -> bytes:
        """Return what stands after them."""
        return b""

    @asynccontextmanager
    async def open(self, file: Path, told: Told) -> AsyncIterator[Sink]:
        """Write head and end around the batches."""
        with file.open("wb", buffering=0) as opened:
            first = self.separator

            async def append(batch: bytes) -> None:
                nonlocal first
                await asyncio.to_thread(opened.write, batch[first:])
                first = 0

            opened.write(self.head(told))
            yield append
            opened.write(self.tail())
