"""OGC API – Features, Part 1: Annex A of the core and of GeoJSON, by its ids.

What the annex asks of the landing page, of conformance and of collections is in `test_common.py`.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import shapely

from api.asking import DEFAULT_LIMIT, MAX_LIMIT
from geo.layers import layers_for

ITEMS = "/ogc/collections/{}/items"
SOME = ["services", "quartiers", "projects", "orientation"]
BOX = (4.34, 50.83, 4.37, 50.86)
REGION = (4.2, 50.7, 4.6, 51.0)
Told = dict[str, Any]


async def told(client: httpx.AsyncClient, path: str, status: int = 200, **params: Any) -> Told:
    answer = await client.get(path, params=params or None)
    assert answer.status_code == status, answer.text
    found: Told = answer.json()
    return found


async def items(client: httpx.AsyncClient, layer: str, status: int = 200, **params: Any) -> Told:
    return await told(client, ITEMS.format(layer), status, **params)


async def every(client: httpx.AsyncClient, layer: str, **params: Any) -> list[Told]:
    page = await items(client, layer, limit=MAX_LIMIT, **params)
    assert page["numberReturned"] == page["numberMatched"], "the layer must fit into one page for this test"
    found: list[Told] = page["features"]
    return found


async def parameters(client: httpx.AsyncClient, layer: str = "services") -> dict[str, Told]:
    document = await told(client, "/ogc/api")
    operation = document["paths"][f"/collections/{layer}/items"]["get"]
    return {each["name"]: each for each in operation["parameters"] if each["in"] == "query"}


def geometry(feature: Told) -> Any:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def ids(features: list[Told]) -> list[Any]:
    return [feature["id"] for feature in features]


def faults(answer: Told) -> list[str]:
    return [each["field"] for each in answer["errors"]]


async def test_conf_core_http(client: httpx.AsyncClient) -> None:
    """/conf/core/http: HTTP 1.1, and GET alone where nothing can be written."""
    answer = await client.get(ITEMS.format("quartiers"))
    assert (answer.status_code, answer.http_version) == (200, "HTTP/1.1")
    assert (await client.put(ITEMS.format("quartiers"))).status_code == 405


async def test_conf_core_crs84(client: httpx.AsyncClient) -> None:
    """/conf/core/crs84: longitude and latitude unless something else is asked."""
    region = shapely.box(*REGION)
    for layer in SOME:
        for feature in (await items(client, layer, limit=50))["features"]:
            assert region.contains(geometry(feature)), (layer, feature["id"])


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_conf_core_fc_op_and_response(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/core/fc-op, fc-response: every collection's features can be had as its links say."""
    collection = await told(client, f"/ogc/collections/{layer}")
    address = next(
        each["href"]
        for each in collection["links"]
        if each["rel"] == "items" and each["type"] == "application/geo+json"
    )
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    page = answer.json()
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) <= DEFAULT_LIMIT


