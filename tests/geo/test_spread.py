"""Spread, rank, percentile and trend: every answer worked out by hand."""

from __future__ import annotations

import pytest

from geo.territory.figures.spread import Rank, Spine, rank_of, ranks_of, spread_of, trend_of


def test_quartiles_lie_between_the_values_in_order() -> None:
    # Positions 0..3; the quartiles at 0.75, 1.5 and 2.25: 10+.75*10, 20+.5*20, 40+.25*40.
    assert spread_of([80.0, 10.0, 40.0, 20.0]) == Spine(10, 17.5, 30, 50, 80, 4)


def test_missing_is_never_zero() -> None:
    assert spread_of([None, 5.0, None, 7.0, 9.0]) == Spine(5, 6, 7, 8, 9, 3)
    assert spread_of([None, None]) is None
    assert spread_of([]) is None


def test_one_value_is_its_own_spread() -> None:
    assert spread_of([4.0]) == Spine(4, 4, 4, 4, 4, 1)


@pytest.mark.parametrize(
    ("direction", "position"), [("higher-better", 2), ("neutral", 2), ("lower-better", 3)]
)
def test_position_is_counted_from_the_better_end(direction: str, position: int) -> None:
    # Below 30: two of four, itself half: 2.5 / 4.
    assert rank_of(30, [10, None, 40, 30, 20], direction) == Rank(position, 4, 62.5)


def test_equal_values_share_the_better_position() -> None:
    # 10 is below by none, 20 twice (1 below, 2 equal: 2 / 4), 30 above: 3.5 / 4.
    assert ranks_of([20, 10, 20, 30], "higher-better") == (
        Rank(2, 4, 50.0),
        Rank(4, 4, 12.5),
        Rank(2, 4, 50.0),
        Rank(1, 4, 87.5),
    )
    assert [rank and rank.position for rank in ranks_of([20, 10, None, 20, 30], "lower-better")] == [
        2,
        1,
        None,
        2,
        4,
    ]


def test_what_is_not_known_has_no_rank() -> None:
    assert rank_of(None, [1.0, 2.0]) is None


def test_trend_is_the_line_of_least_squares() -> None:
    # Years -1, 0, 1 about their mean; values 10, 13, 14: slope (14 - 10) / 2.
    trend = trend_of([("2021", 10.0), ("2023", 14.0), ("2022", 13.0)], "higher-better")
    assert trend is not None
    assert (trend.direction, trend.better, trend.per_year) == ("up", True, pytest.approx(2.0))
    assert trend.periods == ("2021", "2022", "2023")


@pytest.mark.parametrize(
    ("direction", "better"), [("higher-better", False), ("lower-better", True), ("neutral", None)]
)
def test_whether_falling_is_better_depends_on_the_indicator(direction: str, better: bool | None) -> None:
    trend = trend_of([("2020", 30.0), ("2021", 20.0), ("2022", 10.0)], direction)
    assert trend is not None
    assert (trend.direction, trend.better) == ("down", better)


def test_small_change_is_flat() -> None:
    # From 100 to 102 over two years, mean 101: 2 is less than 2 % of 101; 3 isn't less than 2 % of 101.5.
    flat = trend_of([("2020", 100.0), ("2021", 101.0), ("2022", 102.0)], "higher-better")
    assert flat is not None
    assert (flat.direction, flat.better) == ("flat", None)
    rising = trend_of([("2020", 100.0), ("2021", 101.5), ("2022", 103.0)], "higher-better")
    assert rising is not None
    assert rising.direction == "up"


def test_two_years_make_no_trend_and_missing_years_do_not_count() -> None:
    assert trend_of([("2020", 1.0), ("2021", 2.0)]) is None
    assert trend_of([("2020", 1.0), ("2021", None), ("2022", 2.0)]) is None
    assert trend_of([]) is None


def test_trend_looks_back_ten_years() -> None:
    series = [("1990", 900.0), ("2014", 1.0), ("2019", 6.0), ("2024", 11.0)]
    trend = trend_of(series)
    assert trend is not None
    assert trend.periods == ("2014", "2019", "2024")
    assert trend.per_year == pytest.approx(1.0)


def test_period_of_several_years_stands_at_its_middle() -> None:
    # 2013-2017 stands at 2015, so that the values lie on one line of one a year.
    trend = trend_of([("2013-2017", 5.0), ("2018", 8.0), ("2020", 10.0)])
    assert trend is not None
    assert trend.per_year == pytest.approx(1.0)
