"""Reads a file of zones into rows of our own words: code, names, what it claims, and its shape in metres."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.crs import LAMBERT_2008
from geo.errors import RowProblem
from geo.exchange.official.files import SourceFile, open_source
from geo.exchange.official.names import clean_spaces
from geo.exchange.official.profiles import FIELDS, PROFILES, Profile, find_form
from geo.exchange.tables import TableError
from geo.vocabulary import ZoneKind

_LANGUAGES = {"name_fr": {"fre", "fra", "fr"}, "name_nl": {"dut", "nld", "nl"}}
_NUMBERS = ("area_m2", "population")


@dataclass(frozen=True)
class Reading:
    """What the caller says of a file.

    Attributes
    ----------
    columns : mapping of field to column
        Goes before what a profile says; fields are those of `profiles.FIELDS`.
    only : mapping of column to text
        Features with another text in a column are left out: a file of a whole country.
    epsg : int, optional
        The reference system of a file that declares none.
    layer : str, optional
        Of a file that holds several.
    """

    profile: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    epsg: int | None = None
    layer: str | None = None
    limit_mb: int = 200


@dataclass(frozen=True)
class ZoneFile:
    """A file as read.

    Attributes
    ----------
    rows : DataFrame
        One row a feature, numbered from 1 as in the file: code, name_fr, name_nl, the claims commune,
        commune_fr, commune_nl (str or None), area_m2, population (float), and shape (EPSG:3812, metres).
    """

    name: str
    digest: str
    format: str
    crs: str
    profile: Profile | None
    rows: pd.DataFrame


def read_zones(path: Path, kind: ZoneKind, reading: Reading) -> ZoneFile:
    """Read a file of zones of one kind.

    Raises
    ------
    TableError
        It can't be read, is too large, declares no reference system, or nothing tells its columns.
    """
    with open_source(path, reading.limit_mb) as source:
        frame = _read_frame(source, path.name, reading.layer)
    frame = _keep_only(frame, reading.only, path.name)
    crs = _find_crs(frame, source.format, reading.epsg, path.name)
    profile, columns = _find_columns(frame, kind, reading, path.name)
    rows = pd.DataFrame(index=frame.index)
    for name in FIELDS:
        rows[name] = _series([None] * len(frame), frame) if name not in columns else frame[columns[name]]
    rows = _split_names(rows)
    rows["code"] = _series(map(code_text, rows["code"]), rows)
    for name in ("name_fr", "name_nl", "commune_fr", "commune_nl"):
        rows[name] = _series((clean_spaces(_text(cell)) for cell in rows[name]), rows)
    rows["commune"] = _series(map(code_text, rows["commune"]), rows)
    for name in _NUMBERS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype("float64")
    shapes = frame.geometry.set_crs(crs, allow_override=True).to_crs(LAMBERT_2008).force_2d()
    rows["shape"] = _series(shapes, rows)
    return ZoneFile(path.name, source.digest, source.format, crs, profile, rows)


def code_text(value: Any) -> str | None:
    """Return a code as a publisher writes it: 36.0, stored as a number, is ``36``."""
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return None
        return str(int(value)) if float(value).is_integer() else str(value)
    text = _text(value)
    return clean_spaces(text.removesuffix(".0") if text and text[:-2].isdigit() else text)


def _read_frame(source: SourceFile, name: str, layer: str | None) -> Any:
    import pyogrio  # imported late: only this command needs GDAL

    path = f"GeoJSON:{source.path}" if source.format == "GeoJSON" else str(source.path)
    options = {"DOWNLOAD_SCHEMA": "NO"} if source.format == "GML" else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # INSPIRE repeats names of fields
            layers = [str(each) for each, geometry in pyogrio.list_layers(path) if geometry]
            if layer is None and len(layers) > 1:
                raise _refusal(name, f"holds several layers: {', '.join(layers)}; --layer says which")
            frame = pyogrio.read_dataframe(path, layer=layer, **options)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).replace(str(source.path.parent), "")
        raise _refusal(name, f"cannot be read: {reason}") from error
    if "geometry" not in frame.columns:
        raise _refusal(name, "holds no shapes")
    if not len(frame):
        raise _refusal(name, "holds no feature")
    return frame.set_index(pd.RangeIndex(1, len(frame) + 1, name="row"))


def _keep_only(frame: Any, only: Mapping[str, str], name: str) -> Any:
    for column, text in only.items():
        _need_column(frame, column, name)
        frame = frame[[code_text(cell) == text for cell in frame[column]]]
    if not len(frame):
        raise _refusal(name, f"no feature has {', '.join(f'{key}={text}' for key, text in only.items())}")
    return frame


def _find_crs(frame: Any, format_: str, epsg: int | None, name: str) -> str:
    """Return the reference system that the file declares; GeoJSON declares degrees by saying nothing."""
    declared = frame.crs
    if format_ == "GeoJSON" and declared is not None and declared.is_geographic:
        west, south, east, north = frame.total_bounds
        if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
            declared = None
    if declared is None and epsg is None:
        raise _refusal(name, "declares no reference system; --crs says which (31370, 3812, 3035, 4326)")
    if declared is None:
        return f"EPSG:{epsg}"
    if epsg is not None and declared.to_epsg(min_confidence=25) != epsg:
        raise _refusal(name, f"declares {declared.name}, not EPSG:{epsg}")
    return str(declared.to_string())


def _find_columns(
    frame: Any, kind: ZoneKind, reading: Reading, name: str
) -> tuple[Profile | None, dict[str, str]]:
    known = [str(column) for column in frame.columns if column != "geometry"]
    profiles = [PROFILES[reading.profile]] if reading.profile else PROFILES.values()
    for column in reading.columns.values():
        _need_column(frame, column, name)
    profile, columns = find_form(kind, known, profiles) or (None, {})
    columns = columns | dict(reading.columns)
    if "code" not in columns:
        raise _refusal(
            name, f"no known form of a {kind}; there are {', '.join(known)}: --map code=COLUMN says which"
        )
    return profile, columns


def _need_column(frame: Any, column: str, name: str) -> None:
    known = [str(each) for each in frame.columns if each != "geometry"]
    if column not in known:
        message = f"no such field; there are {', '.join(known)}"
        raise TableError([RowProblem(name, None, column, message)])


def _split_names(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the names that stand in lists, one a language, to their columns."""
    for row, names, languages in zip(rows.index, rows["names"], rows["languages"], strict=True):
        if not isinstance(names, list | tuple | np.ndarray):
            continue
        said = list(languages) if isinstance(languages, list | tuple | np.ndarray) else ["fre", "dut"]
        for text, language in zip(names, said, strict=False):
            for column, marks in _LANGUAGES.items():
                if language in marks:
                    rows.at[row, column] = text
    return rows.drop(columns=["names", "languages"])


def _text(value: Any) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)


def _series(values: Iterable[Any], rows: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series(list(values), index=rows.index, dtype="object")


def _refusal(name: str, message: str) -> TableError:
    return TableError([RowProblem(name, None, None, message)])
