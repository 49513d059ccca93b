"""The data set of the standard's own tests of CQL2 (Natural Earth), in temporary tables of a connection."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg
import pytest
import sqlalchemy as sa

from geo.db.reads import CompiledRead, compile_read
from geo.features.cql2 import Lang, Queryable, condition_sql, read_condition
from geo.vocabulary import Text

#: The standard counts two; one place alone begins so (opengeospatial/ogcapi-features#1011, open in 2026).
ERRATA: Final = {"ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1}
_TYPES: Final = {
    "INTEGER": "integer",
    "REAL": "number",
    "DATE": "date",
    "DATETIME": "timestamp",
    "BOOLEAN": "boolean",
}
_SHAPES: Final = ("MULTIPOLYGON", "POINT", "LINESTRING")
_SQL: Final[dict[str, tuple[str, Any]]] = {
    "string": ("text", sa.Text()),
    "integer": ("bigint", sa.BigInteger()),
    "number": ("float8", sa.Double()),
    "date": ("date", sa.Date()),
    "timestamp": ("timestamptz", sa.DateTime(timezone=True)),
    "boolean": ("boolean", sa.Boolean()),
    "geometry": ("geometry", sa.LargeBinary()),
    "array of string": ("text[]", sa.ARRAY(sa.Text())),
}


class World(NamedTuple):
    """Tables and the types of their columns; the connection that has them."""

    connection: asyncpg.Connection
    columns: dict[str, dict[str, str]]

    async def ids(self, table: str, text: str) -> frozenset[int]:
        """Return the ids of the rows that a filter selects."""
        compiled, values = self._asked(table, text, "cql2-text", sa.column("fid"))
        rows = await self.connection.fetch(compiled.sql, *compiled.arguments(values))
        return frozenset(row[0] for row in rows)

    async def count(self, table: str, text: str, lang: Lang = "cql2-text", **how: Any) -> int:
        """Return how many rows a filter selects."""
        compiled, values = self._asked(table, text, lang, sa.func.count(), **how)
        found: int = await self.connection.fetchval(compiled.sql, *compiled.arguments(values))
        return found

    def _asked(
        self, table: str, text: str, lang: Lang, told: Any, **how: Any
    ) -> tuple[CompiledRead, Mapping[str, Any]]:
        kinds = self.columns[table]
        queryables = {name: Queryable(name, kind, Text(name, name)) for name, kind in kinds.items()}
        condition = read_condition(text, lang, queryables, **how)
        rows = sa.table(table, *(sa.column(name, _SQL[kind][1]) for name, kind in kinds.items()))
        asked = sa.select(told).select_from(rows).where(condition_sql(condition.shape, rows.c))
        return compile_read(asked), condition.values

    async def add(self, table: str, kinds: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        """Make a temporary table of rows; geometries are WKB."""
        columns = ", ".join(f'"{name}" {_SQL[kind][0]}' for name, kind in kinds.items())
        places = (
            f"ST_GeomFromWKB(${at}, 4326)" if kind == "geometry" else f"${at}"
            for at, kind in enumerate(kinds.values(), 1)
        )
        await self.connection.execute(f'CREATE TEMP TABLE "{table}" ({columns})')
        await self.connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join(places)})', rows)
        self.columns[table] = kinds


@pytest.fixture(scope="module")
async def world(empty_database: str, shared_data: Path) -> AsyncIterator[World]:
    """The data set of the standard, in tables that end with the module."""
    connection = await asyncpg.connect(empty_database)
    yield await load_world(connection, shared_data / "cql2" / "ne110m4cql2.gpkg")
    await connection.close()


async def load_world(connection: asyncpg.Connection, file: Path) -> World:
    """Copy the tables of the GeoPackage."""
    world = World(connection, {})
    package = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    for (table,) in package.execute("SELECT table_name FROM gpkg_contents").fetchall():
        told = package.execute(f'SELECT name, type FROM pragma_table_info("{table}")').fetchall()
        kinds = {name: "geometry" if kind in _SHAPES else _TYPES.get(kind, "string") for name, kind in told}
        rows = package.execute(f'SELECT * FROM "{table}"').fetchall()
        typed = [
            tuple(_read(kind, cell) for kind, cell in zip(kinds.values(), row, strict=True)) for row in rows
        ]
        await world.add(table, kinds, typed)
    package.close()
    return world


def _read(kind: str, cell: Any) -> Any:
    if cell is None:
        return None
    if kind == "date":
        return dt.date.fromisoformat(cell)
    if kind == "timestamp":
        return dt.datetime.fromisoformat(cell)
    if kind == "boolean":
        return bool(cell)
    if kind == "geometry":  # a header of GeoPackage's own stands before the WKB, with a box or without
        return cell[8 + (0, 32, 48, 48, 64)[cell[3] >> 1 & 7] :]
    return cell
