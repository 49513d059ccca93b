"""Exports, read back by other means: the same ids, properties and places; examples only when asked for."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.crs import transformer
from geo.errors import InvalidParameter, UnknownParameter, UnknownValue
from geo.exchange.export import parse_filters, read_export, write_export
from geo.features.asked import Asked
from geo.features.formats import FORMATS
from geo.features.formats.base import Told
from geo.features.reading import read_features
from geo.features.streaming import Part
from geo.layers import layers_for
from geo.vocabulary import ANONYMOUS

ALL = Part()
Rows = dict[str, tuple[dict[str, Any], shapely.Geometry]]


async def exported(
    reader: Any, folder: Path, layer_id: str, format: str, part: Part = ALL, **asked: Any
) -> tuple[Told, Path, Path]:
    """Write a layer; return what was told, the file and the one beside it."""
    layer = layers_for()[layer_id]
    file = folder / f"{layer_id}.{FORMATS[format].extension}"
    question = Asked(layer, asked.pop("filters", layer.filters()), **asked)
    told, (written, beside) = await write_export(reader, question, ANONYMOUS, FORMATS[format], file, part)
    return told, written, beside


async def features(reader: Any, layer_id: str) -> Rows:
    """Return a layer's features as the pages of the doors tell them."""
    layer = layers_for()[layer_id]
    page = await read_features(reader, layer, layer.filters(), ANONYMOUS, limit=1_000_000)
    found = json.loads(page.features)
    return {
        str(each["id"]): (each["properties"], shapely.from_geojson(json.dumps(each["geometry"])))
        for each in found
    }


def read_back(file: Path, layer_id: str) -> Rows:
    """Return a file's rows by means that are not ours: GDAL, GeoPandas, pandas, openpyxl."""
    format = file.suffix[1:]
    if format == "parquet":
        return rows_of(gpd.read_parquet(file))
    if format == "csv":
        return rows_of(placed(pd.read_csv(file, dtype=dict.fromkeys(texts(layer_id), "string"))))
    if format == "xlsx":
        sheet = load_workbook(file, read_only=True)[layer_id]
        names, *cells = sheet.iter_rows(values_only=True)
        return rows_of(placed(pd.DataFrame(cells, columns=list(names), dtype=object)))
    frame = pyogrio.read_dataframe(file)
    if format == "kml":  # an `id` of the layer's own comes second
        frame["fid"] = frame["id"].str.removeprefix(f"{layer_id}.")
        frame["id"] = frame.get("id2")
    elif format in ("geojson", "geojsonl"):
        lines = file.read_text("utf-8").replace("\x1e", "").splitlines()
        whole = json.loads("".join(lines))["features"] if format == "geojson" else map(json.loads, lines)
        frame["fid"] = [str(each["id"]) for each in whole]
    return rows_of(frame)


def texts(layer_id: str) -> list[str]:
    return ["fid", *(each.name for each in layers_for()[layer_id].properties if each.type == "string")]


def placed(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = gpd.points_from_xy(rows["lon"], rows["lat"]) if "lon" in rows else shapely.from_wkt(rows["wkt"])
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)


def rows_of(frame: gpd.GeoDataFrame) -> Rows:
    told = frame.drop(columns=[*{"geometry", "lon", "lat", "wkt"} & set(frame)]).to_dict("records")
    return {str(row["fid"]): (row, shape) for row, shape in zip(told, frame.geometry, strict=True)}


def same(cell: Any, other: Any) -> bool:
    """Tell whether two cells say the same, however their formats keep what is not known, dates and truth."""
    return plain(cell) == plain(other)


def plain(cell: Any) -> Any:
    if cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, bool | np.bool_) or cell in ("true", "false"):
        return str(cell).lower() == "true"
    if isinstance(cell, int | float | np.number):
        return round(float(cell), 9)
    return str(cell).removesuffix(" 00:00:00")


