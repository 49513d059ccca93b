"""Zones and figures in the database: counts, totals, parents, repetition, official limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely

from geo.crs import LAMBERT_2008
from geo.exchange.base import load_base, load_official_zones, load_package
from geo.exchange.indicators import load_indicators
from geo.exchange.official.rows import OfficialZones
from geo.exchange.report import LoadReport, MergeCounts
from geo.exchange.tables import TableError
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA
from geo.vocabulary import ZoneKind, zone_id

QUARTIERS = SHIPPED_DATA / "quartiers"
Connection = psycopg.Connection[Any]


def frame(connection: Connection, query: str, *values: object) -> pd.DataFrame:
    cursor = connection.execute(query, values)  # type: ignore[arg-type]
    assert cursor.description
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def links(connection: Connection, child: str, parent: str) -> pd.DataFrame:
    return frame(
        connection,
        "SELECT child.code AS child, parent.code AS parent, share_area, share_population, is_main, basis"
        " FROM zone_link JOIN zone AS child ON child.id = child_id"
        " JOIN zone AS parent ON parent.id = parent_id"
        " WHERE child.kind = %s AND parent.kind = %s",
        child,
        parent,
    )


def test_every_zone_is_there(loaded_connection: Connection) -> None:
    counts = frame(
        loaded_connection,
        "SELECT kind, count(*) AS zones, count(geom) AS shapes, bool_and(generalised) AS generalised,"
        " count(name_fr) AS fr, count(name_nl) AS nl FROM zone GROUP BY kind",
    ).set_index("kind")
    assert counts["zones"].to_dict() == {
        "region": 1,
        "bassin": 5,
        "commune": 19,
        "quartier": 145,
        "secteur": 724,
        "clss": 16,
    }
    assert counts.loc["clss", "shapes"] == 0, "no limits of CLSS areas are published"
    shaped = counts.drop("clss")
    assert (shaped["shapes"] == shaped["zones"]).all()
    assert shaped["generalised"].all()
    assert (counts["fr"] == counts["zones"]).all()
    assert (counts["nl"] == counts["zones"]).all()


def test_residential_quartiers(loaded_connection: Connection) -> None:
    rows = frame(loaded_connection, "SELECT code, residential FROM zone WHERE kind = 'quartier'")
    assert rows["residential"].sum() == 118
    assert {int(code) for code in rows.loc[rows["residential"], "code"]} == set(range(1, 119))


def test_names_are_clean_and_in_proper_case(loaded_connection: Connection) -> None:
    names = frame(loaded_connection, "SELECT kind, name_fr, name_nl FROM zone")
    for column in ("name_fr", "name_nl"):
        texts = names[column]
        assert texts.str.fullmatch(r"\S+( \S+)*").all(), "no double, leading, trailing or no-break space"
        assert not texts.str.contains(r"[A-ZÀ-Ý]{6}").any(), "no word in capitals but short abbreviations"
    known = set(names["name_fr"]) & {
        "Étangs d'Ixelles",
        "Marolles",
        "Saint-Josse-ten-Noode",
        "Forêt de Soignes",
    }
    assert len(known) == 4
    assert {"Sint-Joost-ten-Node", "Vijvers van Elsene", "Koloniënstraat"} <= set(names["name_nl"])


def test_population_of_2020_adds_up(loaded_connection: Connection) -> None:
    totals = frame(
        loaded_connection,
        "SELECT kind, sum(value)::int AS people, bool_or(status = 'estimated') AS estimated"
        " FROM indicator_value JOIN zone ON zone.id = zone_id"
        " WHERE indicator_id = 'population' AND period = '2020' GROUP BY kind",
    ).set_index("kind")
    assert set(totals["people"]) == {1_215_012}
    assert set(totals.index) == {"region", "bassin", "commune", "quartier", "secteur"}
    assert totals.index[totals["estimated"]].tolist() == ["bassin"], "Brussels-City is split by inference"


def test_population_of_a_quartier_is_that_of_its_sectors(loaded_connection: Connection) -> None:
    differ = frame(
        loaded_connection,
        "SELECT quartier.code FROM zone AS quartier"
        " JOIN indicator_value AS own ON own.zone_id = quartier.id"
        " JOIN zone_link ON parent_id = quartier.id JOIN zone AS sector ON sector.id = child_id"
        " JOIN indicator_value AS part ON part.zone_id = sector.id"
        " WHERE quartier.kind = 'quartier' AND sector.kind = 'secteur'"
        " AND own.indicator_id = 'population' AND own.period = '2020'"
        " AND part.indicator_id = 'population' AND part.period = '2020'"
        " GROUP BY quartier.code, own.value HAVING sum(part.value) <> own.value",
    )
    assert differ.empty


def test_missing_figures_are_not_zero(loaded_connection: Connection) -> None:
    rows = frame(
        loaded_connection,
        "SELECT status, count(*) AS rows, count(value) AS given FROM indicator_value GROUP BY status",
    ).set_index("status")
    assert rows.loc[["missing", "suppressed"], "given"].sum() == 0
    assert rows.loc["suppressed", "rows"] == 63, "three shares of 21 quartiers marked VS"
    absent = frame(
        loaded_connection,
        "SELECT indicator_id, count(*) AS rows FROM indicator_value WHERE value IS NULL GROUP BY 1",
    ).set_index("indicator_id")["rows"]
    assert absent["share-unemployed"] == 22
    assert absent["share-cpas"] == 27
    assert absent["share-bim"] == 28
    assert absent["median-income"] == 27


def test_what_must_not_be_published_is_not_there(loaded_connection: Connection) -> None:
    known = frame(loaded_connection, "SELECT id FROM indicator")["id"].tolist()
    assert not [name for name in known if "taxable" in name or "heat" in name]
    assert frame(loaded_connection, "SELECT 1 FROM indicator_value WHERE value = 24182").empty


def test_shapes_in_the_database_leave_no_gap(loaded_connection: Connection) -> None:
    sums = frame(
        loaded_connection,
        "SELECT kind, sum(area_km2) AS parts, ST_Area(ST_Union(geom_m)) / 1e6 AS whole FROM zone"
        " WHERE geom IS NOT NULL GROUP BY kind",
    ).set_index("kind")
    assert sums["parts"].to_numpy() == pytest.approx(162.42, rel=0.01)
    assert sums["parts"].to_numpy() == pytest.approx(sums["whole"].to_numpy(), rel=1e-6)
    assert sums["parts"].max() - sums["parts"].min() < 1e-6
    broken = frame(loaded_connection, "SELECT 1 FROM zone_shape WHERE NOT ST_IsValid(geom)")
    assert broken.empty


def test_every_zone_has_a_shape_for_every_zoom(loaded_connection: Connection) -> None:
    bands = frame(
        loaded_connection,
        "SELECT kind, max_zoom, count(*) AS zones, sum(ST_NPoints(s.geom)) AS points"
        " FROM zone_shape AS s JOIN zone ON zone.id = zone_id GROUP BY 1, 2",
    )
    assert bands.groupby("kind")["zones"].nunique().eq(1).all()
    assert bands.groupby("kind")["max_zoom"].max().eq(24).all()
    for _, band in bands.sort_values("max_zoom").groupby("kind"):
        assert band["points"].is_monotonic_increasing


def test_main_communes_match_the_candidate_table(loaded_connection: Connection, shared_data: Path) -> None:
    """Computed elsewhere from the official limits; never from the publisher's wrong commune field."""
    truth = pd.read_csv(
        shared_data / "brussels/derived/quartier_to_commune_and_bassin_candidate.csv", dtype=str
    ).set_index("quartier_code")
    mine = links(loaded_connection, "quartier", "commune")
    main = mine[mine["is_main"]].set_index("child")["parent"]
    expected = truth["main_commune_nis_by_population"].fillna(truth["main_commune_nis_by_area"])
    assert main[expected.index].to_dict() == expected.to_dict()
    by_area = (
        mine.sort_values("share_area").drop_duplicates("child", keep="last").set_index("child")["parent"]
    )
    assert (by_area[truth.index] != truth["main_commune_nis_by_area"]).sum() <= 1


