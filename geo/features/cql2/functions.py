"""Functions of our own that a filter may call, besides those of the standard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from geoalchemy2 import Geography
from sqlalchemy import cast, func
from sqlalchemy.sql.elements import ColumnElement

from geo.vocabulary import Text

_GEOMETRY: Final = ("geometry",)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what it is called, takes, returns and does; `arguments` holds the types each may have."""

    name: str
    title: Text
    arguments: tuple[tuple[str, ...], ...]
    returns: str
    build: Callable[..., ColumnElement[Any]]


def _on_earth(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(geometry, Geography(srid=4326))


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Function(
                "distance_m",
                Text("Distance en mètres", "Afstand in meter", "Distance in metres"),
                (_GEOMETRY, _GEOMETRY),
                "number",
                lambda left, right: func.ST_Distance(_on_earth(left), _on_earth(right)),
            ),
            Function(
                "length_m",
                Text("Longueur en mètres", "Lengte in meter", "Length in metres"),
                (_GEOMETRY,),
                "number",
                lambda line: func.ST_Length(_on_earth(line)),
            ),
            Function(
                "area_m2",
                Text(
                    "Superficie en mètres carrés", "Oppervlakte in vierkante meter", "Area in square metres"
                ),
                (_GEOMETRY,),
                "number",
                lambda area: func.ST_Area(_on_earth(area)),
            ),
        )
    }
)
