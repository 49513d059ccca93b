"""Searching for the best division: short bursts of random steps, each from the best one seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from geo.territory.divisions.atoms import Ints
from geo.territory.divisions.recombination import Recombination, Stuck

#: Told the share done, between 0 and 1.
Progress = Callable[[float], None]

#: Steps of a burst, and bursts in which nothing got better before another start is tried.
BURST, PATIENCE = 10, 15


@dataclass
class Clock:
    """The time that may be used, and has been."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def used(self) -> float:
        """Return the seconds used so far."""
        return time.monotonic() - self.started

    @property
    def is_over(self) -> bool:
        """Return whether no time is left."""
        return self.used >= self.seconds


class Search:
    """A search for the division with the least score. The number of steps is fixed; time can only cut it.

    Notes
    -----
    S. Cannon, A. Goldbloom-Helzner, V. Gupta, J. N. Matthews and B. Suwal, Voting Rights, Markov Chains, and
    Optimization by Short Bursts, Methodology and Computing in Applied Probability 25 (2023).
    """

    def __init__(
        self, chain: Recombination, start: Ints, rate: Callable[[Ints], float], planned: int
    ) -> None:
        self._chain, self._rate = chain, rate
        self._zones = int(start.max()) + 1
        self.best, self.score = start, rate(start)
        self.steps, self.planned = 0, planned

    def run(self, clock: Clock, report_progress: Progress, goal: float = -math.inf) -> None:
        """Search until the goal is reached, or the steps or the time are used up."""
        here, score, in_vain = self.best, self.score, 0
        while self.score > goal and self.steps < self.planned and not clock.is_over:
            found, rated = self._burst(here, score, clock)
            in_vain = 0 if rated < score else in_vain + 1
            here, score = found, rated
            if score < self.score:
                self.best, self.score = here, score
            if in_vain >= PATIENCE:
                here, score, in_vain = *self._start_anew(), 0
            report_progress(min(self.steps / self.planned, 1.0))

    def _burst(self, here: Ints, score: float, clock: Clock) -> tuple[Ints, float]:
        """Return the best division that a burst passes through; the one it starts from if none is as good."""
        goal = self.steps + BURST
        try:
            for zone in self._chain.walk(here, BURST):
                self.steps += 1
                rated = self._rate(zone)
                if rated <= score:
                    here, score = zone, rated
                if clock.is_over:
                    break
        except Stuck:
            self.steps = goal  # a burst that got stuck is used up, so that every search ends
        return here, score

    def _start_anew(self) -> tuple[Ints, float]:
        try:
            start = self._chain.draw(self._zones)
        except Stuck:
            return self.best, self.score
        return start, self._rate(start)