def assert_same(found: Rows, expected: Rows, places: float = 2e-6) -> None:
    assert set(found) == set(expected)
    for fid, (properties, shape) in expected.items():
        row, there = found[fid]
        wrong = {
            name: (row.get(name), cell) for name, cell in properties.items() if not same(row.get(name), cell)
        }
        assert wrong == {}, fid
        assert there.hausdorff_distance(shape) < places, fid


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize("layer_id", ["services", "quartiers"])
async def test_every_format_reads_back_the_same(
    reader: asyncpg.Pool, tmp_path: Path, layer_id: str, format: str
) -> None:
    told, file, beside = await exported(reader, tmp_path, layer_id, format)
    assert names_in(tmp_path) == sorted([file.name, beside.name]), "nothing else is left"
    expected = await features(reader, layer_id)
    assert told.number == len(expected) > 100
    assert_same(read_back(file, layer_id), expected)


@pytest.mark.parametrize("layer_id", sorted(layers_for()))
@pytest.mark.parametrize("format", ["geojson", "geojsonseq", "csv", "kml"])
async def test_every_layer_can_be_written(
    reader: asyncpg.Pool, tmp_path: Path, layer_id: str, format: str
) -> None:
    told, file, _ = await exported(reader, tmp_path, layer_id, format)
    if told.number:
        assert len(pyogrio.read_dataframe(file)) == told.number


@pytest.mark.parametrize("layer_id", ["orientation", "projects"])
async def test_lines_and_layers_without_a_row_become_packages(
    reader: asyncpg.Pool, tmp_path: Path, layer_id: str
) -> None:
    told, file, _ = await exported(reader, tmp_path, layer_id, "gpkg")
    frame = pyogrio.read_dataframe(file)
    assert len(frame) == told.number
    assert {each.name for each in layers_for()[layer_id].properties} < set(frame)


@pytest.mark.parametrize("format", ["geojson", "csv", "xlsx", "gpkg", "fgb", "parquet"])
async def test_coordinates_are_in_the_reference_system_asked_for(
    reader: asyncpg.Pool, tmp_path: Path, format: str
) -> None:
    _, file, _ = await exported(reader, tmp_path, "services", format, crs=31370)
    expected = await features(reader, "services")
    to_lambert = transformer(4326, 31370)
    if format in ("csv", "xlsx"):
        rows = pd.read_csv(file) if format == "csv" else pd.read_excel(file)
        found = {row.fid: (row.x, row.y) for row in rows.itertuples()}
    else:
        frame = gpd.read_parquet(file) if format == "parquet" else pyogrio.read_dataframe(file)
        assert frame.crs.to_epsg() == 31370
        fids = frame["fid"] if "fid" in frame else frame["id"].index
        if format == "geojson":
            fids = [each["id"] for each in json.loads(file.read_text("utf-8"))["features"]]
        found = {fid: (shape.x, shape.y) for fid, shape in zip(fids, frame.geometry, strict=True)}
    assert set(found) == set(expected)
    for fid, (_, shape) in expected.items():
        assert found[fid] == pytest.approx(to_lambert.transform(shape.x, shape.y), abs=0.15), "metres"


async def test_kml_has_one_reference_system(reader: asyncpg.Pool, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter) as refused:
        await exported(reader, tmp_path, "services", "kml", crs=31370)
    assert refused.value.params["name"] == "crs"
    assert names_in(tmp_path) == []


#: Texts that spreadsheets would run, and texts that break tables and markup.
ODD = [
    "=1+1",
    "+32 2 555 55 55",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "a,b;c \"quoted\" 'and'",
    "two\nlines\r\nof it",
    "<b>&amp; ]]> \x01\x02 backslash \\ \\N",
    "Ünïcode ✓ 🏥",
]


@pytest.fixture
async def odd_names(session: AsyncSession) -> dict[str, str]:
    """Services with names (invented) that are hard to write, by `fid`."""
    statement = text(
        "UPDATE service_card SET name_fr = odd.name FROM (SELECT id, row_number() OVER (ORDER BY id) AS n"
        " FROM service_card WHERE visibility = 'public' AND geom IS NOT NULL"
        " AND last_seen_on > current_date - 300) AS found"
        " JOIN unnest(CAST(:names AS text[])) WITH ORDINALITY AS odd(name, n) USING (n)"
        " WHERE service_card.id = found.id RETURNING service_card.id::text, service_card.name_fr"
    )
    found = await session.execute(statement, {"names": ODD})
    return {row[0]: row[1] for row in found}


