"""Layers as files for other programs: what `select` shows to the viewer, with credits written along.

Fictional examples stay out unless they are asked for. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_origin

import geopandas as gpd
import pandas as pd
import pyogrio
from pydantic import ValidationError

from geo.crs import WGS84
from geo.db.reads import Reader
from geo.directory.catalogue import read_sources
from geo.directory.map_data import ALL
from geo.errors import InvalidParameter, UnknownParameter
from geo.features.reading import read_features
from geo.layers.base import Layer
from geo.queries.filters import Filters
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import Viewer

#: Types of a layer's columns as pandas keeps them, nulls included.
DTYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[ms]",
    "array": "object",
}
GEOMETRIES = {"point": "Point", "line": "Unknown", "polygon": "MultiPolygon", "mixed": "Unknown"}
LICENCES = {"ODbL-1.0": "share alike: what is derived from it keeps this licence"}


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom rows of an export are owed to, and under which licence they may be used."""

    text: str
    licence: str | None
    url: str | None

    def __str__(self) -> str:
        parts = [self.text, self.licence, self.url, LICENCES.get(self.licence or "")]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Export:
    """A layer's rows (EPSG:4326, lon/lat) and their credits."""

    layer: Layer[Any]
    frame: gpd.GeoDataFrame
    credits: tuple[Credit, ...]

    @property
    def readme(self) -> str:
        """The words that go with the rows: what they are, and whom they are owed to."""
        title = " / ".join(filter(None, (self.layer.title.fr, self.layer.title.nl, self.layer.title.en)))
        notes = [title, f"{len(self.frame)} rows, EPSG:{WGS84} (lon, lat)"]
        if "generalised" in self.frame and self.frame["generalised"].any():
            notes.append("Limits are generalised, not official: near one, they may be off by some 150 m.")
        if "example" in self.frame and self.frame["example"].any():
            notes.append("Rows with example = true are FICTIONAL.")
        return "\n".join([*notes, "", "Sources:", *(f"- {credit}" for credit in self.credits), ""])


def parse_filters(layer: Layer[Any], given: Mapping[str, Sequence[str]]) -> Filters:
    """Return the layer's filters from words, as a command line gives them.

    Raises
    ------
    UnknownParameter, InvalidParameter
        Naming the filter that the layer doesn't have, or that has a value it doesn't take.
    """
    fields = layer.filters.model_fields
    values: dict[str, Any] = {}
    for name, words in given.items():
        if name not in fields:
            known = ", ".join(sorted(fields))
            raise UnknownParameter(f"{layer.id} has no filter of that name", name=name, known=known)
        if name == "bbox":
            values[name] = words[-1].split(",")
        else:
            is_many = get_origin(fields[name].annotation) is tuple
            values[name] = tuple(words) if is_many else words[-1]
    try:
        filters: Filters = layer.filters.model_validate(values)
        return filters
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        raise InvalidParameter(
            "a filter has a value it does not take", name=name, expected=fault["msg"]
        ) from error


async def read_export(
    reader: Reader, layer: Layer[Any], filters: Filters, viewer: Viewer, *, with_examples: bool = False
) -> Export:
    """Return all rows of a layer that the viewer may see and the filters let through.

    Parameters
    ----------
    with_examples : bool
        Keep fictional records.

    Returns
    -------
    Export
        One row per feature; the columns are the layer's properties, geometry in EPSG:4326.
    """
    page = await read_features(reader, layer, filters, viewer, limit=ALL)
    features = json.loads(page.features)
    if not with_examples:
        features = [each for each in features if not each["properties"].get("example")]
    frame = _frame(layer, features)
    edition = filters.values().get("edition")
    return Export(layer, frame, await _credits(reader, layer, frame, edition))


