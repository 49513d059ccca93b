"""The partition drawn from points: properties on invented points, and figures against the official limits."""

from __future__ import annotations

import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import LAMBERT_2008
from geo.exchange.sectors import draw_sectors
from geo.exchange.tables import read_package
from geo.settings import SHIPPED_DATA
from geo.territory.partition import (
    BANDS,
    dissolve_shapes,
    draw_partition,
    find_faults,
    simplify_shapes,
    to_degrees,
    to_mercator,
)

REGION_KM2 = 162.42


@st.composite
def labelled_points(draw: st.DrawFn) -> tuple[np.ndarray, list[str | None]]:
    """Invent up to 60 points in the centre of Brussels: an inner square inside, a ring around it outside."""
    count = draw(st.integers(min_value=4, max_value=60))
    cells = draw(st.lists(st.integers(0, 39 * 39), min_size=count, max_size=count, unique=True))
    inside = [(4.3 + (cell % 39) / 1000, 50.83 + (cell // 39) / 1500) for cell in cells]
    labels: list[str | None] = [draw(st.sampled_from("abcdef")) for _ in inside]
    around = [(4.3 + x / 1000, 50.83 + y / 1500) for x in range(-5, 46, 5) for y in (-5, 45)]
    around += [(4.3 + x / 1000, 50.83 + y / 1500) for x in (-5, 45) for y in range(0, 41, 5)]
    return np.array(inside + around), labels + [None] * len(around)


@settings(max_examples=60, deadline=None)
@given(labelled_points(), st.sampled_from([0.0, 14.0, 60.0]))
def test_any_points_give_a_partition(points: tuple[np.ndarray, list[str | None]], smoothing_m: float) -> None:
    lonlat, labels = points
    zones = draw_partition(lonlat, labels, smoothing_m)
    assert set(zones) == {label for label in labels if label}
    assert find_faults(zones) == []
    whole = shapely.union_all(list(zones.values()))
    assert sum(zone.area for zone in zones.values()) == pytest.approx(whole.area, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(labelled_points())
def test_every_point_lies_in_its_own_zone(points: tuple[np.ndarray, list[str | None]]) -> None:
    lonlat, labels = points
    zones = {label: to_degrees(shape) for label, shape in draw_partition(lonlat, labels, 0).items()}
    for place, label in zip(shapely.points(lonlat), labels, strict=True):
        holders = {name for name, zone in zones.items() if zone.contains(place)}
        assert holders == ({label} if label else set())


def test_coarser_zones_are_unions_of_finer_ones() -> None:
    fine = draw_partition(
        np.array([[4.30, 50.85], [4.32, 50.85], [4.34, 50.85], [4.36, 50.85], [4.33, 50.87], [4.33, 50.83]]),
        [None, "left", "right", None, None, None],
        0,
    )
    coarse = dissolve_shapes(fine, {"left": ["all", "west"], "right": ["all"]})
    assert set(coarse) == {"all", "west"}
    assert coarse["west"].equals(fine["left"])
    assert coarse["all"].area == pytest.approx(fine["left"].area + fine["right"].area)


def test_two_points_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="a place of its own"):
        draw_partition(np.array([[4.3, 50.8], [4.3, 50.8], [4.4, 50.9]]), ["a", "b", None])


def test_faults_are_found() -> None:
    square = shapely.multipolygons([[shapely.box(0, 0, 100, 100)]])[0]
    overlapping = shapely.multipolygons([[shapely.box(90, 0, 200, 100)]])[0]
    bow_tie = shapely.from_wkt("MULTIPOLYGON (((0 0, 10 10, 10 0, 0 10, 0 0)))")
    assert any("not shared" in fault for fault in find_faults({"a": square, "b": overlapping}))
    assert find_faults({"a": bow_tie}) == ["a: Self-intersection[5 5]"]


@pytest.fixture(scope="module")
def shipped() -> tuple[dict[str, shapely.MultiPolygon], pd.DataFrame]:
    """The sectors drawn from the shipped points, in metres, and the shipped links."""
    tables = read_package(SHIPPED_DATA / "quartiers")
    return draw_sectors(tables["sector_points"]), tables["zone_links"]


def quartiers_of(links: pd.DataFrame) -> dict[str, list[str]]:
    chosen = links[(links["child_kind"] == "secteur") & (links["parent_kind"] == "quartier")]
    return {row.child_code: [row.parent_code] for row in chosen.itertuples()}


def test_shipped_points_draw_a_clean_region(
    shipped: tuple[dict[str, shapely.MultiPolygon], pd.DataFrame],
) -> None:
    sectors, links = shipped
    assert len(sectors) == 724
    assert find_faults(sectors) == []
    assert sum(shape.area for shape in sectors.values()) / 1e6 == pytest.approx(REGION_KM2, rel=0.01)
    region = shapely.union_all(list(sectors.values()))
    assert len(getattr(region, "geoms", [region])) == 1, "the region is one piece"
    assert not shapely.get_num_interior_rings(shapely.get_parts(region)).any(), "and has no hole"
    quartiers = dissolve_shapes(sectors, quartiers_of(links))
    assert len(quartiers) == 145
    assert find_faults(quartiers) == []


@pytest.mark.parametrize("band", BANDS, ids=lambda band: f"zoom-{band.max_zoom}")
def test_every_zoom_band_is_a_partition(
    shipped: tuple[dict[str, shapely.MultiPolygon], pd.DataFrame], band: object
) -> None:
    sectors, links = shipped
    simplified = simplify_shapes(sectors, band.tolerance_m)  # type: ignore[attr-defined]
    projected = {code: to_mercator(shape) for code, shape in simplified.items()}
    assert find_faults(projected) == []
    assert find_faults(dissolve_shapes(simplified, quartiers_of(links))) == []


def test_simplifying_takes_points_away(shipped: tuple[dict[str, shapely.MultiPolygon], pd.DataFrame]) -> None:
    sectors, _ = shipped
    sizes = [
        sum(shapely.get_num_coordinates(list(simplify_shapes(sectors, band.tolerance_m).values())))
        for band in BANDS
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.65 * sizes[-1]


def test_shipped_zones_match_the_official_limits(
    shipped: tuple[dict[str, shapely.MultiPolygon], pd.DataFrame],
    shared_data: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The figures of the issue: mean IoU ≥ 0.85, each quartier ≥ 0.6, area within 1 %."""
    sectors, links = shipped
    official = gpd.read_file(shared_data / "brussels/zones/quartiers_monitoring_145_opendata.geojson")
    official = official.to_crs(LAMBERT_2008)
    codes = official["mdzone"].astype(int).astype(str)
    drawn = dissolve_shapes(sectors, quartiers_of(links))
    assert set(drawn) == set(codes)
    found = pd.Series(
        {
            code: drawn[code].intersection(shape).area / drawn[code].union(shape).area
            for code, shape in zip(codes, official.geometry, strict=True)
        }
    )
    area_km2 = sum(shape.area for shape in sectors.values()) / 1e6
    with capsys.disabled():
        print(  # noqa: T201 the issue asks for these figures
            f"\nquartiers against the official edition: mean IoU {found.mean():.3f}, "
            f"lowest {found.min():.3f} (quartier {found.idxmin()}), {(found < 0.9).sum()} below 0.9; "
            f"area {area_km2:.2f} km² of {REGION_KM2}"
        )
    assert found.mean() >= 0.93
    assert found.min() >= 0.7
    assert area_km2 == pytest.approx(REGION_KM2, rel=0.005)


def test_drawing_is_quick(shipped: tuple[dict[str, shapely.MultiPolygon], pd.DataFrame]) -> None:
    tables = read_package(SHIPPED_DATA / "quartiers")
    start = time.process_time()
    draw_sectors(tables["sector_points"])
    assert time.process_time() - start < 3
