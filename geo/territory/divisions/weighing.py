"""Weighing a division: from the atoms and their zones to its card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo.territory.divisions import measures
from geo.territory.divisions.atoms import NOWHERE, Area, Atoms, Bools, Floats, Ints, Load, Named
from geo.territory.divisions.card import Balance, Need, ScenarioCard, ZoneCard
from geo.territory.divisions.graph import count_parts

#: The number of a zone that an atom has while it is in none.
UNPLACED = 0

#: Services are told per 10,000 inhabitants, sums per 1,000.
OFFER_PER, SUM_PER = 10_000, 1_000

Loads = Mapping[str, tuple[Load, Floats, Floats]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """Arrays with a value for each zone, in the order of their numbers."""

    people: Floats
    area_m2: Floats
    compactness: Floats
    parts: Ints
    in_commune: Bools
    in_clss: Bools
    offer: Floats
    continues: Ints
    moved: Floats


def weigh(atoms: Atoms, assignment: Ints, indicators: Sequence[str] | None = None) -> ScenarioCard:
    """Return the card of a division.

    Parameters
    ----------
    atoms : Atoms
        What it is made of.
    assignment : ndarray of int, shape (n,)
        The number of each atom's zone, 1 or more; 0 (`UNPLACED`) where it is in none yet.
    indicators : sequence of str, optional
        Those whose balance is told; None: every one that can be added up.
    """
    numbers, zone = number_zones(assignment)
    facts = _measure(atoms, zone, len(numbers))
    chosen = atoms.values if indicators is None else {each: atoms.values[each] for each in indicators}
    loads = {name: (load, *measures.load_by_zone(load, zone, len(numbers))) for name, load in chosen.items()}
    placed = zone != NOWHERE
    inhabited = facts.people > 0
    return ScenarioCard(
        zones=tuple(
            _weigh_zone(atoms, facts, zone == place, place, number, loads)
            for place, number in enumerate(numbers.tolist())
        ),
        population=int(atoms.population[placed].sum()),
        period=atoms.period,
        unplaced_atoms=int((~placed).sum()),
        unplaced_population=int(atoms.population[~placed].sum()),
        empty_atoms=int(((atoms.population == 0) & ~atoms.unpublished).sum()),
        unpublished_atoms=int(atoms.unpublished.sum()),
        population_minimum=int(facts.people.min()) if len(numbers) else 0,
        population_maximum=int(facts.people.max()) if len(numbers) else 0,
        population_imbalance=_told(measures.imbalance(facts.people)),
        needs={name: _balance(*load) for name, load in loads.items()},
        offer_unevenness=_told(measures.unevenness(facts.offer, facts.people)),
        compactness_mean=_told(facts.compactness.mean() if len(numbers) else np.nan),
        compactness_minimum=_told(facts.compactness.min() if len(numbers) else np.nan),
        zones_in_parts=int((facts.parts > 1).sum()),
        communes_cut=_pick(atoms.communes, facts.in_commune.sum(axis=0) > 1),
        clss_cut=_pick(_names(atoms.clss), facts.in_clss.sum(axis=0) > 1),
        clss_by_commune=_names(area for area in atoms.clss if area.basis == "commune"),
        clss_unknown=_names(area for area in atoms.clss if area.basis == "unknown"),
        cpas_per_zone=_told(facts.in_commune[inhabited].sum(axis=1).mean() if inhabited.any() else np.nan),
        moved=int(facts.moved.sum()),
        generalised=atoms.generalised,
    )


def number_zones(assignment: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of zones in order, and for each atom the place of its zone there, or NOWHERE."""
    numbers = np.unique(assignment[assignment != UNPLACED]).astype(np.int64)
    zone = np.where(assignment == UNPLACED, NOWHERE, np.searchsorted(numbers, assignment))
    return numbers, zone.astype(np.int64)


