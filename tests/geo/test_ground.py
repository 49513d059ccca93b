"""The ground of the map: small, named in both languages, drawn zoom by zoom."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from shapely import wkb

from geo.exchange.ground import decode_polyline, load_ground, read_shape
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError, read_package
from geo.features.asked import Asked
from geo.features.matrix import Tile
from geo.features.tiling import read_tile
from geo.layers import layers
from geo.settings import SHIPPED_DATA
from geo.vocabulary import ANONYMOUS

Connection = psycopg.Connection[Any]
PACKAGE = SHIPPED_DATA / "ground"
REGION_AND_AROUND = (4.23, 50.75, 4.50, 50.93)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The shipped table, as it is checked before loading."""
    return read_package(PACKAGE)["ground"]


def test_it_weighs_at_most_500_kb() -> None:
    assert sum(file.stat().st_size for file in PACKAGE.iterdir()) <= 500_000


def test_every_kind_of_the_legend_is_there_and_no_other(table: pd.DataFrame) -> None:
    assert set(table["kind"]) == {entry.value for entry in layers()["orientation"].style.legend}


@pytest.mark.parametrize("kind", ["metro-station", "rail-station", "primary", "secondary", "park", "canal"])
def test_names_stand_in_both_languages(table: pd.DataFrame, kind: str) -> None:
    rows = table[(table["kind"] == kind) & (table["name_fr"].notna() | table["name_nl"].notna())]
    both = rows["name_fr"].notna() & rows["name_nl"].notna()
    assert len(rows) > 1
    assert both.mean() >= 0.88, rows[~both][["name_fr", "name_nl"]].to_string()


def test_metro_stations_and_lines_are_complete(table: pd.DataFrame) -> None:
    kinds = Counter(table["kind"])
    assert sorted(table.loc[table["kind"] == "metro", "ref"]) == ["1", "2", "5", "6"]
    assert kinds["metro-station"] >= 59
    assert kinds["rail-station"] == 35


def test_well_known_places_are_named_in_dutch_too(table: pd.DataFrame) -> None:
    dutch = dict(zip(table["name_fr"], table["name_nl"], strict=True))
    assert dutch["Forêt de Soignes"] == "Zoniënwoud"
    assert dutch["Bois de la Cambre"] == "Terkamerenbos"
    assert dutch["Parc du Cinquantenaire"] == "Jubelpark"
    assert dutch["Canal Charleroi-Bruxelles"] == "Kanaal Charleroi-Brussel"


def test_every_feature_is_drawn_valid_and_in_place(connection: Connection) -> None:
    report = LoadReport()
    load_ground(connection, PACKAGE, report)
    assert report.layers == {"orientation"}
    west, south, east, north = REGION_AND_AROUND
    wrong = connection.execute(
        "SELECT kind, name_fr, ST_IsValidReason(geom) FROM ground_feature WHERE NOT ST_IsValid(geom) "
        "OR ST_IsEmpty(geom) OR NOT ST_Within(geom, ST_MakeEnvelope(%s, %s, %s, %s, 4326))",
        [west, south, east, north],
    ).fetchall()
    assert wrong == []
    dimensions = connection.execute("SELECT DISTINCT kind, ST_Dimension(geom) FROM ground_feature").fetchall()
    surfaces = {"wood", "park", "cemetery", "water"}
    assert all(
        dimension == (2 if kind in surfaces else 0 if kind.endswith("station") else 1)
        for kind, dimension in dimensions
    )


def test_loading_again_changes_nothing(connection: Connection) -> None:
    first, second = LoadReport(), LoadReport()
    load_ground(connection, PACKAGE, first)
    load_ground(connection, PACKAGE, second)
    assert first.tables["ground_feature"].inserted > 5000
    assert second.tables["ground_feature"].changed == 0


def test_the_forest_of_soignes_is_as_large_as_it_is(loaded_connection: Connection) -> None:
    (area_km2,) = loaded_connection.execute(
        "SELECT ST_Area(ST_Transform(geom, 3812)) / 1e6 FROM ground_feature "
        "WHERE name_fr = 'Forêt de Soignes'"
    ).fetchone() or (0,)
    assert 14 < area_km2 < 24  # its part in the region is 16.5 km², and 350 m more are drawn


async def test_a_tile_of_the_region_leaves_the_small_streets_out(reader: Any) -> None:
    layer = layers()["orientation"]
    asked = [Asked(layer, layer.filters())]
    far = await read_tile(reader, asked, ANONYMOUS, Tile(10, 524, 343))
    near = await read_tile(reader, asked, ANONYMOUS, Tile(14, 8389, 5497))
    assert b"primary" in far
    assert b"minor" not in far
    assert b"minor" in near
    assert len(far) < 100_000


def test_a_cut_off_shape_is_refused_with_its_line(connection: Connection, tmp_path: Path) -> None:
    for file in PACKAGE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    ground = tmp_path / "ground.csv"
    lines = ground.read_text(encoding="utf-8").splitlines()
    shape = next(i for i, line in enumerate(lines) if line.startswith("wood,"))
    kind, *_, source = lines[shape].rsplit(",", 2)
    lines[shape] = f"{kind},{{n|tHq,{source}"
    ground.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(TableError) as refused:
        load_ground(connection, tmp_path, LoadReport())
    assert [(each.row, each.column) for each in refused.value.problems] == [(shape + 1, "shape")]
    assert connection.execute("SELECT count(*) FROM ground_feature").fetchone() == (0,)


def test_polylines_are_decoded_as_published() -> None:
    # the example of the published algorithm
    assert decode_polyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [
        (-120.2, 38.5),
        (-120.95, 40.7),
        (-126.453, 43.252),
    ]


def test_a_ring_within_a_ring_is_a_hole(connection: Connection) -> None:
    def encoded(points: str) -> str:
        found = connection.execute(
            "SELECT ST_AsEncodedPolyline(%s::geometry, 5)", [f"SRID=4326;LINESTRING({points})"]
        )
        return str((found.fetchone() or [""])[0])

    outer, inner = encoded("0 0, 0 4, 4 4, 4 0, 0 0"), encoded("1 1, 1 2, 2 2, 2 1, 1 1")
    surface = read_shape("park", f"{outer} {inner}")
    assert surface.area == pytest.approx(15)
    assert wkb.loads(wkb.dumps(surface)).geom_type == "MultiPolygon"


async def test_the_layer_is_open_to_everybody_and_attributed() -> None:
    layer = layers()["orientation"]
    assert "ODbL-1.0" in {each.licence for each in layer.attribution}
    assert layer.select(frozenset(), ANONYMOUS) is not None
