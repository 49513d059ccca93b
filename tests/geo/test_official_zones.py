"""Official zones from files: formats, reference systems, what is refused, and what is computed.

Files named *invented* are made here: squares in the middle of the region. Real ones lie beside the checkout.
"""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo.errors import InputRefused
from geo.exchange.base import load_official_zones, load_package
from geo.exchange.official.checks import repair_shapes
from geo.exchange.official.coverage import share_edges
from geo.exchange.official.files import open_source
from geo.exchange.official.linking import link_division
from geo.exchange.official.names import clean_spaces, proper_case
from geo.exchange.official.parents import measure_shares, place_sectors
from geo.exchange.official.reading import Reading, ZoneFile, code_text, read_zones
from geo.exchange.official.rows import OfficialZones, settle_name
from geo.exchange.official.standing import LINK_COLUMNS, Known, Standing
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA
from geo.vocabulary import ZoneKind, zone_id

Connection = psycopg.Connection[Any]
QUARTIERS = SHIPPED_DATA / "quartiers"
WEST_M, SOUTH_M = 648_000, 670_000
"""A place in the middle of the region, in Lambert 2008."""
CODES = {"code": "code"}


def square(x_m: float, y_m: float = 0, wide_m: float = 1_000, high_m: float = 1_000) -> Polygon:
    return box(WEST_M + x_m, SOUTH_M + y_m, WEST_M + x_m + wide_m, SOUTH_M + y_m + high_m)


def frame(*shapes: Any, codes: list[Any] | None = None) -> gpd.GeoDataFrame:
    named = codes or [f"q{number}" for number in range(1, len(shapes) + 1)]
    names = [f"PLACE {code}" for code in named]
    return gpd.GeoDataFrame({"code": named, "name": names}, geometry=list(shapes), crs=3812)


def write(zones: gpd.GeoDataFrame, path: Path, epsg: int = 4326) -> Path:
    zones.to_crs(epsg).to_file(path, driver="GPKG" if path.suffix == ".gpkg" else None)
    return path


def read(path: Path, **more: Any) -> ZoneFile:
    return read_zones(path, ZoneKind.QUARTIER, Reading(columns=CODES, **more))


def refused(error: pytest.ExceptionInfo[InputRefused]) -> list[str]:
    return [f"{problem.row}: {problem.message}" for problem in error.value.problems]


@pytest.mark.parametrize("epsg", [31370, 3812, 3035, 4326])
@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".gml"])
def test_every_format_and_reference_system_gives_the_same_metres(
    tmp_path: Path, suffix: str, epsg: int
) -> None:
    zones = frame(square(0), MultiPolygon([square(1_000)]))
    file = read(write(zones, tmp_path / f"invented{suffix}", epsg))
    assert list(file.rows["code"]) == ["q1", "q2"]
    for shape, wanted in zip(file.rows["shape"], zones.geometry, strict=True):
        assert shape.symmetric_difference(wanted).area < 600, "ellipsoids differ by decimetres"
    assert (
        file.format
        == {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".gml": "GML"}[suffix]
    )


def test_a_zipped_shapefile_is_read_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write(frame(square(0)), tmp_path / "invented.shp", 31370)
    packed = tmp_path / "packed" / "invented.zip"
    packed.parent.mkdir()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("invented.*"):
            archive.write(part, f"folder/{part.name}")
        archive.writestr("folder/readme.txt", "invented")
    assert len(read(packed).rows) == 1
    assert [path.name for path in packed.parent.iterdir()] == ["invented.zip"]


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.geojson"
    with huge.open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: it takes no room on the disk
    with pytest.raises(TableError, match="holds 2000 MB where 200 MB are taken"):
        read(huge)


