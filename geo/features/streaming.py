"""All features that match, as a file: written by the database's COPY, row by row, at flat memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Select, Subquery, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.engine import Work
from geo.db.reads import ReadQuery
from geo.features.asked import Asked, AskedShape, select_asked
from geo.features.formats import FORMATS
from geo.features.formats.base import Format, Rows, Told
from geo.features.paging import Order, order_of, ordered, read_cursor
from geo.layers import layers
from geo.layers.base import Layer, Property
from geo.vocabulary import Viewer

#: Properties that say what a row is not to be taken for: told in every file, whichever are asked for.
MARKS = ("example", "generalised", "provisional")
#: More than there can be, and less than what a number of SQL holds.
_UNLIMITED = 10**9
_TIMEOUT_S = Work.FILE.value / 1_000 + 1


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the features that match goes into a file.

    Parameters
    ----------
    limit : int, optional
        At most so many.
    after : str, optional
        `Page.next` of the page before.
    offset : int
        How many to pass over.
    with_examples : bool
        Fictional records too.
    """

    limit: int | None = None
    after: str | None = None
    offset: int = 0
    with_examples: bool = True

    @property
    def is_page(self) -> bool:
        """Whether it is cut at all, and therefore has an order."""
        return self.limit is not None or self.after is not None or self.offset > 0


@dataclass(frozen=True, slots=True)
class _Question:
    """The rows of a file: what their SQL depends on, and the values it is given."""

    shape: tuple[str, AskedShape, Viewer, Order | None, bool, bool]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is to write.

    Parameters
    ----------
    number, unplaced : int
        Features; those without a shape.
    sources : frozenset of str
        Ids of the sources that they name.
    marks : frozenset of str
        Those of `MARKS` that are true of some.
    """

    number: int
    unplaced: int
    sources: frozenset[str]
    marks: frozenset[str]


def told_columns(layer: Layer[Any], properties: tuple[str, ...] | None) -> tuple[Property, ...]:
    """Return the columns of a file: those asked for, and the marks that the layer has."""
    names = {each.name for each in layer.properties} if properties is None else {*properties, *MARKS}
    return tuple(each for each in layer.properties if each.name in names)


async def read_summary(
    connection: asyncpg.Connection,
    asked: Asked,
    viewer: Viewer,
    part: Part = Part(),
) -> Summary:
    """Return how many features match, what they are owed to and what they are not to be taken for.

    Raises
    ------
    UnknownValue
        If a filter names a record that does not exist.
    """
    question = _question(asked, viewer, part)
    compiled = _SUMMARY.compiled(question.shape)
    arguments = compiled.arguments(question.values)
    row = await connection.fetchrow(compiled.sql, *arguments, timeout=_TIMEOUT_S)
    asked.filters.refuse(row["unknown"])
    marks = frozenset(name for name in MARKS if row[name])
    return Summary(row["number"], row["unplaced"], frozenset(row["sources"] or ()), marks)


async def write_features(
    connection: asyncpg.Connection,
    asked: Asked,
    viewer: Viewer,
    format: Format,
    told: Told,
    file: Path,
    part: Part = Part(),
) -> None:
    """Write the features that match to a file.

    Raises
    ------
    OSError
        The file can't be written.
    """
    question = _question(asked, viewer, part)
    compiled = _ROWS.compiled(format.id, question.shape)
    credits = {source: " | ".join(each.short for each in owed) for source, owed in told.credits.items()}
    values = {**question.values, "credits": json.dumps(credits)}
    async with format.open(file, told) as sink:
        await connection.copy_from_query(
            compiled.sql, *compiled.arguments(values), output=sink, timeout=_TIMEOUT_S, **format.copy
        )


def _question(asked: Asked, viewer: Viewer, part: Part) -> _Question:
    cursor = read_cursor(asked, part.after) if part.after else None
    order = order_of(asked.shape, cursor) if part.is_page or asked.sort else None
    values = asked.values() | {"fetch": part.limit or _UNLIMITED, "offset": part.offset}
    shape = (asked.layer.id, asked.shape, viewer, order, cursor is not None, part.with_examples)
    return _Question(shape, values | (cursor.values() if cursor else {}))


def _matching(
    layer_id: str, shape: AskedShape, viewer: Viewer, order: Order | None, is_after: bool, with_examples: bool
) -> Subquery:
    rows = select_asked(layer_id, shape, viewer)
    columns = rows.selected_columns
    if "example" in columns and not with_examples:
        rows = rows.where(~columns.example)
    if order is not None:
        rows = ordered(layer_id, rows, shape, order, is_after=is_after)
    return rows.subquery("matching")


def _summary(question: tuple[Any, ...]) -> Select[Any]:
    layer_id, shape, *_ = question
    rows = _matching(*question)
    marks = [_any(rows.c, name).label(name) for name in MARKS]
    sources: Any = (
        func.array_agg(rows.c.source.distinct()).filter(rows.c.source.is_not(None))
        if "source" in rows.c
        else literal_column("NULL")
    )
    unknown = layers()[layer_id].unknown(shape.filters)
    told: list[Any] = [
        func.count().label("number"),
        func.count().filter(rows.c.geom.is_(None)).label("unplaced"),
        sources.label("sources"),
        unknown.label("unknown"),
    ]
    return select(*told, *marks)


def _any(columns: Any, name: str) -> ColumnElement[Any]:
    return func.bool_or(columns[name]) if name in columns else literal_column("false")


def _rows(format_id: str, question: tuple[Any, ...]) -> Select[Any]:
    layer_id, shape, *_ = question
    layer = layers()[layer_id]
    columns = told_columns(layer, shape.properties)
    rows = Rows(_matching(*question), layer, columns, shape.crs, shape.is_flipped)
    return FORMATS[format_id].select(rows)


_SUMMARY, _ROWS = ReadQuery(_summary), ReadQuery(_rows)
