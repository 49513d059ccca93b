"""Need against offer: the zones in nine fields, three by three."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from geo.territory.comparison.classes import Classes, classify
from geo.territory.comparison.compared import ComparedRow, Per
from geo.vocabulary import Direction

#: Low, middle, high.
FIELDS = 3


@dataclass(frozen=True, slots=True)
class Bivariate:
    """Where each zone stands: `places` are (need, offer), each 0 (low) to 2 (high), aligned with the zones.

    None where one of the two figures is not published. `counts` says how many zones stand in each field, by
    need, then offer. Thirds of the zones make the classes.
    """

    need: ComparedRow
    offer: ComparedRow
    need_classes: Classes
    offer_classes: Classes
    places: tuple[tuple[int, int] | None, ...]
    counts: tuple[tuple[int, ...], ...]


def cross(need: ComparedRow, offer: ComparedRow, per: Per = "value") -> Bivariate:
    """Put zones into the nine fields of need against offer.

    Parameters
    ----------
    need, offer : ComparedRow
        Over the same zones, all of a kind. Where more is better (an income), little of it is a high need;
        of an offer, more is more, unless less is better (a waiting time).
    per : {"value", "head", "percentile"}
        What the rows show.
    """
    needs, offers = need.numbers(per), offer.numbers(per)
    need_classes, offer_classes = classify(needs, "quantiles", FIELDS), classify(offers, "quantiles", FIELDS)
    is_need_reversed = need.indicator.direction is Direction.HIGHER_BETTER
    is_offer_reversed = offer.indicator.direction is Direction.LOWER_BETTER
    places = tuple(
        _pair(_third(need_classes, a, is_need_reversed), _third(offer_classes, b, is_offer_reversed))
        for a, b in zip(needs, offers, strict=True)
    )
    found = Counter(places)
    counts = tuple(tuple(found[row, column] for column in range(FIELDS)) for row in range(FIELDS))
    return Bivariate(need, offer, need_classes, offer_classes, places, counts)


def _third(classes: Classes, value: float | None, is_reversed: bool) -> int | None:
    place = classes.place(value)
    if place is None:
        return None
    if classes.number < FIELDS:  # few different values: two classes are low and high, one is the middle
        place = 1 if classes.number == 1 else place * (FIELDS - 1)
    return FIELDS - 1 - place if is_reversed else place


def _pair(need: int | None, offer: int | None) -> tuple[int, int] | None:
    return None if need is None or offer is None else (need, offer)
