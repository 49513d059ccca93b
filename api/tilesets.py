"""What is said of tiles: sets of them by OGC 17-083r4, and the same as TileJSON for maps in browsers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from api.collections import MVT
from api.links import OGC_REL, link_to, root_of
from api.negotiation import JSON, Offered
from geo.db.reads import Reader
from geo.features import matrix
from geo.features.extents import read_extent
from geo.features.tiling import COUNTED_TO_ZOOM, vector_layer
from geo.layers.base import Attribution, Layer
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import POINT_COUNT, Bbox, Text, Viewer

TILEJSON = Offered("tilejson", "application/vnd.mapbox.tile+json", Text("TileJSON", "TileJSON", "TileJSON"))
#: A tile comes in one form, whatever a client says that it accepts: few know its true name.
MVT_TILE = Offered("mvt", MVT, Text("Tuile MVT", "MVT-tegel", "MVT tile"), ("pbf",))
#: What a set of tiles is described in.
TILESET = (JSON, TILEJSON)

_DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}


@dataclass(frozen=True, slots=True)
class TilesetTold:
    """Layers as tiles: which, where their tiles are, how far they reach, whom they are owed to."""

    layers: tuple[Layer[Any], ...]
    href: str
    query: str
    box: Bbox | None
    owed: tuple[Attribution, ...]

    @property
    def title(self) -> str:
        """Return what the set is called."""
        return self.layers[0].title.en if len(self.layers) == 1 else "Layers of Quartier"  # type: ignore[return-value]

    @property
    def description(self) -> str:
        """Return what is in it."""
        first = self.layers[0].description.en or ""
        return first if len(self.layers) == 1 else ", ".join(each.title.en or each.id for each in self.layers)

    def address(self, z: str, y: str, x: str) -> str:
        """Return the address of a tile, with words for what has to be filled in."""
        return f"{self.href}/{z}/{y}/{x}{self.query}"


def tiles_path(layer: Layer[Any] | None = None) -> str:
    """Return where the tiles of a layer are, or those of several in one."""
    return f"/ogc{f'/collections/{layer.id}' if layer else ''}/tiles/{matrix.ID}"


async def read_tileset(
    request: Request, reader: Reader, viewer: Viewer, layers: Sequence[Layer[Any]], path: str
) -> TilesetTold:
    """Return what is to be said of layers as tiles, whose set is at `path`.

    Parameters of the request that choose features are kept in the addresses of the tiles.
    """
    limits = await read_limit_credits(reader)
    boxes = [(await read_extent(reader, each, viewer)).box for each in layers]
    owed = dict.fromkeys(one for each in layers for one in owed_for(each, limits))
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("f", "lang")]
    query = f"?{urlencode(kept)}" if kept else ""
    return TilesetTold(tuple(layers), f"{root_of(request)}{path}", query, _around(boxes), tuple(owed))


def _around(boxes: Sequence[Bbox | None]) -> Bbox | None:
    known = [each for each in boxes if each]
    if not known:
        return None
    west, south = (min(each[side] for each in known) for side in (0, 1))
    east, north = (max(each[side] for each in known) for side in (2, 3))
    return Bbox(west, south, east, north)


def summary(told: TilesetTold) -> dict[str, Any]:
    """Return a set of tiles as lists of them say it."""
    root = told.href.partition("/ogc")[0]
    here = f"{told.href}{told.query}"
    join = "&" if told.query else "?"
    return {
        "title": told.title,
        "dataType": "vector",
        "crs": matrix.CRS,
        "tileMatrixSetId": matrix.ID,
        "tileMatrixSetURI": matrix.URI,
        "links": [
            link_to(here, "self", "application/json", "This set of tiles"),
            link_to(f"{here}{join}f=tilejson", "describedby", TILEJSON.media_type, "The same as TileJSON"),
            link_to(
                f"{root}/ogc/tileMatrixSets/{matrix.ID}",
                f"{OGC_REL}/tiling-scheme",
                "application/json",
                "How the world is cut into tiles",
            ),
            link_to(
                told.address("{tileMatrix}", "{tileRow}", "{tileCol}"), "item", MVT, "A tile", templated=True
            ),
        ],
    }


def tileset(told: TilesetTold) -> dict[str, Any]:
    """Return a set of tiles as its standard describes it."""
    more: dict[str, Any] = {}
    if told.box:
        west, south, east, north = told.box
        more["boundingBox"] = {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        }
    return {
        **summary(told),
        "description": told.description,
        "attribution": attribution(told),
        "tileMatrixSetLimits": matrix.limits(),
        "layers": [_layer(each) for each in told.layers],
        **more,
    }


def tilejson(told: TilesetTold) -> dict[str, Any]:
    """Return a set of tiles as TileJSON 3.0 describes it."""
    more: dict[str, Any] = {}
    if told.box:
        west, south, east, north = told.box
        more = {"bounds": list(told.box), "center": [(west + east) / 2, (south + north) / 2, 11]}
    return {
        "tilejson": "3.0.0",
        "name": told.title,
        "description": told.description,
        "attribution": attribution(told),
        "scheme": "xyz",
        "tiles": [told.address("{z}", "{y}", "{x}")],
        "minzoom": min(each.min_zoom for each in told.layers),
        "maxzoom": matrix.MAX_ZOOM,
        "vector_layers": [vector_layer(each, matrix.MAX_ZOOM) for each in told.layers],
        **more,
    }


def attribution(told: TilesetTold) -> str:
    """Return whom a set of tiles is owed to, in one line."""
    return ", ".join(each.text for each in told.owed)


def _layer(layer: Layer[Any]) -> dict[str, Any]:
    schema = {each.name: _schema(each.type, each.title) for each in layer.properties}
    if layer.geometry == "point":
        words = f"How many points the feature stands for, as far as zoom {COUNTED_TO_ZOOM}"
        schema[POINT_COUNT] = {"type": "integer", "title": words}
    told: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title.en,
        "description": layer.description.en,
        "dataType": "vector",
        "minTileMatrix": str(layer.min_zoom),
        "maxTileMatrix": str(matrix.MAX_ZOOM),
        "propertiesSchema": {"type": "object", "properties": schema},
    }
    if layer.geometry in _DIMENSIONS:
        told["geometryDimension"] = _DIMENSIONS[layer.geometry]
    return told


def _schema(type_: str, title: Text) -> dict[str, Any]:
    kind = {"date": "string", "array": "string"}.get(type_, type_)
    told: dict[str, Any] = {"type": kind, "title": title.en}
    return told | ({"format": "date"} if type_ == "date" else {})
