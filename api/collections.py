"""What the routes of the OGC standards share: which layers there are for whom, and how one is described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import Path

from api.files import FILES
from api.links import OGC_REL, link_to
from api.negotiation import HTML, Offered
from api.parameters import PathId
from geo.crs import CRS84_URI, OFFERED
from geo.errors import NotFound
from geo.features.extents import Extent
from geo.layers import layers_for
from geo.layers.base import Attribution, Layer
from geo.vocabulary import LANGS, Text, Viewer

GEOJSON = "application/geo+json"
MVT = "application/vnd.mapbox-vector-tile"
MAX_ZOOM = 22

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
#: Where licences that are named by their SPDX identifier can be read.
LICENCES = "https://spdx.org/licenses"

#: The formats of pages of features: clients that ask for plain JSON mean GeoJSON.
PAGES = (
    Offered("geojson", GEOJSON, Text("GeoJSON", "GeoJSON", "GeoJSON"), ("json", "application/json")),
    HTML,
)
#: All formats of features.
FEATURES = (*PAGES, *FILES)

#: The filters of all layers, for the document; each layer takes its own and refuses the others'.
FILTERS = tuple(dict.fromkeys(layer.filters for layer in layers_for().values()))

LayerId = Annotated[PathId, Path(description="Id of a layer", examples=["quartiers"])]
FeatureId = Annotated[PathId, Path(description="Id of a feature of the layer", examples=["36"])]


def layer_of(layer: str, viewer: Viewer) -> Layer[Any]:
    """Return the layer named in the path; one that the viewer may not see does not exist."""
    known = layers_for(viewer)
    if layer not in known:
        raise NotFound(kind="collection", id=layer[:80])
    return known[layer]


def describe(layer: Layer[Any], href: str, owed: Sequence[Attribution], extent: Extent) -> dict[str, Any]:
    """Return a layer, owed to whom it is today and reaching how far it does, as an OGC collection."""
    return {
        "id": layer.id,
        "title": layer.title.en,
        "description": layer.description.en,
        "titles": {lang: getattr(layer.title, lang) for lang in LANGS},
        "attribution": ", ".join(each.text for each in owed),
        "itemType": "feature",
        "crs": list(OFFERED),
        "storageCrs": CRS84_URI,
        "extent": _told(extent),
        "links": [
            link_to(f"{href}?f=json", "self", "application/json", f"{layer.title.en}, described as JSON"),
            link_to(f"{href}?f=html", "alternate", HTML.media_type, f"{layer.title.en}, as a web page"),
            *_feature_links(layer, href),
            link_to(
                f"{href}/queryables",
                f"{OGC_REL}/queryables",
                "application/schema+json",
                "What can be filtered by",
            ),
            link_to(
                f"{href}/tiles",
                f"{OGC_REL}/tilesets-vector",
                "application/json",
                f"{layer.title.en} as vector tiles",
            ),
            *_licence_links(owed),
        ],
    }


def _told(extent: Extent) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if extent.box:
        told["spatial"] = {"bbox": [list(extent.box)], "crs": CRS84_URI}
    if extent.times:
        ends = (extent.times.since, extent.times.until)
        told["temporal"] = {"interval": [[each and each.isoformat() for each in ends]], "trs": GREGORIAN}
    return told


def _feature_links(layer: Layer[Any], href: str) -> Iterator[dict[str, Any]]:
    """Yield the links to the features, page by page, and to all of them as one file."""
    for place, each in enumerate(PAGES):
        address = f"{href}/items" if place == 0 else f"{href}/items?f={each.id}"
        yield link_to(address, "items", each.media_type, f"{layer.title.en} as {each.title.en}")
    for each in FILES:
        title = f"{layer.title.en}: {each.title.en}"
        yield link_to(f"{href}/items?f={each.id}", "enclosure", each.media_type, title)


def _licence_links(owed: Sequence[Attribution]) -> Iterator[dict[str, Any]]:
    for licence in dict.fromkeys(each.licence for each in owed if each.licence):
        yield link_to(f"{LICENCES}/{licence}.html", "license", "text/html", licence)
