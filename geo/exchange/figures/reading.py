"""Reads a file of figures, whatever its shape, into observations.

Three shapes are known: a table with one row per zone (and period), a wide workbook whose columns carry
indicator, unit and period in three header rows, and JSON with a series per zone and indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from geo.errors import RowProblem
from geo.exchange.figures.documents import Document
from geo.exchange.figures.profiles import Measure, Profile

_PERIOD = re.compile(r"\d{4}(\.0)?")


class Observation(NamedTuple):
    """One cell of a file, with the row and column it stands in."""

    zone: str
    indicator: str
    period: str
    content: Any
    row: int | None
    column: str


@dataclass
class Reading:
    """What a file holds, what is wrong with it, and what is worth a look."""

    file: str
    observations: list[Observation] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[RowProblem] = field(default_factory=list)

    def refuse(self, row: int | None, column: str | None, message: str) -> None:
        """Keep what is wrong."""
        self.problems.append(RowProblem(self.file, row, column, message))

    def remark(self, message: str, row: int | None = None, column: str | None = None) -> None:
        """Keep what is worth a look."""
        self.remarks.append(RowProblem(self.file, row, column, message))


def read_observations(document: Document, profile: Profile) -> Reading:
    """Return all cells of a file that a profile gives a meaning to."""
    reading = Reading(document.name)
    readers = {"table": _read_table, "wide": _read_wide, "series": _read_series}
    reading.observations = list(readers[profile.shape](document, profile, reading))
    if document.sheet:
        for name in document.sheet.others:
            reading.remark(f"the sheet “{name}” was not read; figures stand in the first")
    return reading


def _read_table(document: Document, profile: Profile, reading: Reading) -> Iterator[Observation]:
    sheet = document.sheet
    if sheet is None or not _check_titles(sheet.titles, profile, reading):
        return
    places = {title: place for place, title in reversed(list(enumerate(sheet.titles)))}
    for row in sheet.rows:
        cells = row.cells + ("",) * (len(sheet.titles) - len(row.cells))
        if len(row.cells) > len(sheet.titles):
            reading.refuse(row.number, None, f"has {len(row.cells)} cells instead of {len(sheet.titles)}")
            continue
        zone = _code(cells[places[profile.zone_column]])
        if not zone:
            reading.refuse(row.number, profile.zone_column, "names no zone")
            continue
        for title, measure in profile.measures.items():
            period = _period_of(measure, profile, cells, places)
            if _PERIOD.fullmatch(period):
                yield Observation(
                    zone, measure.indicator, period[:4], cells[places[title]], row.number, title
                )
            elif cells[places[title]].strip():
                reading.refuse(row.number, title, f"its period “{period[:20]}” is not a year")


def _period_of(measure: Measure, profile: Profile, cells: tuple[str, ...], places: Mapping[str, int]) -> str:
    column = measure.period_column or profile.period_column
    return measure.period or (cells[places[column]] if column else profile.period or "")


def _check_titles(titles: tuple[str, ...], profile: Profile, reading: Reading) -> bool:
    wanted = profile.columns()
    wrong = [(name, "the column is missing") for name in sorted(wanted - set(titles))]
    wrong += [(name, "the column is there twice") for name in sorted(wanted) if titles.count(name) > 1]
    for name, message in wrong:
        reading.refuse(1, name, message)
    others = [name for name in titles if name and name not in wanted and name not in profile.ignored]
    if others:
        reading.remark(f"{len(others)} columns mean no indicator of ours; not taken: {', '.join(others)}", 1)
    return not wrong


def _read_wide(document: Document, profile: Profile, reading: Reading) -> Iterator[Observation]:
    sheet = document.sheet
    if sheet is None or len(sheet.rows) < 2:
        reading.refuse(1, None, "has no three header rows")
        return
    years, body = sheet.rows[1].cells, sheet.rows[2:]
    columns = list(_wide_columns(sheet.titles, years, profile, reading))
    for row in body:
        zone = _code(row.cells[0])
        if not zone:
            reading.refuse(row.number, "A", "names no zone")
            continue
        for place, letter, indicator, period in columns:
            content = row.cells[place] if place < len(row.cells) else ""
            if content:  # a cell that is empty in a block of other zones says nothing
                yield Observation(zone, indicator, period, content, row.number, letter)


def _wide_columns(
    titles: tuple[str, ...], years: tuple[str, ...], profile: Profile, reading: Reading
) -> Iterator[tuple[int, str, str, str]]:
    lost: dict[str, list[str]] = {}
    for place, title in enumerate(titles):
        measure, letter = profile.measures.get(title.strip()), get_column_letter(place + 1)
        year = years[place] if place < len(years) else ""
        if measure is None:
            if title.strip() and title.strip() not in profile.ignored:
                lost.setdefault(f"“{title.strip()}” is no indicator of ours; not taken", []).append(letter)
        elif _PERIOD.fullmatch(year):
            yield place, letter, measure.indicator, year[:4]
        else:
            lost.setdefault(f"“{title.strip()}” stands over a column without a year; not taken", []).append(
                letter
            )
    for message, letters in lost.items():
        reading.remark(message, 1, letters[0] if len(letters) == 1 else f"{letters[0]}–{letters[-1]}")


def _read_series(document: Document, profile: Profile, reading: Reading) -> Iterator[Observation]:
    zones = document.value.get("neighborhoods") if isinstance(document.value, dict) else None
    if not isinstance(zones, dict):
        reading.refuse(
            None, "neighborhoods", "is missing: this profile reads a series per zone and indicator"
        )
        return
    unknown: set[str] = set()
    for code, told in zones.items():
        series = told.get("timeseries") if isinstance(told, dict) else None
        if not isinstance(series, dict):
            reading.refuse(None, f"neighborhoods.{code}", "has no timeseries")
            continue
        for name, values in series.items():
            measure = profile.measures.get(name)
            if measure is None:
                unknown.add(name)
                continue
            where = f"{code}.{name}"
            if not isinstance(values, dict):
                reading.refuse(None, where, "is no series of years")
                continue
            for year, content in values.items():
                if _PERIOD.fullmatch(str(year)):
                    yield Observation(
                        _code(code), measure.indicator, str(year)[:4], content, None, f"{where}.{year}"
                    )
                else:
                    reading.refuse(None, where, f"“{year}” is not a year")
    for name in sorted(unknown - profile.ignored):
        reading.remark("is no indicator of ours; not taken", None, name)


def _code(text: Any) -> str:
    """Return a code as zones have it: spreadsheets turn 36 into 36.0."""
    code = str(text).strip()
    return code[:-2] if re.fullmatch(r"\d+\.0", code) else code
