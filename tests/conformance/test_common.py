"""OGC API – Common, Parts 1 and 2, and what Features asks of every document: Annex A, by its ids."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from api.routers.ogc import conformance_classes
from geo.layers import layers_for

LANDING = "/ogc"
DOCUMENTS = ("/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/quartiers")
Told = dict[str, Any]


async def told(client: httpx.AsyncClient, path: str, **headers: str) -> Told:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    found: Told = answer.json()
    return found


def link(links: list[Told], rel: str, media_type: str | None = None) -> Told:
    return next(each for each in links if each["rel"] == rel and media_type in (None, each["type"]))


async def test_conf_core_root_op_and_success(client: httpx.AsyncClient) -> None:
    """/conf/core/root-op, /conf/core/root-success: the landing page leads everywhere."""
    links = (await told(client, LANDING))["links"]
    for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        answer = await client.get(link(links, rel)["href"])
        assert answer.status_code == 200, rel
        assert answer.headers["content-type"].startswith(link(links, rel)["type"].partition(";")[0]), rel


async def test_conf_core_conformance_success(client: httpx.AsyncClient) -> None:
    """/conf/core/conformance-op, -success: every class that a module says it meets is told, once."""
    classes = (await told(client, "/ogc/conformance"))["conformsTo"]
    assert classes == list(conformance_classes())
    assert len(set(classes)) == len(classes)
    assert all(each.startswith("http://www.opengis.net/spec/") for each in classes)


async def test_conf_oas30_definition(client: httpx.AsyncClient) -> None:
    """/conf/oas30/oas-definition-1, -2, /conf/oas30/oas-impl: valid, and about every address below /ogc."""
    described = await told(client, "/ogc/api")
    assert list(OpenAPIV30SpecValidator(described).iter_errors()) == []
    assert described["openapi"].startswith("3.0.")
    assert described["servers"] == [{"url": "http://testserver/ogc"}]
    whole = {
        path for path in (await told(client, "/api/v1/openapi.json"))["paths"] if path.startswith("/ogc")
    }
    items = [f"/ogc/collections/{each}/items" for each in layers_for()]
    wanted = {*items, *(path if path != "/ogc" else "/ogc/" for path in whole)} - {
        "/ogc/collections/{layer}/items"
    }
    assert {f"/ogc{path}" for path in described["paths"]} == wanted


async def test_conf_oas30_parameters_are_those_of_the_layer(client: httpx.AsyncClient) -> None:
    """/req/oas30/oas-impl: each layer's own filters are told, and each that is told is taken."""
    paths = (await told(client, "/ogc/api"))["paths"]
    for layer in ("services", "quartiers", "projects"):
        names = {each["name"] for each in paths[f"/collections/{layer}/items"]["get"]["parameters"]}
        assert {"limit", "bbox", "f"} <= names
        assert set(layers_for()[layer].filters.model_fields) <= names
        refused = await client.get(f"/ogc/collections/{layer}/items", params={"nonsense": 1})
        known = refused.json()["detail"].rstrip(".").rpartition(": ")[2]
        assert set(known.split(", ")) == names


async def test_conf_oas30_completeness(client: httpx.AsyncClient) -> None:
    """/conf/oas30/completeness, /exceptions-codes: operations tell their answers, 400 and 404 among them."""
    described = await told(client, "/ogc/api")
    for path, operations in described["paths"].items():
        for method, each in operations.items():
            assert {"200", "201", "204"} & set(each["responses"]), (method, path)
            assert {"400", "404"} <= set(each["responses"]), (method, path)


async def test_conf_html_and_json_definition(client: httpx.AsyncClient) -> None:
    """/conf/json/definition, /conf/html/definition: both, by Accept and by f, each linked."""
    for path in DOCUMENTS:
        for wanted, name in (("application/json", "json"), ("text/html", "html")):
            by_header = await client.get(path, headers={"Accept": wanted})
            by_name = await client.get(path, params={"f": name}, headers={"Accept": "image/png"})
            for answer in (by_header, by_name):
                assert answer.status_code == 200
                assert answer.headers["content-type"].partition(";")[0] == wanted
                assert "Accept" in answer.headers["vary"]
        links = (await told(client, path))["links"]
        assert link(links, "self")["type"] == "application/json"
        page = await client.get(link(links, "alternate", "text/html")["href"])
        assert page.headers["content-type"].startswith("text/html")


