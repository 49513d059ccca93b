"""geopandas reads our addresses, in every format that it knows."""

from __future__ import annotations

import geopandas
import pytest

BOX = (4.34, 50.83, 4.37, 50.86)


def test_it_reads_a_page_of_features(live_server: str) -> None:
    table = geopandas.read_file(f"{live_server}/ogc/collections/quartiers/items?limit=1000")
    assert len(table) == 145 and table.crs.to_epsg() == 4326
    assert table.set_index("code").loc["36", "name_fr"] == "Matonge"


def test_its_box_agrees_with_ours(live_server: str) -> None:
    address = f"{live_server}/ogc/collections/services/items"
    ours = geopandas.read_file(f"{address}?limit=1000&bbox={','.join(map(str, BOX))}")
    theirs = geopandas.read_file(f"{address}?limit=1000", bbox=BOX)
    assert set(ours["id"]) == set(theirs["id"]) != set()


@pytest.mark.parametrize("name", ["geojson-file", "fgb", "gpkg", "geojsonseq"])
def test_files_hold_the_same_as_pages(live_server: str, name: str) -> None:
    address = f"{live_server}/ogc/collections/services/items"
    table = geopandas.read_file(f"{address}?f={name}")
    pages = geopandas.read_file(f"{address}?limit=1000")
    assert set(table["id"]) == set(pages["id"])
    assert table.set_index("id")["theme"].to_dict() == pages.set_index("id")["theme"].to_dict()


def test_it_reads_geoparquet(live_server: str) -> None:
    from io import BytesIO

    import httpx

    answer = httpx.get(f"{live_server}/ogc/collections/communes/items?f=parquet")
    table = geopandas.read_parquet(BytesIO(answer.content))
    assert len(table) == 19 and table.crs is not None


def test_it_reads_lambert_72_from_a_file(live_server: str) -> None:
    system = "http://www.opengis.net/def/crs/EPSG/0/31370"
    table = geopandas.read_file(f"{live_server}/ogc/collections/communes/items?f=gpkg&crs={system}")
    assert table.crs.to_epsg() == 31370
    west, south, east, north = table.total_bounds
    assert 139_000 < west < east < 160_000 and 158_000 < south < north < 180_000


def test_it_filters_by_condition(live_server: str) -> None:
    address = f"{live_server}/ogc/collections/services/items?limit=1000"
    found = geopandas.read_file(f"{address}&filter=theme='pharmacy'")
    every = geopandas.read_file(address)
    assert set(found["id"]) == set(every[every["theme"] == "pharmacy"]["id"]) != set()
