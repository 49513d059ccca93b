"""OGC API – Features, Part 3: Filtering (19-079r2): Annex A, by its ids."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from geo.crs import transformer
from geo.layers import layers_for

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
FILTERING = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
LAYERS = list(layers_for())
#: Layers with few features, all of which fit on one page.
SMALL = ["bassins", "communes", "quartiers", "region"]
GEOJSON = "application/geo+json"
Told = dict[str, Any]


async def read(client: httpx.AsyncClient, path: str, status: int = 200, **params: Any) -> Told:
    named = {name.replace("_", "-"): value for name, value in params.items()}
    answer = await client.get(f"/ogc{path}", params=named)
    assert answer.status_code == status, answer.text
    found: Told = answer.json()
    return found


async def features(client: httpx.AsyncClient, layer: str, status: int = 200, **params: Any) -> list[Told]:
    found = await read(client, f"/collections/{layer}/items", status, limit=1000, **params)
    read_: list[Told] = found.get("features", [])
    return read_


def ids(found: list[Told]) -> set[Any]:
    return {each["id"] for each in found}


async def queryables(client: httpx.AsyncClient, layer: str) -> Told:
    found: Told = (await read(client, f"/collections/{layer}/queryables"))["properties"]
    return found


async def box(client: httpx.AsyncClient, layer: str) -> list[float]:
    extent = (await read(client, f"/collections/{layer}"))["extent"]
    found: list[float] = extent["spatial"]["bbox"][0] if extent else [4.2, 50.7, 4.5, 51.0]
    return found


@pytest.mark.parametrize("name", ["queryables", "filter", "features-filter"])
async def test_get_conformance(client: httpx.AsyncClient, name: str) -> None:
    """/conf/queryables/get-conformance, and the same of filter and features-filter."""
    assert f"{FILTERING}/{name}" in (await read(client, "/conformance"))["conformsTo"]


@pytest.mark.parametrize("layer", LAYERS)
async def test_queryables_get_queryables_uris(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/queryables/get-queryables-uris: each collection leads to what it can be filtered by."""
    links = (await read(client, f"/collections/{layer}"))["links"]
    found = [each["href"] for each in links if each["rel"] == QUERYABLES]
    assert len(found) == 1 and found[0].endswith(f"/ogc/collections/{layer}/queryables")
    assert (await client.get(found[0])).status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
