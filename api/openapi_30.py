"""The doors of the standards in OpenAPI 3.0, which OGC API Features asks for: made from the one document.

FastAPI writes OpenAPI 3.1, whose schemas are JSON Schema 2020-12; those of 3.0 are a dialect of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.collections import FILTERS
from geo.layers.base import Layer

DOORS = "/ogc"
ITEMS = f"{DOORS}/collections/{{layer}}/items"
#: What schemas of 3.0 know nothing of.
UNKNOWN = ("$defs", "$schema", "contentMediaType", "contentEncoding", "propertyNames", "prefixItems", "const")
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_REFERENCE = re.compile(r"#/components/(\w+)/([^/]+)")


def describe_doors(document: Mapping[str, Any], server: str, layers: Iterable[Layer[Any]]) -> dict[str, Any]:
    """Return the part of an OpenAPI 3.1 document that is about doors, as OpenAPI 3.0.

    The features of each layer have a path of their own, which tells that layer's filters and no others:
    GDAL finds there what it may leave to the server.

    Parameters
    ----------
    document : mapping
        The whole document.
    server : str
        The address of the doors, which paths begin at.
    layers : iterable of Layer
        Those that whoever asks may know of.
    """
    info = {key: each for key, each in document["info"].items() if key != "summary"}
    told: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": info,
        "servers": [{"url": server}],
        "tags": [{"name": "ogc"}],
        "paths": _converted(_paths(document["paths"], list(layers))),
        "components": {},
    }
    components = document.get("components", {})
    wanted = set(_references(told["paths"]))
    while wanted:
        kind, name = wanted.pop()
        shelf = told["components"].setdefault(kind, {})
        if name not in shelf:
            convert = _schema if kind == "schemas" else _converted
            shelf[name] = convert(components[kind][name])
            wanted |= set(_references(shelf[name]))
    if schemes := components.get("securitySchemes"):
        told["components"]["securitySchemes"] = schemes
    return told


def _paths(paths: Mapping[str, Any], layers: list[Layer[Any]]) -> dict[str, Any]:
    """Return the paths of doors; that of features once for each layer, beside what only some layers take."""
    told: dict[str, Any] = {}
    for path, operations in paths.items():
        if path == ITEMS:
            for each in layers:
                told.setdefault(_below(path.replace("{layer}", each.id)), {}).update(_of(each, operations))
        elif path.startswith(DOORS):
            told.setdefault(_below(path), {}).update(operations)
    return told


def _below(path: str) -> str:
    return path.removeprefix(DOORS) or "/"


def _of(layer: Layer[Any], operations: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operations on the features of one layer: with its own filters, without those of others."""
    own = set(layer.filters.model_json_schema()["properties"])
    others = {name for each in FILTERS for name in each.model_json_schema()["properties"]} - own

    def one(method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        asked = [each for each in operation.get("parameters", []) if each["name"] not in {*others, "layer"}]
        name = f"{method}_{layer.id}"
        return {**operation, "operationId": name, "summary": layer.title.en, "parameters": asked}

    return {method: one(method, each) for method, each in operations.items()}


def _references(part: Any) -> Iterator[tuple[str, str]]:
    """Yield the components that a part refers to, by kind and name."""
    if isinstance(part, dict):
        if found := _REFERENCE.fullmatch(str(part.get("$ref", ""))):
            yield found[1], found[2]
        for each in part.values():
            yield from _references(each)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)


def _converted(part: Any) -> Any:
    """Return a part of the document with all its schemas as 3.0 writes them; everything else stays."""
    if isinstance(part, list):
        return [_converted(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _schema(each) if key == "schema" else _converted(each)
        for key, each in part.items()
        if key not in ("example", "examples")
    } | {key: part[key] for key in ("example", "examples") if key in part}


def _schema(schema: Any) -> Any:
    """Return a schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0."""
    if not isinstance(schema, dict):
        return schema
    told: dict[str, Any] = {}
    for key, each in schema.items():
        if key == "properties":
            told[key] = {name: _schema(one) for name, one in each.items()}
        elif key in ("anyOf", "oneOf", "allOf"):
            told |= _choices(key, each)
        elif key in ("items", "additionalProperties", "not"):
            told[key] = _schema(each)
        elif key in _BOUNDS and not isinstance(each, bool):
            told |= {_BOUNDS[key]: each, key: True}
        elif key == "examples":
            told["example"] = each[0]
        elif key == "type" and isinstance(each, list):
            told |= _types(each)
        elif key not in UNKNOWN:
            told[key] = each
    if "const" in schema:
        told["enum"] = [schema["const"]]
    if "prefixItems" in schema:
        told["items"] = {"oneOf": [_schema(each) for each in schema["prefixItems"]]}
    return told


def _choices(key: str, choices: list[Any]) -> dict[str, Any]:
    """Return a choice of schemas; null among them is a property of the others in 3.0."""
    others = [_schema(each) for each in choices if each != {"type": "null"}]
    if len(others) == len(choices):
        return {key: others}
    alone = others[0] if len(others) == 1 and "$ref" not in others[0] else {key: others}
    return {**alone, "nullable": True}


def _types(types: list[str]) -> dict[str, Any]:
    kinds = [each for each in types if each != "null"]
    told: dict[str, Any] = (
        {"type": kinds[0]} if len(kinds) == 1 else {"anyOf": [{"type": each} for each in kinds]}
    )
    return {**told, "nullable": True} if "null" in types else told