def test_a_zip_bomb_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", b" " * 5_000_000)
    assert bomb.stat().st_size < 10_000
    with pytest.raises(TableError, match="holds more, unpacked, where 1 MB are taken"):
        read(bomb, limit_mb=1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.geojson", b"", "is empty"),
        ("picture.geojson", b"\x89PNG\r\n\x1a\n....", "is no GeoJSON, GeoPackage, Shapefile or GML"),
        ("table.csv", b"code,name\n1,one\n", "is no GeoJSON, GeoPackage, Shapefile or GML"),
        ("broken.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read"),
        ("other.json", b'{"stac_version": "1.0.0", "type": "Catalog"}', "cannot be read"),
        ("none.geojson", b'{"type": "FeatureCollection", "features": []}', "holds no"),
        (
            "entities.gml",
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x xmlns="http://www.opengis.net/gml"/>',
            "declares a document type",
        ),
        ("half.zip", b"PK\x03\x04 and then nothing", "cannot be read"),
    ],
)
def test_what_is_no_file_of_zones_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=message):
        read(tmp_path / name)


def test_a_zip_of_anything_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "text.zip", "w") as archive:
        archive.writestr("readme.txt", "invented")
    with pytest.raises(TableError, match="holds 0 readable files where one is wanted"):
        read(tmp_path / "text.zip")


def test_a_file_without_reference_system_is_refused_until_it_is_said(tmp_path: Path) -> None:
    path = write(frame(square(0)), tmp_path / "invented.shp", 31370)
    path.with_suffix(".prj").unlink()
    with pytest.raises(TableError, match="declares no reference system; --crs says which"):
        read(path)
    (shape,) = read(path, epsg=31370).rows["shape"]
    assert shape.symmetric_difference(square(0)).area < 600


def test_metres_in_a_geojson_that_declares_nothing_are_not_taken_for_degrees(tmp_path: Path) -> None:
    path = tmp_path / "invented.geojson"
    shape = json.loads(shapely.to_geojson(square(0)))
    feature = {"type": "Feature", "properties": {"code": "q1"}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with pytest.raises(TableError, match="declares no reference system"):
        read(path)
    (found,) = read(path, epsg=3812).rows["shape"]
    assert found.symmetric_difference(square(0)).area < 1


def test_another_reference_system_than_the_declared_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"declares .*Lambert 72.*, not EPSG:3035"):
        read(write(frame(square(0)), tmp_path / "invented.gpkg", 31370), epsg=3035)


@pytest.mark.parametrize(
    ("file", "kind", "number", "profile", "first"),
    [
        ("quartiers_monitoring_145_opendata.geojson", "quartier", 145, "opendata.brussels", "36"),
        ("quartiers_monitoring_145_urbis.geojson", "quartier", 145, "urbis", "1"),
        ("quartiers_monitoring_145_inspire_epsg3035.gml", "quartier", 145, "urbis", "83"),
        ("communes_19.geojson", "commune", 19, "opendata.brussels", "21010"),
        ("region_boundary.geojson", "region", 1, "urbis", "4000"),
        ("secteurs_statistiques_724.gpkg", "secteur", 724, "statbel", "21001A00-"),
    ],
)
def test_the_columns_of_every_publisher_are_known(
    shared_data: Path, file: str, kind: str, number: int, profile: str, first: str
) -> None:
    found = read_zones(shared_data / "brussels/zones" / file, ZoneKind(kind), Reading())
    assert found.profile and found.profile.id == profile
    assert (len(found.rows), found.rows["code"].iloc[0]) == (number, first)
    assert found.rows["code"].is_unique
    area_km2 = sum(shape.area for shape in found.rows["shape"]) / 1e6
    assert area_km2 == pytest.approx(162.42, abs=0.01)
    names = [name for name in found.rows["name_fr"] if name]
    assert len(names) == (0 if kind == "secteur" else number)
    assert all(name == " ".join(name.split()) for name in names)


def test_columns_that_nobody_knows_are_named(tmp_path: Path) -> None:
    path = write(frame(square(0)), tmp_path / "invented.gpkg")
    with pytest.raises(TableError, match="no known form of a quartier; there are code, name"):
        read_zones(path, ZoneKind.QUARTIER, Reading())
    with pytest.raises(TableError, match="column number: no such field; there are code, name"):
        read_zones(path, ZoneKind.QUARTIER, Reading(columns={"code": "number"}))


