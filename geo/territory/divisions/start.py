"""Finding a first division within the rules, or what stands in the way of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from geo.errors import Impossible
from geo.territory.divisions.atoms import Atoms, Ints
from geo.territory.divisions.constraints import ProposalRequest, Task, plan
from geo.territory.divisions.graph import count_apart
from geo.territory.divisions.recombination import Bounds, Recombination, Stuck
from geo.territory.divisions.search import Clock, Search

#: How far zones may lie from the mean where no range is asked for: the first that can be kept.
TOLERANCES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)

#: Divisions drawn, and then steps taken towards a range, before it counts as out of reach.
DRAWS, STEPS = 25, 1_500

Found = tuple[Recombination, Bounds, Ints]


def find_start(atoms: Atoms, task: Task, request: ProposalRequest, clock: Clock) -> Found:
    """Return a first division, the range that it keeps, and the chain to go on with.

    Raises
    ------
    Impossible
        If none was found within the range, or within any.
    """
    if task.zones == len(task.units):  # nothing to choose
        return _take_units(task, request)
    found = _draw_any(atoms, task, request, clock)
    if found is None and task.population is not None:
        found, closest = _approach(atoms, task, request, clock)
        if found is None:
            raise _blame(atoms, task, request, clock, closest)
    if found is None:
        raise _blame(atoms, task, request, clock, None)
    return found


def _ranges(task: Task) -> Iterator[Bounds]:
    """Yield the range asked for; where none is, ever wider ones about the mean that hold the largest unit."""
    if task.population is not None:
        yield Bounds(*task.population)
        return
    mean, largest = task.units.population.sum() / task.zones, task.units.population.max()
    for tolerance in TOLERANCES:
        yield Bounds(mean * (1 - tolerance), max(mean, float(largest)) * (1 + tolerance))


def _draw_any(atoms: Atoms, task: Task, request: ProposalRequest, clock: Clock) -> Found | None:
    """Return the first division drawn whose zones hang together; failing that, one whose units do."""
    spare: Found | None = None
    for bounds in _ranges(task):
        chain = Recombination(task.units, bounds, request.seed)
        for _ in range(DRAWS):
            if clock.is_over:
                return spare
            try:
                start = chain.draw(task.zones)
            except Stuck:
                continue
            if not request.whole_communes or not count_apart(atoms, start[task.units.unit]):
                return chain, bounds, start
            spare = spare or (chain, bounds, start)
    return spare


def _approach(
    atoms: Atoms, task: Task, request: ProposalRequest, clock: Clock
) -> tuple[Found | None, Ints | None]:
    """Walk from a division in a wider range into the one asked for; return it, and the closest seen."""
    wide = _draw_any(atoms, replace(task, population=None), request, clock)
    if wide is None or task.population is None:
        return None, None
    bounds = Bounds(*task.population)
    search = Search(wide[0], wide[2], _distance_to(bounds, task), STEPS)
    search.run(clock, lambda _share: None, goal=0.0)
    if search.score > 0:
        return None, search.best
    return (Recombination(task.units, bounds, request.seed), bounds, search.best), search.best


def _distance_to(bounds: Bounds, task: Task) -> Callable[[Ints], float]:
    """Return a function that tells how many inhabitants all zones together lie outside of a range."""

    def distance(zone: Ints) -> float:
        people = np.bincount(zone, weights=task.units.population, minlength=task.zones)
        under, over = bounds.minimum - people, people - bounds.maximum
        return float(np.maximum(under, 0).sum() + np.maximum(over, 0).sum())

    return distance


def _take_units(task: Task, request: ProposalRequest) -> Found:
    people = task.units.population
    bounds = Bounds(float(people.min()), float(people.max()))
    asked = Bounds(*task.population) if task.population else bounds
    if not asked.hold(people):
        facts = {"minimum": asked.minimum, "maximum": asked.maximum, "zones": task.zones}
        seen = {"found_minimum": int(people.min()), "found_maximum": int(people.max())}
        raise Impossible("population", "range-not-found", **facts, **seen)
    return Recombination(task.units, asked, request.seed), asked, np.arange(len(people), dtype=np.int64)


def _blame(
    atoms: Atoms, task: Task, request: ProposalRequest, clock: Clock, closest: Ints | None
) -> Impossible:
    """Return what stands in the way: found out by asking for less."""
    if clock.is_over:
        return Impossible("seconds", "no-time", seconds=request.seconds)
    facts: dict[str, Any] = {"zones": task.zones}
    if task.population is not None:
        facts |= {"minimum": task.population[0], "maximum": task.population[1]}
    if closest is not None:
        people = np.bincount(closest, weights=task.units.population, minlength=task.zones)
        facts |= {"found_minimum": int(people.min()), "found_maximum": int(people.max())}
    if request.whole_communes:
        freer = request.model_copy(update={"whole_communes": False})
        if _draw_any(atoms, plan(atoms, freer), freer, clock):
            reason = "communes-in-the-way" if closest is None else "communes-too-coarse"
            return Impossible("whole_communes", reason, **facts)
    if closest is None:
        return Impossible("zones", "none-found", **facts)
    return Impossible("population", "range-not-found", **facts)
