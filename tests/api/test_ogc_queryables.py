"""What layers say they can be filtered and sorted by."""

from __future__ import annotations

import httpx
import pytest

from geo.layers import layers_for


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_queryables_are_the_properties_and_the_geometry(client: httpx.AsyncClient, layer: str) -> None:
    answer = await client.get(
        f"/ogc/collections/{layer}/queryables", headers={"accept": "application/schema+json"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    told = answer.json()
    assert told["$id"].endswith(f"/ogc/collections/{layer}/queryables")
    assert list(told["properties"]) == ["geometry", *(each.name for each in layers_for()[layer].properties)]
    assert told["properties"]["geometry"]["format"].startswith("geometry-")
    assert told["additionalProperties"] is False


async def test_dates_have_a_format_and_titles_the_language_of_the_reader(client: httpx.AsyncClient) -> None:
    told = (await client.get("/ogc/collections/services/queryables?lang=nl")).json()["properties"]
    assert told["verified_on"] == {"title": "Nagekeken op", "type": "string", "format": "date"}
    assert told["is_free"] == {"title": "Gratis", "type": "boolean"}


async def test_geometries_cannot_be_sorted_by(client: httpx.AsyncClient) -> None:
    told = (await client.get("/ogc/collections/services/sortables")).json()["properties"]
    assert "geometry" not in told and {"name_fr", "verified_on"} <= set(told)


async def test_people_get_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ogc/collections/services/queryables?lang=fr&f=html")
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"] and "verified_on" in answer.text


async def test_functions_say_what_they_take_and_give(client: httpx.AsyncClient) -> None:
    told = (await client.get("/ogc/functions")).json()["functions"]
    distance = next(each for each in told if each["name"] == "distance_m")
    assert distance["arguments"] == [{"type": ["geometry"]}, {"type": ["geometry"]}]
    assert distance["returns"] == ["number"]


@pytest.mark.parametrize("path", ["collections/nothing/queryables", "collections/nothing/sortables"])
async def test_a_layer_that_is_not_there_has_none(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/ogc/{path}")).status_code == 404


async def test_unknown_parameters_and_formats_are_refused(client: httpx.AsyncClient) -> None:
    for query in ("nonsense=1", "f=csv"):
        answer = await client.get(f"/ogc/collections/services/queryables?{query}")
        assert answer.status_code == 400, query


#: A condition on each kind of property, and one that computes with it.
ASKED = {
    "string": "{0} >= 'a' AND {0} LIKE '%-%' AND ACCENTI(CASEI({0})) <> 'x' AND {0} IN ('x', 'y')"
    " AND A_OVERLAPS(({0}), ('x'))",
    "integer": "{0} > 1 AND {0} + 1.5 < 2 ^ {0} AND {0} IN (1, 2.5) AND {0} BETWEEN 1 AND 3",
    "number": "{0} > 1 AND {0} / 3 < 2 AND {0} IN (1, 2.5) AND {0} % 2 = 0",
    "boolean": "{0} OR {0} = true AND {0} IN (true, false)",
    "date": "{0} > DATE('2020-01-01') AND {0} < TIMESTAMP('2030-01-01T00:00:00Z')"
    " AND T_DURING(INTERVAL({0}, '..'), INTERVAL('2020-01-01', '2030-01-01'))",
    "geometry": "S_INTERSECTS({0}, BBOX(4, 50, 5, 51)) OR S_TOUCHES({0}, POINT(4.35 50.85))"
    " OR S_CROSSES({0}, LINESTRING(4 50, 5 51)) OR S_OVERLAPS({0}, POLYGON((4 50, 5 50, 5 51, 4 50)))"
    " OR S_EQUALS({0}, {0}) OR distance_m({0}, POINT(4.35 50.85)) + area_m2({0}) + length_m({0}) < 1",
}


@pytest.mark.parametrize("layer", list(layers_for()))
async def test_every_property_can_be_compared_as_what_it_is(client: httpx.AsyncClient, layer: str) -> None:
    told = (await client.get(f"/ogc/collections/{layer}/queryables")).json()["properties"]
    for name, each in told.items():
        kind = (
            "geometry" if name == "geometry" else {"date": "date"}.get(each.get("format", ""), each["type"])
        )
        for text in (ASKED[kind].format(name), f"NOT ({ASKED[kind].format(name)})"):
            answer = await client.get(f"/ogc/collections/{layer}/items", params={"filter": text, "limit": 2})
            assert answer.status_code == 200, (name, answer.text)


async def test_an_identifier_is_compared_as_it_is_told(client: httpx.AsyncClient) -> None:
    some = (await client.get("/ogc/collections/services/items?limit=1")).json()["features"][0]
    asked = {"filter": f"id = '{some['properties']['id']}'"}
    found = (await client.get("/ogc/collections/services/items", params=asked)).json()
    assert [each["id"] for each in found["features"]] == [some["id"]]


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
async def test_a_filter_that_is_none_is_refused_in_words(client: httpx.AsyncClient, lang: str) -> None:
    asked = {"filter": "name_fr == 'x'", "lang": lang}
    answer = await client.get("/ogc/collections/services/items", params=asked)
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "filter" and "10" in fault["detail"]
    words = {"fr": "Illisible", "nl": "niet te begrijpen", "en": "cannot be understood"}
    assert words[lang] in fault["detail"]


async def test_filters_hold_for_tiles_and_files_too(client: httpx.AsyncClient) -> None:
    tile = "/ogc/collections/quartiers/tiles/WebMercatorQuad/10/343/524"
    assert (await client.get(tile)).status_code == 200
    assert (await client.get(tile, params={"filter": "false"})).status_code == 204
    assert (await client.get(tile, params={"filter": "nothing = 1"})).status_code == 400
    rows = await client.get("/ogc/collections/quartiers/items", params={"f": "csv", "filter": "code = '36'"})
    assert rows.status_code == 200 and len(rows.text.strip().splitlines()) == 2
