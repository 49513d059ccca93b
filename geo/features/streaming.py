"""All features that match, as a file: written by the database's COPY, row by row, at flat memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, Select, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.engine import Work
from geo.db.reads import ReadQuery, value
from geo.features.asked import Asked, AskedShape, select_asked
from geo.features.formats import FORMATS
from geo.features.formats.base import Format, Rows, Told
from geo.layers import layers
from geo.layers.base import Layer, Property
from geo.vocabulary import Viewer

#: Properties that say what a row is not to be taken for: told in every file, whichever are asked for.
MARKS = ("example", "generalised", "provisional")
_TIMEOUT_S = Work.EXPORT.value / 1_000 + 1


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the features that match goes into a file.

    Parameters
    ----------
    limit : int, optional
        At most so many.
    with_examples : bool
        Fictional records too.
    """

    limit: int | None = None
    with_examples: bool = True

    @property
    def shape(self) -> tuple[bool, bool]:
        """Return what the SQL depends on."""
        return self.limit is not None, self.with_examples


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
    compiled = _SUMMARY.compiled(asked.layer.id, asked.shape, viewer, part.shape)
    arguments = compiled.arguments(asked.values() | {"limit": part.limit})
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
    crs = told.crs
    compiled = _ROWS.compiled(format.id, asked.layer.id, asked.shape, viewer, part.shape, crs)
    credits = {source: " | ".join(each.short for each in owed) for source, owed in told.credits.items()}
    values = asked.values() | {"limit": part.limit, "credits": json.dumps(credits)}
    async with format.open(file, told) as sink:
        await connection.copy_from_query(
            compiled.sql, *compiled.arguments(values), output=sink, timeout=_TIMEOUT_S, **format.copy
        )


def _matching(layer_id: str, shape: AskedShape, viewer: Viewer, part: tuple[bool, bool]) -> Select[Any]:
    is_limited, with_examples = part
    rows = select_asked(layer_id, shape, viewer)
    columns = rows.selected_columns
    if "example" in columns and not with_examples:
        rows = rows.where(~columns.example)
    keys = [
        columns[key.name].desc().nulls_last() if key.descending else columns[key.name] for key in shape.sort
    ]
    if keys or is_limited:
        rows = rows.order_by(*keys, columns.fid)
    return rows.limit(value("limit", BigInteger)) if is_limited else rows


def _summary(layer_id: str, shape: AskedShape, viewer: Viewer, part: tuple[bool, bool]) -> Select[Any]:
    rows = _matching(layer_id, shape, viewer, part).subquery("matching")
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


def _rows(
    format_id: str, layer_id: str, shape: AskedShape, viewer: Viewer, part: tuple[bool, bool], crs: int
) -> Select[Any]:
    layer = layers()[layer_id]
    table = _matching(layer_id, shape, viewer, part).subquery("matching")
    rows = Rows(table, layer, told_columns(layer, shape.properties), crs, shape.is_flipped)
    return select(*(each.label(f"cell_{place}") for place, each in enumerate(FORMATS[format_id].cells(rows))))


_SUMMARY, _ROWS = ReadQuery(_summary), ReadQuery(_rows)
