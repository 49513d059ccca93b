"""The OpenAPI document: what routes declare, plus what only the platform as a whole knows."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.rights import guarded_routes
from api.schemas.common import REFUSALS, WRITE_REFUSALS, Fault, Problem
from geo.accounts.rights import Right

DESCRIPTION = """\
Services, zones, figures and places of Brussels, the same data that the pages show.
Texts are `{fr, nl, en}`; problems are `application/problem+json` in the reader's language (`lang`, else
Accept-Language). Records marked `example` are fictional. Positions sent here are kept nowhere."""


#: What gaps in addresses stand for, with a record that ships or is a fictional example; told once for all.
GAPS: dict[str, tuple[str, str]] = {
    "project_id": ("Id of a project", "f420868d-83a8-56df-b62e-b5092623957e"),
    "activity_id": ("Id of an activity", "8da38504-9e7a-5f21-9198-2f3c8bb07e6c"),
    "function_id": ("Id of a function", "28f6f3d2-dc51-55a2-8cb5-76af0d4949a3"),
    "space_id": ("Id of a space of concertation", "01c1d932-026a-5e6c-8374-ba7ae30fb70b"),
    "date_id": ("Id of a date of the space", "00000000-0000-0000-0000-000000000000"),
    "notice_id": ("Id of a notice", "1c904e31-53ab-595b-a457-53aa344beee0"),
    "team_id": ("Id of a team", "dcfa7b04-e719-56f9-b2a9-3b5c06a9e865"),
    "team": ("Id of one of one's teams; without it, the first", "dcfa7b04-e719-56f9-b2a9-3b5c06a9e865"),
    "token_id": ("Id of one of one's tokens", "00000000-0000-0000-0000-000000000000"),
    "session_id": ("Id of one of one's sessions", "00000000-0000-0000-0000-000000000000"),
    "scenario_id": ("Id of a scenario", "a8add49b-29b0-5720-aa9f-6e0b9ba7e2c0"),
    "run_id": ("Id of a computation", "00000000-0000-0000-0000-000000000000"),
    "key": ("What the link of a shared scenario ends with", "fictional-example-of-six-zones"),
    "number": ("Number of a zone of the scenario", "1"),
    "step": ("The step: submit, withdraw, return, publish, close, reopen, archive or restore", "submit"),
    "indicator_id": ("Id of an indicator", "population"),
    "code": ("Code of the zone or theme", "36"),
}


def describe_api(app: FastAPI) -> None:
    """Replace the application's OpenAPI by the full document, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=DESCRIPTION, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (Problem, Fault):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, made in your account",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": "quartier", "description": "Our own pages"},
    }
    rights = {(each.path, each.method.lower()): each.right for each in guarded_routes()}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _drop_default_validation(operation)
            _describe_gaps(operation)
            if right := rights.get((path, method)):
                _guard(operation, method, right)
    return document


def _describe_gaps(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        words, example = GAPS.get(parameter["name"], (None, None))
        if words and "description" not in parameter:
            parameter["description"] = words
        told = {"example", "examples"} & (parameter.keys() | parameter["schema"].keys())
        if example and parameter["required"] and not told:
            parameter["example"] = example


def _guard(operation: dict[str, Any], method: str, right: Right) -> None:
    """Say which right an operation asks for, and how it answers whoever lacks it."""
    operation["security"] = [{"token": [right.value]}, {"session": []}]
    refusals = REFUSALS if method == "get" else REFUSALS | WRITE_REFUSALS
    operation["responses"] = {str(status): each for status, each in refusals.items()} | operation["responses"]


def _drop_default_validation(operation: dict[str, Any]) -> None:
    """FastAPI adds its own 422 to every route with parameters; ours answer 400, as problem+json."""
    found = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
    if found.get("schema", {}).get("$ref", "").endswith("HTTPValidationError"):
        del operation["responses"]["422"]
