"""Classes of values, held against mapclassify, which a server can't afford to import."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.territory.comparison.classes import METHODS, Classes, Method, classify

VALUES = st.lists(st.one_of(st.none(), st.integers(-50, 50).map(float)), max_size=40)


def spread(classes: Classes, values: list[float]) -> float:
    """Sum of squared deviations within the classes."""
    groups = [[each for each in values if classes.place(each) == place] for place in range(classes.number)]
    return float(sum(np.var(group) * len(group) for group in groups))


@pytest.mark.parametrize("k", [3, 5, 7])
@pytest.mark.parametrize(
    ("method", "oracle"), [("quantiles", "Quantiles"), ("natural", "FisherJenks"), ("equal", "EqualInterval")]
)
def test_classes_are_those_of_mapclassify(method: Method, oracle: str, k: int) -> None:
    import mapclassify

    values = np.random.default_rng(7).lognormal(3, 0.6, 118).round(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(mapclassify, oracle)(values, k=k)
    found = classify(values.tolist(), method, k)
    assert found.bounds[1:] == pytest.approx(expected.bins)
    assert found.counts == tuple(expected.counts)
    assert [found.place(each) for each in values] == expected.yb.tolist()


def test_natural_breaks_stand_where_values_part() -> None:
    assert classify([1, 2, 3, 50, 51, 52, 90, 91], "natural", 3).bounds == (1, 3, 52, 91)


@pytest.mark.parametrize("method", METHODS)
def test_few_different_values_give_few_classes(method: Method) -> None:
    assert classify([], method) == Classes(method, (), ())
    assert classify([None, None], method).number == 0
    assert classify([4, 4, 4], method) == Classes(method, (4, 4), (3,))
    two = classify([1, 9, 9, None], method)
    assert (two.bounds, two.counts) == ((1, 1, 9), (1, 2))
    assert [two.place(each) for each in (1.0, 9.0, None, 10.0)] == [0, 1, None, None]


def test_many_equal_values_share_a_class() -> None:
    values = [0.0] * 60 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    found = classify(values, "quantiles", 5)
    assert found.counts[0] == 60
    assert sum(found.counts) == len(values)
    assert 0 not in found.counts


@settings(deadline=None)
@given(values=VALUES, method=st.sampled_from(METHODS), k=st.integers(3, 7))
def test_every_value_is_in_one_class_and_none_is_empty(
    values: list[float | None], method: Method, k: int
) -> None:
    found = classify(values, method, k)
    known = [each for each in values if each is not None]
    places = [found.place(each) for each in known]
    assert None not in places
    assert tuple(places.count(each) for each in range(found.number)) == found.counts
    assert found.number <= min(k, len(set(known)))
    assert all(count > 0 for count in found.counts)
    assert list(found.bounds) == sorted(found.bounds)


@settings(deadline=None)
@given(values=st.lists(st.integers(-50, 50).map(float), min_size=8, max_size=40))
def test_natural_breaks_leave_the_least_spread(values: list[float]) -> None:
    natural = spread(classify(values, "natural", 4), values)
    assert natural <= spread(classify(values, "quantiles", 4), values) + 1e-9
    assert natural <= spread(classify(values, "equal", 4), values) + 1e-9
