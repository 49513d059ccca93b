"""The card of a division: what it is worth, zone by zone and in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.territory.divisions.atoms import Named

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Need:
    """An indicator in a zone: its rate (a sum: per 1,000 inhabitants) and the sum of a sum; None: unknown."""

    rate: float | None
    amount: float | None


@dataclass(frozen=True, slots=True)
class ZoneCard:
    """One zone of a division.

    `population_deviation` is the share by which it has more (or fewer) inhabitants than the mean zone.
    `communes` are those of which inhabitants live in it: as many CPAS to deal with. `continues` is the
    present bassin whose inhabitants it keeps; `moved` counts its inhabitants who come from another one.
    """

    number: int
    atoms: int
    population: int
    population_deviation: float | None
    area_km2: float
    compactness: float | None
    parts: int
    communes: tuple[Named, ...]
    clss: tuple[Named, ...]
    hospitals: int
    offer: int
    offer_to_check: int
    offer_rate: float | None
    needs: Mapping[str, Need]
    continues: Named | None
    moved: int


@dataclass(frozen=True, slots=True)
class Balance:
    """How an indicator is spread over zones: least and greatest rate, that of all, unevenness (0: even)."""

    minimum: float | None
    maximum: float | None
    overall: float | None
    unevenness: float | None
    period: str
    direction: str
    is_sum: bool
    estimated: bool


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """A division weighed. Measures are of placed atoms only; None where nothing is known.

    `population_imbalance` and `unevenness` are 0 if all zones are alike (see `measures`). `clss_unknown` are
    areas of which nothing says where they lie; `clss_by_commune` are known by their commune only, and cut
    if it is.
    """

    zones: tuple[ZoneCard, ...]
    population: int
    period: str | None
    unplaced_atoms: int
    unplaced_population: int
    empty_atoms: int
    unpublished_atoms: int
    population_minimum: int
    population_maximum: int
    population_imbalance: float | None
    needs: Mapping[str, Balance]
    offer_unevenness: float | None
    compactness_mean: float | None
    compactness_minimum: float | None
    zones_in_parts: int
    communes_cut: tuple[Named, ...]
    clss_cut: tuple[Named, ...]
    clss_by_commune: tuple[Named, ...]
    clss_unknown: tuple[Named, ...]
    cpas_per_zone: float | None
    moved: int
    generalised: bool


#: What cards are compared by, and which way is better.
MEASURES: Mapping[str, Better] = {
    "population_imbalance": "lower",
    "offer_unevenness": "lower",
    "compactness_mean": "higher",
    "compactness_minimum": "higher",
    "zones_in_parts": "lower",
    "communes_cut": "lower",
    "clss_cut": "lower",
    "cpas_per_zone": "lower",
    "moved": "lower",
}


@dataclass(frozen=True, slots=True)
class ComparedMeasure:
    """One measure over several cards. `best` are the places of the best cards: none if all are as good.

    `measure` is a key of `MEASURES`, or the id of an indicator, whose unevenness is then compared.
    """

    measure: str
    is_indicator: bool
    better: Better
    values: tuple[float | None, ...]
    best: tuple[int, ...]


def measure_card(card: ScenarioCard) -> dict[str, float | None]:
    """Return the measures of a card as numbers; what is cut is counted."""
    found = {name: getattr(card, name) for name in MEASURES}
    return {name: len(value) if isinstance(value, tuple) else value for name, value in found.items()}


def compare_cards(cards: Sequence[ScenarioCard]) -> tuple[ComparedMeasure, ...]:
    """Return cards side by side: each measure with its value on every card, and which is best."""
    told = [measure_card(card) for card in cards]
    lines = [
        _compare(name, False, better, [each[name] for each in told]) for name, better in MEASURES.items()
    ]
    for name in dict.fromkeys(name for card in cards for name in card.needs):
        spread = [card.needs[name].unevenness if name in card.needs else None for card in cards]
        lines.append(_compare(name, True, "lower", spread))
    return tuple(lines)


def _compare(
    name: str, is_indicator: bool, better: Better, values: Sequence[float | None]
) -> ComparedMeasure:
    known = [value for value in values if value is not None]
    best: tuple[int, ...] = ()
    if known and min(known) < max(known):
        wanted = min(known) if better == "lower" else max(known)
        best = tuple(place for place, value in enumerate(values) if value == wanted)
    return ComparedMeasure(name, is_indicator, better, tuple(values), best)
