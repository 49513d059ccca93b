"""What the page of a comparison shows: the zones, their figures, the answer in words, what can be chosen."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.requests import Request

from api.errors import N_, fault_of
from api.pages.choices import ZoneChoices, zone_choices
from api.pages.comparison_choice import KINDS, ZoneChoice, choose_zones, kind_of, read_query
from api.pages.comparison_map import map_of_figure, map_of_need_and_offer
from api.pages.comparison_query import ComparisonQuery
from api.pages.comparison_rows import draw_skylines, draw_spines, rank_zones
from api.pages.comparison_words import KIND_WORDS, tell_answer, tell_cell
from api.pages.frame import keep, read_shelf
from geo.db.reads import Reader
from geo.errors import UnknownValue
from geo.territory.comparison import LETTERS, ZoneComparison, compare_zones
from geo.territory.indicators import IndicatorFacts, list_indicators
from geo.territory.zones import list_zones
from geo.vocabulary import Direction, Lang, Topic, ZoneKind
from geo.words import TOPICS
from maps.web.i18n import read_text, translate

#: Rows that stand there before anybody chose; more are a click away.
FIRST_ROWS: Final = 8
#: Zones of these kinds are so many that they are offered under the larger zones they lie in.
_UNDER: Final = {ZoneKind.QUARTIER: ZoneKind.COMMUNE, ZoneKind.SECTEUR: ZoneKind.QUARTIER}


@dataclass(frozen=True, slots=True)
class Figures:
    """The indicators that a page may show, those of its rows and maps, and the ids that name none here."""

    offered: tuple[IndicatorFacts, ...]
    rows: tuple[str, ...]
    on: str | None
    need: str | None
    offer: str | None
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """All zones of the kind, those that are shown, and the letters of the chosen ones by reference."""

    whole: ZoneComparison
    shown: ZoneComparison
    letters: Mapping[str, str]


def choose_figures(query: ComparisonQuery, offered: Sequence[IndicatorFacts]) -> Figures:
    """Return the indicators to show; what has no figures for this kind of zone is told, and passed over."""
    known = {each.id: each for each in offered}
    named = [*query.indicator, query.on, query.need, query.offer]
    rows = tuple(dict.fromkeys(each for each in query.indicator if each in known))
    judged = [each.id for each in offered if each.direction is not Direction.NEUTRAL]
    offers = [each.id for each in offered if each.topic is Topic.OFFER] or judged[::-1]
    needs = [each for each in judged if each not in offers[:1] and known[each].topic is not Topic.OFFER]
    return Figures(
        offered=tuple(offered),
        rows=rows or tuple(known)[:FIRST_ROWS],
        on=_pick(query.on, known, [*(each for each in judged if each in rows), *rows, *judged, *known]),
        need=_pick(query.need, known, needs),
        offer=_pick(query.offer, known, offers),
        unknown=tuple(dict.fromkeys(each for each in named if each and each not in known)),
    )


def _pick(asked: str | None, known: Container[str], otherwise: Sequence[str]) -> str | None:
    return asked if asked in known else next(iter(otherwise), None)


async def comparison_page(request: Request, reader: Reader, lang: Lang) -> tuple[dict[str, Any], int]:
    """Return the context of the page of a comparison, and its status: faults are told in the page."""
    query, faults = read_query(request)
    kind = kind_of(query)
    every = await keep(request, "indicators", lambda: list_indicators(reader))
    figures = choose_figures(query, [each for each in every if kind in each.kinds])
    whole, query, problems = await _whole(reader, query, kind, figures, lang)
    names = {zone.ref.code: read_text(zone.name, lang) for zone in whole.zones}
    choice = choose_zones(query.zone, kind, names)
    side_by_side = len(choice.zones) > 1 and bool(figures.rows)
    shown = await _side_by_side(reader, choice, query, figures) if side_by_side else whole
    row = whole.row(figures.on) if figures.on else None
    letters = dict(zip(map(str, choice.zones), LETTERS, strict=False))
    path = f"/{lang}/compare"
    problems += [f"{each['field']}: {each['detail']}" for each in (fault_of(fault, lang) for fault in faults)]
    context = {
        "query": query,
        "kind": kind,
        "kinds": [each for each in KINDS if each == kind or any(each in facts.kinds for facts in every)],
        "kind_words": KIND_WORDS,
        "figures": figures,
        "topics": _by_topic(figures.offered),
        "whole": whole,
        "shown": shown,
        "row": row,
        "side_by_side": side_by_side,
        "names": names,
        "called": await _call(reader, choice, kind, names, lang),
        "choice": choice,
        "letters": letters,
        "offered": await _offered(request, reader, lang, kind, names),
        "problems": problems,
        "answer": tell_answer(shown, shown.row(figures.on), row, lang) if row and figures.on else [],
        "say": partial(tell_cell, lang=lang),
        "sources": {each.id: each.name for each in (await read_shelf(request, reader)).sources},
        "link": partial(query.address, path),
        "only": lambda of: [each for each in query.zone if each.startswith(f"{of}:")],
        "file": lambda ending: query.address(f"{path}.{ending}"),
    }
    context |= await _parts(request, reader, query, figures, _Told(whole, shown, letters), lang)
    return context, 400 if faults or problems else choice.status


async def _parts(
    request: Request, reader: Reader, query: ComparisonQuery, figures: Figures, told: _Told, lang: Lang
) -> dict[str, Any]:
    """Return what the chosen view draws."""
    whole, shown, letters = told.whole, told.shown, told.letters
    if query.view == "chart":
        return {"skylines": draw_skylines(whole, letters, query.per, lang)}
    if query.view == "bivariate":
        return await _crossed(request, reader, query, figures, told, lang)
    drawn = whole.row(figures.on) if figures.on else None
    figure_map = drawn and await map_of_figure(request, reader, query, whole, drawn, letters, lang)
    if not shown.is_ranking:
        return {"figure_map": figure_map, "spines": draw_spines(shown, lang)}
    ranked, unranked = rank_zones(whole, query, letters, f"/{lang}/compare") if whole.rows else ([], [])
    return {"figure_map": figure_map, "ranked": ranked, "unranked": unranked, "columns": whole.rows}


async def _crossed(
    request: Request, reader: Reader, query: ComparisonQuery, figures: Figures, told: _Told, lang: Lang
) -> dict[str, Any]:
    """Return the map of need against offer; nothing where there are not two figures to hold together."""
    if not figures.need or not figures.offer:
        return {"crossed": None}
    rows = (told.whole.row(figures.need), told.whole.row(figures.offer))
    part, crossed, fields = await map_of_need_and_offer(
        request, reader, query, told.whole, rows, told.letters, lang
    )
    return {"crossed_map": part, "crossed": crossed, "fields": fields}


async def _whole(
    reader: Reader, query: ComparisonQuery, kind: ZoneKind, figures: Figures, lang: Lang
) -> tuple[ZoneComparison, ComparisonQuery, list[str]]:
    """Return all zones of the kind, in the figures that map and charts need; an unknown edition is told."""
    rows = figures.rows if query.view == "chart" or query.indicator else ()
    both = (figures.need, figures.offer) if query.view == "bivariate" else ()
    asked = tuple(dict.fromkeys(each for each in (figures.on, *rows, *both) if each))
    compare = partial(compare_zones, reader, kind=kind, indicators=asked, per=query.per)
    try:
        return await compare(edition=query.edition), query, []
    except UnknownValue:
        if query.edition is None:
            raise
        present = query.model_copy(update={"edition": None})
        words = N_("There is no edition %(edition)s of the %(zones)s: these are the present ones.")
        zones = read_text(KIND_WORDS[kind.value], lang)
        return await compare(), present, [translate(lang, words, edition=query.edition, zones=zones)]


async def _side_by_side(
    reader: Reader, choice: ZoneChoice, query: ComparisonQuery, figures: Figures
) -> ZoneComparison:
    asked = figures.rows if figures.on in figures.rows else (*figures.rows, str(figures.on))
    return await compare_zones(reader, choice.zones, edition=query.edition, indicators=asked, per=query.per)


async def _call(
    reader: Reader, choice: ZoneChoice, kind: ZoneKind, names: Mapping[str, str], lang: Lang
) -> dict[str, str]:
    """Return the names of the zones that were left out, as far as there are such zones."""
    called = {f"{kind.value}:{code}": name for code, name in names.items()}
    for other in {each.kind for each in choice.left_out if each.reason == "kind"}:
        zones = (await list_zones(reader, other, limit=1000)).parsed()
        called |= {f"{zone.kind.value}:{zone.code}": read_text(zone.name, lang) for zone in zones}
    return called


async def _offered(
    request: Request, reader: Reader, lang: Lang, kind: ZoneKind, names: Mapping[str, str]
) -> ZoneChoices:
    """Return the zones that can be added, under larger ones where they are many."""
    if kind in _UNDER:
        return await zone_choices(request, reader, lang, kind, _UNDER[kind])
    listed = [(f"{kind.value}:{code}", name) for code, name in names.items()]
    return [("", sorted(listed, key=lambda zone: zone[1].casefold()))]


def _by_topic(offered: Sequence[IndicatorFacts]) -> list[tuple[Any, list[IndicatorFacts]]]:
    """Return the indicators under what they are about, in the order of the catalogue."""
    topics = dict.fromkeys(each.topic.value for each in offered)
    return [(TOPICS[topic], [each for each in offered if each.topic.value == topic]) for topic in topics]
