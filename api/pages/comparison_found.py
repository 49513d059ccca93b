"""What is found for the address of a comparison: the zones, their figures, and what could not be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import Request

from api.errors import N_, fault_of
from api.pages.comparison_choice import KINDS, ZoneChoice, choose_zones, kind_of, read_query
from api.pages.comparison_figures import Figures, choose_figures
from api.pages.comparison_query import ComparisonQuery
from api.pages.comparison_words import KIND_WORDS
from api.pages.frame import keep
from geo.db.reads import Reader
from geo.errors import UnknownValue
from geo.territory.comparison.comparing import LETTERS, ComparedRow, ZoneComparison, compare_zones
from geo.territory.figures.indicators import list_indicators
from geo.vocabulary import Lang, ZoneKind
from maps.web.i18n import read_text, translate

#: The parts of the address as the page names them.
FIELDS: Final[Mapping[str, str]] = {
    "zone": N_("Chosen zones"),
    "kind": N_("Which zones?"),
    "indicator": N_("Choose the figures"),
    "on": N_("Figure on the map"),
    "per": N_("Show them as"),
    "classes": N_("Classes"),
    "k": N_("How many classes"),
    "need": N_("Need"),
    "offer": N_("Offer"),
    "view": N_("How to show it"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """All zones of the kind (`whole`), those that are shown, and the letters of the chosen by reference.

    `problems` are sentences about what had to be passed over; the rest of what was asked is there.
    """

    query: ComparisonQuery
    kind: ZoneKind
    kinds: tuple[str, ...]
    figures: Figures
    whole: ZoneComparison
    shown: ZoneComparison
    choice: ZoneChoice
    letters: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def row(self) -> ComparedRow | None:
        """Return the row of the map, over all zones."""
        return self.whole.row(self.figures.on) if self.figures.on else None

    @property
    def status(self) -> int:
        """Return the status of the answer; its page is useful all the same."""
        return 400 if self.problems or self.figures.unknown else self.choice.status


async def find_comparison(request: Request, reader: Reader, lang: Lang) -> Found:
    """Return what the address asks for, as far as it can be had."""
    query, faults = read_query(request)
    problems = [_tell_fault(fault, lang) for fault in faults]
    every = await keep(request, "indicators", lambda: list_indicators(reader))
    kinds = tuple(kind for kind in KINDS if any(kind in facts.kinds for facts in every))
    kind = kind_of(query)
    if kinds and kind not in kinds:
        words = N_("There are no figures for the %(zones)s yet.")
        problems.append(translate(lang, words, zones=read_text(KIND_WORDS[kind], lang)))
        kind = ZoneKind(kinds[0])
    figures = choose_figures(query, [each for each in every if kind in each.kinds])
    whole, query, missing = await _read_whole(reader, query, kind, figures, lang)
    choice = choose_zones(query.zone, kind, {zone.ref.code for zone in whole.zones})
    return Found(
        query=query,
        kind=kind,
        kinds=kinds,
        figures=figures,
        whole=whole,
        shown=await _read_chosen(reader, query, choice, figures) or whole,
        choice=choice,
        letters=dict(zip(map(str, choice.zones), LETTERS, strict=False)),
        problems=(*problems, *missing),
    )


def _tell_fault(fault: Mapping[str, object], lang: Lang) -> str:
    """Return a sentence about a part of the address that could not be read, by its name in the page."""
    told = fault_of(fault, lang)
    field = told["field"].partition(".")[0]
    return f"{translate(lang, FIELDS.get(field, field))}: {told['detail']}"


async def _read_whole(
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
    words = N_("There is no edition %(edition)s of the %(zones)s: these are the present ones.")
    told = translate(lang, words, edition=query.edition, zones=read_text(KIND_WORDS[kind], lang))
    return await compare(), query.model_copy(update={"edition": None}), [told]


async def _read_chosen(
    reader: Reader, query: ComparisonQuery, choice: ZoneChoice, figures: Figures
) -> ZoneComparison | None:
    """Return the chosen zones side by side; None where there are not two."""
    if len(choice.zones) < 2 or not figures.on:
        return None
    asked: Sequence[str] = figures.rows if figures.on in figures.rows else (*figures.rows, figures.on)
    return await compare_zones(reader, choice.zones, edition=query.edition, indicators=asked, per=query.per)
