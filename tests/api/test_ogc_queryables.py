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
