"""Rows of a file of addresses: read, put into one form, checked, and placed in EPSG:4326."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import LAMBERT_72, LAMBERT_2008, WGS84, transformer
from geo.errors import RowProblem
from geo.exchange.address_forms import FIELDS, AddressForm, recognise
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError
from geo.vocabulary import Bbox

#: Where an address can be at all, in degrees: the region and its surroundings.
SURROUNDINGS = Bbox(4.15, 50.70, 4.60, 51.00)
_DOOR = re.compile(r"\d{1,4}[a-z]{0,3}([-/]\d{1,4}[a-z]{0,3})*")
_COORDINATE = re.compile(r"-?\d+(\.\d+)?")

Faults = dict[int, tuple[str, str]]
"""Line of the file to the column at fault and what is wrong with it."""


def read_addresses(
    path: Path, report: LoadReport, form: AddressForm | None
) -> tuple[pd.DataFrame, AddressForm]:
    """Return the addresses of a file and its form.

    Returns
    -------
    rows : pandas.DataFrame
        By line of the file: ``street_fr``, ``street_nl`` (empty where unknown), ``number``, ``box``,
        ``postal_code``, ``source_key`` and ``geom`` (EPSG:4326). Each names a street and a door, once.
    form : AddressForm
        The form given, else the one that the header tells.

    Raises
    ------
    TableError
        If the form can't be told, or positions can't be read and good rows are not to be kept.
    """
    table, form = _read(path, form)
    rows = _canonical(table, form)
    rows = drop_rows(rows, report, path.name, _no_address(rows, form))
    rows = _place(rows, table, form, report, path.name)
    return drop_rows(rows, report, path.name, _repeated(rows, form)), form


def drop_rows(rows: pd.DataFrame, report: LoadReport, file: str, faults: Faults) -> pd.DataFrame:
    """Return the rows without those at fault, each told to the report."""
    for row, (column, message) in sorted(faults.items()):
        report.note(RowProblem(file, int(row), column or None, message))
    return rows.drop(index=list(faults))


def _read(path: Path, form: AddressForm | None) -> tuple[pd.DataFrame, AddressForm]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
        delimiter = max(",;\t", key=first.count)
        table = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise TableError([RowProblem(path.name, None, None, f"not a CSV in UTF-8: {error}")]) from error
    header = next(csv.reader([first], delimiter=delimiter), [])
    chosen = form or recognise(header)
    if chosen is None:
        message = "these columns are neither BeSt's nor OpenStreetMap's: declare which says what"
        raise TableError([RowProblem(path.name, 1, None, message)])
    if missing := chosen.missing(header):
        raise TableError([RowProblem(path.name, 1, name, "is missing") for name in missing])
    table.index = pd.RangeIndex(2, len(table) + 2, name="row")
    return table.apply(lambda column: column.str.strip()), chosen


def _canonical(table: pd.DataFrame, form: AddressForm) -> pd.DataFrame:
    """Return the fields as columns of text, empty where the form has none."""
    blank = pd.Series("", index=table.index)
    rows = pd.DataFrame(
        {name: table[form.columns[name]] if name in form.columns else blank for name in FIELDS}
    )
    halves = rows["street"].str.partition(" - ")
    for lang, half in (("fr", 0), ("nl", 2)):
        own = rows[f"street_{lang}"]
        rows[f"street_{lang}"] = own.where(own != "", halves[half])
    number = rows["number"].str.lower().str.replace("–", "-").str.replace(r"\s+", "", regex=True)
    rows["number"] = number
    rows["postal_code"] = rows["postal_code"].str.extract(r"(1[0-9]{3})", expand=False)
    rows["box"] = rows["box"].where(rows["box"] != "", None)
    words = rows[["postal_code", "street_fr", "street_nl", "number", "box"]].fillna("")
    rows["source_key"] = (table[list(form.key)] if form.key else words).agg("/".join, axis=1)
    return rows


def _no_address(rows: pd.DataFrame, form: AddressForm) -> Faults:
    """Find the rows that name no street, no door, or an address that is not in force."""
    faults: Faults = {}
    if form.current is not None:
        past = rows.index[rows["status"] != form.current]
        faults |= dict.fromkeys(past, (form.columns["status"], "is not in force"))
    no_door = rows.index[~rows["number"].str.fullmatch(_DOOR.pattern)]
    faults |= dict.fromkeys(no_door, (form.columns["number"], "is not a house number"))
    nameless = rows.index[(rows["street_fr"] == "") & (rows["street_nl"] == "")]
    return faults | dict.fromkeys(nameless, (form.street_column, "names no street"))


def _place(
    rows: pd.DataFrame, table: pd.DataFrame, form: AddressForm, report: LoadReport, file: str
) -> pd.DataFrame:
    """Return the rows with their point; refuse positions that can't be, unless good rows are kept."""
    lon, lat = (np.full(len(rows), np.nan) for _ in range(2))
    for epsg, x_name, y_name in form.positions_in(list(table.columns)):
        given = table.loc[rows.index, [x_name, y_name]].apply(pd.to_numeric, errors="coerce")
        found = transformer(epsg, WGS84).transform(*given.to_numpy(dtype=float).T)
        empty = ~np.isfinite(lon)
        lon[empty], lat[empty] = found[0][empty], found[1][empty]
    faults = {row: _explain(table.loc[row], form) for row in rows.index[~_is_near(lon, lat)]}
    if faults and not report.keep_good_rows:
        raise TableError([RowProblem(file, int(row), *fault) for row, fault in sorted(faults.items())])
    return drop_rows(rows.assign(geom=shapely.points(lon, lat)), report, file, faults)


def _is_near(lon: Any, lat: Any) -> Any:
    west, south, east, north = SURROUNDINGS
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _explain(row: pd.Series[Any], form: AddressForm) -> tuple[str, str]:
    """Say what is wrong with a position, and in which reference system it would lie here."""
    epsg, x_name, y_name = form.positions_in(list(row.index))[0]
    for name in (x_name, y_name):
        if not _COORDINATE.fullmatch(row[name]):
            return name, f"“{row[name][:40]}” is not a coordinate"
    x, y = float(row[x_name]), float(row[y_name])
    here = f"{x:.10g} {y:.10g} is not in Brussels in EPSG:{epsg}"
    for other in (WGS84, LAMBERT_72, LAMBERT_2008):
        for one, two, how in ((x, y, ""), (y, x, ", the columns exchanged")):
            if _is_near(*transformer(other, WGS84).transform(one, two)):
                return x_name, f"{here}; it would be in EPSG:{other}{how}"
    return x_name, here


def _repeated(rows: pd.DataFrame, form: AddressForm) -> Faults:
    twice = rows.index[rows["source_key"].duplicated()]
    column = form.key[0] if form.key else form.columns["number"]
    return dict.fromkeys(twice, (column, "says the same address as a row before"))
