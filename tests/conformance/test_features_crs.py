"""OGC API – Features, Part 2 (reference systems): Annex A, by its ids."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
import shapely
from pyproj import Transformer

from geo.crs import CRS84_URI, OFFERED
from geo.layers import layers_for

ITEMS = "/ogc/collections/{}/items"
URI = re.compile(r"http://www\.opengis\.net/def/crs/(OGC/1\.3/CRS84|EPSG/0/\d+)")
OTHERS = [pytest.param(uri, id=uri.rpartition("/")[2]) for uri in OFFERED if uri != CRS84_URI]
#: Metres told with two decimals, degrees with six.
CLOSE = {3857: 0.15, 31370: 0.1, 3812: 0.1, 4326: 2e-6}
BOX = (4.34, 50.83, 4.37, 50.86)
Told = dict[str, Any]


async def got(client: httpx.AsyncClient, layer: str, **params: Any) -> tuple[list[Told], str]:
    answer = await client.get(ITEMS.format(layer), params={"limit": 1000, **params})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["numberMatched"] == len(page["features"])
    return page["features"], answer.headers["content-crs"]


def geometry(feature: Told) -> Any:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def into(uri: str) -> Any:
    """Return pyproj's way from CRS84 into a system, in the order of its authority's axes."""
    authority = "OGC:CRS84" if uri == CRS84_URI else f"EPSG:{uri.rpartition('/')[2]}"
    transform = Transformer.from_crs("OGC:CRS84", authority, always_xy=False).transform
    return lambda shape: shapely.transform(shape, transform, interleaved=False)


async def collections(client: httpx.AsyncClient) -> list[Told]:
    listed = (await client.get("/ogc/collections")).json()["collections"]
    return [*listed, *[(await client.get(f"/ogc/collections/{each['id']}")).json() for each in listed]]


async def test_conf_crs_crs_uri(client: httpx.AsyncClient) -> None:
    """/conf/crs/crs-uri: each system that a collection is offered in is named by a valid URI."""
    for each in await collections(client):
        assert each["crs"] == list(OFFERED)
        assert all(URI.fullmatch(uri) for uri in each["crs"])


async def test_conf_crs_default_crs(client: httpx.AsyncClient) -> None:
    """/conf/crs/default-crs: CRS84 is among them."""
    assert all(CRS84_URI in each["crs"] for each in await collections(client))


async def test_conf_crs_storage_crs(client: httpx.AsyncClient) -> None:
    """/conf/crs/storageCrs: the system that coordinates are stored in is one of those offered."""
    assert all(each["storageCrs"] in each["crs"] for each in await collections(client))


async def test_conf_crs_crs_parameter(client: httpx.AsyncClient) -> None:
    """/conf/crs/crs-parameter: taken wherever features are told, and said in the answer's header."""
    document = (await client.get("/ogc/api")).json()
    for layer in layers_for():
        named = [
            each["name"] for each in document["paths"][f"/collections/{layer}/items"]["get"]["parameters"]
        ]
        assert {"crs", "bbox-crs"} <= set(named)
    for uri in OFFERED:
        features, header = await got(client, "communes", crs=uri)
        assert header == f"<{uri}>"
        single = await client.get(f"{ITEMS.format('communes')}/{features[0]['id']}", params={"crs": uri})
        assert single.headers["content-crs"] == f"<{uri}>"
        assert single.json()["geometry"] == features[0]["geometry"]


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "written", ["http://www.opengis.net/def/crs/EPSG/0/9999", "EPSG:1", "x" * 300, "4326"]
)
async def test_conf_crs_crs_parameter_invalid(
    client: httpx.AsyncClient, parameter: str, written: str
) -> None:
    """/conf/crs/crs-parameter-invalid, bbox-crs-parameter-invalid: 400, and the parameter's name."""
    params = {parameter: written, "bbox": "4,50,5,51", "filter": "S_INTERSECTS(geometry, POINT(4.3 50.8))"}
    answer = await client.get(ITEMS.format("services"), params=params)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [parameter]


async def test_conf_crs_crs_parameter_default(client: httpx.AsyncClient) -> None:
    """/conf/crs/crs-parameter-default: without it, the answer is that of CRS84."""
    features, header = await got(client, "communes")
    assert header == f"<{CRS84_URI}>"
    assert (features, header) == await got(client, "communes", crs=CRS84_URI)


@pytest.mark.parametrize("uri", OTHERS)
@pytest.mark.parametrize("layer", ["services", "communes"])
async def test_conf_crs_crs_transformation(client: httpx.AsyncClient, layer: str, uri: str) -> None:
    """/conf/crs/crs-transformation: the same features, where pyproj puts them, its axes in their order."""
    plain, _ = await got(client, layer)
    told, _ = await got(client, layer, crs=uri)
    assert [each["id"] for each in told] == [each["id"] for each in plain]
    change, close = into(uri), CLOSE[OFFERED[uri].epsg]
    for before, after in zip(plain, told, strict=True):
        assert before["properties"] == after["properties"]
        right, found = change(geometry(before)), geometry(after)
        assert shapely.hausdorff_distance(right, found) <= close


@pytest.mark.parametrize("uri", OTHERS)
@pytest.mark.parametrize("layer", ["services", "communes"])
async def test_conf_crs_bbox_crs_parameter(client: httpx.AsyncClient, layer: str, uri: str) -> None:
    """/conf/crs/bbox-crs-parameter, bbox-crs-action: what meets the box in the system it is written in."""
    change = into(uri)
    box = shapely.box(*change(shapely.box(*BOX)).bounds)
    every, _ = await got(client, layer)
    edge = 0.5 if OFFERED[uri].epsg != 4326 else 2e-6
    inside = {each["id"] for each in every if change(geometry(each)).intersects(box.buffer(-edge))}
    about = {each["id"] for each in every if change(geometry(each)).intersects(box.buffer(edge))}
    written = ",".join(map(str, box.bounds))
    found = {each["id"] for each in (await got(client, layer, bbox=written, **{"bbox-crs": uri}))[0]}
    assert inside and inside <= found <= about
    page: dict[str, str | int] = {"limit": 5, "bbox": written, "bbox-crs": uri}
    seen: list[Any] = []
    address = f"{ITEMS.format(layer)}?{httpx.QueryParams(page)}"
    while address:
        told = (await client.get(address)).json()
        seen += [each["id"] for each in told["features"]]
        address = next((each["href"] for each in told["links"] if each["rel"] == "next"), "")
    assert sorted(seen) == sorted(found)


async def test_conf_crs_bbox_crs_parameter_default(client: httpx.AsyncClient) -> None:
    """/conf/crs/bbox-crs-parameter-default: without it, the box is read as CRS84."""
    bbox = ",".join(map(str, BOX))
    assert await got(client, "services", bbox=bbox) == await got(
        client, "services", bbox=bbox, **{"bbox-crs": CRS84_URI}
    )


async def test_a_box_is_reversed_by_the_axes_it_is_written_in(client: httpx.AsyncClient) -> None:
    north_first = "http://www.opengis.net/def/crs/EPSG/0/4326"
    answer = await client.get(
        ITEMS.format("services"), params={"bbox": "4.34,50.83,4.37,50.86", "bbox-crs": north_first}
    )
    assert answer.json()["numberMatched"] == 0
    answer = await client.get(
        ITEMS.format("services"), params={"bbox": "50.86,4.34,50.83,4.37", "bbox-crs": north_first}
    )
    assert answer.status_code == 400
