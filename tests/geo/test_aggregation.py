"""Adding up: sums, rates by their own denominators, and what is refused. Figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from geo.errors import CannotAggregate
from geo.territory.figures.aggregation import aggregate


def test_a_sum_counts_each_part_by_its_share() -> None:
    assert aggregate([10, 20], [1, 1], "sum") == (30, "ok")
    assert aggregate([10, 20], [1, 0.25], "sum") == (15, "estimated")


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_sum_of_which_a_part_is_missing_is_missing(missing: float | None) -> None:
    assert aggregate([10, missing], [1, 1], "sum") == (None, "missing")
    assert aggregate([10, missing], [1, 0], "sum") == (10, "ok")  # a part that does not count


def test_a_rate_is_weighed_by_its_denominator() -> None:
    assert aggregate([10, 20], [100, 300], "rate") == (17.5, "ok")
    value, status = aggregate([10, 20, None], [100, 300, 20], "rate")
    assert value == pytest.approx(17.5) and status == "estimated"  # 95.2 % of the people are known


def test_a_rate_is_not_told_where_too_few_are_known() -> None:
    assert aggregate([10, None], [100, 10], "rate") == (None, "missing")
    assert aggregate([10, 20], [100, None], "rate") == (None, "missing")
    assert aggregate([], [], "rate") == (None, "missing")


def test_zero_is_a_figure() -> None:
    assert aggregate([0, 0], [1, 1], "sum") == (0, "ok")
    assert aggregate([0, 0], [5, 5], "rate") == (0, "ok")


def test_what_has_no_rule_is_refused_by_name() -> None:
    with pytest.raises(CannotAggregate) as refused:
        aggregate([1], [1], "none", indicator="median-income")
    assert refused.value.params == {"indicator": "median-income"}


def test_each_value_needs_its_weight() -> None:
    with pytest.raises(ValueError, match="weight"):
        aggregate([1, 2], [1], "sum")
