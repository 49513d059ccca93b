"""A still map drawn as SVG: what readers see without JavaScript, without WebGL, on paper.

It takes GeoJSON geometries and points, and draws them in Web Mercator, like the live map, so that the one can
take the place of the other. Colours come from the site's style sheet by class names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup, escape

from geo.vocabulary import Bbox, LonLat

Position = Sequence[float]
#: Points nearer to each other than this on the drawing are one.
DETAIL_PX: Final = 0.7
#: The box is shown whole; a page of another shape shows this share of it more on each side.
AROUND: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pin:
    """A numbered pin; the number is that of the card in the list."""

    number: int
    point: LonLat
    group: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A GeoJSON geometry of the ground or of a zone, the class that draws it, and its texture.

    A texture is told as the steps of an SVG path in a tile of 8 by 8; the class `weave` colours it.
    """

    css: str
    geometry: dict[str, Any]
    texture: str = ""


@dataclass(frozen=True, slots=True)
class StillMap:
    """All that one drawing shows. `shapes` are drawn in their order, below pins and origin."""

    bbox: Bbox
    title: str
    description: str
    shapes: Sequence[Shape] = ()
    pins: Sequence[Pin] = ()
    origin: LonLat | None = None
    names: Sequence[tuple[str, LonLat]] = ()
    size_px: tuple[int, int] = (820, 640)
    ident: str = field(default="still")


def draw(still: StillMap) -> Markup:
    """Return the drawing as one `svg` element with a title and a description."""
    place = Projection(still.bbox, still.size_px)
    width, height = still.size_px
    marks = [
        *_textures(still),
        *(_path(shape, place, still.ident) for shape in still.shapes),
        *(_name(words, place(point)) for words, point in still.names),
        _origin(place(still.origin)) if still.origin else "",
        *(_pin(pin, place(pin.point)) for pin in reversed(still.pins)),
    ]
    ident = escape(still.ident)
    return Markup(  # noqa: S704 - every text is escaped, the rest are numbers
        f'<svg class="still" viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid meet" role="img"'
        f' aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(still.title)}</title>'
        f'<desc id="{ident}-desc">{escape(still.description)}</desc>{"".join(marks)}</svg>'
    )


def box_around(points: Iterable[LonLat], margin: float = 0.12, smallest_deg: float = 0.008) -> Bbox:
    """Return a box around points, in degrees, with a margin and never smaller than a few streets."""
    listed = list(points)
    west, east = min(p.lon for p in listed), max(p.lon for p in listed)
    south, north = min(p.lat for p in listed), max(p.lat for p in listed)
    pad_x = max((east - west) * margin, (smallest_deg - (east - west)) / 2)
    pad_y = max((north - south) * margin, (smallest_deg * 0.63 - (north - south)) / 2)
    return Bbox(west - pad_x, south - pad_y, east + pad_x, north + pad_y)


def with_surroundings(bbox: Bbox) -> Bbox:
    """Return the box that is really seen where the page is wider or higher than the drawing."""
    pad_x, pad_y = (bbox.east - bbox.west) * AROUND, (bbox.north - bbox.south) * AROUND
    return Bbox(bbox.west - pad_x, bbox.south - pad_y, bbox.east + pad_x, bbox.north + pad_y)


def positions(geometry: dict[str, Any]) -> Iterator[LonLat]:
    """Return every point of a GeoJSON geometry, to put a box around it."""
    for line in _lines(geometry):
        yield from (LonLat(p[0], p[1]) for p in line)


class Projection:
    """From degrees to pixels: Web Mercator, the box fitted and centred."""

    def __init__(self, bbox: Bbox, size_px: tuple[int, int]) -> None:
        west, north = self._mercator(bbox.west, bbox.north)
        east, south = self._mercator(bbox.east, bbox.south)
        width, height = size_px
        self.size = size_px
        self.scale = min(width / (east - west), height / (south - north))
        self.left = west - (width / self.scale - (east - west)) / 2
        self.top = north - (height / self.scale - (south - north)) / 2

    @staticmethod
    def _mercator(lon: float, lat: float) -> tuple[float, float]:
        return math.radians(lon), -math.asinh(math.tan(math.radians(lat)))

    def __call__(self, point: Position) -> tuple[float, float]:
        """Return where a point (lon, lat) lies on the drawing, in pixels from its top left corner."""
        x, y = self._mercator(point[0], point[1])
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def shows(self, drawn: Sequence[tuple[float, float]]) -> bool:
        """Return whether a line comes into the box or its surroundings, which other shapes of page show."""
        width, height = self.size
        return (
            min(x for x, _ in drawn) < width * (1 + AROUND)
            and max(x for x, _ in drawn) > -width * AROUND
            and min(y for _, y in drawn) < height * (1 + AROUND)
            and max(y for _, y in drawn) > -height * AROUND
        )


def _lines(geometry: dict[str, Any]) -> Iterator[Sequence[Position]]:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            yield [coordinates]
        case "LineString":
            yield coordinates
        case "MultiLineString" | "Polygon":
            yield from coordinates
        case "MultiPolygon":
            for polygon in coordinates:
                yield from polygon


def trace(geometry: dict[str, Any], place: Projection) -> str:
    """Return a GeoJSON geometry as the steps of an SVG path (attribute `d`); empty where nothing is shown."""
    closing = "Z" if geometry["type"].endswith("Polygon") else ""
    drawn = [[place(p) for p in line] for line in _lines(geometry)]
    return "".join(_steps(line) + closing for line in drawn if len(line) > 1 and place.shows(line))


def _path(shape: Shape, place: Projection, ident: str) -> str:
    steps = trace(shape.geometry, place)
    if not steps:
        return ""
    drawn = f'<path class="{shape.css}" fill-rule="evenodd" d="{steps}"/>'
    if not shape.texture:
        return drawn
    fill = f"url(#{escape(_texture_id(ident, shape.texture))})"
    return f'{drawn}<path fill="{fill}" fill-rule="evenodd" d="{steps}"/>'


def _textures(still: StillMap) -> Iterator[str]:
    for texture in dict.fromkeys(shape.texture for shape in still.shapes if shape.texture):
        yield (
            f'<pattern id="{escape(_texture_id(still.ident, texture))}" width="8" height="8"'
            f' patternUnits="userSpaceOnUse"><path class="weave" d="{escape(texture)}"/></pattern>'
        )


def _texture_id(ident: str, texture: str) -> str:
    return f"{ident}-{re.sub('[^0-9A-Za-z]', '', texture)}"


def _steps(line: Sequence[tuple[float, float]]) -> str:
    kept = [line[0]]
    for x, y in line[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= DETAIL_PX:
            kept.append((x, y))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in [*kept, line[-1]])


def _origin(at: tuple[float, float]) -> str:
    x, y = at
    centre = f'cx="{x:.1f}" cy="{y:.1f}"'
    return f'<circle class="halo" {centre} r="18"/><circle class="here" {centre} r="8"/>'


def _pin(pin: Pin, at: tuple[float, float]) -> str:
    x, y = at
    return (
        f'<g class="pin-still {escape(pin.group)}" transform="translate({x:.1f} {y:.1f})">'
        f"<title>{pin.number}. {escape(pin.title)}</title>"
        '<path d="M0 0C-3-7-14-11-14-21a14 14 0 0 1 28 0C14-11 3-7 0 0z"/>'
        f'<text y="-16.5">{pin.number}</text></g>'
    )


def _name(words: str, at: tuple[float, float]) -> str:
    return f'<text class="name" x="{at[0]:.0f}" y="{at[1]:.0f}">{escape(words)}</text>'
