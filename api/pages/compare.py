"""What the page of a comparison shows: the zones, their figures, the answer in words, what can be chosen."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from starlette.requests import Request

from api.pages.choices import ZoneChoices, zone_choices
from api.pages.comparison_found import Found, find_comparison
from api.pages.comparison_map import map_of_figure, map_of_need_and_offer
from api.pages.comparison_rows import draw_skylines, draw_spines, rank_zones
from api.pages.comparison_words import KIND_WORDS, tell_answer, tell_cell
from api.pages.frame import credit_limits, read_shelf
from geo.db.reads import Reader
from geo.territory.zones import list_zones
from geo.vocabulary import Lang, ZoneKind
from maps.web.i18n import read_text

#: Zones of these kinds are so many that they are offered under the larger zones they lie in.
_UNDER: Final = {ZoneKind.QUARTIER: ZoneKind.COMMUNE, ZoneKind.SECTEUR: ZoneKind.QUARTIER}


async def comparison_page(request: Request, reader: Reader, lang: Lang) -> tuple[dict[str, Any], int]:
    """Return the context of the page of a comparison, and its status: faults are told in the page."""
    found = await find_comparison(request, reader, lang)
    query, path = found.query, f"/{lang}/compare"
    names = {zone.ref.code: read_text(zone.name, lang) for zone in found.whole.zones}
    context = {
        "found": found,
        "query": query,
        "kind": found.kind,
        "kind_words": KIND_WORDS,
        "figures": found.figures,
        "whole": found.whole,
        "shown": found.shown,
        "row": found.row,
        "letters": found.letters,
        "choice": found.choice,
        "side_by_side": not found.shown.is_ranking,
        "names": names,
        "called": await _call(reader, found, lang),
        "offered": await _offer(request, reader, found.kind, names, lang),
        "answer": tell_answer(found.shown, found.row, lang) if found.row else [],
        "say": partial(tell_cell, lang=lang),
        "limits": await credit_limits(request, reader, found.kind, query.edition),
        "sources": {each.id: each.name for each in (await read_shelf(request, reader)).sources},
        "link": partial(query.address, path),
        "only": lambda of: [each for each in query.zone if each.startswith(f"{of}:")],
        "file": lambda ending: query.address(f"{path}.{ending}"),
    }
    return context | await _draw(request, reader, found, lang), found.status


async def _draw(request: Request, reader: Reader, found: Found, lang: Lang) -> dict[str, Any]:
    """Return what the chosen view draws."""
    if found.query.view == "chart":
        places = {zone.ref.code: place for place, zone in enumerate(found.whole.zones)}
        return {
            "places": places,
            "skylines": draw_skylines(found.whole, found.letters, found.query.per, lang),
        }
    if found.query.view == "bivariate":
        return await _cross(request, reader, found, lang)
    row = found.row
    figure_map = await map_of_figure(request, reader, found, row, lang) if row else None
    if not found.shown.is_ranking:
        return {"figure_map": figure_map, "spines": draw_spines(found.shown, lang)}
    ranked, unranked = rank_zones(found.whole, found.query, found.letters, f"/{lang}/compare")
    return {"figure_map": figure_map, "ranked": ranked, "unranked": unranked, "columns": found.whole.rows}


async def _cross(request: Request, reader: Reader, found: Found, lang: Lang) -> dict[str, Any]:
    """Return the map of need against offer; nothing where there are not two figures to hold together."""
    need, offer = found.figures.need, found.figures.offer
    if not need or not offer:
        return {"crossed": None}
    rows = (found.whole.row(need), found.whole.row(offer))
    part, crossed, fields = await map_of_need_and_offer(request, reader, found, rows, lang)
    return {"crossed_map": part, "crossed": crossed, "fields": fields}


async def _call(reader: Reader, found: Found, lang: Lang) -> dict[str, str]:
    """Return the names of the zones that were left out, as far as there are such zones."""
    left_out = {each.kind for each in found.choice.left_out if each.kind and each.reason != "unknown"}
    called: dict[str, str] = {}
    for kind in left_out:
        zones = (await list_zones(reader, kind, limit=1000)).parsed()
        called |= {f"{zone.kind.value}:{zone.code}": read_text(zone.name, lang) for zone in zones}
    return called


async def _offer(
    request: Request, reader: Reader, kind: ZoneKind, names: dict[str, str], lang: Lang
) -> ZoneChoices:
    """Return the zones that can be added, under larger ones where they are many."""
    if kind in _UNDER:
        return await zone_choices(request, reader, lang, kind, _UNDER[kind])
    listed = [(f"{kind.value}:{code}", name) for code, name in names.items()]
    return [("", sorted(listed, key=lambda zone: zone[1].casefold()))]