def test_certain_bassins_match_the_candidate_table(loaded_connection: Connection, shared_data: Path) -> None:
    truth = pd.read_csv(
        shared_data / "brussels/derived/quartier_to_commune_and_bassin_candidate.csv", dtype=str
    )
    certain = truth[truth["bassin_status"] == "single"].set_index("quartier_code")["bassin_candidate"]
    mine = links(loaded_connection, "quartier", "bassin")
    main = mine[mine["is_main"]].set_index("child")["parent"]
    assert len(certain) == 101
    assert main[certain.index].to_dict() == certain.str.lower().to_dict()


def test_brussels_city_is_split_and_says_so(loaded_connection: Connection) -> None:
    split = links(loaded_connection, "commune", "bassin").query("child == '21004'").set_index("parent")
    assert set(split.index) == {"centre-ouest", "nord", "sud"}
    assert split["basis"].eq("inferred").all()
    assert split["share_area"].sum() == pytest.approx(1, abs=1e-5)
    assert split["share_population"].idxmax() == "nord"
    provisional = frame(
        loaded_connection, "SELECT code FROM zone WHERE kind = 'bassin' AND provisional ORDER BY code"
    )
    assert provisional["code"].tolist() == ["centre-ouest", "nord", "nord-est", "sud"]


def test_a_quartier_in_two_communes_keeps_all_its_shares(loaded_connection: Connection) -> None:
    several = links(loaded_connection, "quartier", "commune").groupby("child")
    assert (several.size() > 1).sum() >= 40
    assert several["share_area"].sum().to_numpy() == pytest.approx(1, abs=1e-5)
    assert (several["is_main"].sum() == 1).all()


