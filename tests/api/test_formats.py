"""Files over HTTP: the features that pages tell, in every format; who is slow or leaves holds nothing."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import geopandas as gpd
import httpx
import pandas as pd
import psycopg
import pytest
from openpyxl import load_workbook

from api import files
from api.files import FILES
from geo.features.formats import FORMATS
from tests.harness.server import served

ITEMS = "/ogc/collections/{}/items"
BY_ID = {each.id: each for each in FILES}
Told = dict[str, Any]


async def fids_of_pages(client: httpx.AsyncClient, layer: str, **params: Any) -> set[str]:
    """Return the ids of all features, page after page."""
    found: set[str] = set()
    answer = await client.get(ITEMS.format(layer), params={"limit": 1000, **params})
    while True:
        page = answer.json()
        found |= {str(each["id"]) for each in page["features"]}
        further = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not further:
            return found
        answer = await client.get(further[0])


async def fetch(client: httpx.AsyncClient, layer: str, format: str, **params: Any) -> httpx.Response:
    answer = await client.get(ITEMS.format(layer), params={"f": format, **params})
    assert answer.status_code == 200, answer.text
    return answer


def fids_in(format: str, body: bytes, layer: str, folder: Path) -> list[str]:
    """Return the ids of a file's features, read by means that are not ours."""
    file = folder / f"{layer}.{FORMATS[format.removesuffix('-file')].extension}"
    file.write_bytes(body)
    if format == "geojson-file":
        return [str(each["id"]) for each in json.loads(body)["features"]]
    if format == "geojsonseq":
        return [str(json.loads(each)["id"]) for each in body.decode().split("\x1e")[1:]]
    if format == "xlsx":
        rows = load_workbook(file, read_only=True)[layer].iter_rows(min_row=2, values_only=True)
        return [str(row[0]) for row in rows]
    if format == "csv":
        return pd.read_csv(file, dtype={"fid": str})["fid"].tolist()
    if format == "kml":
        return gpd.read_file(file)["id"].str.removeprefix(f"{layer}.").tolist()
    frame = gpd.read_parquet(file) if format == "parquet" else gpd.read_file(file)
    return frame["fid"].tolist()


@pytest.mark.parametrize("format", list(BY_ID))
@pytest.mark.parametrize("layer", ["services", "communes"])
async def test_every_format_has_all_features(
    client: httpx.AsyncClient, tmp_path: Path, layer: str, format: str
) -> None:
    answer = await fetch(client, layer, format)
    assert answer.headers["content-type"].partition(";")[0] == BY_ID[format].media_type
    extension = FORMATS[format.removesuffix("-file")].extension
    assert answer.headers["content-disposition"] == f'attachment; filename="{layer}.{extension}"'
    found = fids_in(format, answer.content, layer, tmp_path)
    assert len(set(found)) == len(found)
    assert set(found) == await fids_of_pages(client, layer)


@pytest.mark.parametrize("format", [each for each in BY_ID if each != "geojson-file"])
async def test_a_format_is_had_by_its_media_type(client: httpx.AsyncClient, format: str) -> None:
    wanted = BY_ID[format].media_type
    answer = await client.get(ITEMS.format("bassins"), headers={"Accept": wanted})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, wanted)
    assert "Accept" in answer.headers["vary"]


async def test_a_file_is_cut_and_filtered_as_a_page_is(client: httpx.AsyncClient, tmp_path: Path) -> None:
    asked = {"theme": "pharmacy", "sortby": "-name_fr", "limit": 20, "properties": "name_fr"}
    page = (await client.get(ITEMS.format("services"), params=asked)).json()
    answer = await fetch(client, "services", "csv", **asked)
    rows = pd.read_csv(io.BytesIO(answer.content))
    assert rows["fid"].tolist() == [each["id"] for each in page["features"]]
    assert list(rows.columns) == ["fid", "name_fr", "example", "lon", "lat", "attribution"]
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    second = (await client.get(following)).json()
    answer = await client.get(f"{following}&f=csv")
    rows = pd.read_csv(io.BytesIO(answer.content))
    assert rows["fid"].tolist() == [each["id"] for each in second["features"]]


