"""The map of a comparison's page: one figure in classes, or need against offer, with its legend in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from api.pages.comparison_found import Found
from api.pages.comparison_rows import toggles
from api.pages.frame import keep
from geo.db.reads import Reader
from geo.layers import layers
from geo.layers.zone_layer import ZoneLayer
from geo.territory.comparison.bivariate import Bivariate, cross
from geo.territory.comparison.classes import classify
from geo.territory.comparison.comparing import ComparedRow, ComparedZone, ZoneComparison
from geo.territory.outlines import Outline, read_outlines
from geo.vocabulary import Lang
from maps.choropleth import draw_bivariate, draw_choropleth
from maps.choropleth_words import LegendLine, crossed_legend, legend_words
from maps.palettes import NOTHING


@dataclass(frozen=True, slots=True)
class MapPart:
    """A drawing, its legend, and where the live map gets the shapes: no layer, no live map."""

    ident: str
    drawing: Markup
    legend: tuple[LegendLine, ...]
    layer: str
    tiles: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of need against offer: its line of the legend and the zones in it."""

    line: LegendLine
    zones: tuple[ComparedZone, ...]


async def map_of_figure(
    request: Request, reader: Reader, found: Found, row: ComparedRow, lang: Lang
) -> MapPart:
    """Return the map of one row of all zones of a kind."""
    query = found.query
    outlines = await _outlines(request, reader, found)
    classes = classify(row.numbers(query.per), query.classes, query.k)
    drawing = draw_choropleth(
        outlines, found.whole, row, classes, lang=lang, letters=_letters(found), href=_toggle(found, lang)
    )
    return MapPart("choropleth", drawing, legend_words(classes, row, query.per, lang), *_tiles(found))


async def map_of_need_and_offer(
    request: Request, reader: Reader, found: Found, rows: tuple[ComparedRow, ComparedRow], lang: Lang
) -> tuple[MapPart, Bivariate, list[Field]]:
    """Return the map of two rows against each other, and the zones of each of its nine fields."""
    outlines = await _outlines(request, reader, found)
    crossed = cross(*rows, found.query.per)
    drawing = draw_bivariate(
        outlines, found.whole, crossed, lang=lang, letters=_letters(found), href=_toggle(found, lang)
    )
    legend = crossed_legend(crossed, lang)
    part = MapPart("bivariate", drawing, legend, *_tiles(found))
    return part, crossed, _fields(found.whole, crossed, legend)


def _fields(whole: ZoneComparison, crossed: Bivariate, legend: Sequence[LegendLine]) -> list[Field]:
    found: dict[str, list[ComparedZone]] = {line.look.css: [] for line in legend}
    for zone, place in zip(whole.zones, crossed.places, strict=True):
        found[NOTHING.css if place is None else f"b{place[0]}{place[1]}"].append(zone)
    return [Field(line, tuple(found[line.look.css])) for line in legend]


async def _outlines(request: Request, reader: Reader, found: Found) -> tuple[Outline, ...]:
    kind, edition = found.kind, found.whole.edition
    return await keep(
        request, f"outlines-{kind}-{edition}", lambda: read_outlines(reader, kind, found.query.edition)
    )


def _letters(found: Found) -> dict[str, str]:
    return {ref.partition(":")[2]: letter for ref, letter in found.letters.items()}


def _toggle(found: Found, lang: Lang) -> Callable[[ComparedZone], str]:
    """Return what gives the address that adds a zone to the comparison, or takes it away."""
    toggle = toggles(found.query, f"/{lang}/compare")
    return lambda zone: toggle(zone.ref)


def _tiles(found: Found) -> tuple[str, str]:
    """Return the layer of these zones, and the address of its tiles."""
    for layer in layers().values():
        if isinstance(layer, ZoneLayer) and layer.kind is found.kind:
            edition = found.query.edition
            asked = f"?{urlencode({'edition': edition})}" if edition else ""
            return layer.id, f"/ogc/collections/{layer.id}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}{asked}"
    return "", ""
