"""What a coverage page says first: one sentence that says it all, and who has less."""

from __future__ import annotations

from geo.access.coverage.reading import CoverageTable, ZoneCovered
from geo.vocabulary import Lang, Walker
from geo.words import WALKERS
from maps.web.i18n import format_number, format_share, read_text, translate


def tell_answer(table: CoverageTable, region: ZoneCovered, lang: Lang) -> list[str]:
    """Return how many people get there within the minutes, and on which streets that was measured."""
    told = translate(
        lang,
        "%(covered)s of %(people)s inhabitants (%(share)s) get there within %(minutes)s minutes on foot;"
        " streets of %(year)s.",
        covered=format_number(region.covered, lang),
        people=format_number(region.people, lang),
        share=format_share(100 * region.share, lang),
        minutes=table.minutes,
        year=table.network.year,
    )
    return [told, *_half(region, lang), *_walker(table.walker, lang)]


def _half(region: ZoneCovered, lang: Lang) -> list[str]:
    if region.median_minutes is None:
        return [translate(lang, "Half of them have no way to any.")]
    minutes = format_number(region.median_minutes, lang)
    return [translate(lang, "Half of the inhabitants need %(minutes)s minutes or less.", minutes=minutes)]


def _walker(walker: Walker, lang: Lang) -> list[str]:
    if walker is Walker.ADULT:
        return []
    words = read_text(WALKERS[walker.value], lang)
    return [translate(lang, "As if everybody walked like this: %(walker)s.", walker=words.lower())]


def tell_inequality(table: CoverageTable, lang: Lang) -> list[str]:
    """Return who has less: the poorest fifth of zones against the richest, and the spread among all."""
    told, fifths, gini = [], table.inequality.fifths, table.inequality.gini
    if fifths:
        sentence = translate(
            lang,
            "In the fifth of zones with the lowest incomes, %(poorest)s get there within %(minutes)s minutes;"
            " in the fifth with the highest, %(richest)s.",
            poorest=format_share(100 * fifths.poorest, lang),
            richest=format_share(100 * fifths.richest, lang),
            minutes=table.minutes,
        )
        told.append(sentence)
    if gini is not None:
        sentence = translate(
            lang,
            "Between all zones, the Gini coefficient of this share is %(gini)s: 0 would be the same for"
            " everybody, 1 all for one zone.",
            gini=format_number(gini, lang, 2),
        )
        told.append(sentence)
    return told
