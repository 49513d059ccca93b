"""Exports, read back by other means: the same rows, names and places; examples only when asked for."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import from_wkt

from geo.errors import InvalidParameter, UnknownParameter
from geo.exchange.export import FORMATS, Export, parse_filters, read_export, write_export
from geo.layers import layers_for
from geo.vocabulary import ANONYMOUS


async def exported(reader: asyncpg.Pool, layer_id: str, **more: Any) -> Export:
    layer = layers_for()[layer_id]
    return await read_export(reader, layer, layer.filters(), ANONYMOUS, **more)


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def read_back(file: Path, format: str) -> gpd.GeoDataFrame:
    if format == "parquet":
        return gpd.read_parquet(file)
    if format != "csv":
        return pyogrio.read_dataframe(file)
    rows = pd.read_csv(file, dtype={"code": "string", "edition": "string", "postal_code": "string"})
    shapes = gpd.points_from_xy(rows["lon"], rows["lat"]) if "lon" in rows else from_wkt(rows["wkt"])
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize(("layer_id", "key"), [("services", "id"), ("quartiers", "code")])
async def test_every_format_reads_back_the_same(
    reader: asyncpg.Pool, tmp_path: Path, layer_id: str, key: str, format: str
) -> None:
    export = await exported(reader, layer_id)
    file = tmp_path / f"{layer_id}.{format}"
    written = write_export(export, file, format)
    assert names_in(tmp_path) == sorted(each.name for each in written), "nothing else is left behind"
    found = read_back(file, format).sort_values(key)
    expected = export.frame.sort_values(key)
    assert len(expected) > 100
    assert found.crs.to_epsg() == 4326
    for column in (key, "name_fr", "name_nl"):
        assert found[column].fillna("").tolist() == expected[column].fillna("").tolist()
    assert set(expected.columns) - {"geometry"} <= set(found.columns)
    moved = found.geometry.hausdorff_distance(expected.geometry.set_axis(found.index))
    assert moved.max() < 1e-5, "degrees; a metre at most"
    assert found.total_bounds == pytest.approx(expected.total_bounds, abs=1e-5)


@pytest.mark.parametrize("layer_id", sorted(layers_for()))
async def test_every_layer_can_be_written(reader: asyncpg.Pool, tmp_path: Path, layer_id: str) -> None:
    export = await exported(reader, layer_id)
    for format in FORMATS:
        write_export(export, tmp_path / f"{layer_id}.{format}", format)
    assert len(pyogrio.read_dataframe(tmp_path / f"{layer_id}.gpkg")) == len(export.frame)
    assert list(export.frame.columns) == [
        *(each.name for each in layers_for()[layer_id].properties),
        "geometry",
    ]


async def test_examples_come_only_when_asked_for(reader: asyncpg.Pool) -> None:
    plain = await exported(reader, "services")
    all_of_them = await exported(reader, "services", with_examples=True)
    assert not plain.frame["example"].any()
    assert all_of_them.frame["example"].sum() == len(all_of_them.frame) - len(plain.frame) > 50
    assert "FICTIONAL" in all_of_them.readme
    assert "FICTIONAL" not in plain.readme


async def test_types_survive(reader: asyncpg.Pool, tmp_path: Path) -> None:
    export = await exported(reader, "services", with_examples=True)
    write_export(export, tmp_path / "s.gpkg", "gpkg")
    found = pyogrio.read_dataframe(tmp_path / "s.gpkg")
    assert found["example"].dtype == bool
    assert pd.api.types.is_datetime64_any_dtype(found["observed_on"])
    assert found["is_free"].isna().any(), "not known stays not known"
    assert {True, False} >= set(found["is_free"].dropna().astype(bool))


async def test_credits_go_along(reader: asyncpg.Pool, tmp_path: Path) -> None:
    services = await exported(reader, "services")
    assert any("ODbL" in (credit.licence or "") for credit in services.credits)
    file, beside = write_export(services, tmp_path / "s.gpkg", "gpkg")
    assert "OpenStreetMap" in beside.read_text("utf-8")
    with closing(sqlite3.connect(file)) as package:
        metadata = str(package.execute("SELECT metadata FROM gpkg_metadata").fetchall())
    assert "OpenStreetMap" in metadata
    zones = await exported(reader, "quartiers")
    assert {credit.text for credit in zones.credits} == {each.text for each in zones.layer.attribution}
    assert "generalised" in zones.readme


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
    export = await exported(reader, "bassins")
    file = tmp_path / "bassins.csv"
    file.write_text("before")
    with pytest.raises(OSError, match="README"):
        (tmp_path / "bassins.csv.README.txt").mkdir()
        (tmp_path / "bassins.csv.README.txt" / "README").mkdir()
        write_export(export, file, "csv")
    assert file.read_text() == "before"
    assert names_in(tmp_path) == ["bassins.csv", "bassins.csv.README.txt"]


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
