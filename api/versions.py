"""Versions of records over HTTP: ETag and If-Match, and a body that changes part of a record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from geo.errors import PreconditionNeeded, StaleVersion

M = TypeVar("M", bound=BaseModel)

#: A version, and after a dash whatever tells one representation of it from another.
_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[!#-~]{0,200})?"')


def expected_version(request: Request) -> int:
    """Return the version that a change was made on: `If-Match: "3"`.

    Raises
    ------
    PreconditionNeeded
        If the header is missing.
    StaleVersion
        If it names no version of ours.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionNeeded(header="If-Match")
    found = _TAG.fullmatch(given.strip())
    if not found:
        raise StaleVersion(expected=given[:40], found=None)
    return int(found[1])


def optional_version(request: Request) -> int | None:
    """Return the version that a step was asked for on, where it is said. Raises as `expected_version`."""
    return expected_version(request) if "if-match" in request.headers else None


def tagged(answer: Response, version: int | None) -> Response:
    """Return an answer named by the version of the record that it tells, where there is one, and its bytes.

    If-Match looks at the version; whoever has the bytes already needn't be sent them again.
    """
    if version is not None:
        told = blake2b(bytes(answer.body), digest_size=9).hexdigest()
        answer.headers["ETag"] = f'"{version}-{told}"'
    return answer


def versioned(
    body: bytes | Mapping[str, Any], version: int, *, status: int = 200, location: str | None = None
) -> Response:
    """Return a record with its version as ETag; `location`: where a new one is."""
    headers = {"ETag": f'"{version}"', "Cache-Control": "no-cache"}
    if location:
        headers["Location"] = location
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, headers, media_type=JSON)


def merged(model: type[M], current: BaseModel, changes: Mapping[str, Any]) -> M:
    """Return a model with some of its fields changed, as a JSON merge patch (RFC 7396) says.

    Raises
    ------
    RequestValidationError
        Naming every field that can't be taken.
    """
    known = current.model_dump(mode="json")
    try:
        return model.model_validate(_patch(known, changes))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from None


def _patch(target: Any, changes: Any) -> Any:
    if not isinstance(changes, Mapping):
        return changes
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, given in changes.items():
        result[name] = _patch(result.get(name), given) if isinstance(given, Mapping) else given
    return result
