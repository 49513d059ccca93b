"""GDAL reads us: the distribution's by its commands, a newer one through pyogrio."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pyogrio
import pytest

from geo.layers import layers_for

BOX = (4.34, 50.83, 4.37, 50.86)


def run(*command: str) -> tuple[str, list[str]]:
    """Run a command of GDAL; return what it says and the addresses that it asked for."""
    path = shutil.which(command[0])
    if path is None:
        pytest.skip("GDAL's commands are not installed. As root: apt-get install gdal-bin")
    done = subprocess.run(
        [path, *command[1:]],
        env=os.environ | {"CPL_DEBUG": "HTTP"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout, [unquote_plus(each) for each in re.findall(r"Fetch\((.+?)\)\n", done.stderr)]


def written(server: str, layer: str, target: Path, *more: str) -> tuple[dict[str, Any], list[str]]:
    """Return a layer as ogr2ogr writes it, and the addresses that it asked for."""
    _, asked = run("ogr2ogr", "-f", "GeoJSON", str(target), f"OAPIF:{server}/ogc", layer, *more)
    told: dict[str, Any] = json.loads(target.read_text())
    return told, asked


def told_by(server: str, path: str, name: str, **more: str) -> list[str]:
    """Return a property of all features that the server itself tells."""
    told = httpx.get(f"{server}/ogc/collections/{path}/items", params={"limit": 1000, **more}).json()
    assert told["numberMatched"] == len(told["features"]) > 0
    return sorted(str(each["properties"][name]) for each in told["features"])


def test_ogrinfo_lists_every_layer(live_server: str) -> None:
    told, _ = run("ogrinfo", "-ro", f"OAPIF:{live_server}/ogc")
    assert set(re.findall(r"^\d+: (\w+)", told, re.M)) == set(layers_for())


def test_ogrinfo_reads_titles_columns_and_the_extent(live_server: str) -> None:
    told, _ = run("ogrinfo", "-ro", "-so", f"OAPIF:{live_server}/ogc", "quartiers")
    assert "TITLE=Neighbourhoods" in told
    assert "Feature Count: 145" in told
    assert re.search(r"Extent: \(4\.2\d+, 50\.7\d+\) - \(4\.4\d+, 50\.9\d+\)", told)
    assert "name_fr: String" in told and "area_km2: Real" in told


def test_ogr2ogr_pages_through_a_layer(live_server: str, tmp_path: Path) -> None:
    told, asked = written(live_server, "quartiers", tmp_path / "all.geojson", "-oo", "PAGE_SIZE=40")
    found = [each["properties"]["code"] for each in told["features"]]
    assert len(found) == len(set(found)) == 145
    assert sorted(map(str, found)) == told_by(live_server, "quartiers", "code")
    assert sum("limit=40" in each and "after=" in each for each in asked) == 3


def test_ogr2ogr_asks_the_server_for_a_box(live_server: str, tmp_path: Path) -> None:
    box = [str(each) for each in BOX]
    told, asked = written(live_server, "services", tmp_path / "box.geojson", "-spat", *box)
    found = sorted(str(each["properties"]["name_fr"]) for each in told["features"])
    assert found == told_by(live_server, "services", "name_fr", bbox=",".join(box))
    assert any("bbox=" in each for each in asked)


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("theme = 'pharmacy'", "theme='pharmacy'"),
        ("theme = 'pharmacy' OR theme = 'library'", "theme IN ('pharmacy', 'library')"),
    ],
)
def test_ogr2ogr_leaves_filters_to_the_server(
    live_server: str, tmp_path: Path, where: str, condition: str
) -> None:
    told, asked = written(live_server, "services", tmp_path / "where.geojson", "-where", where)
    found = sorted(str(each["properties"]["name_fr"]) for each in told["features"])
    assert found == told_by(live_server, "services", "name_fr", filter=condition)
    assert any("filter=" in each for each in asked), asked


def test_newer_gdal_reads_the_same(live_server: str) -> None:
    table = pyogrio.read_dataframe(f"OAPIF:{live_server}/ogc", layer="communes", PAGE_SIZE=7)
    assert sorted(table["code"]) == told_by(live_server, "communes", "code")
    assert table.geometry.is_valid.all()


def test_newer_gdal_reads_lambert_72(live_server: str) -> None:
    """Belgian Lambert 72, computed by the server, lies where pyproj puts what the server says in degrees."""
    address = f"OAPIF:{live_server}/ogc"
    metres = pyogrio.read_dataframe(address, layer="communes", CRS="EPSG:31370").set_index("code")
    degrees = pyogrio.read_dataframe(address, layer="communes", CRS="OGC:CRS84").set_index("code")
    assert metres.crs.to_epsg() == 31370
    west, south, east, north = metres.total_bounds
    assert 139_000 < west < east < 160_000 and 158_000 < south < north < 180_000
    ours = degrees.to_crs(31370).geometry.centroid
    assert metres.geometry.centroid.distance(ours.reindex(metres.index)).max() < 2


def test_newer_gdal_reads_the_axes_of_4326_right(live_server: str) -> None:
    table = pyogrio.read_dataframe(f"OAPIF:{live_server}/ogc", layer="region", CRS="EPSG:4326")
    assert table.total_bounds == pytest.approx([4.244, 50.763, 4.482, 50.913], abs=0.01)


@pytest.mark.parametrize("name", ["fgb", "kml", "geojson-file"])
def test_files_are_read_from_their_address(live_server: str, name: str) -> None:
    told, _ = run(
        "ogrinfo", "-ro", "-so", "-al", f"/vsicurl/{live_server}/ogc/collections/communes/items?f={name}"
    )
    assert "Feature Count: 19" in told
