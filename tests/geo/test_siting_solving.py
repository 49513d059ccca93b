"""Choosing sites: equal to trying out every choice, on small random instances of both kinds."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest

from geo.access.siting.savings import Savings
from geo.access.siting.solving import bound_above, choose_greedily, reduce, solve, total

LONG_S = 60.0


def random_savings(seed: int, points: int, sites: int, *, covering: bool) -> Savings:
    """People and sites strewn over a square (invented): who saves what."""
    drawn = np.random.default_rng(seed)
    people, at, candidates = (
        drawn.integers(1, 90, points),
        drawn.random((points, 2)),
        drawn.random((sites, 2)),
    )
    away = np.hypot(*(at[:, None] - candidates[None]).transpose(2, 0, 1))
    before = drawn.uniform(0.1, 0.9, points)[:, None]
    saved = people[:, None] * ((away < 0.25) if covering else np.maximum(before - away, 0))
    point, site = np.nonzero(saved)
    return Savings(
        points, sites, point.astype(np.int32), site.astype(np.int32), saved[point, site].astype(float), 0.0
    )


def best_by_trying(savings: Savings, number: int) -> float:
    table = np.zeros((savings.points, savings.sites))
    table[savings.point, savings.site] = savings.saved
    return max(
        table[:, list(chosen)].max(axis=1).sum() for chosen in combinations(range(savings.sites), number)
    )


@pytest.mark.parametrize("covering", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_the_best_choice_is_found_and_proved(seed: int, number: int, covering: bool) -> None:
    savings = random_savings(seed, 60, 14, covering=covering)
    found = solve(savings, number, time.monotonic() + LONG_S)
    assert found.value == pytest.approx(best_by_trying(savings, number))
    assert found.is_optimal and found.gap_percent == pytest.approx(0, abs=1e-4)
    assert len(set(found.sites.tolist())) == number
    assert total(savings, found.sites) == pytest.approx(found.value)


@pytest.mark.parametrize("covering", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_what_the_bound_leaves_out_is_in_no_better_choice(seed: int, covering: bool) -> None:
    savings, number = random_savings(seed, 40, 12, covering=covering), 3
    value = total(savings, choose_greedily(savings, number))
    best = best_by_trying(savings, number)
    found = bound_above(savings, number, value, time.monotonic() + LONG_S)
    kept, forced = reduce(found, number, value)
    assert found.bound >= best - 1e-6
    for chosen in combinations(range(savings.sites), number):
        if total(savings, np.array(chosen)) > value * (1 + 1e-6):
            assert kept[list(chosen)].all() and set(np.flatnonzero(forced)) <= set(chosen)


def test_stopped_by_the_time_it_tells_a_true_bound() -> None:
    savings = random_savings(3, 60, 14, covering=False)
    found = solve(savings, 4, time.monotonic() - 1)
    best = best_by_trying(savings, 4)
    assert 0 < found.value <= best + 1e-9 <= found.bound + 1e-6
    assert found.first_value <= found.value


def test_nothing_to_save_is_no_failure() -> None:
    empty = np.empty(0, np.int32)
    found = solve(Savings(0, 5, empty, empty, np.empty(0), 0.0), 2, time.monotonic() + LONG_S)
    assert (found.value, found.bound, found.gap_percent, len(found.sites)) == (0, 0, 0, 2)
    assert found.is_optimal