def test_a_file_of_several_layers_asks_which_one(tmp_path: Path) -> None:
    path = tmp_path / "invented.gpkg"
    frame(square(0)).to_file(path, layer="first")
    frame(square(0), square(1_000)).to_file(path, layer="second")
    with pytest.raises(TableError, match="holds several layers: first, second; --layer says which"):
        read(path)
    assert len(read(path, layer="second").rows) == 2


def test_features_of_other_places_are_left_out_on_request(tmp_path: Path) -> None:
    path = write(frame(square(0), square(90_000), codes=["a", "b"]), tmp_path / "invented.gpkg")
    assert list(read(path, only={"code": "a"}).rows["code"]) == ["a"]
    with pytest.raises(TableError, match="no feature has code=c"):
        read(path, only={"code": "c"})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (36.0, "36"),
        ("36.0", "36"),
        (7, "7"),
        (" 21001A00- ", "21001A00-"),
        ("01", "01"),
        ("", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_codes_are_text_as_the_publisher_writes_it(given: Any, code: str | None) -> None:
    assert code_text(given) == code


@pytest.mark.parametrize(
    ("given", "lang", "name"),
    [
        ("SAINT-JOSSE-TEN-NOODE", "fr", "Saint-Josse-ten-Noode"),
        ("PARC DE L'ABBAYE", "fr", "Parc de l'Abbaye"),
        ("LEOPOLD III", "fr", "Leopold III"),
        ("NOTRE-DAME AUX NEIGES", "fr", "Notre-Dame aux Neiges"),
        ("VAN VOLXEM - VAN HAELEN", "nl", "Van Volxem - Van Haelen"),
        ("ONZE-LIEVE-VROUW-TER-SNEEUW", "nl", "Onze-Lieve-Vrouw-ter-Sneeuw"),
        ("IJZER", "nl", "IJzer"),
        ("Déjà écrit", "fr", "Déjà écrit"),
    ],
)
def test_capitals_become_names(given: str, lang: str, name: str) -> None:
    assert proper_case(given, lang) == name


def test_names_lose_odd_spaces_and_get_known_accents_back() -> None:
    assert clean_spaces("HAREN\u00a0 ") == "HAREN"
    assert clean_spaces("A  B") == "A B"
    assert clean_spaces("\u00a0") is None
    assert settle_name("ETANGS D'IXELLES", "Étangs d'Ixelles", "fr") == "Étangs d'Ixelles"
    assert settle_name("NOUVEAU NOM", "Étangs d'Ixelles", "fr") == "Nouveau Nom"
    assert settle_name(None, "Étangs d'Ixelles", "fr") == "Étangs d'Ixelles"


def test_each_wrong_feature_is_named_and_all_of_them_at_once(tmp_path: Path) -> None:
    bow_tie = Polygon(
        [(WEST_M, SOUTH_M), (WEST_M + 900, SOUTH_M + 900), (WEST_M + 900, SOUTH_M), (WEST_M, SOUTH_M + 800)]
    )
    liege = box(735_000, 645_000, 736_000, 646_000)
    zones = frame(
        *(square(0), square(1_000), square(2_000), bow_tie, liege, Point(WEST_M, SOUTH_M), None),
        codes=["a", "a", None, "tie", "liege", "dot", "none"],
    )
    file = read(write(zones, tmp_path / "invented.geojson"))
    with pytest.raises(TableError) as error:
        repair_shapes(file, MultiPolygon([square(-5_000, -5_000, 12_000, 12_000)]))
    faults = refused(error)
    assert faults[0] == "2: a: the code is that of feature 1, too"
    assert faults[1] == "3: without code: a zone needs one"
    assert faults[2].startswith(
        "4: tie: not valid (self-intersection); repairing it would take its area from"
    )
    assert faults[3:] == [
        "5: liege: 100% of it lies outside of the region",
        "6: dot: a Point is not an area",
        "7: none: no shape",
    ]


def test_a_slip_of_the_pen_is_repaired_and_told(tmp_path: Path) -> None:
    out_and_back = [(1_000, 0), (1_000, 500), (1_001, 500), (1_000, 500), (1_000, 1_000)]
    spike = Polygon([(WEST_M + x, SOUTH_M + y) for x, y in [(0, 0), *out_and_back, (0, 1_000)]])
    assert not spike.is_valid
    file = read(write(frame(spike), tmp_path / "invented.gpkg", 3812))
    rows, (repair,) = repair_shapes(file, None)
    assert repair.code == "q1" and abs(repair.change_m2) < 1
    assert rows["shape"].iloc[0].is_valid


def test_the_broken_file_of_schaerbeek_is_refused_feature_by_feature(shared_data: Path) -> None:
    path = shared_data / "brussels/zones/broken_schaerbeek_quartiers_zero_area.geojson"
    file = read_zones(path, ZoneKind.QUARTIER, Reading(columns={"code": "id", "area_m2": "area (m2)"}))
    with pytest.raises(TableError) as error:
        repair_shapes(file, None)
    assert [problem.row for problem in error.value.problems] == list(range(1, 15))
    assert all("would take its area from 0 to 0 m²" in problem.message for problem in error.value.problems)


def test_a_small_gap_is_closed_and_measured() -> None:
    wide = {"west": square(0, wide_m=999.98), "east": square(1_000)}
    around = {"south": square(0, -1_000, 2_000), "north": square(0, 1_000, 2_000)}
    shapes, partition = share_edges(wide | around, None, False, whole=True)
    assert (partition.gaps, round(partition.gaps_m2), partition.faults) == (1, 20, ())
    assert shapely.coverage_is_valid(list(shapes.values()))
    assert sum(shape.area for shape in shapes.values()) == pytest.approx(6_000_000, abs=0.1)


def test_a_gap_and_an_overlap_too_large_are_refused_by_name() -> None:
    holed = {"ring": square(0).difference(square(400, 400, 20, 20))}
    _, partition = share_edges(holed, None, False, whole=True)
    assert partition.faults == ("a gap of 400 m² between ring",)
    _, partition = share_edges({"a": square(0), "b": square(900)}, None, False, whole=True)
    assert partition.faults == ("a and b overlap by 100000 m²",)


def test_zones_that_are_not_the_region_are_refused() -> None:
    region = MultiPolygon([square(0, wide_m=3_000)])
    half = {"a": square(0), "b": square(1_000)}
    _, partition = share_edges(half, region, False, whole=True)
    assert partition.faults == ("1000000 m² of the region lie in no zone, 0 m² outside of it",)
    assert not share_edges(half, region, False, whole=False)[1].faults, "CLSS areas leave ground out"


def toy_standing() -> Standing:
    """Four sectors in a row, 1 km wide: two communes of two each; people 100, 0, 300, 600."""
    sectors = {f"s{number}": MultiPolygon([square(number * 1_000)]) for number in range(4)}
    communes = {
        "c1": MultiPolygon([square(0, wide_m=2_000)]),
        "c2": MultiPolygon([square(2_000, wide_m=2_000)]),
    }
    region = {"r": MultiPolygon([square(0, wide_m=4_000)])}
    homes = [("s0", "c1"), ("s1", "c1"), ("s2", "c2"), ("s3", "c2")]
    links = [("secteur", s, "commune", c, "official", True) for s, c in homes]
    links += [("secteur", s, "region", "r", "official", True) for s in sectors]
    links += [("commune", c, "region", "r", "official", True) for c in communes]
    shapes = {ZoneKind.SECTEUR: sectors, ZoneKind.COMMUNE: communes, ZoneKind.REGION: region}
    return Standing(
        editions=dict.fromkeys(shapes, "toy"),
        zones={
            kind: {code: Known(zone_id(kind, code, "toy"), code, code, None, None) for code in mine}
            for kind, mine in shapes.items()
        },
        shapes=shapes,
        links=pd.DataFrame(links, columns=LINK_COLUMNS),
        people={"s0": 100, "s1": 0, "s2": 300, "s3": 600},
    )


TOY_QUARTIERS = {
    "west": MultiPolygon([square(0, wide_m=1_950)]),
    "middle": MultiPolygon([square(1_950, wide_m=1_050)]),
    "east": MultiPolygon([square(3_000)]),
}
"""West takes 95 % of the second sector, middle the rest of it."""


def links_of(
    parents: pd.DataFrame, child: str, parent: str
) -> dict[tuple[str, str], tuple[float, float, bool]]:
    rows = parents[(parents["child_kind"] == child) & (parents["parent_kind"] == parent)]
    keys = zip(rows["child_code"], rows["parent_code"], strict=True)
    return dict(
        zip(
            keys, zip(rows["share_area"], rows["share_population"], rows["is_main"], strict=True), strict=True
        )
    )


def test_ground_is_measured_and_people_follow_their_sector() -> None:
    links = link_division(ZoneKind.QUARTIER, TOY_QUARTIERS, toy_standing())
    found = links_of(links.parents, "quartier", "commune")
    assert found["west", "c1"] == (1.0, 1.0, True)
    assert found["middle", "c1"] == (pytest.approx(50 / 1_050, abs=1e-6), 0.0, False)
    assert found["middle", "c2"] == (pytest.approx(1_000 / 1_050, abs=1e-6), 1.0, True)
    assert found["east", "c2"] == (1.0, 1.0, True)
    assert links.lowest_share == pytest.approx(0.95)


def test_a_cut_sector_keeps_all_its_shares_and_no_guess_of_its_people() -> None:
    found = links_of(
        link_division(ZoneKind.QUARTIER, TOY_QUARTIERS, toy_standing()).parents, "secteur", "quartier"
    )
    assert found["s0", "west"][0] == 1.0
    (west, west_people, is_main), (middle, middle_people, _) = found["s1", "west"], found["s1", "middle"]
    assert (west, middle, is_main) == (pytest.approx(0.95), pytest.approx(0.05), True)
    assert pd.isna(west_people) and pd.isna(middle_people)


def test_generalised_limits_give_the_shares_of_sectors() -> None:
    standing = toy_standing()
    standing.generalised = {ZoneKind.COMMUNE}
    found = links_of(link_division(ZoneKind.QUARTIER, TOY_QUARTIERS, standing).parents, "quartier", "commune")
    assert found["middle", "c2"] == (1.0, 1.0, True), "its one sector lies there"
    assert ("middle", "c1") not in found


def test_what_a_law_places_whole_stays_whole() -> None:
    communes = {
        "c1": MultiPolygon([square(0, wide_m=1_999)]),
        "c2": MultiPolygon([square(1_999, wide_m=2_001)]),
    }
    standing = toy_standing()
    standing.shapes[ZoneKind.REGION] = {"r": MultiPolygon([square(0, wide_m=3_900)])}
    found = links_of(link_division(ZoneKind.COMMUNE, communes, standing).parents, "commune", "region")
    assert found["c2", "r"][0] == 1.0


def shares_by_commune(text: str) -> dict[str, float]:
    parts = text.replace(",", " ").replace(";", " ").split()
    return {code: float(share) for code, share in (part.split(":") for part in parts)}


ZONES_OF = {
    "communes": ("communes_19.geojson", OfficialZones(ZoneKind.COMMUNE, "2020", "urbis-communes")),
    "opendata": (
        "quartiers_monitoring_145_opendata.geojson",
        OfficialZones(ZoneKind.QUARTIER, "2020", "ibsa-quartiers"),
    ),
    "urbis": (
        "quartiers_monitoring_145_urbis.geojson",
        OfficialZones(ZoneKind.QUARTIER, "2026", "urbis-quartiers-2026", dt.date(2026, 1, 1)),
    ),
    "inspire": (
        "quartiers_monitoring_145_inspire_epsg3035.gml",
        OfficialZones(ZoneKind.QUARTIER, "2017", "urbis-inspire-2017", dt.date(2017, 1, 1)),
    ),
}


def load(connection: Connection, shared_data: Path, name: str) -> LoadReport:
    file, zones = ZONES_OF[name]
    report = LoadReport()
    load_official_zones(connection, shared_data / "brussels/zones" / file, zones, report)
    return report


def table(connection: Connection, query: str, *values: object) -> pd.DataFrame:
    cursor = connection.execute(query, values)  # type: ignore[arg-type]
    assert cursor.description
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


COMMUNES_OF_QUARTIERS = (
    "SELECT child.code AS child, parent.code AS parent, share_area, share_population, is_main FROM zone_link"
    " JOIN zone AS child ON child.id = child_id JOIN zone AS parent ON parent.id = parent_id"
    " WHERE child.kind = 'quartier' AND child.edition = '2020' AND parent.kind = 'commune'"
)


def test_shares_of_all_quartiers_are_those_computed_elsewhere(
    loaded_connection: Connection, shared_data: Path
) -> None:
    """Communes, then quartiers of the opendata edition; then once more, and our own tables once more."""
    truth = pd.read_csv(
        shared_data / "brussels/derived/quartier_to_commune_and_bassin_candidate.csv", dtype=str
    ).set_index("quartier_code")
    load(loaded_connection, shared_data, "communes")
    report = load(loaded_connection, shared_data, "opendata")
    mine = table(loaded_connection, COMMUNES_OF_QUARTIERS)
    large = mine[mine["share_area"] > 0.02]
    for code, text in truth["communes_area_share"].items():
        own = large[large["child"] == code].set_index("parent")["share_area"].to_dict()
        assert own == pytest.approx(shares_by_commune(text), abs=0.0006), code
    main = mine[mine["is_main"]].set_index("child")["parent"]
    by_people = truth["main_commune_nis_by_population"].fillna(truth["main_commune_nis_by_area"])
    assert main[by_people.index].to_dict() == by_people.to_dict()
    by_area = (
        mine.sort_values("share_area").drop_duplicates("child", keep="last").set_index("child")["parent"]
    )
    assert by_area[truth.index].to_dict() == truth["main_commune_nis_by_area"].to_dict()
    assert not mine[(mine["share_area"] < 0.001) & ~(mine["share_population"] > 0)].size

    claims = [remark for remark in report.remarks if "the file says" in remark.message]
    assert len(claims) == 54, "so many commune fields contradict the commune with the largest share"
    assert any(
        "103: the file says Ixelles; 100% of it lies in Watermael-Boitsfort" in r.message for r in claims
    )
    (findings,) = loaded_connection.execute(
        "SELECT findings FROM zone_edition WHERE kind = 'quartier' AND edition = '2020'"
    ).fetchone() or ({},)
    assert (findings["partition"]["gaps"], len(findings["differing"]["commune"])) == (52, 54)
    assert table(loaded_connection, "SELECT 1 FROM zone WHERE kind = 'quartier' AND generalised").empty

    again = load(loaded_connection, shared_data, "opendata")
    assert {name: counts.changed for name, counts in again.tables.items() if counts.changed} == {}
    ours = LoadReport()
    load_package(loaded_connection, load_zones, QUARTIERS, ours)
    assert {name: counts.changed for name, counts in ours.tables.items() if counts.changed} == {}


def test_population_of_2020_follows_from_sectors_and_shapes_alone(shared_data: Path) -> None:
    """No table of ours takes part: official sectors with their people, placed in official quartiers."""
    zones = shared_data / "brussels/zones"
    sectors = read_zones(zones / "secteurs_statistiques_724.gpkg", ZoneKind.SECTEUR, Reading()).rows
    quartiers = read_zones(
        zones / "quartiers_monitoring_145_opendata.geojson", ZoneKind.QUARTIER, Reading()
    ).rows
    shares = measure_shares(
        dict(zip(sectors["code"], sectors["shape"], strict=True)),
        dict(zip(quartiers["code"], quartiers["shape"], strict=True)),
    )
    placed = place_sectors(shares)
    assert placed["share_area"].min() == pytest.approx(0.907, abs=0.001)
    people = placed["child_code"].map(dict(zip(sectors["code"], sectors["population"], strict=True)))
    mine = people.groupby(placed["parent_code"]).sum()
    truth = pd.read_csv(
        shared_data / "brussels/derived/quartier_to_commune_and_bassin_candidate.csv",
        dtype={"quartier_code": str},
    ).set_index("quartier_code")["population_2020"]
    assert mine[truth.index].to_dict() == truth.to_dict()
    assert mine.sum() == 1_215_012


def test_a_new_edition_becomes_current_and_the_former_stays_readable(
    loaded_connection: Connection, shared_data: Path
) -> None:
    report = load(loaded_connection, shared_data, "urbis")
    assert report.tables["zone"].inserted == 145
    zones = table(
        loaded_connection,
        "SELECT edition, count(*) AS zones, min(valid_from) AS first, max(valid_to) AS last FROM zone"
        " WHERE kind = 'quartier' GROUP BY edition",
    ).set_index("edition")
    assert zones.loc["2020"].tolist() == [145, dt.date(2020, 1, 1), dt.date(2026, 1, 1)]
    assert zones.loc["2026"].tolist() == [145, dt.date(2026, 1, 1), None]
    names = table(
        loaded_connection,
        "SELECT code, name_fr, name_nl, residential FROM zone WHERE kind = 'quartier' AND edition = '2026'",
    ).set_index("code")
    assert names.loc["1", "name_fr"] == "Grand Place"
    assert {"Étangs d'Ixelles", "Forêt de Soignes", "Putdaal"} <= set(names["name_fr"])
    assert not names["name_fr"].str.contains("\u00a0|  | $", regex=True).any()
    assert names["residential"].sum() == 118
    services = table(
        loaded_connection,
        "SELECT DISTINCT zone.edition FROM service_card JOIN zone ON zone.id = ANY(zone_ids)"
        " WHERE zone.kind = 'quartier'",
    )
    assert services["edition"].tolist() == ["2026"], "cards lie in the zones valid today"
    mains = table(
        loaded_connection,
        "SELECT child.edition, count(*) AS zones FROM zone_link JOIN zone AS child ON child.id = child_id"
        " JOIN zone AS parent ON parent.id = parent_id"
        " WHERE child.kind = 'quartier' AND parent.kind = 'commune' AND is_main GROUP BY 1 ORDER BY 1",
    )
    assert mains.to_numpy().tolist() == [["2020", 145], ["2026", 145]]
    ours = LoadReport()
    load_package(loaded_connection, load_zones, QUARTIERS, ours)
    assert {name: counts.changed for name, counts in ours.tables.items() if counts.changed} == {}


def test_an_older_edition_ends_where_the_next_begins(
    loaded_connection: Connection, shared_data: Path
) -> None:
    load(loaded_connection, shared_data, "inspire")
    rows = table(
        loaded_connection,
        "SELECT edition, valid_from, valid_to, origin FROM zone_edition WHERE kind = 'quartier'"
        " ORDER BY valid_from",
    )
    assert rows.to_numpy().tolist() == [
        ["2017", dt.date(2017, 1, 1), dt.date(2020, 1, 1), "official"],
        ["2020", dt.date(2020, 1, 1), None, "shipped"],
    ]
    bands = table(
        loaded_connection,
        "SELECT count(*) AS shapes, bool_and(ST_IsValid(s.geom)) AS valid FROM zone_shape AS s"
        " JOIN zone ON zone.id = zone_id WHERE kind = 'quartier' AND edition = '2017'",
    )
    assert bands.to_numpy().tolist() == [[580, True]]


def quartiers_of(edition: str, since: str | None = None) -> OfficialZones:
    return OfficialZones(ZoneKind.QUARTIER, edition, "x", dt.date.fromisoformat(since) if since else None)


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (quartiers_of("2030"), "2030 is a new edition: --valid-from says when it begins"),
        (quartiers_of("2020", "2021-01-01"), "the edition 2020 begins on 2020-01-01, not 2021-01-01"),
        (quartiers_of("other", "2020-01-01"), "the edition 2020 of this kind begins on 2020-01-01, too"),
        (
            OfficialZones(ZoneKind.COMMUNE, "2020", "x", reading=Reading(columns={"code": "mdzone"})),
            "103: not a zone of the edition 2020",
        ),
    ],
)
def test_a_division_that_contradicts_what_stands_is_refused_and_changes_nothing(
    loaded_connection: Connection, shared_data: Path, zones: OfficialZones, message: str
) -> None:
    file = shared_data / "brussels/zones/quartiers_monitoring_145_opendata.geojson"
    before = table(
        loaded_connection, "SELECT md5(string_agg(zone::text, '' ORDER BY id)) AS digest FROM zone"
    )
    with pytest.raises(TableError) as error:
        load_official_zones(loaded_connection, file, zones, LoadReport())
    assert any(message in problem.message for problem in error.value.problems)
    after = table(loaded_connection, "SELECT md5(string_agg(zone::text, '' ORDER BY id)) AS digest FROM zone")
    assert before.equals(after)


