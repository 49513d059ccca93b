"""A layer's look as a MapLibre style (version 8), made from the one `Style` that all renderers share.

Names are not drawn: MapLibre would ask a server of glyphs for them. Surfaces come first, then lines, then
points, as they lie over each other on paper.
"""

from __future__ import annotations

import math
from typing import Any

from geo.layers.base import Layer, Style
from geo.vocabulary import POINT_COUNT, Bbox

Expression = list[Any]

#: How much larger a circle is that stands for so many points, in radii of a single one.
GROWTH = ((1, 1.0), (10, 1.4), (100, 1.8), (1_000, 2.2), (100_000, 2.6))
#: Of those that stand for many: what lies beneath shines through, and neighbours can be told apart.
OPACITY_OF_MANY = 0.75
_WHITE = "#ffffff"


def map_style(layer: Layer[Any], tiles: str, *, attribution: str, box: Bbox | None) -> dict[str, Any]:
    """Return the style of a layer.

    Parameters
    ----------
    tiles : str
        Address of its tiles, with `{z}`, `{x}` and `{y}` in it.
    box : Bbox, optional
        What the map shows first, in degrees (EPSG:4326).
    """
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [tiles],
        "minzoom": layer.min_zoom,
        "maxzoom": 16,
        "attribution": attribution,
    }
    look: dict[str, Any] = {"version": 8, "name": layer.title.en, "sources": {layer.id: source}}
    if box:
        source["bounds"] = list(box)
        look |= {"center": [(box.west + box.east) / 2, (box.south + box.north) / 2], "zoom": 11}
    return look | {"layers": style_layers(layer)}


def style_layers(layer: Layer[Any]) -> list[dict[str, Any]]:
    """Return the layers of style that draw a layer: one for each kind of geometry that it may have."""
    kinds = ("polygon", "line", "point") if layer.geometry in ("mixed", "line") else (layer.geometry,)
    drawn: list[dict[str, Any]] = []
    for kind in kinds:
        drawn += _LAYERS[kind](layer.style)
    common = {"source": layer.id, "source-layer": layer.id, "minzoom": layer.min_zoom}
    return [{**each, "id": f"{layer.id}-{each['id']}", **common} for each in drawn]


def _surfaces(style: Style) -> list[dict[str, Any]]:
    is_surface = ["==", ["geometry-type"], "Polygon"]
    edge = style.edge or colour_of(style)
    return [
        {
            "id": "surface",
            "type": "fill",
            "filter": is_surface,
            "paint": {"fill-color": colour_of(style), "fill-opacity": style.fill_opacity},
        },
        {
            "id": "edge",
            "type": "line",
            "filter": is_surface,
            "layout": {"line-join": "round"},
            "paint": {"line-color": edge, "line-width": style.line_width_px},
        },
    ]


def _lines(style: Style) -> list[dict[str, Any]]:
    grown = ["interpolate", ["exponential", 1.6], ["zoom"], 12, style.line_width_px]
    return [
        {
            "id": "line",
            "type": "line",
            "filter": ["==", ["geometry-type"], "LineString"],
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {
                "line-color": style.edge or colour_of(style),
                "line-width": [*grown, 18, 4 * style.line_width_px],
            },
        }
    ]


def _points(style: Style) -> list[dict[str, Any]]:
    stands_for: Expression = ["coalesce", ["get", POINT_COUNT], 1]
    sizes = [
        each for count, times in GROWTH for each in (math.log10(count), round(style.radius_px * times, 1))
    ]
    return [
        {
            "id": "point",
            "type": "circle",
            "filter": ["==", ["geometry-type"], "Point"],
            "layout": {"circle-sort-key": ["-", 0, stands_for]},
            "paint": {
                "circle-color": colour_of(style),
                "circle-radius": ["interpolate", ["linear"], ["log10", stands_for], *sizes],
                "circle-opacity": ["case", [">", stands_for, 1], OPACITY_OF_MANY, 1],
                "circle-stroke-color": _WHITE,
                "circle-stroke-width": 1.5,
            },
        }
    ]


def colour_of(style: Style) -> str | Expression:
    """Return the colour of a feature: one for all, or by the value of the property that picks it."""
    if not style.by or not style.legend:
        return style.colour
    picked = [each for entry in style.legend for each in (entry.value, entry.colour)]
    return ["match", ["get", style.by], *picked, style.colour]


_LAYERS = {"polygon": _surfaces, "line": _lines, "point": _points}
