"""The OpenAPI document: true, complete, and kept to by every route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from geo.settings import Settings

BUDGET = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def opened(loaded_database: str) -> Iterator[TestClient]:
    """A client with an application and an event loop of its own, for tests that are not async."""
    from api.app import create_app

    with TestClient(
        create_app(Settings(database_url=loaded_database)), raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def document(opened: TestClient) -> dict[str, Any]:
    """The document as a reader gets it."""
    told: dict[str, Any] = opened.get("/api/v1/openapi.json").json()
    return told


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_a_valid_document(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    schemathesis.openapi.from_dict(document)
    references = set(find_references(document))
    for reference in references:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]
    assert references


def find_references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from find_references(each)
    elif isinstance(node, list):
        for each in node:
            yield from find_references(each)


def test_every_route_of_the_interface_is_in_it(document: dict[str, Any]) -> None:
    assert {
        "/api/v1/services",
        "/api/v1/services/nearby",
        "/api/v1/services/{service_id}",
        "/api/v1/orientation",
        "/api/v1/zones",
        "/api/v1/zones/at",
        "/api/v1/zones/{kind}/{code}",
        "/api/v1/themes",
        "/api/v1/sources",
        "/api/v1/search/places",
        "/api/v1/corrections",
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/{layer}/items",
        "/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
        "/health/live",
        "/health/ready",
    } <= set(document["paths"])


def test_every_route_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation.get("summary") and operation.get("description"), where
        if path.startswith(("/api/", "/ogc")):
            assert {"400", "404", "503"} <= set(operation["responses"]), where
        names = [(each["name"], each["in"]) for each in operation.get("parameters", [])]
        assert len(set(names)) == len(names), where
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (where, parameter["name"])
            if parameter["required"]:
                assert example_of(parameter) is not None, (where, parameter["name"])


def example_of(parameter: dict[str, Any]) -> Any:
    if "example" in parameter:
        return parameter["example"]
    examples = parameter.get("examples") or parameter["schema"].get("examples")
    if isinstance(examples, dict):
        return next(iter(examples.values()))["value"]
    return examples[0] if examples else None


def lacks_streets(answer: httpx.Response) -> bool:
    """Whether a route says that no streets are loaded: none ship, and other tests load their own."""
    return answer.status_code == 404 and answer.json()["type"] == "urn:quartier:problem:no-streets"


def test_its_examples_are_answered_as_it_says(opened: TestClient, document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if method != "get" or operation.get("security"):
            continue
        address, query = path, {}
        for parameter in operation.get("parameters", []):
            example = example_of(parameter)
            if parameter["in"] == "path":
                address = address.replace(f"{{{parameter['name']}}}", str(example))
            elif example is not None:
                is_list = isinstance(example, list)
                query[parameter["name"]] = ",".join(map(str, example)) if is_list else example
        answer = opened.get(address, params=query)
        if lacks_streets(answer):
            continue
        assert answer.status_code == 200, (address, query, answer.text[:300])
        content = operation["responses"]["200"].get("content", {})
        told = answer.headers["content-type"]
        assert told in content or told.split(";")[0] in content, (address, content)
        schema = content.get("application/json", {}).get("schema")
        if schema:
            whole = {**schema, "components": document["components"]}
            validator = jsonschema_rs.validator_for(whole)
            faults = [
                f"{list(each.instance_path)}: {each.message}" for each in validator.iter_errors(answer.json())
            ]
            assert not faults, (address, faults[:3])


def test_orientation_without_a_theme_keeps_to_its_schema(
    opened: TestClient, document: dict[str, Any]
) -> None:
    """Services without a point have no distance; the document must say so."""
    schema = document["paths"]["/api/v1/orientation"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]
    validator = jsonschema_rs.validator_for({**schema["schema"], "components": document["components"]})
    for lon, lat in ((4.3456, 50.8365), (4.40, 50.806)):
        for theme in (None, "mental-health", "general-practice", "homelessness"):
            query = {"lon": lon, "lat": lat, "free": "true"} | ({"theme": theme} if theme else {})
            told = opened.get("/api/v1/orientation", params=query).json()
            assert not [each.message for each in validator.iter_errors(told)]


def test_nothing_breaks_and_no_status_is_undocumented(opened: TestClient, document: dict[str, Any]) -> None:
    """Values drawn by schemathesis for every route, always the same ones."""
    tried = 0

    def try_out(operation: Any) -> None:
        documented = set(operation.definition.raw["responses"])

        @hypothesis.given(case=operation.as_strategy())
        @BUDGET
        def ask(case: Any) -> None:
            nonlocal tried
            tried += 1
            sent = case.as_transport_kwargs(base_url="http://testserver")
            kept = ("method", "url", "params", "json", "headers")
            answer = opened.request(**{key: value for key, value in sent.items() if key in kept})
            assert answer.status_code < 500 or lacks_streets(answer), (sent, answer.text)
            assert str(answer.status_code) in documented, (sent, answer.text[:200])
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert json.loads(answer.content)["status"] == answer.status_code

        ask()

    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        try_out(result.ok())
    assert tried > 100
