"""The shapes under a still map: zones, and the ground where the map is near enough to show streets."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from geo.access.walking.ways import Walk
from geo.db.reads import Reader
from geo.directory.items import ServiceItem
from geo.features.reading import read_features
from geo.layers import layers
from geo.vocabulary import ANONYMOUS, Bbox, Lang, LonLat
from maps.still import Pin, Shape, StillMap, box_around, draw, positions, with_surroundings
from maps.web.i18n import read_text, translate

REGION = Bbox(4.2438, 50.7637, 4.4823, 50.9139)
#: Boxes wider than this, in degrees, show no streets: they would be a grey mass and many bytes.
STREETS_BELOW_DEG = 0.05
ZONE_LAYERS = {
    "quartier": "quartiers",
    "bassin": "bassins",
    "meso": "meso",
    "commune": "communes",
    "region": "region",
}
#: Sizes of a drawing beside a list, and of one in a column of a page.
WIDE_PX = (820, 640)
SMALL_PX = (480, 360)
#: Kinds of the ground layer, in the order in which they are drawn.
DRAWN = {
    "park": "park", "wood": "park", "cemetery": "park", "water": "water", "river": "water-line",
    "canal": "water-line", "rail": "rail", "minor": "street", "tertiary": "road", "secondary": "road",
    "primary": "road avenue",
}  # fmt: skip


async def still_of_services(
    reader: Reader,
    lang: Lang,
    items: Sequence[ServiceItem],
    origin: LonLat | None,
    zone: tuple[str, str] | None,
    size_px: tuple[int, int] = WIDE_PX,
) -> Markup:
    """Return a still map of numbered services around the reader."""
    placed = [(number, item) for number, item in enumerate(items, 1) if item.point]
    pins = [Pin(n, item.point, item.group, read_text(item.name, lang)) for n, item in placed if item.point]
    told = translate(lang, "Map of %(count)s services; the list beside it says the same.", count=len(pins))
    return await still_of_pins(reader, lang, pins, origin, told, zone=zone, size_px=size_px)


async def still_of_pins(
    reader: Reader,
    lang: Lang,
    pins: Sequence[Pin],
    origin: LonLat | None,
    told: str,
    *,
    zone: tuple[str, str] | None = None,
    size_px: tuple[int, int] = WIDE_PX,
) -> Markup:
    """Return a still map of numbered pins around the reader; `told` says in words what it shows."""
    points = [pin.point for pin in pins] + ([origin] if origin else [])
    bbox = box_around(points) if points else None
    return await _still(reader, lang, bbox, zone, pins=pins, origin=origin, description=told, size_px=size_px)


async def still_of_walk(reader: Reader, lang: Lang, item: ServiceItem, origin: LonLat, walk: Walk) -> Markup:
    """Return a still map of a walk to a service."""
    told = translate(
        lang, "The walk on the map: %(minutes)s min. The steps are told in words.", minutes=walk.walk_minutes
    )
    pins = [Pin(1, walk.end, item.group, read_text(item.name, lang))]
    line = [Shape(css, walk.geometry) for css in ("walk-edge", "walk-line")]
    return await _still(
        reader, lang, box_around(walk.line), None, focus=line, pins=pins, origin=origin, description=told,
        size_px=SMALL_PX,
    )  # fmt: skip


async def still_of_zone(
    reader: Reader, lang: Lang, kind: str, code: str, name: str, edition: str | None = None
) -> Markup | None:
    """Return a still map of one zone, or None where its limits are not known."""
    shape = await _zone(reader, kind, code, edition)
    if not shape:
        return None
    told = translate(lang, "Outline of %(zone)s with its main streets.", zone=name)
    bbox = box_around(p for each in shape for p in positions(each.geometry))
    return await _still(reader, lang, bbox, (kind, code), focus=shape, description=told, size_px=SMALL_PX)


async def still_of_area(reader: Reader, lang: Lang, geometry: dict[str, Any], name: str) -> Markup:
    """Return a still map of an area that is no zone: the ground of several."""
    shape = [Shape("focus", geometry)]
    told = translate(lang, "Outline of %(zone)s with its main streets.", zone=name)
    bbox = box_around(positions(geometry))
    return await _still(reader, lang, bbox, None, focus=shape, description=told, size_px=SMALL_PX)


async def still_of_place(
    reader: Reader,
    lang: Lang,
    place: dict[str, Any] | None,
    outline: dict[str, Any] | None,
    zones: Sequence[tuple[str, str]],
    told: str,
) -> Markup:
    """Return a still map of a place, or of zones, against the outline of a larger area."""
    found = [shape for zone in zones for shape in await _zone(reader, *zone)]
    is_point = place is not None and place["type"] == "Point"
    shapes = [*found, *([Shape("focus", place)] if place and not is_point else [])]
    pins = [Pin(1, LonLat(*place["coordinates"]), "local")] if place and is_point else []
    points = [pin.point for pin in pins] + [p for shape in shapes for p in positions(shape.geometry)]
    if outline:
        shapes.insert(0, Shape("team-area", outline))
        points = points or list(positions(outline))
    return await _still(
        reader, lang, box_around(points), None, focus=shapes, pins=pins, description=told, size_px=SMALL_PX
    )


async def still_of_region(reader: Reader, lang: Lang) -> Markup:
    """Return a still map of the whole region with the limits of its quartiers."""
    told = translate(lang, "The Brussels Region and its neighbourhoods.")
    return await _still(reader, lang, None, None, description=told)


async def _still(
    reader: Reader,
    lang: Lang,
    bbox: Bbox | None,
    zone: tuple[str, str] | None,
    *,
    focus: list[Shape] | None = None,
    **drawn: Any,
) -> Markup:
    box = bbox or REGION
    near = box.east - box.west < STREETS_BELOW_DEG
    ground, limits, outline = await asyncio.gather(
        _read(reader, "orientation", with_surroundings(box), 3000, zoom=_zoom(box)),
        _read(reader, "quartiers", with_surroundings(box), 200)
        if near
        else _read(reader, "bassins", None, 20),
        _zone(reader, *zone) if zone and focus is None else _nothing(),
    )
    order = {kind: place for place, kind in enumerate(DRAWN)}
    known = [each for each in ground if each["properties"]["kind"] in DRAWN]
    known.sort(key=lambda each: order[each["properties"]["kind"]])
    shapes = [Shape(DRAWN[each["properties"]["kind"]], each["geometry"]) for each in known]
    shapes += [Shape("limit", each["geometry"]) for each in limits]
    title = translate(lang, "Map of the services")
    return draw(StillMap(box, title, shapes=[*shapes, *(focus or outline)], **drawn))


def _zoom(box: Bbox) -> int:
    """Return the zoom at which the box fills the drawing: it decides which streets are drawn."""
    return min(16, int(math.log2(WIDE_PX[0] / 256 * 360 / (box.east - box.west))))


async def _zone(reader: Reader, kind: str, code: str, edition: str | None = None) -> list[Shape]:
    if kind not in ZONE_LAYERS:
        return []
    more = {"edition": edition} if edition else {}
    found = await _read(reader, ZONE_LAYERS[kind], None, 1, code=code, **more)
    return [Shape("focus", each["geometry"]) for each in found if each["geometry"]]


async def _read(
    reader: Reader, layer_id: str, bbox: Bbox | None, limit: int, **more: Any
) -> list[dict[str, Any]]:
    layer = layers().get(layer_id)
    if layer is None:
        return []
    filters = layer.filters.model_validate({**more, **({"bbox": bbox} if bbox else {})})
    page = await read_features(reader, layer, filters, ANONYMOUS, limit=limit)
    found: list[dict[str, Any]] = json.loads(page.features)
    return found


async def _nothing() -> list[Any]:
    return []
