"""Reads and checks a folder of shipped tables: CSV files described by a Frictionless ``datapackage.json``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import InputRefused, RowProblem
from geo.exchange.fields import TYPES, check_column, parse_column
from geo.exchange.report import LoadReport

DESCRIPTOR = "datapackage.json"


class TableError(InputRefused):
    """Tables that are not what their description says: each problem names file, row and column."""


@dataclass
class _Table:
    """One resource while it is read: values by column, and the line of the file each row starts on."""

    file: str
    schema: dict[str, Any]
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    lines: list[int] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, line: int | None, column: str | None, message: str) -> None:
        self.problems.append(RowProblem(self.file, line, column, message))

    def drop(self, lines: set[int]) -> None:
        kept = [position for position, line in enumerate(self.lines) if line not in lines]
        self.frame = self.frame.iloc[kept].reset_index(drop=True)
        self.lines = [self.lines[position] for position in kept]


def read_package(path: Path, report: LoadReport | None = None) -> dict[str, pd.DataFrame]:
    """Read every table of a package, after checking all of them against their schemas.

    Parameters
    ----------
    path : Path
        Folder that holds ``datapackage.json`` and the CSV files it names.
    report : LoadReport, optional
        With ``keep_good_rows`` the wrong rows are dropped and noted there; otherwise one refuses all.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the resource. Types: string → object (str or None), integer and year → Int64, number →
        float64, boolean → boolean, date and datetime → object. The index, named ``row``, is the line of the
        file and ``frame.attrs["file"]`` its name, so that later checks can say where (`row_problem`).

    Raises
    ------
    TableError
        If the description or a table is missing, half-written or wrong.
    """
    tables = {resource["name"]: _read_table(path, resource) for resource in _read_descriptor(path)}
    keep = report is not None and report.keep_good_rows
    found = [problem for table in tables.values() for problem in table.problems]
    if found and (not keep or any(problem.row in (None, 1) for problem in found)):
        raise TableError(found)
    broken = found
    while broken or not found:
        _drop_rows(tables, broken)
        broken = [problem for table in tables.values() for problem in _check_foreign_keys(table, tables)]
        found += broken
        if not keep or not broken:
            break
    if found and not keep:
        raise TableError(found)
    for table in tables.values():
        table.frame.index = pd.Index(table.lines, name="row", dtype="int64")
        table.frame.attrs["file"] = table.file
    if report is not None:
        report.problems.extend(found)
    return {name: table.frame for name, table in tables.items()}


def row_problem(frame: pd.DataFrame, row: int, column: str | None, message: str) -> RowProblem:
    """Return a problem of one row (its index label) of a frame that `read_package` returned."""
    return RowProblem(frame.attrs["file"], int(row), column, message)


def _read_descriptor(path: Path) -> list[dict[str, Any]]:
    from frictionless import FrictionlessException, Package  # imported late: it costs 0.7 s

    file = path / DESCRIPTOR
    try:
        package = Package.from_descriptor(str(file))
        resources: list[dict[str, Any]] = package.to_descriptor()["resources"]
        for resource in resources:
            fields = resource["schema"]["fields"]
            unknown = [item["name"] for item in fields if item["type"] not in TYPES]
            if unknown:
                message = f"resource {resource['name']}: type of {', '.join(unknown)} is not supported"
                raise TableError([RowProblem(DESCRIPTOR, None, None, message)])
        return resources
    except FrictionlessException as error:
        notes = [str(reason.note) for reason in (error.reasons or [error.error])]
        raise TableError([RowProblem(DESCRIPTOR, None, None, note) for note in notes]) from error
    except (KeyError, TypeError, ValueError) as error:
        raise TableError([RowProblem(DESCRIPTOR, None, None, f"cannot be used: {error}")]) from error


def _read_table(path: Path, resource: dict[str, Any]) -> _Table:
    table = _Table(resource["path"], resource["schema"])
    names = [item["name"] for item in table.schema["fields"]]
    rows = _read_rows(path / table.file, names, table)
    if table.problems and not rows:
        return table
    columns: dict[str, pd.Series[Any]] = {}
    for place, item in enumerate(table.schema["fields"]):
        values, problems = parse_column([row[place] for row in rows], item["type"])
        unread = {position for position, _ in problems}
        faults = check_column(values, item.get("constraints", {}), item["type"])
        problems += [fault for fault in faults if fault[0] not in unread]
        columns[item["name"]] = values
        for position, message in problems:
            table.refuse(table.lines[position], item["name"], message)
    table.frame = pd.DataFrame(columns, columns=names)
    _check_primary_key(table)
    expected = resource.get("rows")
    if expected is not None and not table.problems and len(rows) != expected:
        table.refuse(None, None, f"has {len(rows)} rows where its description says {expected}")
    table.problems.sort(key=lambda problem: problem.row or 0)
    return table


def _read_rows(file: Path, names: list[str], table: _Table) -> list[list[str]]:
    """Return the rows that have as many cells as the header, in the order of the schema."""
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        table.refuse(None, None, f"cannot be read: {error.strerror}")
        return []
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        table.refuse(line, None, "is not UTF-8 text")
        return []
    complete_lines = text.count("\n")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    if not _check_header(header, names, table):
        return []
    order = [header.index(name) for name in names]
    rows = []
    start = reader.line_num + 1
    try:
        for row in reader:
            if len(row) == len(header) and "\0" not in "".join(row):
                rows.append([row[place] for place in order])
                table.lines.append(start)
            elif len(row) == len(header):
                table.refuse(start, None, "holds a NUL character")
            else:
                last = header[len(row) - 1] if 0 < len(row) < len(header) else None
                table.refuse(start, last, f"has {len(row)} cells instead of {len(header)}")
            if reader.line_num > complete_lines:
                cell = header[min(len(row), len(header)) - 1] if row else None
                table.refuse(start, cell, "the file ends in the middle of this row")
            start = reader.line_num + 1
    except csv.Error as error:
        table.refuse(start, None, f"cannot be read as CSV: {error}")
    return rows


def _check_header(header: list[str], names: list[str], table: _Table) -> bool:
    wrong = [(name, "the column is missing") for name in names if name not in header]
    wrong += [(name, "the column is there twice") for name in names if header.count(name) > 1]
    wrong += [(name, "no such column is described") for name in header if name not in names]
    for name, message in wrong:
        table.refuse(1, name, message)
    return not wrong


def _check_primary_key(table: _Table) -> None:
    key = table.schema.get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    if not key:
        return
    for name in key:
        for position in table.frame[name].isna().to_numpy().nonzero()[0]:
            table.refuse(table.lines[position], name, "is empty, but part of the key")
    twice = table.frame.duplicated(subset=key) & table.frame[key].notna().all(axis=1)
    for position in twice.to_numpy().nonzero()[0]:
        value = ", ".join(str(table.frame[name].iloc[position]) for name in key)
        table.refuse(table.lines[position], "+".join(key), f"the key “{value}” is there twice")


def _check_foreign_keys(table: _Table, tables: dict[str, _Table]) -> Iterator[RowProblem]:
    for rule in table.schema.get("foreignKeys", []):
        fields, target = rule["fields"], rule["reference"]
        fields = [fields] if isinstance(fields, str) else fields
        wanted = [target["fields"]] if isinstance(target["fields"], str) else target["fields"]
        parent = tables[target["resource"]] if target.get("resource") else table
        known = set(parent.frame[wanted].itertuples(index=False, name=None))
        given = table.frame[fields].notna().all(axis=1).to_numpy()
        for position, value in enumerate(table.frame[fields].itertuples(index=False, name=None)):
            if given[position] and value not in known:
                text = ", ".join(map(str, value))
                yield RowProblem(
                    table.file, table.lines[position], "+".join(fields), f"“{text}” is not in {parent.file}"
                )


def _drop_rows(tables: dict[str, _Table], problems: list[RowProblem]) -> None:
    for table in tables.values():
        mine = [problem for problem in problems if problem.file == table.file]
        table.drop({problem.row for problem in mine if problem.row is not None})
