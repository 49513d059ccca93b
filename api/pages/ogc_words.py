"""What the pages of doors say of features, standards and addresses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from geo.crs import CRS84_URI
from geo.layers.base import Layer, Property
from geo.vocabulary import FALLBACKS, Lang
from maps.web.i18n import format_date, translate

#: A class of conformance names its standard and version, then itself.
CLASS = re.compile(r"https?://www\.opengis\.net/spec/([^/]+)/([^/]+)/(?:conf|req)/(.+)")
STANDARDS = {
    "ogcapi-common-1": "OGC API – Common, Part 1: Core",
    "ogcapi-common-2": "OGC API – Common, Part 2: Geospatial Data",
    "ogcapi-features-1": "OGC API – Features, Part 1: Core",
    "ogcapi-features-2": "OGC API – Features, Part 2: Coordinate Reference Systems",
    "ogcapi-features-3": "OGC API – Features, Part 3: Filtering",
    "ogcapi-features-4": "OGC API – Features, Part 4: Create, Replace, Update and Delete",
    "ogcapi-features-5": "OGC API – Features, Part 5: Schemas",
    "ogcapi-tiles-1": "OGC API – Tiles, Part 1: Core",
    "ogcapi-styles-1": "OGC API – Styles, Part 1: Core",
    "cql2": "Common Query Language (CQL2)",
    "tms": "Two Dimensional Tile Matrix Set",
}


class Doors:
    """Addresses of doors as their pages link to each other: a language that was asked for goes along."""

    def __init__(self, request: Request) -> None:
        self.path = request.url.path
        self.asked = request.query_params
        self.carried = {name: self.asked[name] for name in ("lang",) if name in self.asked}

    def __call__(self, path: str = "", **more: str | int) -> str:
        """Return the address of a door below /ogc, as a page."""
        query = urlencode({**more, **self.carried})
        return f"/ogc{path}?{query}" if query else f"/ogc{path}"

    def here(self, **changed: str | int) -> str:
        """Return this address with some parameters changed."""
        kept = [pair for pair in self.asked.multi_items() if pair[0] not in changed]
        return f"{self.path}?{urlencode([*kept, *changed.items()])}"

    @property
    def features(self) -> str:
        """The features of this page for its map: GeoJSON, in degrees whatever the page was asked in."""
        return self.here(f="geojson", **({"crs": CRS84_URI} if "crs" in self.asked else {}))


@dataclass(frozen=True, slots=True)
class Row:
    """A feature as a line of a table: its name, and what it tells in words, column by column."""

    id: str
    name: str
    cells: tuple[str | None, ...]


def tell_feature(
    feature: Mapping[str, Any], layer: Layer[Any], columns: Sequence[Property], lang: Lang
) -> Row:
    """Return a GeoJSON feature in words."""
    told: Mapping[str, Any] = feature["properties"]
    names = [told.get(f"{layer.label}_{each}") for each in FALLBACKS[lang]]
    name = next(filter(None, [*names, told.get(layer.label or "")]), feature["id"])
    cells = tuple(tell_value(told.get(each.name), each, lang) for each in columns)
    return Row(str(feature["id"]), str(name), cells)


def tell_value(value: Any, declared: Property, lang: Lang) -> str | None:
    """Return the value of a property as a reader of `lang` reads it; None where nothing is known."""
    if value is None or value == []:
        return None
    if isinstance(value, bool):
        return translate(lang, "yes") if value else translate(lang, "no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if declared.type == "date":
        return format_date(dt.date.fromisoformat(value[:10]), lang)
    if isinstance(value, float):
        return f"{value:.6g}".replace(".", "." if lang == "en" else ",")
    return str(value)


def example_filter(layer: Layer[Any]) -> str:
    """Return a condition in CQL2 that holds for some features of a layer."""
    names = [each.name for each in layer.properties]
    if f"{layer.label}_fr" in names:
        return f"{layer.label}_fr LIKE 'S%'"
    return f"{names[0]} IS NOT NULL"


def tell_system(uri: str) -> str:
    """Return the short name of a coordinate reference system: EPSG:31370."""
    *_, authority, _version, code = uri.split("/")
    return f"{authority}:{code}"


def group_classes(uris: Iterable[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return classes of conformance by standard: its title, its address, and its classes by name."""
    grouped: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for uri in uris:
        found = CLASS.fullmatch(uri)
        spec, version, name = found.groups() if found else (uri, "", uri)
        title = f"{STANDARDS.get(spec, spec)} {version}".strip()
        grouped.setdefault((title, uri.partition("/conf/")[0]), []).append((name, uri))
    return [(title, address, sorted(classes)) for (title, address), classes in sorted(grouped.items())]