@pytest.mark.parametrize("format", sorted(FORMATS))
async def test_no_text_breaks_a_file(
    odd_names: Mapping[str, str], session_reader: asyncpg.Connection, tmp_path: Path, format: str
) -> None:
    assert len(odd_names) == len(ODD)
    _, file, _ = await exported(session_reader, tmp_path, "services", format)
    rows = read_back(file, "services")
    for fid, name in odd_names.items():
        written = rows[fid][0]["name_fr"]
        if format == "csv":
            runs = name.startswith(("=", "+", "-", "@", "\t"))
            assert written == f"'{name}" if runs else written == name
        elif format in ("kml", "xlsx"):  # XML has no way to write control characters
            assert "".join(written.split()) == "".join(name.replace("\x01", "").replace("\x02", "").split())
        else:
            assert written == name


async def test_nothing_in_a_workbook_is_a_formula(
    odd_names: Mapping[str, str], session_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    _, file, _ = await exported(session_reader, tmp_path, "services", "xlsx")
    kinds = {cell.data_type for row in load_workbook(file)["services"].iter_rows() for cell in row}
    assert "f" not in kinds


async def test_examples_come_only_when_asked_for(reader: asyncpg.Pool) -> None:
    layer = layers_for()["services"]
    plain_ones = await read_export(reader, layer, layer.filters(), ANONYMOUS)
    all_of_them = await read_export(reader, layer, layer.filters(), ANONYMOUS, with_examples=True)
    assert not plain_ones.frame["example"].any()
    assert all_of_them.frame["example"].sum() == len(all_of_them.frame) - len(plain_ones.frame) > 50
    assert "FICTIONAL" in all_of_them.told.readme
    assert "FICTIONAL" not in plain_ones.told.readme


async def test_types_survive(reader: asyncpg.Pool, tmp_path: Path) -> None:
    _, file, _ = await exported(reader, tmp_path, "services", "gpkg")
    found = pyogrio.read_dataframe(file)
    assert found["example"].dtype == bool
    assert pd.api.types.is_datetime64_any_dtype(found["observed_on"])
    assert found["is_free"].isna().any(), "not known stays not known"
    assert {True, False} >= set(found["is_free"].dropna().astype(bool))


def said_in(file: Path) -> str:
    """Return what a file says of itself, where its format has a place for it; else what its rows say."""
    if file.suffix == ".gpkg":
        with closing(sqlite3.connect(file)) as package:
            return str(package.execute("SELECT metadata FROM gpkg_metadata").fetchall())
    if file.suffix == ".parquet":
        return str(pyarrow.parquet.read_schema(file).metadata[b"description"], "utf-8")
    if file.suffix == ".xlsx":
        return " ".join(str(row[0]) for row in load_workbook(file)["README"].iter_rows(values_only=True))
    if file.suffix == ".fgb":
        return str(file.read_bytes()[:20_000], "utf-8", "replace")
    return file.read_text("utf-8")


@pytest.mark.parametrize("format", sorted(FORMATS))
async def test_credits_and_marks_go_along_in_every_format(
    reader: asyncpg.Pool, tmp_path: Path, format: str
) -> None:
    told, services, beside = await exported(reader, tmp_path, "services", format, properties=("name_fr",))
    assert any("ODbL" in (credit.licence or "") for credit in told.owed)
    for said in (said_in(services), beside.read_text("utf-8")):
        assert "OpenStreetMap" in said and "ODbL-1.0" in said
    assert "FICTIONAL" in beside.read_text("utf-8")
    marks = {plain(row["example"]) for row, _ in read_back(services, "services").values()}
    assert marks == {True, False}, "what is invented is told from what is not"
    told, zones, beside = await exported(reader, tmp_path, "quartiers", format)
    assert {credit.text for credit in told.owed} == {each.text for each in told.layer.attribution}
    assert "Statbel" in said_in(zones) and "generalised" in said_in(zones)
    assert "generalised, not official" in beside.read_text("utf-8")


async def test_only_what_is_asked_for_is_written(reader: asyncpg.Pool, tmp_path: Path) -> None:
    services = layers_for()["services"].filters.model_validate({"theme": ("pharmacy",)})
    told, file, _ = await exported(reader, tmp_path, "services", "csv", Part(limit=7), filters=services)
    rows = pd.read_csv(file)
    assert len(rows) == told.number == 7
    assert set(rows["theme"]) == {"pharmacy"}
    nowhere = layers_for()["services"].filters.model_validate({"zone": "quartier:99999"})
    with pytest.raises(UnknownValue):
        await exported(reader, tmp_path, "services", "csv", filters=nowhere)


def test_filters_are_refused_by_name() -> None:
    services, quartiers = layers_for()["services"], layers_for()["quartiers"]
    chosen = parse_filters(services, {"theme": ["pharmacy", "library"], "zone": ["quartier:3"]})
    assert chosen.model_dump()["theme"] == ("pharmacy", "library")
    assert parse_filters(quartiers, {"bbox": ["4.3,50.8,4.4,50.9"]}).bbox == (4.3, 50.8, 4.4, 50.9)
    with pytest.raises(UnknownParameter) as unknown:
        parse_filters(quartiers, {"zone": ["quartier:3"]})
    assert unknown.value.params["name"] == "zone"
    with pytest.raises(InvalidParameter) as wrong:
        parse_filters(services, {"zone": ["'; DROP TABLE zone; --"]})
    assert wrong.value.params["name"] == "zone"


async def test_a_failed_export_leaves_the_old_file(reader: asyncpg.Pool, tmp_path: Path) -> None:
    file = tmp_path / "bassins.csv"
    file.write_text("before")
    (tmp_path / "bassins.csv.README.txt").mkdir()
    (tmp_path / "bassins.csv.README.txt" / "README").mkdir()
    with pytest.raises(OSError, match="README"):
        await exported(reader, tmp_path, "bassins", "csv")
    assert file.read_text() == "before"
    assert names_in(tmp_path) == ["bassins.csv", "bassins.csv.README.txt"]


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def quartier(database: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "export", *arguments],
        cwd=folder,
        env=os.environ | {"QUARTIER_DATABASE_URL": database, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_writes_and_refuses(loaded_database: str, tmp_path: Path) -> None:
    done = quartier(
        loaded_database, tmp_path, "services", "--zone", "commune:21012", "--where", "theme=pharmacy"
    )
    assert done.returncode == 0, done.stderr
    collection = json.loads((tmp_path / "services.geojson").read_text("utf-8"))
    themes = {each["properties"]["theme"] for each in collection["features"]}
    assert themes == {"pharmacy"}
    unknown = quartier(loaded_database, tmp_path, "nothing", "--format", "csv")
    assert unknown.returncode == 1
    assert "services" in unknown.stderr
    assert quartier(loaded_database, tmp_path, "services", "--format", "doc").returncode == 2
    nowhere = quartier(loaded_database, tmp_path, "services", "-o", "missing/file.csv", "-f", "csv")
    assert nowhere.returncode == 2
    assert "missing" in nowhere.stderr


async def test_map_file_opens_without_any_network(loaded_database: str, tmp_path: Path, browser: Any) -> None:
    done = quartier(loaded_database, tmp_path, "quartiers", "--format", "html", "--lang", "nl")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "quartiers.html"
    assert names_in(tmp_path) == ["quartiers.html"]
    context = await browser.new_context(offline=True)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda sent: wrong.append(sent.url) if not sent.url.startswith(("file:", "data:")) else None,
    )
    await page.goto(file.as_uri())
    await page.wait_for_selector("html[data-map=ready]")
    assert await page.locator("path.leaflet-interactive").count() == 145
    assert await page.locator("html").get_attribute("lang") == "nl"
    font = await page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Atkinson Hyperlegible Next\"'))"
    )
    assert font
    assert wrong == []
    await context.close()
