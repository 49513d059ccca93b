"""The rows of a comparison's page: zones in their order, spines with lettered marks, skylines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from api.errors import N_
from api.pages.comparison_query import ComparisonQuery
from api.pages.comparison_words import tell_cell
from geo.territory.comparison.comparing import Cell, ComparedRow, ComparedZone, Per, ZoneComparison
from geo.vocabulary import Lang, ZoneRef
from maps.charts import Mark, spine
from maps.skyline import Bar, Line, skyline
from maps.web.i18n import format_number, read_text, translate

#: Letter of the region on a spine.
REGION = "R"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A zone in a ranking: its place, its letter where it was chosen, and the link that adds or takes it."""

    place: str
    zone: ComparedZone
    letter: str
    cells: tuple[Cell, ...]
    share: float
    toggle: str


def toggles(query: ComparisonQuery, path: str) -> Callable[[ZoneRef], str]:
    """Return what gives the address of the comparison with a zone added, or without it.

    An address for each of hundreds of zones: what they share is written once.
    """
    shared = query.address(path, zone=(), kind=None)
    start = f"{shared}{'&' if '?' in shared else '?'}"

    def toggle(zone: ZoneRef) -> str:
        zones = [each for each in query.zone if each != str(zone)]
        if str(zone) not in query.zone:
            zones.append(str(zone))
        chosen = [("zone", each) for each in zones] or [("kind", zone.kind.value)]
        return start + urlencode(chosen, safe=":")

    return toggle


def rank_zones(
    whole: ZoneComparison, query: ComparisonQuery, letters: Mapping[str, str], path: str
) -> tuple[list[Ranked], list[ComparedZone]]:
    """Return the zones in the order of the first row, and those without a figure of its period."""
    if not whole.rows:
        return [], list(whole.zones)
    row, toggle = whole.rows[0], toggles(query, path)
    most = max((abs(value) for value in row.numbers(query.per) if value is not None), default=0.0)
    ranked: list[Ranked] = []
    rest: list[ComparedZone] = []
    for place, (zone, cell) in enumerate(zip(whole.zones, row.cells, strict=True)):
        if cell.rank is None or cell.value is None:
            rest.append(zone)
            continue
        ref = str(zone.ref)
        amount = cell.percentile if query.per == "percentile" else cell.value
        ranked.append(
            Ranked(
                place=str(cell.rank.position) if cell.period == row.period else "–",
                zone=zone,
                letter=letters.get(ref, ""),
                cells=tuple(each.cells[place] for each in whole.rows),
                share=round(100 * abs(amount or 0) / most, 1) if most else 0,
                toggle=toggle(zone.ref),
            )
        )
    return (ranked[::-1] if query.order == "bottom" else ranked), rest


def draw_spines(shown: ZoneComparison, lang: Lang) -> dict[str, Markup]:
    """Return the spine of each indicator, with the zones and the region as marks on it."""
    return {row.indicator.id: _spine(shown, row, lang) for row in shown.rows}


def _spine(shown: ZoneComparison, row: ComparedRow, lang: Lang) -> Markup:
    if row.spine is None:
        return Markup("")
    marks = [
        Mark(zone.letter, cell.value, read_text(zone.name, lang))
        for zone, cell in zip(shown.zones, row.cells, strict=True)
        if cell.value is not None and cell.period == row.period
    ]
    region = row.region
    if region and region.value is not None and region.period == row.period and _is_within(region.value, row):
        marks.append(Mark(REGION, region.value, translate(lang, N_("Region")), is_reference=True))
    title = read_text(row.indicator.name, lang)
    return spine(row.spine, marks, lang=lang, title=title, decimals=row.decimals)


def _is_within(value: float, row: ComparedRow) -> bool:
    """Return whether a value lies among those of the zones: a sum over the region does not."""
    return row.spine is not None and row.spine.minimum <= value <= row.spine.maximum


def draw_skylines(
    whole: ZoneComparison, letters: Mapping[str, str], per: Per, lang: Lang
) -> dict[str, Markup]:
    """Return all values of each indicator as bars; chosen zones lettered; lines of median and region."""
    return {row.indicator.id: _skyline(whole, row, letters, per, lang) for row in whole.rows}


def _skyline(
    whole: ZoneComparison,
    row: ComparedRow,
    letters: Mapping[str, str],
    per: Per,
    lang: Lang,
) -> Markup:
    bars = [
        Bar(
            value,
            f"{read_text(zone.name, lang)}: {tell_cell(cell, row, per, lang)}",
            letters.get(str(zone.ref), ""),
        )
        for zone, cell, value in zip(whole.zones, row.cells, row.numbers(per), strict=True)
        if value is not None
    ]
    name = read_text(row.indicator.name, lang)
    desc = translate(
        lang,
        N_("%(number)s bars, from the lowest value to the highest."),
        number=format_number(len(bars), lang),
    )
    return skyline(bars, _lines(row, per, lang), title=name, desc=desc)


def _lines(row: ComparedRow, per: Per, lang: Lang) -> Sequence[Line]:
    if per == "percentile" or row.spine is None:
        return []
    median = format_number(row.spine.median, lang, row.decimals)
    lines = [Line(row.spine.median, translate(lang, N_("Median: %(value)s"), value=median), "median")]
    region = row.region
    if region and region.value is not None and region.period == row.period and _is_within(region.value, row):
        told = tell_cell(region, row, "value", lang)
        lines.append(Line(region.value, translate(lang, N_("Region: %(value)s"), value=told), "region"))
    return lines
