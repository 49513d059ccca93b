"""Bad input at all doors: refused by name, quickly, and never with a 500."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest

ITEMS = "/ogc/collections/services/items"
ITEM = "/ogc/collections/quartiers/items/36"
TILE = "/ogc/collections/services/tiles/WebMercatorQuad"
COMBINED = "/ogc/tiles/WebMercatorQuad"

#: The longest that a refusal may take, under load; a page takes a hundredth of it.
MOST_S = 2.0


async def refusal(client: httpx.AsyncClient, address: str, status: int = 400) -> dict[str, Any]:
    """Ask, and return the problem; it comes soon and says what is wrong."""
    began = time.perf_counter()
    answer = await client.get(address)
    assert time.perf_counter() - began < MOST_S, address[:200]
    assert answer.status_code == status, (address[:200], answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert len(answer.content) < 20_000
    return problem


def field_of(problem: dict[str, Any]) -> str:
    return str(problem["errors"][0]["field"]).partition(".")[0]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "99999999999999999999", "1e3", "ten", "NaN", "1.5"])
async def test_limits_are_whole_numbers_up_to_the_most(limit: str, client: httpx.AsyncClient) -> None:
    assert field_of(await refusal(client, f"{ITEMS}?limit={limit}")) == "limit"


@pytest.mark.parametrize(
    "box",
    [
        "4.5,50.8,4.3,50.9",  # reversed
        "4.3,50.9,4.4,50.8",
        "170,50,-170,51",  # over the antimeridian
        "4.3,50.8,4.4",
        "4.3,50.8,4.4,50.9,1",
        "NaN,50.8,4.4,50.9",
        "inf,50.8,inf,50.9",
        "-181,50,4,51",
        "4,-91,5,51",
        "a,b,c,d",
        "1e400,0,1e401,1",
        ",,,",
        ",".join(["4"] * 1000),
    ],
)
async def test_boxes_are_of_this_earth(box: str, client: httpx.AsyncClient) -> None:
    for address in (ITEMS, "/ogc/collections/quartiers/items"):
        assert field_of(await refusal(client, f"{address}?bbox={box}")) == "bbox"


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "system", ["EPSG:99999", "4326", "http://www.opengis.net/def/crs/EPSG/0/2154", "' OR 1=1", "x" * 190]
)
async def test_systems_are_those_that_are_offered(
    parameter: str, system: str, client: httpx.AsyncClient
) -> None:
    address = f"{ITEMS}?bbox=4,50,5,51&filter=is_free%3Dtrue&{parameter}={quote(system, safe='')}"
    assert field_of(await refusal(client, address)) == parameter


@pytest.mark.parametrize(
    "times", ["yesterday", "2026-13-01", "2026-01-02/2026-01-01", "2026-01-01/2026-02-01/2026-03-01",
              "NaN", "99999-01-01", "2026-01-01T25:00:00Z", "x" * 150],
)  # fmt: skip
async def test_times_are_instants_or_intervals(times: str, client: httpx.AsyncClient) -> None:
    address = f"/ogc/collections/projects/items?datetime={quote(times, safe='')}"
    assert field_of(await refusal(client, address)) == "datetime"


@pytest.mark.parametrize(
    "parameter",
    ["colour=red", "sortby=colour", "sortby=search_text", "properties=search_text",
     "properties=colour",
     "f=shapefile", "filter-lang=sql", "after=!!!", "after=e30", "after=" + "A" * 5000,
     "offset=-1", "offset=1e9",
     "count=all", "limit=1&limit=2", "ids=" + ",".join(["x"] * 2000), "theme=no-such-theme",
     "q=" + "a" * 5000, "bbox=%00", "q=%00", "theme=%F0%9F%98%80"],
)  # fmt: skip
async def test_what_is_not_known_is_refused_by_name(parameter: str, client: httpx.AsyncClient) -> None:
    problem = await refusal(client, f"{ITEMS}?{parameter}")
    assert field_of(problem) == parameter.partition("=")[0]


FILTERS = {
    "long": "name_fr = '" + "a" * 30_000 + "'",
    "deep": "(" * 3_000 + "is_free = true" + ")" * 3_000,
    "not": "NOT " * 3_000 + "is_free = true",
    "broad": " OR ".join(["is_free = true"] * 1_500),
    "unknown property": "search_text = 'x'",
    "of the table": "zone_ids IS NULL",
    "unknown function": "pg_sleep(10) = 1",
    "text for a number": "is_free = 'perhaps'",
    "no CQL2": "'; DROP TABLE service_card; --",
    "nothing": " ",
    "not a number": "is_free = NaN",
    "ring": "S_INTERSECTS(geometry, POLYGON((4 50, 5 51)))",
    "far": "S_INTERSECTS(geometry, POINT(1e300 1e300))",
    "open quote": "name_fr = 'x",
    "pattern": "name_fr LIKE 'x\\",
}


@pytest.mark.parametrize("name", FILTERS)
async def test_filters_that_cannot_be_taken_say_why(name: str, client: httpx.AsyncClient) -> None:
    assert field_of(await refusal(client, f"{ITEMS}?filter={quote(FILTERS[name])}")) == "filter"


def nested(depth: int) -> Any:
    condition: Any = {"op": "=", "args": [{"property": "is_free"}, True]}
    for _ in range(depth):
        condition = {"op": "not", "args": [condition]}
    return condition


@pytest.mark.parametrize(
    "condition",
    ["{", "[]", "null", "1e999", '{"op": "="}',
     '{"op": "=", "args": [{"property": "is_free"}, NaN]}',
     '{"op": "drop", "args": []}', json.dumps(nested(200)), "[" * 10_000,
     '{"op": "isNull", "args": [{"property": 7}]}'],
)  # fmt: skip
async def test_filters_in_json_that_cannot_be_taken_say_why(
    condition: str, client: httpx.AsyncClient
) -> None:
    address = f"{ITEMS}?filter-lang=cql2-json&filter={quote(condition)}"
    assert field_of(await refusal(client, address)) == "filter"


@pytest.mark.parametrize("condition", ["a" * 1_000_000, "[" * 1_000_000, '{"op":"not","args":[' * 45_000])
async def test_a_filter_of_a_megabyte_is_refused_at_once(condition: str, client: httpx.AsyncClient) -> None:
    """Longer than any address: sent as a body, as OWSLib does."""
    began = time.perf_counter()
    answer = await client.post(ITEMS, content=condition, headers={"Content-Type": "application/json"})
    assert time.perf_counter() - began < MOST_S
    assert answer.status_code in (400, 401, 413, 422), answer.text[:200]
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    "place", ["0/0/1", "0/1/0", "12/4096/0", "12/0/4096", "-1/0/0", "1/-1/0", "23/0/0", "30/0/0",
              "99999999999/0/0",
              "x/0/0", "1.5/0/0", "12/99999999999999999999/0"],
)  # fmt: skip
async def test_tiles_out_of_range_are_refused(place: str, client: httpx.AsyncClient) -> None:
    for address in (f"{TILE}/{place}", f"{COMBINED}/{place}?collections=services"):
        began = time.perf_counter()
        answer = await client.get(address)
        assert time.perf_counter() - began < MOST_S
        assert answer.status_code == 400, (address, answer.status_code, answer.text[:200])


@pytest.mark.parametrize(
    "address",
    [
        f"{TILE}/12/1374/2097?filter=colour%3D1",
        f"{TILE}/12/1374/2097?colour=1",
        f"{COMBINED}/12/1374/2097?collections=nothing",
        f"{COMBINED}/12/1374/2097?collections=" + ",".join(["services"] * 500),
        f"{ITEM}?crs=EPSG:1",
        f"{ITEM}?f=csv",
        f"{ITEM}?limit=1",
        "/ogc?x=1",
        "/ogc/conformance?x=1",
        "/ogc/collections?limit=x",
        "/ogc/collections/services?x=1",
        "/ogc/collections/services/queryables?x=1",
    ],
)
async def test_every_door_refuses_what_it_does_not_know(address: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(address)
    assert answer.status_code in (400, 404), (answer.status_code, answer.text[:200])
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "fid", ["%00", "..%2F..%2Fetc", "a" * 500, "1' OR '1'='1", "%F0%9F%98%80",
            "00000000-0000-0000-0000-000000000000"]
)  # fmt: skip
@pytest.mark.parametrize("layer", ["services", "quartiers", "orientation", "projects"])
async def test_ids_that_nobody_has_are_not_found(fid: str, layer: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/ogc/collections/{layer}/items/{fid}")
    assert answer.status_code in (400, 404), (answer.status_code, answer.text[:200])


@pytest.mark.parametrize("layer", ["nothing", "Services", "service_card", "parking", "../services", "%00"])
async def test_layers_that_are_not_there_are_not_found(layer: str, client: httpx.AsyncClient) -> None:
    for end in ("", "/items", "/queryables", "/tiles/WebMercatorQuad/0/0/0"):
        answer = await client.get(f"/ogc/collections/{layer}{end}")
        assert answer.status_code in (400, 404), (layer, end, answer.status_code)
