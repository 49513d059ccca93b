"""Rows of a sheet as contents of projects, each with what is wrong with it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.exchange.sheets.cells import (
    CellRefused,
    RowFault,
    read_codes,
    read_day,
    read_links,
    read_number,
    read_text,
    split_list,
)
from geo.exchange.sheets.columns import Column, find_columns, fold
from geo.exchange.sheets.known import Known
from geo.exchange.sheets.reading import FORMULA, Sheet, SheetRefused, SheetRow
from geo.vocabulary import LANGS


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A row: which project it changes (None: a new one), its content by field, its faults."""

    number: int
    title: str
    project_id: uuid.UUID | None
    content: Mapping[str, Any]
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The rows of a sheet, and the titles of columns that were passed over."""

    rows: tuple[ProjectRow, ...]
    passed_over: tuple[str, ...] = field(default=())


def read_projects(sheet: Sheet, known: Known) -> ReadSheet:
    """Return the rows of a sheet as projects.

    Raises
    ------
    SheetRefused
        ``wrong-columns`` (no column is a title of a project), ``column-twice`` (column), ``no-rows``.
    """
    columns, strange, twice = find_columns(sheet.titles)
    if twice:
        raise SheetRefused("column-twice", column=twice[0])
    names = {column.name for column in columns if column}
    if not names & {"title_fr", "title_nl", "title_en"}:
        raise SheetRefused("wrong-columns")
    if not sheet.rows:
        raise SheetRefused("no-rows")
    seen: dict[str, int] = {}
    rows = tuple(_read_row(row, columns, known, seen) for row in sheet.rows)
    return ReadSheet(rows, tuple(strange))


def _read_row(row: SheetRow, columns: list[Column | None], known: Known, seen: dict[str, int]) -> ProjectRow:
    content: dict[str, Any] = {}
    faults: list[RowFault] = []
    for position, column in enumerate(columns):
        if column is None or column.kind == "told":
            continue
        cell = row.cells[position] if position < len(row.cells) else ""
        try:
            content[column.name] = _read_cell(cell, column, known)
        except CellRefused as refusal:
            faults.append(RowFault(row.number, column.name, refusal.reason, refusal.params))
    project_id = content.pop("id", None)
    has_title_fault = any(each.column in _titles() for each in faults)
    told = _check(row.number, content, project_id, known, seen)
    faults += [each for each in told if not (has_title_fault and each.reason == "no-title")]
    title = next((content[name] for name in _titles() if content.get(name)), "")
    return ProjectRow(row.number, title, project_id, content, tuple(faults))


def _read_cell(cell: str, column: Column, known: Known) -> Any:
    """Return the value of a cell; None where it is empty."""
    if cell.startswith(FORMULA):
        raise CellRefused("formula")
    if not cell:
        return None
    match column.kind:
        case "themes" | "audiences" | "zones":
            return read_codes(cell, known.words[column.kind], f"unknown-{column.kind}")
        case "progress" | "organization":
            return read_codes(cell, known.words[column.kind], f"unknown-{column.kind}")[0]
        case "partners":
            return split_list(cell)
        case "date":
            return read_day(cell)
        case "number":
            return read_number(cell)
        case "links":
            return read_links(cell)
        case "id":
            return _read_id(cell)
        case _:
            return read_text(cell, column.limit)


def _read_id(cell: str) -> uuid.UUID:
    try:
        return uuid.UUID(cell)
    except ValueError:
        raise CellRefused("bad-id", value=cell[:40]) from None


def _check(
    number: int,
    content: Mapping[str, Any],
    project_id: uuid.UUID | None,
    known: Known,
    seen: dict[str, int],
) -> Iterator[RowFault]:
    """Yield what is wrong between cells, or between this row and what there is already."""
    titles = [fold(content[name]) for name in _titles() if content.get(name)]
    if not titles:
        yield RowFault(number, "title_fr", "no-title")
    if project_id and project_id not in known.projects:
        yield RowFault(number, "id", "not-yours")
    key = str(project_id) if project_id else next(iter(titles), "")
    if key and seen.setdefault(key, number) != number:
        yield RowFault(number, "title_fr", "twice-in-sheet", {"row": seen[key]})
    elif not project_id and known.titles.intersection(titles):
        yield RowFault(number, "title_fr", "same-title")
    starts_on, ends_on = content.get("starts_on"), content.get("ends_on")
    if isinstance(starts_on, dt.date) and isinstance(ends_on, dt.date) and ends_on < starts_on:
        yield RowFault(number, "ends_on", "end-before-start")
    if (content.get("lon") is None) != (content.get("lat") is None):
        yield RowFault(number, "lat" if content.get("lat") is None else "lon", "half-a-point")


def _titles() -> tuple[str, ...]:
    return tuple(f"title_{lang}" for lang in LANGS)