async def test_conf_core_fc_limit_definition(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-limit-definition: an integer, its least, its most and its default published."""
    limit = (await parameters(client))["limit"]
    assert limit["required"] is False
    assert limit["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_LIMIT,
        "default": DEFAULT_LIMIT,
    }
    assert (limit["style"], limit["explode"]) == ("form", False)


async def test_conf_core_fc_limit_response(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-limit-response: never more than asked, never more than the default where nothing is."""
    assert (await items(client, "services"))["numberReturned"] == DEFAULT_LIMIT
    for limit in (1, 7, MAX_LIMIT):
        page = await items(client, "services", limit=limit)
        assert page["numberReturned"] == len(page["features"]) <= limit
    for wrong in ("0", "-1", str(MAX_LIMIT + 1), "1e99", "9" * 40, "ten", "NaN"):
        assert faults(await items(client, "services", 400, limit=wrong)) == ["limit"]


async def test_conf_core_fc_bbox_definition(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-bbox-definition: four or six numbers with commas between them."""
    bbox = (await parameters(client))["bbox"]
    assert bbox["required"] is False
    assert (bbox["style"], bbox["explode"]) == ("form", False)
    schema = bbox["schema"]
    assert (schema["type"], schema["minItems"], schema["maxItems"]) == ("array", 4, 6)
    assert schema["items"]["type"] == "number"


@pytest.mark.parametrize("layer", SOME)
async def test_conf_core_fc_bbox_response(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/core/fc-bbox-response: what meets the box, nothing else, heights apart."""
    whole = {"zoom": 10, "kind": "water,canal"} if layer == "orientation" else {}
    box = shapely.box(*BOX)
    right = {each["id"] for each in await every(client, layer, **whole) if geometry(each).intersects(box)}
    west, south, east, north = BOX
    for written in (BOX, (west, south, 0, east, north, 100)):
        found = await every(client, layer, bbox=",".join(map(str, written)), **whole)
        assert set(ids(found)) == right
    assert right or layer == "projects"


@pytest.mark.parametrize(
    "bbox",
    [
        "4.37,50.83,4.34,50.86",
        "4.34,50.86,4.37,50.83",
        "170,50,-170,51",
        "1,2",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "NaN,50,5,51",
        "4,50,Infinity,51",
        "4,50,,51",
        "4,50,5,1e999",
        "-181,0,0,10",
        "0,-91,10,0",
        "a,b,c,d",
        ",,,",
    ],
)
async def test_a_box_that_is_none_is_refused_by_name(client: httpx.AsyncClient, bbox: str) -> None:
    found = faults(await items(client, "services", 400, bbox=bbox))
    assert {each.partition(".")[0] for each in found} == {"bbox"}


async def test_conf_core_fc_time_definition(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-time-definition: a text, not demanded."""
    times = (await parameters(client))["datetime"]
    assert (times["required"], times["schema"]["type"]) == (False, "string")


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("2026-11-01T00:00:00Z", "2026-11-01", "2026-11-01"),
        ("2026-11-01", "2026-11-01", "2026-11-01"),
        ("2025-01-01T00:00:00Z/2025-12-31T12:00:00Z", "2025-01-01", "2025-12-31"),
        ("2026-06-01/..", "2026-06-01", "9999"),
        ("../2024-06-01T12:00:00+02:00", "0000", "2024-06-01"),
        ("/2024-06-01", "0000", "2024-06-01"),
        ("2027-01-01/", "2027-01-01", "9999"),
        ("../..", "0000", "9999"),
    ],
)
async def test_conf_core_fc_time_response(
    client: httpx.AsyncClient, written: str, since: str, until: str
) -> None:
    """/conf/core/fc-time-response: what holds at some moment of the interval; an end not known is open."""
    right = {
        each["id"]
        for each in await every(client, "projects")
        if (each["properties"]["starts_on"] or "0000") <= until
        and (each["properties"]["ends_on"] or "9999") >= since
    }
    assert set(ids(await every(client, "projects", datetime=written))) == right


async def test_features_without_a_time_meet_every_interval(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-time-response: a collection without times leaves none out."""
    page = await items(client, "quartiers", datetime="1900-01-01/1900-12-31", limit=1)
    assert page["numberMatched"] == (await items(client, "quartiers", limit=1))["numberMatched"]


async def test_activities_are_found_by_their_next_date(client: httpx.AsyncClient) -> None:
    known = await every(client, "activities")
    assert known, "examples have activities"
    day = known[0]["properties"]["next_at"][:10]
    found = ids(await every(client, "activities", datetime=day))
    assert set(found) == {each["id"] for each in known if each["properties"]["next_at"].startswith(day)}


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "..",
        "2026-13-01",
        "2026-02-30",
        "2026-01-02/2026-01-01",
        "2026-01-01T00:00:00",
        "2026/2027/2028",
        "2026-01-01T25:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2026-W01-1",
        "9" * 90,
    ],
)
async def test_an_interval_that_is_none_is_refused_by_name(client: httpx.AsyncClient, written: str) -> None:
    for layer in ("projects", "quartiers"):
        assert faults(await items(client, layer, 400, datetime=written)) == ["datetime"]


async def test_conf_core_query_param_unknown(client: httpx.AsyncClient) -> None:
    """/conf/core/query-param-unknown: 400, and its name."""
    assert faults(await items(client, "services", 400, unknown="1")) == ["unknown"]


async def test_conf_core_query_param_invalid(client: httpx.AsyncClient) -> None:
    """/conf/core/query-param-invalid: 400, and the name of the parameter, whichever it is."""
    wrong = {
        "ids": ",".join(["x" * 81]),
        "sortby": "-no_such_property",
        "properties": "name_fr,no_such_property",
        "count": "all",
        "offset": "-1",
        "after": "no-word-of-ours",
        "filter-lang": "sql",
        "crs": "EPSG:9999",
        "f": "shapefile",
    }
    for name, written in wrong.items():
        found = faults(await items(client, "services", 400, **{name: written}))
        assert {each.partition(".")[0] for each in found} == {name}


async def test_conf_core_fc_links_and_rel_type(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-links, fc-rel-type: itself, its other formats and what comes next, each with its type."""
    page = await items(client, "services", limit=2)
    links = page["links"]
    assert all(each["rel"] and each["type"] for each in links)
    assert {"self", "alternate", "next", "collection"} == {each["rel"] for each in links}
    own = next(each["href"] for each in links if each["rel"] == "self")
    assert (await client.get(own)).json() == page
    webpage = next(each for each in links if each["type"] == "text/html")
    assert (await client.get(webpage["href"])).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"bbox": ",".join(map(str, BOX))},
        {"sortby": "-postal_code,name_fr"},
        {"sortby": "verified_on,is_free", "bbox": ",".join(map(str, BOX))},
        {"filter": "is_free IS NULL OR theme_group = 'health'"},
    ],
    ids=["by id", "in a box", "sorted", "sorted in a box", "filtered"],
)
async def test_next_links_lead_through_all_without_a_gap(client: httpx.AsyncClient, params: Told) -> None:
    """/conf/core/fc-links: following `next` tells every feature once, in one order."""
    whole = await every(client, "services", **params)
    seen: list[Any] = []
    page = await items(client, "services", limit=max(2, len(whole) // 5), **params)
    while True:
        seen += ids(page["features"])
        assert page["numberMatched"] == len(whole)
        further = [each["href"] for each in page["links"] if each["rel"] == "next"]
        if not further:
            break
        page = await told(client, further[0])
    assert len(seen) == len(set(seen))
    assert set(seen) == set(ids(whole))
    if "sortby" in params:
        assert seen == ids(whole)


async def test_offset_passes_over_what_comes_first(client: httpx.AsyncClient) -> None:
    orders: list[Told] = [{}, {"bbox": ",".join(map(str, BOX))}, {"sortby": "name_fr"}]
    for params in orders:
        whole = ids((await items(client, "services", limit=20, **params))["features"])
        assert (
            ids((await items(client, "services", limit=5, offset=12, **params))["features"]) == whole[12:17]
        )


async def test_a_word_of_another_order_is_refused(client: httpx.AsyncClient) -> None:
    page = await items(client, "services", limit=2, sortby="name_fr")
    address = next(each["href"] for each in page["links"] if each["rel"] == "next")
    after = httpx.URL(address).params["after"]
    await items(client, "services", limit=2, sortby="name_fr", after=after)
    for other in ({}, {"sortby": "verified_on"}, {"bbox": ",".join(map(str, BOX))}, {"sortby": "name_fr,id"}):
        assert faults(await items(client, "services", 400, after=after, **other)) == ["after"]


async def test_conf_core_fc_time_stamp(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-timeStamp: told when the answer was made only where it is told at all."""
    assert "timeStamp" not in await items(client, "services", limit=1)


async def test_conf_core_fc_number_matched_and_returned(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-numberMatched, fc-numberReturned: whatever the limit, exact."""
    few = await items(client, "services", limit=1)
    many = await items(client, "services", limit=MAX_LIMIT, count="exact")
    assert few["numberMatched"] == many["numberMatched"]
    assert "numberMatchedIsEstimated" not in many
    assert (few["numberReturned"], many["numberReturned"]) == (1, len(many["features"]))
    nothing = await items(client, "services", bbox="0,0,0.1,0.1")
    assert (nothing["numberMatched"], nothing["numberReturned"], nothing["features"]) == (0, 0, [])


@pytest.mark.parametrize("layer", SOME)
async def test_conf_core_f_op_success_and_links(client: httpx.AsyncClient, layer: str) -> None:
    """/conf/core/f-op, f-success, f-links: each feature has an address, which leads to its collection."""
    for feature in (await items(client, layer, limit=3))["features"]:
        single = await told(client, f"{ITEMS.format(layer)}/{feature['id']}")
        rels = {each["rel"]: each["href"] for each in single.pop("links")}
        assert {"self", "alternate", "collection"} <= set(rels)
        assert rels["collection"].endswith(f"/ogc/collections/{layer}")
        assert single == feature
    assert (await client.get(f"{ITEMS.format(layer)}/no-such-feature")).status_code == 404


async def test_conf_geojson_definition_and_content(client: httpx.AsyncClient) -> None:
    """/conf/geojson/definition, content: GeoJSON by its media type, as RFC 7946 has it."""
    answer = await client.get(ITEMS.format("quartiers"), headers={"Accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    page = answer.json()
    assert page["type"] == "FeatureCollection" and "crs" not in page
    for feature in page["features"]:
        assert feature["type"] == "Feature"
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert geometry(feature).is_valid
        assert "crs" not in feature["geometry"] and "bbox" not in feature["geometry"]


async def test_properties_are_those_asked_in_the_order_of_the_layer(client: httpx.AsyncClient) -> None:
    page = await items(client, "services", properties="theme,name_nl", limit=3)
    assert [list(each["properties"]) for each in page["features"]] == [["name_nl", "theme"]] * 3
    every_one = [each.name for each in layers_for()["services"].properties]
    assert list((await items(client, "services", limit=1))["features"][0]["properties"]) == every_one


async def test_ids_are_those_asked_whether_they_exist_or_not(client: httpx.AsyncClient) -> None:
    for layer in SOME:
        known = ids((await items(client, layer, limit=4))["features"])[1:3]
        asked = ",".join(map(str, [*known, "no-such-id", "00000000-0000-0000-0000-000000000000"]))
        found = await items(client, layer, ids=asked)
        assert sorted(ids(found["features"])) == sorted(known)
        assert found["numberMatched"] == len(known)
    assert (await items(client, "services", ids="no-such-id"))["numberMatched"] == 0


@pytest.mark.parametrize(
    "key", ["name_fr", "-name_fr", "+verified_on", "-verified_on", "is_free", "-postal_code"]
)
async def test_sorted_by_a_property_with_nothing_last(client: httpx.AsyncClient, key: str) -> None:
    found = [each["properties"][key.strip("+-")] for each in await every(client, "services", sortby=key)]
    told_ones = [each for each in found if each is not None]
    assert found == told_ones + [None] * (len(found) - len(told_ones))
    if key.strip("+-") != "name_fr":  # texts follow the database's language
        assert told_ones == sorted(told_ones, reverse=key.startswith("-"))
