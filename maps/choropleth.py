"""A division of the region drawn as SVG, each zone in the colour and texture of its class.

The same drawing stands in the page, in the export and in print; the live map takes its patterns and classes.
Every zone says its name and figure in words, and what is not published is hatched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from geo.territory.comparison.bivariate import Bivariate
from geo.territory.comparison.classes import Classes
from geo.territory.comparison.compared import Cell, ComparedRow, ComparedZone, Per, ZoneComparison
from geo.territory.outlines import Outline
from geo.vocabulary import Lang, LonLat
from maps.choropleth_words import looks_of, tell_cell, tell_crossed
from maps.palettes import INK, NOTHING, Swatch, crossed_swatches
from maps.still import Projection, box_around, positions, trace
from maps.web.i18n import read_text, translate

Address = Callable[[ComparedZone], str]
#: A drawing beside a table, and its margin around the region.
SIZE_PX: Final = (820, 860)
MARGIN: Final = 0.015
LETTER_PX: Final = 13
#: Edges of a zone; a chosen one has a pale line around its dark one, to be seen on every colour.
_PLAIN: Final = ('stroke="#ffffff" stroke-width="0.9"',)
_CHOSEN: Final = ('stroke="#ffffff" stroke-width="6"', f'stroke="{INK}" stroke-width="2.6"')
#: The site's font, and the one that prints have.
FONTS: Final = "Atkinson Hyperlegible Next, Atkinson Hyperlegible, sans-serif"


@dataclass(frozen=True, slots=True)
class Area:
    """One zone as it is drawn: its class, what is told of it, where it leads, its letter where chosen."""

    code: str
    point: LonLat
    geometry: dict[str, Any]
    css: str
    told: str
    href: str = ""
    letter: str = ""


def draw_choropleth(
    outlines: Sequence[Outline],
    whole: ZoneComparison,
    row: ComparedRow,
    classes: Classes,
    *,
    lang: Lang,
    letters: Mapping[str, str] | None = None,
    href: Address | None = None,
    size_px: tuple[int, int] = SIZE_PX,
    ident: str = "choropleth",
) -> Markup:
    """Return the map of one indicator as one `svg` element.

    Parameters
    ----------
    outlines : sequence of Outline
        The shapes of the zones; one without a column in `whole` is drawn as not published.
    whole : ZoneComparison
        All zones of the kind.
    row : ComparedRow
        A row of `whole`.
    classes : Classes
        Of `row.numbers(whole.per)`.
    letters : mapping of code to letter, optional
        The chosen zones.
    href : callable, optional
        Gives the address that a zone leads to.
    """
    numbers, looks = row.numbers(whole.per), looks_of(classes, row)
    told: dict[str, tuple[ComparedZone, str, str]] = {}
    for zone, cell, number in zip(whole.zones, row.cells, numbers, strict=True):
        place = classes.place(number)
        css = NOTHING.css if place is None else looks[place].css
        told[zone.ref.code] = (zone, css, _tell(zone, cell, row, whole.per, lang))
    title = read_text(row.indicator.name, lang)
    areas = _areas(outlines, told, letters or {}, href)
    return draw_areas(areas, looks, title=title, lang=lang, size_px=size_px, ident=ident)


def draw_bivariate(
    outlines: Sequence[Outline],
    whole: ZoneComparison,
    crossed: Bivariate,
    *,
    lang: Lang,
    letters: Mapping[str, str] | None = None,
    href: Address | None = None,
    size_px: tuple[int, int] = SIZE_PX,
    ident: str = "bivariate",
) -> Markup:
    """Return the map of need against offer as one `svg` element; see `draw_choropleth`."""
    looks = crossed_swatches()
    told: dict[str, tuple[ComparedZone, str, str]] = {}
    cells = zip(crossed.need.cells, crossed.offer.cells, strict=True)
    for zone, place, (need, offer) in zip(whole.zones, crossed.places, cells, strict=True):
        css = NOTHING.css if place is None else looks[place[0]][place[1]].css
        figures = [
            f"{read_text(row.indicator.name, lang)} {tell_cell(cell, row, whole.per, lang)}"
            for row, cell in ((crossed.need, need), (crossed.offer, offer))
        ]
        words = [*figures, *([tell_crossed(place, lang)] if place else [])]
        told[zone.ref.code] = (zone, css, f"{read_text(zone.name, lang)}: {' · '.join(words)}")
    title = translate(
        lang,
        "%(need)s against %(offer)s",
        need=read_text(crossed.need.indicator.name, lang),
        offer=read_text(crossed.offer.indicator.name, lang),
    )
    areas = _areas(outlines, told, letters or {}, href)
    flat = [look for looks_of_need in looks for look in looks_of_need]
    return draw_areas(areas, flat, title=title, lang=lang, size_px=size_px, ident=ident)


def _tell(zone: ComparedZone, cell: Cell, row: ComparedRow, per: Per, lang: Lang) -> str:
    return f"{read_text(zone.name, lang)}: {tell_cell(cell, row, per, lang)}"


def _areas(
    outlines: Iterable[Outline],
    told: Mapping[str, tuple[ComparedZone, str, str]],
    letters: Mapping[str, str],
    href: Address | None,
) -> list[Area]:
    """Return the areas in the order of drawing: chosen ones last, so that their edge lies on top."""
    areas = []
    for outline in outlines:
        zone, css, words = told.get(outline.code, (None, NOTHING.css, outline.code))
        address = href(zone) if href and zone else ""
        letter = letters.get(outline.code, "")
        areas.append(Area(outline.code, outline.point, outline.geometry, css, words, address, letter))
    return sorted(areas, key=lambda area: bool(area.letter))


def draw_areas(
    areas: Sequence[Area],
    looks: Sequence[Swatch],
    *,
    title: str,
    lang: Lang,
    size_px: tuple[int, int],
    ident: str,
) -> Markup:
    """Return areas, each in the look that its class names (or as nothing is known), as one `svg` element."""
    width, height = size_px
    body = ""
    if areas:
        bbox = box_around((p for area in areas for p in positions(area.geometry)), MARGIN)
        place = Projection(bbox, size_px)
        letters = (_letter(area, place(area.point)) for area in areas if area.letter)
        by_css = {look.css: look for look in (*looks, NOTHING)}
        body = "".join([*(_zone(area, by_css[area.css], place, ident) for area in areas), *letters])
    told = translate(lang, "Map of %(count)s zones; the table says the same.", count=len(areas))
    patterns = "".join(look.pattern(ident) for look in (*looks, NOTHING))
    return Markup(  # noqa: S704 - every text is escaped, the rest are numbers and colours of ours
        f'<svg xmlns="http://www.w3.org/2000/svg" class="choropleth" viewBox="0 0 {width} {height}"'
        f' role="group" aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(title)}</title><desc id="{ident}-desc">{escape(told)}</desc>'
        f"<defs>{patterns}</defs>{body}</svg>"
    )


def _zone(area: Area, look: Swatch, place: Projection, ident: str) -> str:
    steps = trace(area.geometry, place)
    if not steps:
        return ""
    chosen = " chosen" if area.letter else ""
    fill = look.colour if not look.texture else f"url(#{ident}-{look.css})"
    link = f' href="{escape(area.href)}"' if area.href else ""
    marked = f' data-letter="{escape(area.letter)}"' if area.letter else ""
    edges = _CHOSEN if area.letter else _PLAIN
    paths = (
        f'<path fill="{fill}" fill-rule="evenodd" {edge} stroke-linejoin="round" d="{steps}"/>'
        for edge in edges
    )
    return (
        f'<a class="zone {look.css}{chosen}" data-code="{escape(area.code)}"{marked}{link}>'
        f"<title>{escape(area.told)}</title>{''.join(paths)}</a>"
    )


def _letter(area: Area, at: tuple[float, float]) -> str:
    x, y = at
    return (
        f'<g class="letter" transform="translate({x:.1f} {y:.1f})" aria-hidden="true">'
        f'<circle r="{LETTER_PX}" fill="{INK}" stroke="#ffffff" stroke-width="2"/>'
        f'<text y="5" fill="#ffffff" font-family="{FONTS}" font-size="14" font-weight="700"'
        f' text-anchor="middle">{escape(area.letter)}</text></g>'
    )