def test_the_two_areas_named_nord_are_one_provisional_zone(loaded_connection: Connection) -> None:
    bassins = links(loaded_connection, "clss", "bassin").query("child == 'nord'")
    assert set(bassins["parent"]) == {"centre-ouest", "nord-est"}
    assert not bassins["is_main"].any()
    assert bassins["share_area"].isna().all()


def test_a_clss_lies_in_the_commune_of_its_carrier_where_that_is_known(loaded_connection: Connection) -> None:
    carried = links(loaded_connection, "clss", "commune")
    assert dict(zip(carried["child"], carried["parent"], strict=True)) == {
        "anneessens": "21004",
        "marolles": "21004",
        "brabant": "21015",
        "colignon": "21015",
    }
    assert carried["basis"].eq("inferred").all() and carried["share_area"].isna().all()


def test_levels_are_quartier_bassin_region(loaded_connection: Connection) -> None:
    rows = frame(loaded_connection, "SELECT role, kind FROM level ORDER BY rank")
    assert list(rows.itertuples(index=False, name=None)) == [
        ("quartier", "quartier"),
        ("meso", "bassin"),
        ("region", "region"),
    ]


def test_loading_again_changes_nothing_but_the_versions(loaded_connection: Connection) -> None:
    before = versions(loaded_connection)
    report = LoadReport()
    load_base(loaded_connection, report)
    assert {name: counts.changed for name, counts in report.tables.items() if counts.changed} == {}
    after = versions(loaded_connection)
    touched = {name for name, version in after.items() if version == before[name] + 1}
    assert {"region", "bassins", "communes", "quartiers", "clss", "services", "projects"} <= touched
    assert all(after[name] == before[name] for name in before.keys() - touched), "the examples' own"


def versions(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT layer, version FROM layer_version").fetchall())


def test_a_dry_run_leaves_nothing(connection: Connection) -> None:
    report = LoadReport(dry_run=True)
    load_package(connection, load_zones, QUARTIERS, report)
    assert report.tables["zone"].inserted == 910
    assert frame(connection, "SELECT 1 FROM zone").empty


def test_a_level_that_somebody_chose_stays(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO level (role, valid_from, kind, rank) VALUES ('meso', '2026-01-01', 'commune', 1)"
    )
    load_zones(connection, QUARTIERS, LoadReport())
    chosen = frame(connection, "SELECT kind FROM level WHERE role = 'meso'")
    assert chosen["kind"].tolist() == ["commune"]


def test_figures_need_zones(connection: Connection) -> None:
    with pytest.raises(TableError, match="is not loaded; load the zones first"):
        load_indicators(connection, QUARTIERS, LoadReport())


def test_a_zone_that_left_the_tables_goes(connection: Connection) -> None:
    load_zones(connection, QUARTIERS, LoadReport())
    gone = zone_id("clss", "gone", "2024")
    connection.execute(
        "INSERT INTO zone (id, kind, code, edition, valid_from, source_id)"
        " VALUES (%s, 'clss', 'gone', '2024', '2024-04-30', 'clss-2024')",
        (gone,),
    )
    report = LoadReport()
    load_zones(connection, QUARTIERS, report)
    assert report.tables["zone"] == MergeCounts(unchanged=910, deleted=1)


def test_official_limits_replace_generalised_ones_for_good(
    loaded_connection: Connection, shared_data: Path
) -> None:
    file = shared_data / "brussels/zones/secteurs_statistiques_724.gpkg"
    sectors = OfficialZones(ZoneKind.SECTEUR, "2020", "statbel-sectors-2020")
    load_official_zones(loaded_connection, file, sectors, LoadReport())
    assert frame(loaded_connection, "SELECT 1 FROM zone WHERE generalised").empty
    official = gpd.read_file(file).to_crs(LAMBERT_2008).set_index("SECTOR").geometry
    (wkb,) = loaded_connection.execute(
        "SELECT ST_AsBinary(geom_m) FROM zone WHERE kind = 'secteur' AND code = '21004A001'"
    ).fetchone() or (b"",)
    stored = shapely.from_wkb(bytes(wkb))
    assert stored.symmetric_difference(official["21004A001"]).area < 1
    again = LoadReport()
    load_package(loaded_connection, load_zones, QUARTIERS, again)
    assert again.tables["zone"].changed == 0, "the shipped points don't bring the generalised limits back"
    assert again.tables["zone_shape"].changed == 0
