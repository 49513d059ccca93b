"""Ranking a division among random ones that keep the same rules, to see whether chance does as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import Impossible
from geo.territory.divisions.atoms import NOWHERE, Atoms, Floats, Ints
from geo.territory.divisions.card import MEASURES, Better, measure_card
from geo.territory.divisions.graph import Units, count_apart, order_zones, unite
from geo.territory.divisions.recombination import Bounds, Recombination, Stuck
from geo.territory.divisions.search import Clock, Progress
from geo.territory.divisions.weighing import UNPLACED, number_zones, weigh

#: Steps of the chain before the first division is taken, and between one that is taken and the next.
BURN_IN, THINNING = 60, 12

#: Steps that may bring nothing new before the search is given up.
IN_VAIN = 1_500

#: What divisions are ranked by; moving people is not a fault of a random division.
RANKED = tuple(each for each in MEASURES if each not in ("moved", "zones_in_parts"))


@dataclass(frozen=True, slots=True)
class MeasureRank:
    """One measure: the division's value, and how it stands among the random ones.

    `position` is 1 if no random division is better; `better` and `equal` count those that are. The quartiles
    are of the random divisions.
    """

    measure: str
    is_indicator: bool
    better_is: Better
    value: float
    position: int
    better: int
    equal: int
    lower_quartile: float
    median: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a division stands among random ones with as many zones, within its own range of inhabitants.

    `found` may be less than `asked`: fewer different divisions keep the rules, or the time ran out
    (`complete` is False). `whole_communes` are those that the division keeps whole, and the random ones too.
    """

    asked: int
    found: int
    zones: int
    population: tuple[int, int]
    whole_communes: int
    cut_communes: int
    seed: int
    steps: int
    seconds: float
    complete: bool
    hangs_together: bool
    measures: tuple[MeasureRank, ...]


def rank_division(
    atoms: Atoms,
    assignment: Ints,
    count: int = 100,
    seed: int = 1,
    *,
    whole_communes: bool = True,
    seconds: float = 60,
    report_progress: Progress = lambda _share: None,
) -> Ranking:
    """Return the rank of a division among random valid ones.

    Valid are those whose zones hang together, that have as many zones, all between the least and the
    greatest number of inhabitants of the division's own, and that keep whole every commune that it keeps
    whole. They are drawn by a chain of ReCom that starts from the division itself: the first steps and those
    between two are left out, and the same division counts once. They are not drawn evenly: round zones come
    more often.

    Parameters
    ----------
    atoms : Atoms
        What is divided.
    assignment : ndarray of int, shape (n,)
        Numbers of zones, from 1.
    count, seed, seconds : int, int, float
        How many are wanted, from which chance, in what time.
    whole_communes : bool
        False: the random ones may cut any commune.

    Raises
    ------
    Impossible
        If some atom is in no zone, or there are fewer than two zones.

    Notes
    -----
    Comparing a plan with an ensemble: D. DeFord, M. Duchin and J. Solomon (2021), see `recombination`.
    """
    clock = Clock(seconds)
    numbers, zone = number_zones(assignment)
    if (assignment == UNPLACED).any():
        raise Impossible("division", "incomplete", atoms=int((assignment == UNPLACED).sum()))
    if len(numbers) < 2:
        raise Impossible("division", "one-zone")
    kept = _communes_kept(atoms, zone) if whole_communes else set[int]()
    groups = np.where(np.isin(atoms.commune, sorted(kept)), atoms.commune, NOWHERE)
    units = unite(atoms.population, atoms.links, groups.astype(np.int64))
    people = np.bincount(zone, weights=atoms.population).astype(np.int64)
    bounds = Bounds(float(people.min()), float(people.max()))
    sample = Sample(atoms, units, Recombination(units, bounds, seed), zone)
    sample.collect(count, clock, report_progress)
    return Ranking(
        asked=count,
        found=len(sample.found),
        zones=len(numbers),
        population=(int(people.min()), int(people.max())),
        whole_communes=len(kept),
        cut_communes=len(atoms.communes) - len(kept),
        seed=seed,
        steps=sample.steps,
        seconds=clock.used,
        complete=len(sample.found) >= count or not clock.is_over,
        hangs_together=count_apart(atoms, zone) == 0,
        measures=_rank(atoms, zone, list(sample.found.values())),
    )


class Sample:
    """Different random divisions, as a chain passes through them."""

    def __init__(self, atoms: Atoms, units: Units, chain: Recombination, zone: Ints) -> None:
        self._atoms, self._units, self._chain = atoms, units, chain
        self._own = zone
        self._here = zone[np.unique(units.unit, return_index=True)[1]]
        self._in_vain = 0
        self.steps = 0
        self.found: dict[bytes, Ints] = {}

    def collect(self, count: int, clock: Clock, report_progress: Progress) -> None:
        """Walk until there are enough, nothing new comes any more, or the time is over."""
        wait = BURN_IN
        while len(self.found) < count and self._in_vain < IN_VAIN and not clock.is_over:
            try:
                for here in self._chain.walk(self._here, wait):
                    self._here = here
                    self.steps += 1
                    if clock.is_over:
                        return
            except Stuck:
                self.steps += 1
            self._in_vain = 0 if self._take(self._here) else self._in_vain + wait
            wait = THINNING
            report_progress(len(self.found) / count)

    def _take(self, here: Ints) -> bool:
        """Keep a division that is new, hangs together atom by atom, and is not the one that is ranked."""
        zone = order_zones(here[self._units.unit])
        key = zone.tobytes()
        if key in self.found or key == order_zones(self._own).tobytes() or count_apart(self._atoms, zone):
            return False
        self.found[key] = zone
        return True


def _communes_kept(atoms: Atoms, zone: Ints) -> set[int]:
    """Return the communes whose atoms all lie in one zone."""
    pairs = np.unique(np.column_stack([atoms.commune, zone]), axis=0)
    communes, zones = np.unique(pairs[:, 0], return_counts=True)
    return {int(each) for each in communes[zones == 1] if each != NOWHERE}


def _rank(atoms: Atoms, zone: Ints, others: Sequence[Ints]) -> tuple[MeasureRank, ...]:
    own, drawn = _measure(atoms, zone), [_measure(atoms, each) for each in others]
    ranks = []
    for (name, is_indicator), value in own.items():
        known = [each[name, is_indicator] for each in drawn]
        values = np.array([each for each in known if each is not None], dtype=np.float64)
        if value is not None and values.size:
            way = "lower" if is_indicator else MEASURES[name]
            ranks.append(_place(name, is_indicator, way, value, values))
    return tuple(ranks)


def _place(name: str, is_indicator: bool, way: Better, value: float, values: Floats) -> MeasureRank:
    equal = np.isclose(values, value, rtol=1e-9, atol=1e-12)
    better = int(((values < value if way == "lower" else values > value) & ~equal).sum())
    lower, median, upper = np.percentile(values, [25, 50, 75]).tolist()
    return MeasureRank(
        name, is_indicator, way, value, better + 1, better, int(equal.sum()), lower, median, upper
    )


def _measure(atoms: Atoms, zone: Ints) -> dict[tuple[str, bool], float | None]:
    card = weigh(atoms, zone + 1)
    found = {(name, False): value for name, value in measure_card(card).items() if name in RANKED}
    return found | {(name, True): balance.unevenness for name, balance in card.needs.items()}
