"""What is sent: in which media type, and in which reference system its coordinates are."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Depends
from starlette.requests import Request

from api.errors import UnsupportedType
from geo.crs import CRS84_URI, find_crs
from geo.errors import InvalidParameter
from geo.features.received import FeatureChanges, FeatureReceived, in_degrees

F = TypeVar("F", FeatureReceived, FeatureChanges)


def expects(*media_types: str) -> Any:
    """Return the default of a route's parameter that refuses a body of another media type.

    Raises
    ------
    InvalidParameter
        The header is missing.
    UnsupportedType
        The body is of a type that the route can't read.
    """

    async def look(request: Request) -> None:
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not given:
            raise InvalidParameter(name="Content-Type", value="", expected=", ".join(media_types))
        if given not in media_types:
            raise UnsupportedType(taken=media_types)

    return Depends(look)


def in_default_crs(request: Request, received: F) -> F:
    """Return a feature with its geometry in CRS84, whatever system the header Content-Crs names.

    Raises
    ------
    InvalidParameter
        If it names none of those offered.
    """
    named = request.headers.get("content-crs", CRS84_URI).strip().removeprefix("<").removesuffix(">")
    crs = find_crs(named, "Content-Crs")
    if received.geometry is None:
        return received
    return received.model_copy(update={"geometry": in_degrees(received.geometry, crs)})
