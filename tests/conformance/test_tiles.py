"""OGC API – Tiles, Part 1 (20-057): the abstract tests of Annex A, by their ids."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import shapely

from geo.features.matrix import MAX_ZOOM, URI, Tile
from geo.layers import layers_for
from tests.harness.tiles import decode, layers_of

REL = "http://www.opengis.net/def/rel/ogc/1.0"
CONF = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
MVT = "application/vnd.mapbox-vector-tile"
#: A tile of zoom 12 in the middle of the city; addresses say the row before the column.
CITY = Tile(12, 2097, 1374)
TEMPLATE = "/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"
SETS = ["/ogc", *(f"/ogc/collections/{layer}" for layer in layers_for())]
Told = dict[str, Any]


async def told(client: httpx.AsyncClient, address: str, **params: str) -> Told:
    answer = await client.get(address, params=params or None, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: Told = answer.json()
    return found


async def features(client: httpx.AsyncClient, layer: str, **params: str) -> list[Told]:
    answer = await client.get(f"/ogc/collections/{layer}/items", params=params | {"limit": "1000"})
    found: list[Told] = answer.json()["features"]
    return found


def linked(links: list[Told], rel: str) -> Told:
    return next(each for each in links if each["rel"] == rel)


def filled(template: str, tile: Tile) -> str:
    words = {"tileMatrix": tile.z, "tileRow": tile.y, "tileCol": tile.x}
    for word, number in words.items():
        template = template.replace(f"{{{word}}}", str(number))
    assert "{" not in template
    return template


async def get_tile(client: httpx.AsyncClient, address: str, tile: Tile, **headers: str) -> httpx.Response:
    return await client.get(filled(address, tile), headers=headers)


@pytest.mark.parametrize(
    "name",
    [
        "core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection",
        "datetime", "mvt", "oas30",
    ],
)  # fmt: skip
async def test_conf_conformance_success(client: httpx.AsyncClient, name: str) -> None:
    """/conf/…/conformance-success: each class that is tested here is declared."""
    assert f"{CONF}/{name}" in (await told(client, "/ogc/conformance"))["conformsTo"]


async def test_conf_core_tc_op(client: httpx.AsyncClient) -> None:
    """/conf/core/tc-op: a tile can be got by the template that its set gives."""
    described = await told(client, "/ogc/collections/quartiers/tiles/WebMercatorQuad")
    answer = await get_tile(client, linked(described["links"], "item")["href"], CITY)
    assert answer.status_code == 200


@pytest.mark.parametrize("zoom", [0, 5, 12, MAX_ZOOM])
async def test_conf_core_tc_tilematrix_definition(client: httpx.AsyncClient, zoom: int) -> None:
    """/conf/core/tc-tilematrix-definition, -tilerow-, -tilecol-: every number within the set is taken."""
    last = 2**zoom - 1
    for tile in (Tile(zoom, 0, 0), Tile(zoom, last, last)):
        answer = await get_tile(client, f"/ogc/collections/communes{TEMPLATE}", tile)
        assert answer.status_code in (200, 204)


async def test_conf_core_tc_success(client: httpx.AsyncClient) -> None:
    """/conf/core/tc-success: what is in the tile lies there, and is of the type that was asked for."""
    answer = await get_tile(client, f"/ogc/collections/communes{TEMPLATE}", CITY, Accept=MVT)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MVT)
    drawn = decode(answer.content, "communes", CITY).to_crs(4326)
    assert len(drawn) and drawn.intersects(shapely.box(*CITY.box).buffer(0.01)).all()
    within = await features(client, "communes", bbox=",".join(map(str, CITY.box)))
    assert {each["properties"]["code"] for each in within} <= set(drawn["code"])


@pytest.mark.parametrize(
    ("z", "y", "x"),
    [
        ("3", "8", "0"), ("3", "0", "8"), ("30", "0", "0"), (str(MAX_ZOOM + 1), "0", "0"), ("-1", "0", "0"),
        ("3", "-1", "0"), ("3", "0", "1.5"), ("a", "0", "0"), ("3", "0", "9" * 60),
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", ["/ogc", "/ogc/collections/services"])
async def test_conf_core_tc_error_out_of_range(
    client: httpx.AsyncClient, base: str, z: str, y: str, x: str
) -> None:
    """/conf/core/tc-error, 1: beyond the set there is nothing."""
    answer = await client.get(f"{base}/tiles/WebMercatorQuad/{z}/{y}/{x}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in "zyx"


@pytest.mark.parametrize("base", SETS)
async def test_conf_core_tc_error_empty(client: httpx.AsyncClient, base: str) -> None:
    """/conf/core/tc-error, 2: a tile without data is no error."""
    answer = await get_tile(client, base + TEMPLATE, Tile(12, 0, 0))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("base", SETS)
async def test_conf_tileset_description(client: httpx.AsyncClient, base: str) -> None:
    """/conf/tileset/description: what a set says of itself, and that its links lead there."""
    described = await told(client, f"{base}/tiles/WebMercatorQuad")
    assert described["dataType"] == "vector" and described["tileMatrixSetURI"] == URI
    assert described["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    scheme = await told(client, linked(described["links"], f"{REL}/tiling-scheme")["href"])
    assert scheme["uri"] == URI and scheme["crs"] == described["crs"]
    limits = {each["tileMatrix"] for each in described["tileMatrixSetLimits"]}
    assert limits <= {each["id"] for each in scheme["tileMatrices"]}
    item = linked(described["links"], "item")
    assert item["templated"] is True and item["type"] == MVT
    assert all(f"{{{word}}}" in item["href"] for word in ("tileMatrix", "tileRow", "tileCol"))
    for layer in described["layers"]:
        names = {each.name for each in layers_for()[layer["id"]].properties}
        assert names <= set(layer["propertiesSchema"]["properties"])
    if "boundingBox" in described:
        (west, south), (east, north) = (
            described["boundingBox"][each] for each in ("lowerLeft", "upperRight")
        )
        assert 4 < west < east < 5 and 50 < south < north < 51


@pytest.mark.parametrize("base", SETS)
async def test_conf_tilesets_list_tileset_links(client: httpx.AsyncClient, base: str) -> None:
    """/conf/tilesets-list/tileset-links: each set is listed with what is needed to choose it."""
    for each in (await told(client, f"{base}/tiles"))["tilesets"]:
        assert each["dataType"] == "vector" and each["tileMatrixSetURI"] == URI and each["crs"]
        own = linked(each["links"], "self")["href"]
        assert own.endswith(f"{base}/tiles/WebMercatorQuad")
        described = await told(client, own)
        assert {name: described[name] for name in each} == each
        assert linked(each["links"], f"{REL}/tiling-scheme")["href"]


async def test_conf_dataset_tilesets_landingpage(client: httpx.AsyncClient) -> None:
    """/conf/dataset-tilesets/landingpage, /conf/dataset-tilesets/operation."""
    href = linked((await told(client, "/ogc"))["links"], f"{REL}/tilesets-vector")["href"]
    assert href.endswith("/ogc/tiles")
    assert (await told(client, href))["tilesets"]


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_conf_geodata_tilesets_desc_links(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/geodata-tilesets/desc-links, /conf/geodata-tilesets/operation."""
    address = f"/ogc/collections/{layer}"
    href = linked((await told(client, address))["links"], f"{REL}/tilesets-vector")["href"]
    assert href.endswith(f"{address}/tiles")
    assert (await told(client, href))["tilesets"]


