"""The plain core of OGC API Features and Tiles, for every layer alike."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import shapely

from geo.layers import layers_for

BOX = (4.34, 50.83, 4.37, 50.86)
WITH_ROWS = ["bassins", "communes", "orientation", "quartiers", "region", "services"]
Told = dict[str, Any]


async def read(client: httpx.AsyncClient, path: str, status: int = 200, **params: Any) -> Told:
    answer = await client.get(f"/ogc{path}", params=params)
    assert answer.status_code == status, answer.text
    told: Told = answer.json()
    return told


async def test_the_landing_page_leads_everywhere(client: httpx.AsyncClient) -> None:
    landing = await read(client, "")
    links = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "conformance", "data", "service-desc"} <= set(links)
    for rel in ("self", "conformance", "data", "service-desc"):
        assert (await client.get(links[rel])).status_code == 200
    told = await read(client, "/conformance")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in told["conformsTo"]


async def test_every_layer_is_a_collection_with_links_that_answer(client: httpx.AsyncClient) -> None:
    told = await read(client, "/collections")
    assert [each["id"] for each in told["collections"]] == list(layers_for())
    for each in told["collections"]:
        assert await read(client, f"/collections/{each['id']}") == each
        links = {link["rel"]: link["href"] for link in each["links"]}
        assert (await client.get(links["items"], params={"limit": 1})).status_code == 200


@pytest.mark.parametrize("layer", WITH_ROWS)
async def test_pages_of_features_join_without_a_gap(client: httpx.AsyncClient, layer: str) -> None:
    whole = await read(client, f"/collections/{layer}/items", limit=1000)
    wanted = whole["numberMatched"]
    assert wanted > 0
    size = max(1, min(wanted, 1000) // 3)
    seen: list[Any] = []
    href = f"/ogc/collections/{layer}/items?limit={size}"
    while href and len(seen) < len(whole["features"]):
        answer = await client.get(href)
        assert answer.headers["content-type"] == "application/geo+json"
        page = answer.json()
        assert page["numberMatched"] == wanted
        assert page["numberReturned"] == len(page["features"])
        seen += [feature["id"] for feature in page["features"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    if wanted <= 1000:
        assert href == "" and seen == [feature["id"] for feature in whole["features"]]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("layer", WITH_ROWS)
async def test_bbox_agrees_with_brute_force(client: httpx.AsyncClient, layer: str) -> None:
    window = ",".join(map(str, BOX))
    more = {"zoom": 10, "kind": ["water", "canal"]} if layer == "orientation" else {}
    every = await read(client, f"/collections/{layer}/items", limit=1000, **more)
    assert every["numberMatched"] == len(every["features"])
    cut = await read(client, f"/collections/{layer}/items", limit=1000, bbox=window, **more)
    box = shapely.box(*BOX)
    right = {
        feature["id"]
        for feature in every["features"]
        if shapely.from_geojson(shapely_text(feature["geometry"])).intersects(box)
    }
    assert {feature["id"] for feature in cut["features"]} == right
    assert right


def shapely_text(geometry: Told) -> str:
    import json

    return json.dumps(geometry)


@pytest.mark.parametrize("layer", WITH_ROWS)
async def test_single_features_equal_those_of_the_page(client: httpx.AsyncClient, layer: str) -> None:
    page = await read(client, f"/collections/{layer}/items", limit=1000)
    for feature in page["features"][:: max(1, len(page["features"]) // 4)]:
        single = await read(client, f"/collections/{layer}/items/{feature['id']}")
        links = {link["rel"] for link in single.pop("links")}
        assert {"self", "collection", "alternate"} <= links
        assert single == feature


async def test_interface_names_the_properties(client: httpx.AsyncClient) -> None:
    zone = (await read(client, "/collections/quartiers/items", limit=1))["features"][0]["properties"]
    assert {"kind", "code", "name_fr", "name_nl", "edition", "generalised"} <= set(zone)
    service = (await read(client, "/collections/services/items", limit=1))["features"][0]["properties"]
    assert {"id", "name_fr", "name_nl", "theme", "source", "verified_on", "example"} <= set(service)


@pytest.mark.parametrize(
    ("path", "params", "status", "named"),
    [
        ("/collections/quartiers/items", {"theme": "pharmacy"}, 400, "theme"),
        ("/collections/quartiers/items", {"nonsense": "1"}, 400, "nonsense"),
        ("/collections/quartiers/items", {"limit": "0"}, 400, "limit"),
        ("/collections/quartiers/items", {"limit": "1001"}, 400, "limit"),
        ("/collections/quartiers/items", {"bbox": "1,2"}, 400, "bbox"),
        ("/collections/quartiers/items", {"code": "a\x00"}, 400, "code"),
        ("/collections/services/items", {"zone": "quartier:99999"}, 400, "zone"),
        ("/collections/services/items", {"theme": "no-such-theme"}, 400, "theme"),
        ("/collections/services/tiles/WebMercatorQuad/12/1374/2097", {"zone": "quartier:x"}, 400, "zone"),
        ("/collections/services/tiles/WebMercatorQuad/30/0/0", {}, 400, "z"),
        ("/collections/services/tiles/WebMercatorQuad/-1/0/0", {}, 400, "z"),
        ("/collections/services/tiles/WebMercatorQuad/3/8/0", {}, 400, "y"),
        ("/collections/services/tiles/WebMercatorQuad/3/0/8", {}, 400, "x"),
        ("/collections/services/tiles/WebMercatorQuad/3/0/1e9", {}, 400, "x"),
        ("/collections/services/tiles/WebMercatorQuad/3/0/" + "9" * 50, {}, 400, "x"),
        ("/collections/services/tiles/OtherGrid/3/0/0", {}, 404, None),
        ("/collections/no-such-layer", {}, 404, None),
        ("/collections/no-such-layer/items", {}, 404, None),
        ("/collections/no-such-layer/items/1", {}, 404, None),
        ("/collections/no-such-layer/tiles/WebMercatorQuad/3/0/0", {}, 404, None),
        ("/collections/quartiers/items/99999", {}, 404, None),
        ("/collections/services/items/99999", {}, 404, None),
        ("/nothing", {}, 404, None),
    ],
)
async def test_what_is_not_there_or_not_understood(
    client: httpx.AsyncClient, path: str, params: Told, status: int, named: str | None
) -> None:
    answer = await client.get(f"/ogc{path}", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if named:
        assert named in [fault["field"].split(".")[0] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_an_empty_tile_is_204(client: httpx.AsyncClient, layer: str) -> None:
    answer = await client.get(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/12/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("layer", WITH_ROWS)
@pytest.mark.parametrize("tile", ["0/0/0", "9/171/262", "12/1374/2097", "22/1407400/2147800"])
async def test_tiles_of_all_zooms_answer(client: httpx.AsyncClient, layer: str, tile: str) -> None:
    answer = await client.get(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{tile}")
    assert answer.status_code in (200, 204)
    if answer.status_code == 200:
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert len(answer.content) < 500_000


async def test_a_tile_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    address = "/ogc/collections/services/tiles/WebMercatorQuad/12/1374/2097"
    first = await client.get(address)
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get(address, headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.content) == (200, first.content)
