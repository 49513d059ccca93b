"""Proposing a division: random ones that keep the rules, made better step by step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.territory.divisions import measures
from geo.territory.divisions.atoms import Atoms, Ints
from geo.territory.divisions.constraints import ProposalRequest, plan
from geo.territory.divisions.graph import count_apart, order_zones
from geo.territory.divisions.search import Clock, Progress, Search
from geo.territory.divisions.start import find_start


@dataclass(frozen=True, slots=True)
class Proposal:
    """A division, and how it was found.

    `assignment` holds the number of each atom's zone, from 1, shape (n,). `population` is the range that it
    has, `allowed` the one it was searched in: as asked, else about the mean, as narrow as could be kept.
    `complete` is False if the time ran out: the same seed may then give another division elsewhere.
    """

    assignment: Ints
    zones: int
    population: tuple[int, int]
    allowed: tuple[int, int]
    score: float
    steps: int
    seconds: float
    complete: bool
    seed: int


def propose(
    atoms: Atoms, request: ProposalRequest, report_progress: Progress = lambda _share: None
) -> Proposal:
    """Return a division that keeps the constraints, as good as was found.

    Every zone hangs together, every atom lies in one, and populations keep within the range. A commune kept
    whole may itself lie in parts (Ixelles does, as drawn from sectors); where nothing joins them, its zone
    does too. What is made small is told by `rate`.

    Parameters
    ----------
    atoms : Atoms
        What is divided.
    request : ProposalRequest
        What is asked.
    report_progress : callable
        Told the share done, between 0 and 1.

    Raises
    ------
    Impossible
        If nothing answers the request, or nothing was found; it names the constraint to blame.
    """
    clock = Clock(request.seconds)
    task = plan(atoms, request)
    chain, bounds, start = find_start(atoms, task, request, clock)
    steps = min(300 + 100 * task.zones, 20 * len(task.units))
    search = Search(chain, start, lambda zone: rate(atoms, zone[task.units.unit], request), steps)
    search.run(clock, report_progress)
    people = np.bincount(search.best, weights=task.units.population, minlength=task.zones)
    return Proposal(
        assignment=order_zones(search.best[task.units.unit]) + 1,
        zones=task.zones,
        population=(int(people.min()), int(people.max())),
        allowed=(math.ceil(bounds.minimum), math.floor(bounds.maximum)),
        score=search.score,
        steps=search.steps,
        seconds=clock.used,
        complete=search.steps >= search.planned,
        seed=request.seed,
    )


def rate(atoms: Atoms, zone: Ints, request: ProposalRequest) -> float:
    """Return what a proposal makes small: unevenness and raggedness, weighed by the request.

    Unevenness is the mean of the imbalance of inhabitants and the unevenness of each indicator asked for;
    raggedness is 1 less the mean Polsby-Popper compactness. Both are about 0 at best and 1 at worst. Every
    part too many of a zone whose communes are kept whole adds 1.
    """
    zones = int(zone.max()) + 1
    uneven = [measures.imbalance(measures.sum_by_zone(atoms.population, zone, zones))]
    uneven += [
        measures.unevenness(*measures.load_by_zone(atoms.values[each], zone, zones))
        for each in request.balance
    ]
    area_m2 = measures.sum_by_zone(atoms.area_m2, zone, zones)
    compactness = measures.polsby_popper(area_m2, measures.perimeters(atoms, zone, zones)).mean()
    apart = count_apart(atoms, zone) if request.whole_communes else 0
    weight = request.compactness
    return float((1 - weight) * np.nan_to_num(np.mean(uneven)) + weight * (1 - compactness) + apart)
