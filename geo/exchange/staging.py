"""Rows into the database: COPY into a staging table, then one merge that touches only what changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, LiteralString

import pandas as pd
import psycopg
import shapely
from psycopg import sql
from psycopg.types.json import Jsonb
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84
from geo.exchange.report import MergeCounts

#: From so many rows on, a merge changes what the planner should know of a table.
_MANY = 500


def merge_rows(
    connection: psycopg.Connection[Any],
    table: LiteralString,
    rows: pd.DataFrame,
    key: Sequence[str] = ("id",),
    *,
    replace: LiteralString | None = None,
    srid: int = WGS84,
) -> MergeCounts:
    """Insert the rows that are new, update those that differ, leave the others alone. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    table : str
        Table to merge into; `rows` names a subset of its columns.
    rows : pandas.DataFrame
        Null is None, NaN, NaT or pd.NA; lists become arrays, dicts jsonb, shapely geometries EWKB in `srid`.
    key : sequence of str
        Columns of a unique constraint.
    replace : str, optional
        Condition on `table` (alias ``t``): its rows that are not among `rows` are deleted.
    srid : int
        EPSG code of the geometries.

    Returns
    -------
    MergeCounts
        What happened to the rows.
    """
    columns = [str(name) for name in rows.columns]
    _stage_rows(connection, table, rows, srid)
    inserted, updated = _merge_staged(connection, table, columns, key)
    deleted = _delete_vanished(connection, table, key, replace) if replace is not None else 0
    connection.execute("DROP TABLE staging")
    if inserted + updated + deleted >= _MANY:  # statistics of an empty table make plans that take minutes
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    return MergeCounts(inserted, updated, len(rows) - inserted - updated, deleted)


def copy_rows(
    connection: psycopg.Connection[Any], table: LiteralString, rows: pd.DataFrame, srid: int = WGS84
) -> None:
    """Add rows to a table by COPY; cells as `merge_rows` takes them. Never commits."""
    columns = [_adapt_column(rows[name], srid) for name in rows.columns]
    names = _each("{0}", [str(name) for name in rows.columns])
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _stage_rows(connection: psycopg.Connection[Any], table: str, rows: pd.DataFrame, srid: int) -> None:
    names = _each("{0}", [str(name) for name in rows.columns])
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE staging ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            names, sql.Identifier(table)
        )
    )
    copy_rows(connection, "staging", rows, srid)


def _merge_staged(
    connection: psycopg.Connection[Any], table: str, columns: list[str], key: Sequence[str]
) -> tuple[int, int]:
    others = [name for name in columns if name not in key]
    action: sql.Composable = sql.SQL("DO NOTHING")
    if others:
        action = sql.SQL("DO UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
            _each("{0} = excluded.{0}", others), _each("t.{0}", others), _each("excluded.{0}", others)
        )
    cursor = connection.execute(
        sql.SQL(
            "WITH merged AS (INSERT INTO {} AS t ({}) SELECT {} FROM staging ON CONFLICT ({}) {} "
            "RETURNING (xmax = 0) AS is_new) "
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged"
        ).format(
            sql.Identifier(table),
            _each("{0}", columns),
            _each("{0}", columns),
            _each("{0}", list(key)),
            action,
        )
    )
    inserted, updated = cursor.fetchone() or (0, 0)
    return inserted, updated


def _delete_vanished(
    connection: psycopg.Connection[Any], table: str, key: Sequence[str], condition: LiteralString
) -> int:
    same = sql.SQL(" AND ").join(sql.SQL("s.{0} = t.{0}").format(sql.Identifier(name)) for name in key)
    return connection.execute(
        sql.SQL("DELETE FROM {} AS t WHERE ({}) AND NOT EXISTS (SELECT FROM staging AS s WHERE {})").format(
            sql.Identifier(table), sql.SQL(condition), same
        )
    ).rowcount


def _each(pattern: LiteralString, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(pattern).format(sql.Identifier(name)) for name in names)


def _adapt_column(values: pd.Series[Any], srid: int) -> list[Any]:
    """Return the cells as psycopg writes them; a column holds values of one type, or null."""
    given = values.notna().to_numpy()
    first = values[given].iloc[0] if given.any() else None
    if isinstance(first, BaseGeometry):
        return _as_ewkb(values, srid)
    adapt = _ADAPTERS.get(type(first), lambda cell: cell)
    cells = zip(values.astype(object), given, strict=True)
    return [adapt(cell) if is_given else None for cell, is_given in cells]


_ADAPTERS: dict[type, Callable[[Any], Any]] = {dict: Jsonb, uuid.UUID: str}


def _as_ewkb(shapes: pd.Series[Any], srid: int) -> list[str | None]:
    """Return geometries as hexadecimal EWKB, which PostGIS reads in COPY."""
    marked = shapely.set_srid(shapes.where(shapes.notna(), None).to_numpy(dtype=object), srid)
    return list(shapely.to_wkb(marked, hex=True, include_srid=True))
