"""What the routes of the OGC standards share: which layers there are for whom, and how one is described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path

from api.parameters import PathId
from geo.errors import NotFound
from geo.layers import layers_for
from geo.layers.base import Attribution, Layer
from geo.vocabulary import LANGS, Viewer

GEOJSON = "application/geo+json"
MVT = "application/vnd.mapbox-vector-tile"
MAX_ZOOM = 22

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


def describe(layer: Layer[Any], href: str, owed: Sequence[Attribution]) -> dict[str, Any]:
    """Return a layer, owed to whom it is today, as an OGC collection."""
    return {
        "id": layer.id,
        "title": layer.title.en,
        "description": layer.description.en,
        "titles": {lang: getattr(layer.title, lang) for lang in LANGS},
        "attribution": ", ".join(each.text for each in owed),
        "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "extent": {"spatial": {"bbox": [[4.2438, 50.7637, 4.4823, 50.9139]]}},
        "links": [
            {"rel": "self", "href": href, "type": "application/json"},
            {"rel": "items", "href": f"{href}/items", "type": GEOJSON},
            {
                "rel": "item",
                "href": f"{href}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                "type": MVT,
                "templated": True,
            },
        ],
    }
