"""The one legend of a layer, whoever draws it: web map, folium, print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.layers.base import Drawn, Geometry, LegendEntry
from geo.vocabulary import Text


@dataclass(frozen=True, slots=True)
class Swatch:
    """One line of a legend: the value it stands for, its CSS colour, its form and its words."""

    value: str
    colour: str
    shape: Geometry
    title: Text
    texture: tuple[str, str] | None = None
    line: tuple[float, str] | None = None


def legend_of(layer: Drawn) -> tuple[Swatch, ...]:
    """Return the legend of a layer; a layer of one colour has one line, its title."""
    entries = layer.style.legend or (LegendEntry(layer.id, layer.style.colour, layer.title),)
    return tuple(
        Swatch(entry.value, entry.colour, layer.geometry, entry.title, entry.texture, entry.line)
        for entry in entries
    )


def look_of(layer: Drawn) -> dict[str, Any]:
    """Return how a layer looks, for its renderers in the browser: colours by value, sizes in pixels."""
    style = layer.style
    return {
        "id": layer.id,
        "geometry": layer.geometry,
        "colour": style.colour,
        "line_width_px": style.line_width_px,
        "fill_opacity": style.fill_opacity,
        "radius_px": style.radius_px,
        "by": style.by,
        "edge": style.edge,
        "colours": {entry.value: entry.colour for entry in style.legend},
        "lines": {entry.value: entry.line for entry in style.legend if entry.line},
    }
