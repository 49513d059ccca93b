"""The figures of a zone as its page shows them: grouped by topic, each with its charts and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup

from geo.territory.figures.profile import Comparator, ProfileFigure, ZoneProfile
from geo.territory.figures.spread import Rank, Trend
from geo.territory.zones import Figure
from geo.vocabulary import Aggregation, Lang, LevelRole, Text, Topic, ValueStatus
from geo.words import TOPICS
from maps.charts import Mark, sparkline, spine
from maps.web.i18n import format_number, format_share, read_text, translate

#: Of fewer zones than this, the number of the place says enough.
FEW: Final = 8
_ORDER: Final = {topic: rank for rank, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class Amount:
    """A value in words: the number as written, or why there is none; and a remark below it."""

    number: str | None
    absent: str
    remark: str


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on the page. `beside` stands in the order of the profile's larger zones."""

    figure: Figure
    amount: Amount
    beside: tuple[Amount, ...]
    spine: Markup | None
    rank: str
    spark: Markup | None
    trend: str
    better: bool | None
    source: str


@dataclass(frozen=True, slots=True)
class Topics:
    """The figures about one subject."""

    code: str
    name: Text
    lines: tuple[Line, ...]


def letters_of(lang: Lang) -> Mapping[str, str]:
    """Return the letter of each level above on the charts: how its name begins in the reader's language."""
    return {
        LevelRole.MESO.value: translate(lang, "Care area")[0],
        LevelRole.REGION.value: translate(lang, "Region")[0],
    }


def lay_out(profile: ZoneProfile, lang: Lang, sources: Mapping[str, str]) -> tuple[Topics, ...]:
    """Return the figures of a zone under their topics.

    Parameters
    ----------
    profile : ZoneProfile
        See `geo.territory.figures.profile.read_profile`.
    lang : {"fr", "nl", "en"}
        The reader's language.
    sources : mapping
        Name of each source by its id.
    """
    ordered = sorted(profile.figures, key=lambda each: _ORDER[Topic(each.figure.topic)])
    return tuple(
        Topics(topic, TOPICS[topic], tuple(_line(profile, each, lang, sources) for each in figures))
        for topic, figures in groupby(ordered, key=lambda each: each.figure.topic)
    )


def tell_rank(rank: Rank, direction: str, lang: Lang) -> str:
    """Return the place of a value in words: how high it is, and its number from the better end."""
    place = _tell_place(rank, direction, lang)
    if rank.position == 1 or rank.number < FEW:
        return place
    return translate(lang, "%(height)s: %(place)s", height=_tell_height(rank, lang), place=place)


def tell_trend(trend: Trend, figure: Figure, lang: Lang) -> str:
    """Return where a series is going in words, with the year in which the look back begins."""
    since = trend.periods[0]
    if trend.direction == "flat":
        return translate(lang, "steady since %(year)s", year=since)
    decimals = figure.decimals + (abs(trend.per_year) < 1)
    change = format_number(abs(trend.per_year), lang, decimals)
    if trend.direction == "up":
        return translate(lang, "rising since %(year)s, by about %(change)s a year", year=since, change=change)
    return translate(lang, "falling since %(year)s, by about %(change)s a year", year=since, change=change)


def tell_amount(value: float | None, status: str, decimals: int, lang: Lang, *remarks: str) -> Amount:
    """Return a value as it is written; where there is none, why."""
    estimate = translate(lang, "estimated") if status == ValueStatus.ESTIMATED else ""
    remark = ", ".join(each for each in (*remarks, estimate) if each)
    if value is not None:
        return Amount(format_number(value, lang, decimals), "", remark)
    if status == ValueStatus.SUPPRESSED:
        return Amount(None, translate(lang, "kept secret: too few people"), remark)
    return Amount(None, translate(lang, "not published"), remark)


def _line(profile: ZoneProfile, each: ProfileFigure, lang: Lang, sources: Mapping[str, str]) -> Line:
    figure = each.figure
    return Line(
        figure=figure,
        amount=tell_amount(figure.value, figure.status, figure.decimals, lang),
        beside=tuple(_beside(each.beside(larger.role), figure, lang) for larger in profile.larger),
        spine=_spine(profile, each, lang),
        rank=tell_rank(each.rank, figure.direction, lang) if each.rank else "",
        spark=_spark(profile, each, lang),
        trend=tell_trend(each.trend, figure, lang) if each.trend else "",
        better=each.trend.better if each.trend else None,
        source=sources.get(figure.source, ""),
    )


def _beside(other: Comparator | None, figure: Figure, lang: Lang) -> Amount:
    if other is None:
        return tell_amount(None, ValueStatus.MISSING, 0, lang)
    year = "" if other.is_same_period else translate(lang, "in %(year)s", year=other.period)
    part = (
        translate(lang, "%(share)s of it live here", share=format_share(100 * other.share, lang))
        if other.share is not None and figure.unit == "people"
        else ""
    )
    return tell_amount(other.value, other.status, figure.decimals, lang, year, part)


def _spine(profile: ZoneProfile, each: ProfileFigure, lang: Lang) -> Markup | None:
    if each.spine is None:
        return None
    figure = each.figure
    marks = [Mark("", figure.value, read_text(profile.zone.name, lang))] if figure.value is not None else []
    marks += _references(profile, each, lang)
    title = translate(
        lang, "%(indicator)s, %(period)s", indicator=read_text(figure.name, lang), period=figure.period
    )
    return spine(each.spine, marks, lang=lang, title=title, decimals=figure.decimals, width_px=240)


def _references(profile: ZoneProfile, each: ProfileFigure, lang: Lang) -> Sequence[Mark]:
    """Return the larger zones that can stand on the same line: not what adds up, not of another year."""
    if each.figure.aggregation == Aggregation.SUM:
        return []
    letters = letters_of(lang)
    found = ((larger, each.beside(larger.role)) for larger in profile.larger)
    return [
        Mark(letters[larger.role], other.value, read_text(larger.zone.name, lang), is_reference=True)
        for larger, other in found
        if other and other.is_same_period and other.value is not None
    ]


def _spark(profile: ZoneProfile, each: ProfileFigure, lang: Lang) -> Markup | None:
    if each.trend is None:
        return None
    figure = each.figure
    shown = [(period, value) for period, value, _ in figure.series if period >= each.trend.periods[0]]
    title = translate(
        lang,
        "%(indicator)s from %(first)s to %(last)s",
        indicator=read_text(figure.name, lang),
        first=shown[0][0],
        last=shown[-1][0],
    )
    return sparkline(shown, lang=lang, title=title, decimals=figure.decimals)


def _tell_height(rank: Rank, lang: Lang) -> str:
    if rank.percentile < 25:
        return translate(lang, "in the lowest quarter")
    if rank.percentile < 45:
        return translate(lang, "rather low")
    if rank.percentile <= 55:
        return translate(lang, "in the middle")
    if rank.percentile <= 75:
        return translate(lang, "rather high")
    return translate(lang, "in the highest quarter")


def _tell_place(rank: Rank, direction: str, lang: Lang) -> str:
    number, position = format_number(rank.number, lang), format_number(rank.position, lang)
    if direction == "lower-better":
        if rank.position == 1:
            return translate(lang, "lowest of %(number)s", number=number)
        return translate(
            lang, "no. %(position)s of %(number)s from the lowest", position=position, number=number
        )
    if rank.position == 1:
        return translate(lang, "highest of %(number)s", number=number)
    return translate(
        lang, "no. %(position)s of %(number)s from the highest", position=position, number=number
    )