def _measure(atoms: Atoms, zone: Ints, count: int) -> _Facts:
    area_m2 = measures.sum_by_zone(atoms.area_m2, zone, count)
    shared = measures.overlap(atoms.population, atoms.bassin, zone, len(atoms.bassins), count)
    continues = measures.match_zones(shared)
    kept = np.where(continues == NOWHERE, 0.0, shared[continues, np.arange(count)]) if shared.size else 0.0
    return _Facts(
        people=measures.sum_by_zone(atoms.population, zone, count),
        area_m2=area_m2,
        compactness=measures.polsby_popper(area_m2, measures.perimeters(atoms, zone, count)),
        parts=count_parts(zone, count, atoms.links),
        in_commune=_people_of_communes(atoms, zone, count) >= 0.5,
        in_clss=_meet(atoms.clss, zone, count),
        offer=measures.sum_by_zone(atoms.offer, zone, count),
        continues=continues,
        moved=shared.sum(axis=0) - kept,
    )


def _people_of_communes(atoms: Atoms, zone: Ints, count: int) -> Floats:
    people = np.zeros((count, len(atoms.communes)))
    placed = zone != NOWHERE
    np.add.at(people, zone[placed], atoms.commune_people[placed])
    return people


def _meet(areas: Sequence[Area], zone: Ints, count: int) -> Bools:
    """Return which zones hold atoms of which areas, shape (zones, areas)."""
    found = np.zeros((count, len(areas)), dtype=bool)
    for place, area in enumerate(areas):
        inside = zone[sorted(area.atoms)]
        found[inside[inside != NOWHERE], place] = True
    return found


def _weigh_zone(atoms: Atoms, facts: _Facts, mine: Bools, place: int, number: int, loads: Loads) -> ZoneCard:
    people, mean = facts.people[place], facts.people.mean()
    offer = int(facts.offer[place])
    return ZoneCard(
        number=number,
        atoms=int(mine.sum()),
        population=int(people),
        population_deviation=float(people / mean - 1) if mean else None,
        area_km2=float(facts.area_m2[place] / 1e6),
        compactness=_told(facts.compactness[place]),
        parts=int(facts.parts[place]),
        communes=_pick(atoms.communes, facts.in_commune[place]),
        clss=_pick(_names(atoms.clss), facts.in_clss[place]),
        hospitals=int(atoms.hospitals[mine].sum()),
        offer=offer,
        offer_to_check=int(atoms.offer_to_check[mine].sum()),
        offer_rate=float(offer / people * OFFER_PER) if people else None,
        needs={name: _need(load, amount[place], base[place]) for name, (load, amount, base) in loads.items()},
        continues=None if facts.continues[place] == NOWHERE else atoms.bassins[facts.continues[place]],
        moved=int(facts.moved[place]),
    )


def _need(load: Load, amount: float, base: float) -> Need:
    return Need(_rate(load, amount, base), float(amount) if load.is_sum and base > 0 else None)


def _rate(load: Load, amount: float, base: float) -> float | None:
    return float(amount / base * (SUM_PER if load.is_sum else 1)) if base > 0 else None


def _balance(load: Load, amount: Floats, base: Floats) -> Balance:
    rates = [_rate(load, a, b) for a, b in zip(amount, base, strict=True)]
    known = [rate for rate in rates if rate is not None]
    return Balance(
        minimum=min(known, default=None),
        maximum=max(known, default=None),
        overall=_rate(load, amount.sum(), base.sum()),
        unevenness=_told(measures.unevenness(amount, base)),
        period=load.period,
        direction=load.direction,
        is_sum=load.is_sum,
        estimated=load.estimated,
    )


def _names(areas: Iterable[Area]) -> tuple[Named, ...]:
    return tuple(Named(area.code, area.name) for area in areas)


def _pick(named: Sequence[Named], chosen: Bools) -> tuple[Named, ...]:
    return tuple(each for each, wanted in zip(named, chosen, strict=True) if wanted)


def _told(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
