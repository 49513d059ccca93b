"""What a comparison says in words: its heading, its answer, why something was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from api.errors import N_
from geo.territory.comparison.comparing import Cell, ComparedRow, ComparedZone, Per, ZoneComparison
from geo.vocabulary import Lang, Text, ZoneKind
from maps.web.i18n import format_number, read_text, translate
from maps.web.render import tell_unit

#: Kinds of zone, several of them, as they stand within a sentence.
KIND_WORDS: Final[Mapping[str, Text]] = {
    ZoneKind.QUARTIER.value: Text("quartiers", "wijken", "neighbourhoods"),
    ZoneKind.COMMUNE.value: Text("communes", "gemeenten", "communes"),
    ZoneKind.BASSIN.value: Text("bassins", "zorgzones", "care areas"),
    ZoneKind.MESO.value: Text("zones méso", "mesozones", "meso zones"),
    ZoneKind.SECTEUR.value: Text("secteurs statistiques", "statistische sectoren", "statistical sectors"),
}
_MARKED: Final = 3


def tell_cell(cell: Cell, row: ComparedRow, per: Per, lang: Lang, *, with_unit: bool = True) -> str:
    """Return the value of a cell as it is read: with its unit, or as its place among 100."""
    if per == "percentile":
        return "" if cell.percentile is None else format_number(cell.percentile, lang)
    if cell.value is None:
        return ""
    number = format_number(cell.value, lang, row.decimals)
    return f"{number}\u00a0{tell_unit(row.unit, lang)}" if with_unit else number


def tell_answer(shown: ZoneComparison, whole: ComparedRow, lang: Lang) -> list[str]:
    """Return the answer in a few sentences: lowest and highest, the middle, what is worse and worsening.

    Parameters
    ----------
    shown : ZoneComparison
        The zones side by side, or all of them.
    whole : ComparedRow
        The figure that the map shows, over all zones of the kind; one of those of `shown`.
    lang : {"fr", "nl", "en"}
        The reader's language.
    """
    row = shown.row(whole.indicator.id)
    known = [
        (cell, zone)
        for cell, zone in zip(row.cells, shown.zones, strict=True)
        if cell.value is not None and cell.period == row.period
    ]
    sentences = [_extremes(known, row, lang)] if known else [_nothing(row, lang)]
    if whole.spine and whole.spine.number > 1:
        sentences.append(_middle(whole, shown.kind, lang))
    return [*sentences, *_worse(shown, lang)]


def _extremes(known: Sequence[tuple[Cell, ComparedZone]], row: ComparedRow, lang: Lang) -> str:
    named = read_text(row.indicator.name, lang)
    lowest, highest = (pick(known, key=lambda each: each[0].value or 0) for pick in (min, max))
    period = row.period or ""
    if len(known) == 1:
        message = N_("%(indicator)s, %(period)s: %(value)s in %(zone)s.")
        value, zone = _said(*lowest, row, lang)
        return translate(lang, message, indicator=named, period=period, value=value, zone=zone)
    (low, low_zone), (high, high_zone) = _said(*lowest, row, lang), _said(*highest, row, lang)
    message = N_("%(indicator)s, %(period)s: from %(low)s in %(low_zone)s to %(high)s in %(high_zone)s.")
    return translate(
        lang,
        message,
        indicator=named,
        period=period,
        low=low,
        low_zone=low_zone,
        high=high,
        high_zone=high_zone,
    )


def _said(cell: Cell, zone: ComparedZone, row: ComparedRow, lang: Lang) -> tuple[str, str]:
    name = read_text(zone.name, lang)
    return tell_cell(cell, row, "value", lang), f"{zone.letter} {name}" if zone.letter else name


def _nothing(row: ComparedRow, lang: Lang) -> str:
    return translate(
        lang,
        N_("%(indicator)s: nothing is published for these zones."),
        indicator=read_text(row.indicator.name, lang),
    )


def _middle(whole: ComparedRow, kind: ZoneKind, lang: Lang) -> str:
    assert whole.spine is not None
    median = format_number(whole.spine.median, lang, whole.decimals)
    return translate(
        lang,
        N_("Half of the %(number)s %(zones)s with a figure lie below %(median)s."),
        number=format_number(whole.spine.number, lang),
        zones=read_text(KIND_WORDS[kind.value], lang),
        median=f"{median}\u00a0{tell_unit(whole.unit, lang)}",
    )


def _worse(shown: ZoneComparison, lang: Lang) -> list[str]:
    """Name what is worse than in most zones and gets worse still, where zones stand side by side."""
    if shown.is_ranking:
        return []
    found = []
    for place, zone in enumerate(shown.zones):
        names = [read_text(r.indicator.name, lang) for r in shown.rows if r.cells[place].worse_and_worsening]
        if names:
            told = names[:_MARKED] + (["…"] if len(names) > _MARKED else [])
            found.append(
                translate(
                    lang,
                    N_("%(zone)s: worse than most, and getting worse: %(figures)s."),
                    zone=read_text(zone.name, lang),
                    figures=", ".join(told),
                )
            )
    return found
