"""The doors of the OGC standards as pages: each shows what its JSON says, in the reader's language."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.collections import FEATURES
from api.language import language_of
from api.negotiation import DOCUMENT, negotiated
from api.pages.frame import read_shelf, show
from api.pages.ogc_words import Doors, example_filter, group_classes, tell_feature, tell_system
from geo.db.reads import Reader
from geo.layers.base import Layer
from geo.territory.editions.credits import owed_for
from maps.legend import legend_of
from maps.map_style import style_layers
from maps.web.i18n import format_date

#: How many features a page offers to show at once.
SIZES = (10, 50, 100, 1000)
FORMAT_NAMES = {each.media_type: each.title for each in (*DOCUMENT, *FEATURES)}


async def show_document(
    request: Request, reader: Reader, template: str, document: Mapping[str, Any], **context: Any
) -> HTMLResponse:
    """Return the page of a document of the standards; its template shows the document's own members."""
    lang = language_of(request)
    told = {"document": document, "door": Doors(request), "format_names": FORMAT_NAMES, **context}
    return negotiated(await show(request, reader, f"ogc/{template}.html", lang, section="data", **told))


async def show_conformance(request: Request, reader: Reader, document: Mapping[str, Any]) -> HTMLResponse:
    """Return the page of the classes that are conformed to, standard by standard."""
    standards = group_classes(document["conformsTo"])
    return await show_document(request, reader, "conformance", document, standards=standards)


async def show_collection(
    request: Request, reader: Reader, layer: Layer[Any], document: Mapping[str, Any]
) -> HTMLResponse:
    """Return the page of a layer: what it is, how to get it, what its features tell."""
    systems = [tell_system(each) for each in document["crs"]]
    interval = document["extent"].get("temporal", {}).get("interval", [[]])[0]
    days = [each and format_date(dt.date.fromisoformat(each[:10]), language_of(request)) for each in interval]
    times = " – ".join(each or "…" for each in days) if any(days) else ""
    return await _show_layer(request, reader, "collection", layer, document, systems=systems, times=times)


async def show_items(request: Request, reader: Reader, layer: Layer[Any], body: bytes) -> HTMLResponse:
    """Return the page of a GeoJSON FeatureCollection of a layer, as a table and on a map."""
    document, lang = json.loads(body), language_of(request)
    columns = _columns(layer, request.query_params.get("properties"))
    rows = [tell_feature(each, layer, columns, lang) for each in document["features"]]
    addresses = {each["rel"]: each["href"] for each in document.get("links", [])}
    form = ("filter", "limit", "offset", "after")
    return await _show_layer(
        request, reader, "items", layer, {"links": [], **document}, rows=rows, columns=columns,
        example=example_filter(layer), next=addresses.get("next"), previous=addresses.get("prev"),
        kept=[pair for pair in request.query_params.multi_items() if pair[0] not in form],
        size=int(request.query_params.get("limit") or SIZES[0]),
    )  # fmt: skip


async def show_item(request: Request, reader: Reader, layer: Layer[Any], body: bytes) -> HTMLResponse:
    """Return the page of one GeoJSON feature of a layer."""
    document, lang = json.loads(body), language_of(request)
    row = tell_feature(document, layer, layer.properties, lang)
    own_page = layer.page and f"/{lang}/{layer.page.format_map(document['properties'])}"
    return await _show_layer(
        request, reader, "item", layer, {"links": [], **document}, row=row, columns=layer.properties,
        own_page=own_page,
    )  # fmt: skip


async def show_queryables(
    request: Request, reader: Reader, layer: Layer[Any], document: Mapping[str, Any]
) -> HTMLResponse:
    """Return the page of what a layer's features can be filtered (or sorted) by."""
    titles = {each.name: each.title for each in layer.properties}
    return await _show_layer(
        request, reader, "queryables", layer, document, titles=titles, example=example_filter(layer)
    )


async def show_tilesets(
    request: Request,
    reader: Reader,
    layer: Layer[Any] | None,
    document: Mapping[str, Any],
    styles: str | None = None,
) -> HTMLResponse:
    """Return the page of the tiles of a layer, or of several in one; `styles`: the address of our style."""
    return await show_document(request, reader, "tilesets", document, layer=layer, style_href=styles)


async def _show_layer(
    request: Request,
    reader: Reader,
    template: str,
    layer: Layer[Any],
    document: Mapping[str, Any],
    **context: Any,
) -> HTMLResponse:
    owed = owed_for(layer, (await read_shelf(request, reader)).limits)
    told = {
        "layer": layer,
        "drawn": style_layers(layer),
        "legend": legend_of(layer),
        "attribution": " · ".join(each.text for each in owed),
    }
    return await show_document(request, reader, template, document, **told, **context)


def _columns(layer: Layer[Any], wanted: str | None) -> tuple[Any, ...]:
    """Return the properties that a page shows: those asked for, else all; identifiers say little, so last."""
    names = wanted.split(",") if wanted else [each.name for each in layer.properties]
    return tuple(
        sorted((each for each in layer.properties if each.name in names), key=lambda each: each.name == "id")
    )