def test_sectors_with_two_people_for_one_are_told(
    loaded_connection: Connection, shared_data: Path, tmp_path: Path
) -> None:
    """The file of sectors with one figure changed: loaded all the same, and told.

    A division added before, which lay on generalised sectors, is placed anew on the official ones.
    """
    load(loaded_connection, shared_data, "urbis")
    assert lowest_home(loaded_connection) < 0.8
    sectors = gpd.read_file(shared_data / "brussels/zones/secteurs_statistiques_724.gpkg")
    sectors.loc[0, ["POP", "MUNICIP"]] = [1, "21004"]
    path = tmp_path / "changed.gpkg"
    sectors.to_file(path)
    report = LoadReport()
    zones = OfficialZones(ZoneKind.SECTEUR, "2020", "statbel-sectors-2020")
    load_official_zones(loaded_connection, path, zones, report)
    told = [remark.message for remark in report.remarks if remark.row == 1]
    assert told == [
        "21001A00-: the file says 21004; 100% of it lies in Anderlecht",
        "21001A00-: the file counts 1 inhabitants; 2796 are known",
    ]
    assert table(loaded_connection, "SELECT 1 FROM zone WHERE generalised").empty
    assert report.tables["zone"].updated == 894
    assert lowest_home(loaded_connection) == pytest.approx(0.803, abs=0.001)


def lowest_home(connection: Connection) -> float:
    """Return the lowest share with which a sector lies in its main quartier of the edition 2026."""
    homes = table(
        connection,
        "SELECT min(share_area) AS lowest FROM zone_link JOIN zone AS child ON child.id = child_id"
        " JOIN zone AS parent ON parent.id = parent_id"
        " WHERE child.kind = 'secteur' AND parent.kind = 'quartier' AND parent.edition = '2026' AND is_main",
    )
    return float(homes["lowest"].iloc[0])


def test_a_digest_tells_one_file_from_another(tmp_path: Path) -> None:
    one, other = (write(frame(square(x)), tmp_path / f"{x}.geojson") for x in (0, 100))
    with open_source(one, 1) as first, open_source(other, 1) as second, open_source(one, 1) as again:
        assert first.digest == again.digest != second.digest