async def test_queryables_get_queryables(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/queryables/get-queryables: a JSON Schema whose properties are the queryables."""
    address = f"/ogc/collections/{layer}/queryables"
    answer = await client.get(address, headers={"accept": "application/schema+json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    told = answer.json()
    assert told["$schema"] in (
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    )
    assert told["$id"] == f"http://testserver{address}"
    assert told["type"] == "object" and told["properties"]
    assert [each for each in told["properties"].values() if "geometry-" in each.get("format", "")]


@pytest.mark.parametrize("layer", LAYERS)
async def test_filter_filter_param(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/filter/filter-param: each returned feature meets the filter; what is none is refused."""
    for name in await queryables(client, layer):
        found = await features(client, layer, filter=f"{name} IS NULL", filter_lang="cql2-text")
        told = [each["geometry"] if name == "geometry" else each["properties"][name] for each in found]
        assert all(each is None for each in told), name
    await features(client, layer, 400, filter="THIS IS NOT A FILTER", filter_lang="cql2-text")


@pytest.mark.parametrize("layer", LAYERS)
async def test_filter_filter_lang_default(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/filter/filter-lang-default: without a language it is CQL2 text; others are refused."""
    name = list(await queryables(client, layer))[1]
    default = await features(client, layer, filter=f"{name} IS NOT NULL")
    assert default == await features(client, layer, filter=f"{name} IS NOT NULL", filter_lang="cql2-text")
    as_json = f'{{"op":"not","args":[{{"op":"isNull","args":[{{"property":"{name}"}}]}}]}}'
    assert default == await features(client, layer, filter=as_json, filter_lang="cql2-json")
    await features(client, layer, 400, filter="THIS IS NOT A FILTER")
    await features(client, layer, 400, filter=as_json)
    await features(client, layer, 400, filter=f"{name} IS NULL", filter_lang="sql")


@pytest.mark.parametrize("layer", LAYERS)
async def test_filter_expression_construction(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/filter/expression-construction: what is no queryable is refused, by its name."""
    refused = await read(client, f"/collections/{layer}/items", 400, filter="this_is_not_a_queryable IS NULL")
    assert refused["errors"][0]["field"] == "filter"
    assert "this_is_not_a_queryable" in refused["detail"]


@pytest.mark.parametrize("layer", LAYERS)
async def test_filter_filter_crs_wgs84(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/filter/filter-crs-wgs84: coordinates are longitude and latitude where nothing else is said."""
    numbers = ", ".join(map(str, await box(client, layer)))
    within = await features(client, layer, filter=f"S_INTERSECTS(geometry, BBOX({numbers}))")
    if layer in SMALL:
        assert ids(within) == ids(await features(client, layer))
    far = "S_INTERSECTS(geometry, BBOX(1000000, 1000000, 2000000, 2000000))"
    await features(client, layer, 400, filter=far)


@pytest.mark.parametrize("layer", ["quartiers", "services"])
async def test_filter_filter_crs_param(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/filter/filter-crs-param: each system that the collection tells is understood, no other is."""
    west, south, east, north = 4.34, 50.83, 4.37, 50.86
    wanted = ids(
        await features(
            client, layer, filter=f"S_INTERSECTS(geometry, BBOX({west}, {south}, {east}, {north}))"
        )
    )
    assert wanted
    offered = (await read(client, f"/collections/{layer}"))["crs"]
    assert len(offered) >= 5
    for uri in offered:
        authority, code = uri.split("/")[-3], uri.split("/")[-1]
        epsg = 4326 if authority == "OGC" else int(code)
        move = transformer(4326, epsg)
        ring = [move.transform(*each) for each in _ring(west, south, east, north)]
        if authority == "EPSG" and epsg == 4326:
            ring = [(lat, lon) for lon, lat in ring]
        text = f"S_INTERSECTS(geometry, POLYGON(({', '.join(f'{x} {y}' for x, y in ring)})))"
        assert ids(await features(client, layer, filter=text, filter_crs=uri)) == wanted, uri
    await features(
        client, layer, 400, filter="true", filter_crs="http://www.opengis.net/def/crs/EPSG/0/32631"
    )


def _ring(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    """Return the outline of a box in short steps: straight lines of one system are none of another."""
    steps = [each / 20 for each in range(20)]
    wide, high = east - west, north - south
    ring = [(west + wide * each, south) for each in steps] + [(east, south + high * each) for each in steps]
    ring += [(east - wide * each, north) for each in steps] + [(west, north - high * each) for each in steps]
    return [*ring, ring[0]]


async def test_features_filter_get_collections(client: httpx.AsyncClient) -> None:
    """/conf/features-filter/get-collections."""
    assert [each["id"] for each in (await read(client, "/collections"))["collections"]] == LAYERS


@pytest.mark.parametrize("layer", LAYERS)
async def test_features_filter_get_collection(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/features-filter/get-collection: each tells where its queryables are, and its systems."""
    told = await read(client, f"/collections/{layer}")
    assert QUERYABLES in [each["rel"] for each in told["links"]] and told["crs"]


@pytest.mark.parametrize("layer", LAYERS)
async def test_features_filter_filter_on_items(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/features-filter/filter-on-items: true keeps all, false none, and counts follow."""
    address = f"/collections/{layer}/items"
    every = await read(client, address, limit=5)
    kept = await read(client, address, limit=5, filter="true")
    assert (kept["features"], kept["numberMatched"]) == (every["features"], every["numberMatched"])
    none = await read(client, address, limit=5, filter="false")
    assert (none["features"], none["numberMatched"], none["numberReturned"]) == ([], 0, 0)


@pytest.mark.parametrize("layer", SMALL)
async def test_features_filter_mixing_expression(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/features-filter/mixing-expression: filters and other parameters have to be met together."""
    bbox = "4.34,50.83,4.37,50.86"
    text = "name_fr > 'M'"
    by_box, by_text = await features(client, layer, bbox=bbox), await features(client, layer, filter=text)
    both = await features(client, layer, bbox=bbox, filter=text)
    assert ids(both) == ids(by_box) & ids(by_text)
    within = f"S_INTERSECTS(geometry, BBOX({bbox}))"
    assert ids(await features(client, layer, filter=within)) == ids(by_box)