@pytest.mark.parametrize("chosen", ["communes", "services,communes", "communes,services,quartiers"])
async def test_conf_collections_selection_query_collections(client: httpx.AsyncClient, chosen: str) -> None:
    """/conf/collections-selection/query-collections, /collections-response: these, in this order."""
    described = await told(client, "/ogc/tiles/WebMercatorQuad", collections=chosen)
    assert [each["id"] for each in described["layers"]] == chosen.split(",")
    answer = await get_tile(client, linked(described["links"], "item")["href"], CITY)
    assert layers_of(answer.content) == chosen.split(",")


async def test_conf_collections_selection_unknown(client: httpx.AsyncClient) -> None:
    for address in ("/ogc/tiles", "/ogc/tiles/WebMercatorQuad", filled(f"/ogc{TEMPLATE}", CITY)):
        answer = await client.get(address, params={"collections": "communes,nowhere"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "collections"


async def test_conf_datetime_axis(client: httpx.AsyncClient) -> None:
    """/conf/datetime/datetime-axis: an interval chooses; where a layer knows no times it chooses nothing."""
    address = filled("/ogc/collections/activities" + TEMPLATE, Tile(8, 131, 85))
    every = decode((await client.get(address)).content, "activities")
    days = sorted({str(each)[:10] for each in every["next_at"].dropna()})
    assert days
    some = await client.get(address, params={"datetime": days[0]})
    assert {each[:10] for each in decode(some.content, "activities")["next_at"].dropna()} == {days[0]}
    none = await client.get(address, params={"datetime": "../1990-01-01"})
    assert none.status_code == 204 or decode(none.content, "activities")["next_at"].isna().all()
    timeless = filled("/ogc/collections/communes" + TEMPLATE, CITY)
    assert (await client.get(timeless, params={"datetime": "1990-01-01"})).status_code == 200
    assert (await client.get(address, params={"datetime": "yesterday"})).status_code == 400


async def test_conf_mvt_content(client: httpx.AsyncClient) -> None:
    """/conf/mvt/content: coordinates begin at the upper left corner and map linearly to the tile."""
    answer = await get_tile(client, f"/ogc/collections/services{TEMPLATE}", CITY)
    drawn = decode(answer.content, "services", CITY).to_crs(4326)
    unit = (CITY.box.east - CITY.box.west) / 4096
    true = {
        (each["properties"]["id"], *(round(at / unit) for at in each["geometry"]["coordinates"]))
        for each in await features(client, "services", bbox=",".join(map(str, CITY.box)))
    }
    found = [
        any((row.id, round(row.geometry.x / unit) + dx, round(row.geometry.y / unit) + dy) in true
            for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        for row in drawn.cx[CITY.box.west : CITY.box.east, CITY.box.south : CITY.box.north].itertuples()
    ]  # fmt: skip
    assert len(found) > 100 and all(found)


async def test_conf_oas30_completeness(client: httpx.AsyncClient) -> None:
    """/conf/oas30/completeness, /conf/oas30/operation-id: all are told, by the standard's names."""
    paths = (await client.get("/ogc/api", headers={"Accept": "*/*"})).json()["paths"]
    named = {
        operation["operationId"]: path
        for path, item in paths.items()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for kind, base in (("dataset", ""), ("collection", "/collections/{layer}")):
        for name, end in (
            ("getTileSetsList", "/tiles"),
            ("getTileSet", "/tiles/WebMercatorQuad"),
            ("getTile", "/tiles/WebMercatorQuad/{z}/{y}/{x}"),
        ):
            assert named[f"{kind}.vector.{name}"].endswith(f"{base}{end}")
    assert {"getTileMatrixSetsList", "getTileMatrixSet"} <= named.keys()