async def test_coordinates_follow_the_reference_system(client: httpx.AsyncClient) -> None:
    lambert = "http://www.opengis.net/def/crs/EPSG/0/31370"
    page = (await client.get(ITEMS.format("services"), params={"limit": 5, "crs": lambert})).json()
    answer = await fetch(client, "services", "csv", limit=5, crs=lambert)
    assert answer.headers["content-crs"] == f"<{lambert}>"
    rows = pd.read_csv(io.BytesIO(answer.content))
    for told, row in zip(page["features"], rows.itertuples(), strict=True):
        assert (row.x, row.y) == pytest.approx(tuple(told["geometry"]["coordinates"]), abs=0.011)
    lat_lon = "http://www.opengis.net/def/crs/EPSG/0/4326"
    whole = (await fetch(client, "services", "geojson-file", limit=1, crs=lat_lon)).json()
    lat, lon = whole["features"][0]["geometry"]["coordinates"]
    assert 50 < lat < 51 and 4 < lon < 5, "GeoJSON has the order of axes of its system"
    row = pd.read_csv(io.BytesIO((await fetch(client, "services", "csv", limit=1, crs=lat_lon)).content))
    assert (row["lon"][0], row["lat"][0]) == (lon, lat), "a table says which is which"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"f": "kml", "crs": "http://www.opengis.net/def/crs/EPSG/0/31370"}, "crs"),
        ({"f": "csv", "zone": "quartier:99999"}, "zone"),
        ({"f": "csv", "after": "nonsense"}, "after"),
        ({"f": "doc"}, "f"),
    ],
)
async def test_what_no_file_can_be_made_of_is_refused(
    client: httpx.AsyncClient, asked: Told, field: str
) -> None:
    answer = await client.get(ITEMS.format("services"), params=asked)
    assert answer.status_code == 400
    assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert no_seat_is_taken()


def no_seat_is_taken() -> bool:
    return not files.OPEN_FILES._taken


async def test_who_finds_no_seat_is_told_when_to_come_back(client: httpx.AsyncClient) -> None:
    seats = [files.OPEN_FILES.take() for _ in range(files.OPEN_FILES._number)]
    for seat in seats:
        seat.__enter__()
    try:
        answer = await client.get(ITEMS.format("bassins"), params={"f": "csv"})
    finally:
        for seat in seats:
            seat.__exit__(None, None, None)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get(ITEMS.format("bassins"), params={"f": "csv"})).status_code == 200


@pytest.fixture(scope="module")
def many(spare_database: str) -> str:
    """A database with so many services (copies) that a file of them doesn't fit into any buffer."""
    with psycopg.connect(spare_database) as connection:
        names = connection.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            " WHERE attrelid = 'service_card'::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> 'id' AND attgenerated = ''"
        ).fetchone()
        assert names is not None
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            f"INSERT INTO service_card (id, {names[0]}) SELECT gen_random_uuid(), {names[0]}"
            " FROM service_card, generate_series(1, 120)"
        )
    return spare_database


@pytest.fixture(scope="module")
def server_of_many(many: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server with them."""
    with served(many, tmp_path_factory.mktemp("many")) as address:
        yield address


async def copying(database: str) -> int:
    """Return how many files the database is telling right now."""
    connection = await asyncpg.connect(database)
    try:
        found = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle' AND query LIKE 'COPY%' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    return int(found)


async def until(claim: Any, what: str) -> None:
    """Wait for a condition that comes by itself."""
    for _ in range(1200):
        if await claim():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(what)


async def open_items(address: str, query: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**16)
    writer.write(f"GET {ITEMS.format('services')}?{query} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def test_a_slow_reader_holds_no_connection(server_of_many: str, many: str) -> None:
    reader, writer = await open_items(server_of_many, "f=geojsonseq")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.partition(b"\r\n")[0]

    async def is_told() -> bool:
        return await copying(many) == 0

    await until(is_told, "the database still waits for the reader")
    lines = 0  # and what was written meanwhile is all there for whoever takes their time
    while chunk := await reader.read(2**16):
        lines += chunk.count(b"\x1e")
        if chunk.endswith(b"0\r\n\r\n"):
            break
    writer.close()
    with psycopg.connect(many) as connection:
        row = connection.execute("SELECT count(*) FROM service_card WHERE geom IS NOT NULL").fetchone()
    assert row is not None and 40_000 < lines <= row[0]


@pytest.mark.parametrize("format", ["geojsonseq", "xlsx", "gpkg"])
async def test_whoever_leaves_stops_their_query(server_of_many: str, many: str, format: str) -> None:
    _, writer = await open_items(server_of_many, f"f={format}")

    async def is_copying() -> bool:
        return await copying(many) > 0

    await until(is_copying, "nothing was asked of the database")
    writer.transport.abort()

    async def is_stopped() -> bool:
        return await copying(many) == 0

    await until(is_stopped, "the query runs on for nobody")
    async with httpx.AsyncClient(base_url=server_of_many, timeout=60) as client:
        answer = await client.get(ITEMS.format("bassins"), params={"f": "csv"})
    assert answer.status_code == 200, "its seat and connection are free again"