def _frame(layer: Layer[Any], features: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    names = [each.name for each in layer.properties]
    if features:
        frame = gpd.GeoDataFrame.from_features(features, crs=WGS84)[[*names, "geometry"]]
    else:
        frame = gpd.GeoDataFrame({name: [] for name in names}, geometry=[], crs=WGS84)
    for column in layer.properties:
        if column.type == "date":
            frame[column.name] = pd.to_datetime(frame[column.name], format="ISO8601")
        frame[column.name] = frame[column.name].astype(DTYPES[column.type])
    return frame


async def _credits(
    reader: Reader, layer: Layer[Any], frame: gpd.GeoDataFrame, edition: str | None
) -> tuple[Credit, ...]:
    """Return the credits of the sources that the rows name; the layer's own where they name none."""
    if "source" not in frame:
        owed = owed_for(layer, await read_limit_credits(reader, edition))
        return tuple(Credit(each.text, each.licence, each.url) for each in owed)
    named = set(frame["source"].dropna())
    credits = [
        Credit(source.attribution or source.publisher, source.licence, source.licence_url or source.url)
        for source in await read_sources(reader)
        if source.id in named
    ]
    return tuple(dict.fromkeys(credits))


def write_export(export: Export, file: Path, format: str) -> list[Path]:
    """Write an export, and its credits beside it; return the files written.

    Parameters
    ----------
    format : str
        One of `FORMATS`.

    Raises
    ------
    OSError
        The folder is missing or can't be written to; no file has changed.
    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".export-") as room:
        draft = Path(room) / file.name
        FORMATS[format](export, draft)
        draft.with_name("README").write_text(export.readme, encoding="utf-8")
        beside = file.with_name(f"{file.name}.README.txt")
        shutil.move(draft.with_name("README"), beside)
        shutil.move(draft, file)
    return [file, beside]


def _write_geojson(export: Export, file: Path) -> None:
    _write_ogr(export, file, "GeoJSON", RFC7946="YES", WRITE_NAME="NO", DESCRIPTION=_one_line(export))


def _write_gpkg(export: Export, file: Path) -> None:
    title = export.layer.title.en or export.layer.id
    _write_ogr(export, file, "GPKG", dataset_metadata={"README": export.readme}, IDENTIFIER=title,
               DESCRIPTION=_one_line(export))  # fmt: skip


def _write_fgb(export: Export, file: Path) -> None:
    _write_ogr(export, file, "FlatGeobuf", TITLE=export.layer.title.en or "", DESCRIPTION=_one_line(export))


def _write_ogr(export: Export, file: Path, driver: str, **options: Any) -> None:
    geometry = GEOMETRIES[export.layer.geometry]
    rows = export.frame.drop(columns="geometry").assign(
        **{name: export.frame[name].map(_joined, na_action="ignore") for name in _arrays(export)}
    )
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(rows, geometry=export.frame.geometry, crs=WGS84),
        file,
        layer=export.layer.id,
        driver=driver,
        geometry_type=geometry,
        promote_to_multi=geometry == "MultiPolygon",
        **options,
    )


def _write_parquet(export: Export, file: Path) -> None:
    export.frame.to_parquet(file, index=False)


def _write_csv(export: Export, file: Path) -> None:
    """Points as lon and lat, everything else as WKT: what spreadsheets and GIS read."""
    rows = pd.DataFrame(export.frame.drop(columns="geometry"))
    for name in _arrays(export):
        rows[name] = rows[name].map(_joined, na_action="ignore")
    shapes = export.frame.geometry
    if export.layer.geometry == "point":
        rows = rows.assign(lon=shapes.x, lat=shapes.y)
    else:
        rows = rows.assign(wkt=shapes.to_wkt())
    rows.to_csv(file, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d")


def _arrays(export: Export) -> list[str]:
    return [column.name for column in export.layer.properties if column.type == "array"]


def _joined(values: Sequence[Any]) -> str:
    return ";".join(map(str, values))


def _one_line(export: Export) -> str:
    return " | ".join(map(str, export.credits))


#: What writes each format; `html`, the map, is drawn in `maps`.
FORMATS: dict[str, Callable[[Export, Path], None]] = {
    "geojson": _write_geojson,
    "csv": _write_csv,
    "gpkg": _write_gpkg,
    "fgb": _write_fgb,
    "parquet": _write_parquet,
}
