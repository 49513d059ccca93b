"""Tiles over HTTP: filters and conditions hold for them, sets of them and styles say how to draw them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from geo.features.matrix import Tile
from geo.layers import layers, layers_for
from maps.map_style import map_style, style_layers
from tests.harness.tiles import decode

#: The whole region lies in it; addresses say the row before the column.
REGION = Tile(8, 131, 85)
CITY = Tile(12, 2097, 1374)
IS_LIBRARY = '{"op": "=", "args": [{"property": "theme"}, "library"]}'
SERVICES = "/ogc/collections/services"
Told = dict[str, Any]


def at(layer: str, tile: Tile) -> str:
    return f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{tile.z}/{tile.y}/{tile.x}"


async def drawn(client: httpx.AsyncClient, layer: str, tile: Tile = REGION, **params: str) -> set[Any]:
    """Ids of what a tile draws."""
    answer = await client.get(at(layer, tile), params=params)
    assert answer.status_code in (200, 204), answer.text
    return set(decode(answer.content, layer)["id"]) if answer.content else set()


async def listed(client: httpx.AsyncClient, layer: str, **params: str) -> set[Any]:
    answer = await client.get(f"/ogc/collections/{layer}/items", params=params | {"limit": "1000"})
    assert answer.status_code == 200, answer.text
    return {each["properties"]["id"] for each in answer.json()["features"]}


@pytest.mark.parametrize(
    ("layer", "params"),
    [
        ("services", {"theme": "pharmacy"}),
        ("services", {"zone": "quartier:8", "to_check": "true"}),
        ("services", {"filter": "theme = 'pharmacy' OR is_free = TRUE"}),
        ("services", {"filter": "CASEI(name_fr) LIKE CASEI('%SOCIAL%')", "theme": "social"}),
        ("services", {"filter": "S_INTERSECTS(geometry, BBOX(4.34, 50.83, 4.36, 50.85))"}),
        ("services", {"filter": IS_LIBRARY, "filter-lang": "cql2-json"}),
        ("projects", {"filter": "theme = 'food-aid'"}),
        ("projects", {"theme": "social"}),
    ],
)  # fmt: skip
async def test_a_tile_draws_what_a_page_lists(client: httpx.AsyncClient, layer: str, params: Told) -> None:
    every, some = await listed(client, layer), await listed(client, layer, **params)
    assert some and some != every
    assert await drawn(client, layer, **params) == some


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"filter": "nonsense = 1"}, "nonsense"),
        ({"filter": "theme ="}, "filter"),
        ({"filter": "theme = 'a'", "filter-lang": "sql"}, "filter-lang"),
        ({"datetime": "2026-13-01"}, "datetime"),
        ({"f": "png"}, "f"),
        ({"sortby": "theme"}, "sortby"),
        ({"collections": "services"}, "collections"),
    ],
)
async def test_what_tiles_do_not_take_is_refused(client: httpx.AsyncClient, params: Told, named: str) -> None:
    answer = await client.get(at("services", CITY), params=params)
    assert answer.status_code == 400
    assert named in answer.text


async def test_a_tile_comes_in_one_form_whatever_is_accepted(client: httpx.AsyncClient) -> None:
    for accept in ("*/*", "application/x-protobuf", "image/png", "text/html"):
        answer = await client.get(at("communes", CITY), headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert "accept" not in answer.headers.get("vary", "").lower().replace("accept-encoding", "")


async def test_tilejson_tells_a_map_all_that_it_needs(client: httpx.AsyncClient) -> None:
    told = (await client.get(f"{SERVICES}/tiles/WebMercatorQuad?f=tilejson&theme=pharmacy&lang=nl")).json()
    assert told["tilejson"] == "3.0.0" and told["scheme"] == "xyz"
    (layer,) = told["vector_layers"]
    assert layer["id"] == "services"
    assert {each.name for each in layers()["services"].properties} < layer["fields"].keys()
    west, south, east, north = told["bounds"]
    assert west < told["center"][0] < east and south < told["center"][1] < north
    (template,) = told["tiles"]
    address = re.sub(r"\{(\w)\}", lambda gap: str(getattr(REGION, gap[1])), template)
    assert set(decode((await client.get(address)).content, "services")["theme"]) == {"pharmacy"}


@pytest.mark.parametrize("path", ["/ogc/tiles", f"{SERVICES}/tiles", "/ogc/collections/meso/tiles"])
@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
async def test_sets_of_tiles_have_a_page(client: httpx.AsyncClient, path: str, lang: str) -> None:
    answer = await client.get(path, headers={"Accept": "text/html", "Accept-Language": lang})
    assert answer.status_code == 200 and f'lang="{lang}"' in answer.text
    assert "/WebMercatorQuad/{z}/{y}/{x}" in answer.text


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_every_layer_has_a_style_that_draws_its_tiles(client: httpx.AsyncClient, layer: str) -> None:
    listed = (await client.get(f"/ogc/collections/{layer}/styles")).json()
    (one,) = listed["styles"]
    assert listed["default"] == one["id"]
    (sheet,) = [link for link in one["links"] if link["rel"] == "stylesheet"]
    answer = await client.get(sheet["href"])
    assert answer.headers["content-type"] == sheet["type"] == "application/vnd.mapbox.style+json"
    style = answer.json()
    assert style["version"] == 8 and list(style["sources"]) == [layer]
    assert style["sources"][layer]["attribution"]
    assert style["layers"] and len({each["id"] for each in style["layers"]}) == len(style["layers"])
    for each in style["layers"]:
        assert (each["source"], each["source-layer"]) == (layer, layer)
    if any(each in style["sources"][layer] for each in ("bounds",)):
        zoom = layers()[layer].min_zoom or 8
        (template,) = style["sources"][layer]["tiles"]
        tile = {8: REGION}.get(zoom, CITY)
        address = re.sub(r"\{(\w)\}", lambda gap: str(getattr(tile, gap[1])), template)
        assert (await client.get(address)).status_code in (200, 204)


async def test_a_style_keeps_the_filters_it_was_asked_for(client: httpx.AsyncClient) -> None:
    style = (await client.get(f"{SERVICES}/styles/default?theme=pharmacy")).json()
    assert style["sources"]["services"]["tiles"][0].endswith("/{z}/{y}/{x}?theme=pharmacy")
    assert (await client.get(f"{SERVICES}/styles/default?theme=nonsense!")).status_code == 400
    assert (await client.get(f"{SERVICES}/styles/other")).status_code == 404


@pytest.mark.parametrize("layer", layers().values(), ids=lambda each: each.id)
def test_a_style_says_what_the_layer_declares(layer: Any) -> None:
    told = str(style_layers(layer))
    for entry in layer.style.legend:
        assert entry.value in told and entry.colour in told
    assert layer.style.colour in told
    kinds = {each["type"] for each in style_layers(layer)}
    expected = {"point": {"circle"}, "polygon": {"fill", "line"}, "line": {"fill", "line", "circle"}}
    assert kinds == expected.get(layer.geometry, {"fill", "line", "circle"})
    assert "center" not in map_style(layer, "t", attribution="a", box=None)


async def test_a_hidden_layer_is_in_no_tile(client: httpx.AsyncClient) -> None:
    for path in ("tiles", "tiles/WebMercatorQuad", "tiles/WebMercatorQuad/12/1374/2097", "styles/default"):
        assert (await client.get(f"/ogc/collections/parking/{path}")).status_code == 404
    assert (await client.get("/ogc/tiles", params={"collections": "parking"})).status_code == 400
    told = (await client.get("/ogc/tiles/WebMercatorQuad", headers={"Accept": "application/json"})).json()
    assert [each["id"] for each in told["layers"]] == list(layers_for())


async def test_a_tile_is_told_to_be_the_same(client: httpx.AsyncClient) -> None:
    for address in (at("services", CITY), "/ogc/tiles/WebMercatorQuad/12/1374/2097?collections=services"):
        first = await client.get(address)
        again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
