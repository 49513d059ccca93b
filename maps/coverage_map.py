"""Zones drawn by the minutes that half of their people walk: what a coverage page shows without any script.

The bands, their colours and their words are those of the live map of streets (`maps/minutes.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from geo.territory.outlines import Outline
from geo.vocabulary import Lang
from maps.choropleth import SIZE_PX, Area, draw_areas
from maps.minutes import BANDS, NO_WAY, band_of
from maps.palettes import NOTHING
from maps.web.i18n import format_number, translate

IDENT: Final = "minutes"


@dataclass(frozen=True, slots=True)
class ZoneWalk:
    """What the drawing says of a zone. `half_minutes` is None where half of its people have no way."""

    name: str
    half_minutes: float | None
    share_percent: float


def draw_coverage(
    outlines: Sequence[Outline],
    walks: Mapping[str, ZoneWalk],
    *,
    title: str,
    minutes: int,
    lang: Lang,
    href: Callable[[str], str],
    size_px: tuple[int, int] = SIZE_PX,
) -> Markup:
    """Return the map as one `svg` element; zones without people are drawn as nothing known.

    Parameters
    ----------
    outlines : sequence of Outline
        The shapes of all zones of a kind.
    walks : mapping of code to ZoneWalk
        Of the zones that have people.
    minutes : int
        Within which `share_percent` of the people reach a service.
    href : callable
        Gives the address that a zone (by its code) leads to.
    """
    areas = [
        Area(
            each.code,
            each.point,
            each.geometry,
            band_of(walk.half_minutes).css if (walk := walks.get(each.code)) else NOTHING.css,
            tell_walk(walk, minutes, lang) if walk else translate(lang, "Nobody lives here."),
            href(each.code),
        )
        for each in outlines
    ]
    looks = [band.swatch for band in (*BANDS, NO_WAY)]
    return draw_areas(areas, looks, title=title, lang=lang, size_px=size_px, ident=IDENT)


def tell_walk(walk: ZoneWalk, minutes: int, lang: Lang) -> str:
    """Return what is told of a zone when it is pointed at."""
    share = format_number(walk.share_percent, lang)
    if walk.half_minutes is None:
        return translate(
            lang,
            "%(zone)s: half of the people have no way; %(share)s%% within %(minutes)s minutes",
            zone=walk.name,
            share=share,
            minutes=minutes,
        )
    return translate(
        lang,
        "%(zone)s: half of the people walk %(half)s minutes or less; %(share)s%% within %(minutes)s minutes",
        zone=walk.name,
        half=format_number(walk.half_minutes, lang),
        share=share,
        minutes=minutes,
    )
