"""The matrix of functions and zones: who carries what where, where nobody is known to, where several do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from geo.community.functions import FunctionTold, parse_function
from geo.community.told import Kind, Named, parse_day, parse_kind, parse_named
from geo.db.reads import Reader, ReadQuery
from geo.queries import functions as queries
from geo.queries.zoned import ZonedFilters
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Lang, Text, Viewer, ZoneKind

State = Literal["nobody_known", "part", "covered", "overlap", "parts"]

STATES: Mapping[State, Text] = {
    "nobody_known": Text("personne de connu", "niemand bekend", "nobody known"),
    "part": Text("pour une partie", "voor een deel", "for a part"),
    "covered": Text("couvert", "gedekt", "covered"),
    "overlap": Text("plusieurs se recouvrent", "meerdere overlappen", "several overlap"),
    "parts": Text("plusieurs, chacun une partie", "meerdere, elk een deel", "several, each a part"),
}

_MATRIX = ReadQuery(queries.matrix)


class MatrixFilters(ZonedFilters):
    """What the rows of the matrix are: zones of one kind, all of them or those within a larger zone."""

    zones: Literal[ZoneKind.BASSIN, ZoneKind.MESO, ZoneKind.COMMUNE, ZoneKind.QUARTIER] = Field(
        ZoneKind.BASSIN, description="Kind of the zones that are the rows"
    )
    zone: str | None = Field(
        None,
        pattern=r"^[a-z]{3,10}:[0-9A-Za-z_-]{1,40}$",
        description="Only zones within this one, as kind:code",
    )


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries a function in a zone: all of it (`whole`) or some part."""

    id: uuid.UUID
    organization: Named | None
    whole: bool
    zones: tuple[ZoneName, ...]
    holders: int | None
    since: dt.date | None
    known_on: dt.date
    example: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one kind of function in one zone."""

    kind: str
    state: State
    carriers: tuple[Carrier, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One zone and its cells, in the order of the kinds."""

    zone: ZoneName
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Zones by kinds of functions. `unplaced`: functions of which no zone of this kind is known."""

    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    unplaced: tuple[FunctionTold, ...]

    @property
    def known_on(self) -> tuple[dt.date, dt.date] | None:
        """Return the days of the oldest and the newest fact in it."""
        days = [each.known_on for row in self.rows for cell in row.cells for each in cell.carriers]
        return (min(days), max(days)) if days else None


@dataclass(frozen=True, slots=True)
class MatrixBytes:
    """The matrix as JSON arrays."""

    items: bytes
    kinds: bytes
    unplaced: bytes
    matched: int


async def matrix_json(reader: Reader, filters: MatrixFilters, viewer: Viewer) -> MatrixBytes:
    """Return the matrix as JSON. One query.

    Raises
    ------
    UnknownValue
        If the zone that it is limited to does not exist.
    """
    compiled = _MATRIX.compiled(filters.shape & {"zone", "edition"}, viewer)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(filters.values()))
    assert row is not None
    filters.refuse(row["unknown"])
    return MatrixBytes(row["items"], row["kinds"], row["unplaced"], row["matched"])


async def read_matrix(reader: Reader, filters: MatrixFilters, viewer: Viewer) -> Matrix:
    """Return the matrix. One query; raises as `matrix_json`."""
    told = await matrix_json(reader, filters, viewer)
    return Matrix(
        kinds=tuple(parse_kind(each) for each in json.loads(told.kinds)),
        rows=tuple(_parse_row(each) for each in json.loads(told.items)),
        unplaced=tuple(parse_function(each) for each in json.loads(told.unplaced)),
    )


def write_csv(matrix: Matrix, lang: Lang, words: Mapping[str, str]) -> str:
    """Return the matrix as CSV: one row a zone, one column a kind, who carries it in the cell.

    Parameters
    ----------
    words : mapping
        Titles in the reader's language: `code`, `zone`, `part`, `unknown`, `unplaced`.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([words["code"], words["zone"], *(_plain(kind.name, lang) for kind in matrix.kinds)])
    for row in matrix.rows:
        cells = ["; ".join(_names(cell, lang, words)) for cell in row.cells]
        writer.writerow(
            [f"{row.zone.kind}:{row.zone.code}", _plain(row.zone.name, lang), *map(_harmless, cells)]
        )
    loose = [
        "; ".join(
            _plain(each.organization.name, lang) if each.organization else words["unknown"]
            for each in matrix.unplaced
            if each.kind.code == kind.code
        )
        for kind in matrix.kinds
    ]
    writer.writerow(["", words["unplaced"], *map(_harmless, loose)])
    return file.getvalue()


def _names(cell: Cell, lang: Lang, words: Mapping[str, str]) -> Iterator[str]:
    for each in cell.carriers:
        name = _plain(each.organization.name, lang) if each.organization else words["unknown"]
        yield name if each.whole else f"{name} ({words['part']})"


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell


def _plain(text: Text, lang: Lang) -> str:
    found = text.in_language(lang)
    return _harmless(found[0]) if found else ""


def _parse_row(told: Mapping[str, Any]) -> Row:
    return Row(parse_zone(told["zone"]), tuple(_parse_cell(each) for each in told["cells"]))


def _parse_cell(told: Mapping[str, Any]) -> Cell:
    return Cell(told["kind"], told["state"], tuple(_parse_carrier(each) for each in told["functions"]))


def _parse_carrier(told: Mapping[str, Any]) -> Carrier:
    known_on = parse_day(told["known_on"])
    assert known_on is not None
    return Carrier(
        id=uuid.UUID(told["id"]),
        organization=parse_named(told["organization"]),
        whole=told["whole"],
        zones=tuple(parse_zone(zone) for zone in told["zones"]),
        holders=told["holders"],
        since=parse_day(told["since"]),
        known_on=known_on,
        example=told["example"],
    )
