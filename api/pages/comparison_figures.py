"""Which figures the page of a comparison shows: in its rows, on its map, as need and as offer."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages.comparison_query import ComparisonQuery
from geo.territory.figures.indicators import IndicatorFacts
from geo.vocabulary import Direction, Text, Topic
from geo.words import TOPICS

#: Rows that stand there before anybody chose, one a topic; more are a click away.
FIRST_ROWS: Final = 9


@dataclass(frozen=True, slots=True)
class Figures:
    """The indicators that a page may show, those of its rows and maps, and the ids that name none here."""

    offered: tuple[IndicatorFacts, ...]
    rows: tuple[str, ...]
    on: str | None
    need: str | None
    offer: str | None
    unknown: tuple[str, ...]

    def by_topic(self) -> list[tuple[Text, list[IndicatorFacts]]]:
        """Return the indicators under what they are about, in the order of the catalogue."""
        topics = dict.fromkeys(each.topic.value for each in self.offered)
        return [
            (TOPICS[topic], [each for each in self.offered if each.topic.value == topic]) for topic in topics
        ]


def choose_figures(query: ComparisonQuery, offered: Sequence[IndicatorFacts]) -> Figures:
    """Return the indicators to show; what has no figures for this kind of zone is told, and passed over."""
    known = {each.id: each for each in offered}
    named = [*query.indicator, query.on, query.need, query.offer]
    rows = tuple(dict.fromkeys(each for each in query.indicator if each in known))
    firsts = {each.topic: each.id for each in reversed(offered)}
    rows = rows or tuple(each for each in known if each in firsts.values())[:FIRST_ROWS]
    judged = [each.id for each in offered if each.direction is not Direction.NEUTRAL]
    offers = [each.id for each in offered if each.topic is Topic.OFFER]
    return Figures(
        offered=tuple(offered),
        rows=rows,
        on=_pick(query.on, known, [*(each for each in judged if each in rows), *rows]),
        need=_pick(query.need, known, [each for each in judged if each not in offers]),
        offer=_pick(query.offer, known, offers),
        unknown=tuple(dict.fromkeys(each for each in named if each and each not in known)),
    )


def _pick(asked: str | None, known: Container[str], otherwise: Sequence[str]) -> str | None:
    return asked if asked in known else next(iter(otherwise), None)