async def test_conf_html_content_says_what_json_says(client: httpx.AsyncClient) -> None:
    """/conf/html/content: the page holds the information of the document and links to the same places."""
    collections = (await told(client, "/ogc/collections"))["collections"]
    page = (await client.get("/ogc/collections?f=html&lang=en")).text
    for each in collections:
        assert each["title"] in page
        assert f'href="/ogc/collections/{each["id"]}?lang=en"' in page
    page = (await client.get("/ogc/conformance?f=html&lang=en")).text
    for uri in conformance_classes():
        assert f'href="{uri}"' in page


async def test_conf_collections_rc_md(client: httpx.AsyncClient) -> None:
    """/conf/collections/rc-md-success, src-md-success, rc-md-items-links: as listed, so described."""
    listed = await told(client, "/ogc/collections")
    assert link(listed["links"], "self")["href"].endswith("/ogc/collections")
    assert [each["id"] for each in listed["collections"]] == list(layers_for())
    for each in listed["collections"]:
        assert await told(client, f"/ogc/collections/{each['id']}") == each
        assert each["itemType"] == "feature"
        assert each["crs"]
        items = link(each["links"], "items", "application/geo+json")
        assert (await client.get(items["href"], params={"limit": 1})).status_code == 200


async def test_conf_collections_rc_md_extent(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-md-extent: the box of a collection holds its features, and touches them on all sides."""
    described = await told(client, "/ogc/collections/communes")
    (box,) = described["extent"]["spatial"]["bbox"]
    features = (await told(client, "/ogc/collections/communes/items?limit=100"))["features"]
    numbers = re.findall(r"\[(-?[\d.]+), ?(-?[\d.]+)\]", str([each["geometry"] for each in features]))
    lons, lats = [float(lon) for lon, _ in numbers], [float(lat) for _, lat in numbers]
    assert box == pytest.approx([min(lons), min(lats), max(lons), max(lats)], abs=2e-6)
    assert box[0] <= min(lons) and box[3] >= max(lats)


async def test_conf_collections_temporal_extent(client: httpx.AsyncClient) -> None:
    """/conf/core/fc-md-extent: from the first to the last; an end left open is null."""
    interval = (await told(client, "/ogc/collections/projects"))["extent"]["temporal"]["interval"][0]
    features = (await told(client, "/ogc/collections/projects/items?limit=1000"))["features"]
    starts = [each["properties"]["starts_on"] for each in features]
    assert interval[0] is None if None in starts else interval[0].startswith(min(starts))
    ends = [each["properties"]["ends_on"] for each in features]
    assert interval[1] is None if None in ends else interval[1].startswith(max(ends))


@pytest.mark.parametrize("path", [*DOCUMENTS, "/ogc/api"])
async def test_conf_core_query_param_unknown_and_invalid(client: httpx.AsyncClient, path: str) -> None:
    """/conf/core/query-param-unknown, -invalid: 400, which names the parameter."""
    for params, named in (({"nonsense": "1"}, "nonsense"), ({"f": "tiff"}, "f")):
        answer = await client.get(path, params=params)
        assert answer.status_code == 400
        assert [each["field"] for each in answer.json()["errors"]] == [named]


async def test_what_nobody_offers_is_refused_with_what_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ogc/collections", headers={"Accept": "application/xml"})
    assert answer.status_code == 406
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json;q=0.5, text/html;q=0.4", "application/json"),
        ("application/json;q=0.3, text/*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
        ("application/json;q=high, text/html;q=0.1", "text/html"),
    ],
)
async def test_accept_is_weighed(client: httpx.AsyncClient, accept: str, given: str) -> None:
    answer = await client.get("/ogc", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == given


async def test_the_language_of_a_page_goes_along(client: httpx.AsyncClient) -> None:
    page = (await client.get("/ogc/collections?f=html&lang=nl")).text
    assert '<html lang="nl">' in page
    assert 'href="/ogc/collections/quartiers?lang=nl"' in page
    assert 'href="/ogc/collections?f=html&amp;lang=fr"' in page
    by_header = (await client.get("/ogc?f=html", headers={"Accept-Language": "en"})).text
    assert '<html lang="en">' in by_header


async def test_a_person_who_errs_gets_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ogc/collections/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    told_programs = await client.get("/ogc/collections/nothing?f=json", headers={"Accept": "text/html"})
    assert told_programs.headers["content-type"] == "application/problem+json"
