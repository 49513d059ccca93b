"""Binary formats of GIS and data science: GeoPackage, FlatGeobuf and GeoParquet.

GDAL and Arrow write them, in a process of their own (`converting`): it can be killed at any moment, keeps
its memory to itself, and knows no database: rows come to it as CSV, shapes as hexadecimal WKB.
"""

from __future__ import annotations

import json
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.sql.elements import ColumnElement

from geo.child import child_process
from geo.db.reads import quoted
from geo.features.formats.base import CELLS, Format, Rows, Sink, Told
from geo.vocabulary import Text as Words

_GEOMETRIES = {"point": "Point", "line": "Unknown", "polygon": "MultiPolygon", "mixed": "Unknown"}
#: Between the members of a list, on the way to the other process.
UNIT_SEPARATOR = "\x1f"


class _Converted(Format):
    """Made of the rows by another process."""

    grows = False
    copy = CELLS

    def select(self, rows: Rows) -> Select[Any]:
        """Return the id, every column and the shape."""
        shape = func.encode(func.ST_AsBinary(self._shape(rows)), quoted("hex"))
        columns = [
            func.array_to_string(rows.column(each.name), quoted(UNIT_SEPARATOR))
            if each.type == "array"
            else rows.column(each.name)
            for each in rows.columns
        ]
        return rows.told(rows.column("fid"), *columns, shape)

    def _shape(self, rows: Rows) -> ColumnElement[Any]:
        return func.ST_Multi(rows.geometry) if rows.layer.geometry == "polygon" else rows.geometry

    @asynccontextmanager
    async def open(self, file: Path, told: Told) -> AsyncIterator[Sink]:
        """Hand the rows to a process that writes the file."""
        order = {
            "file": str(file),
            "format": self.id,
            "layer": told.layer.id,
            "columns": [[each.name, each.type] for each in told.columns],
            "geometry": _GEOMETRIES[told.layer.geometry],
            "crs": told.crs,
            "separator": UNIT_SEPARATOR,
            "all_placed": told.unplaced == 0,
            "title": told.title,
            "description": told.description,
            "readme": told.readme,
        }
        async with child_process("geo.features.converting") as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode() + b"\n")
            yield lambda batch: _hand_over(process, batch)
            process.stdin.close()
            if await process.wait() != 0:
                raise RuntimeError(f"{self.id} was not written: the process ended with {process.returncode}")


async def _hand_over(process: Process, batch: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(batch)
    await process.stdin.drain()


class GeoPackage(_Converted):
    """One file of SQLite; credits and notes are its metadata."""

    id = "gpkg"
    media_type = "application/geopackage+sqlite3"
    extension = "gpkg"
    title = Words("GeoPackage", "GeoPackage", "GeoPackage")


class FlatGeobuf(_Converted):
    """With an index in space, so that a reader can take a part over HTTP."""

    id = "fgb"
    media_type = "application/flatgeobuf"
    extension = "fgb"
    title = Words("FlatGeobuf", "FlatGeobuf", "FlatGeobuf")
    also = ("flatgeobuf",)


class GeoParquet(_Converted):
    """Version 1.1, compressed by zstd."""

    id = "parquet"
    media_type = "application/vnd.apache.parquet"
    extension = "parquet"
    title = Words("GeoParquet", "GeoParquet", "GeoParquet")
    also = ("geoparquet",)
