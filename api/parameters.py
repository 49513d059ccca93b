"""Query parameters from typed models: parsed strictly, documented from the same declaration.

Filters belong to layers, and every layer has its own; so routes do not list parameters one by one but
name the models that hold them. Anything unknown, given twice or out of range is refused by name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, overload

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from api.errors import BadParameters
from geo.vocabulary import Bbox, Lang, LonLat, Walker

A = TypeVar("A", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)
C = TypeVar("C", bound=BaseModel)
D = TypeVar("D", bound=BaseModel)


#: How the text of a parameter is cut: not at all, into values, into the numbers of a point or box.
Kind = Literal["one", "many", "numbers"]

#: Nobody means these, and PostgreSQL refuses the first of them in any text.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Parameters(BaseModel):
    """A set of query parameters; frozen, and anything unknown is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


#: An identifier in a path: whatever else is written there names nothing of ours.
PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_.:-]{1,80}$")]


class Common(Parameters):
    """What every route takes."""

    lang: Lang | None = Field(None, description="Language of problem texts: fr, nl or en")


class Paging(Parameters):
    """A window on a list."""

    limit: int = Field(20, ge=1, le=1000, description="How many items at most")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many items to pass over")


class Origin(Parameters):
    """A point on the ground."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude in degrees (EPSG:4326)")
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude in degrees (EPSG:4326)")


class Walking(Parameters):
    """Who walks."""

    walker: Walker = Field(
        Walker.ADULT, description="Whose minutes, where streets are loaded; estimates are an adult's"
    )


@overload
def read(request: Request, /) -> tuple[()]: ...
@overload
def read(request: Request, first: type[A], /) -> tuple[A]: ...
@overload
def read(request: Request, first: type[A], second: type[B], /) -> tuple[A, B]: ...
@overload
def read(request: Request, first: type[A], second: type[B], third: type[C], /) -> tuple[A, B, C]: ...
@overload
def read(
    request: Request, first: type[A], second: type[B], third: type[C], fourth: type[D], /
) -> tuple[A, B, C, D]: ...
def read(request: Request, *models: type[Any]) -> tuple[Any, ...]:
    """Return one instance of each model from the query string.

    Raises
    ------
    BadParameters
        Naming every parameter that is unknown, missing, repeated or has a value that is not allowed.
    """
    fields = _fields(models)
    given: dict[str, Any] = {}
    faults: list[dict[str, Any]] = []
    for name in request.query_params:
        values = request.query_params.getlist(name)
        kind = fields.get(name)
        if kind is None:
            faults.append(
                {"loc": (name,), "type": "unknown_parameter", "ctx": {"known": ", ".join(sorted(fields))}}
            )
        elif any(CONTROL.search(each) for each in values):
            faults.append({"loc": (name,), "type": "control_characters"})
        elif kind == "many":
            given[name] = tuple(part for value in values for part in value.split(",") if part)
        elif len(values) > 1:
            faults.append({"loc": (name,), "type": "given_twice"})
        elif kind == "numbers":
            given[name] = values[0].split(",")
        elif values[0] != "":
            given[name] = values[0]
    _parse(Common, given, faults)
    parsed = tuple(_parse(model, _left(given, models[:place]), faults) for place, model in enumerate(models))
    if faults:
        raise BadParameters(faults)
    return parsed


def _left(given: dict[str, Any], before: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    """Return what the models before do not take: a name that two of them have is the first one's."""
    taken = {name for model in before for name in _names(model)}
    return {name: each for name, each in given.items() if name not in taken} if taken else given


def _parse(model: type[BaseModel], given: dict[str, Any], faults: list[dict[str, Any]]) -> BaseModel | None:
    told = {name: given[name] for name in _names(model) if name in given}
    if not told and (unasked := _unasked(model)):
        return unasked
    try:
        return model.model_validate(told)
    except ValidationError as error:
        faults += cast("list[dict[str, Any]]", error.errors(include_url=False, include_context=True))
        return None


@functools.cache
def _unasked(model: type[BaseModel]) -> BaseModel | None:
    """Return what a model is when nothing of it is given, made once; None: something has to be."""
    try:
        return model.model_validate({})
    except ValidationError:
        return None


@functools.cache
def _names(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields by the names of their parameters: an alias where the name is a word of Python."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


@functools.cache
def _fields(models: tuple[type[BaseModel], ...]) -> dict[str, Kind]:
    """Return each parameter's name and how its text is cut."""
    kinds: dict[str, Kind] = dict.fromkeys(Common.model_fields, "one")
    for model in models:
        for name, field in _names(model).items():
            kinds.setdefault(name, _kind(field.annotation))
    return kinds


def _kind(annotation: Any) -> Kind:
    if _numbers(annotation) or _is_of_numbers(annotation):
        return "numbers"
    return "many" if get_origin(annotation) is tuple else "one"


def _is_of_numbers(annotation: Any) -> bool:
    """Return whether it is a tuple of however many numbers: a comma too many is a fault there."""
    given = get_args(annotation)
    kind = get_args(given[0])[0] if given and get_origin(given[0]) is Annotated else given and given[0]
    return get_origin(annotation) is tuple and kind is float


def _numbers(annotation: Any) -> int:
    """Return how many numbers are written with commas: two for a point, four for a box; 0: none are."""
    kinds = {get_args(each)[0] if get_origin(each) is Annotated else each for each in get_args(annotation)}
    kinds.add(annotation)
    return next((len(kind._fields) for kind in (LonLat, Bbox) if kind in kinds), 0)


def document(*models: type[BaseModel], example: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the OpenAPI parameters of the models, for a route's `openapi_extra`."""
    return {"parameters": list(_documented((*models, Common), example or {}))}


def _documented(models: Iterable[type[BaseModel]], example: dict[str, Any]) -> Iterable[dict[str, Any]]:
    told: set[str] = set()
    for model in models:
        schema = model.model_json_schema(mode="validation")
        for name, field in schema["properties"].items():
            if name in told:
                continue
            told.add(name)
            described = {"name": name, "in": "query", "required": name in schema.get("required", [])}
            if "description" in field:
                described["description"] = field.pop("description")
            if name in example:
                described["example"] = example[name]
            field.pop("title", None)
            plain = _resolved(_without_null(field), schema.get("$defs", {}))
            if number := _numbers(_names(model)[name].annotation):
                plain = {"type": "array", "items": {"type": "number"}, "minItems": number, "maxItems": number}
            if plain.get("type") == "array" and not plain.get("default", True):
                del plain["default"]
            yield described | {"style": "form", "explode": False} | {"schema": plain}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out: null is not a way to write it."""
    choices = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    if len(choices) == 1:
        schema = {key: each for key, each in schema.items() if key not in ("anyOf", "default")} | choices[0]
    return schema


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its named parts written out: a parameter stands alone in the document."""
    if "items" in schema:
        schema = schema | {"items": _resolved(schema["items"], definitions)}
    if "$ref" not in schema:
        return schema
    named = definitions[schema["$ref"].rpartition("/")[2]]
    return {key: each for key, each in named.items() if key not in ("title", "description")}
