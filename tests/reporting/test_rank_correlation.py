"""Rank correlations: their values are scipy's, their intervals hold the truth of simulated measurements."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nas.reporting.rank_correlation import LEAST_FOR_INTERVALS, rank_correlations

VALUES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30)


@given(VALUES)
def test_values_are_those_of_scipy(drawn):
    first, second = (np.array(values, float) for values in zip(*drawn, strict=True))
    found = rank_correlations(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert (found.kendall.value, found.spearman.value) == (None, None)
        assert found.kendall.words == "undefined"
        return
    assert found.kendall.value == pytest.approx(stats.kendalltau(first, second).statistic)
    assert found.spearman.value == pytest.approx(stats.spearmanr(first, second).statistic)
    for one in (found.kendall, found.spearman):
        if one.interval is not None:
            assert -1 < one.interval[0] < one.value < one.interval[1] < 1


@pytest.mark.parametrize(("rho", "count"), [(0.0, 12), (0.5, 20), (0.8, 60), (-0.6, 200)])
def test_intervals_hold_the_truth_in_about_95_of_100_cases(rho, count):
    """Of normal measurements, whose Kendall's and Spearman's correlations are known in closed form."""
    rng = np.random.default_rng(1)
    truth = (2 / math.pi * math.asin(rho), 6 / math.pi * math.asin(rho / 2))
    held = np.zeros(2)
    for _ in range(300):
        first = rng.normal(size=count)
        second = rho * first + math.sqrt(1 - rho**2) * rng.normal(size=count)
        found = rank_correlations(first, second)
        for place, one in enumerate((found.kendall, found.spearman)):
            held[place] += one.interval is None or one.interval[0] < truth[place] < one.interval[1]
    assert (held / 300 > 0.91).all()
    assert (held / 300 < 0.99).all()


def test_few_or_perfect_ones_have_no_interval():
    up = np.arange(LEAST_FOR_INTERVALS, dtype=float)
    assert rank_correlations(up, up).kendall.words == "1.00"
    few = rank_correlations(up[:4], np.array([1.0, 3.0, 2.0, 0.0]))
    assert (few.kendall.interval, few.kendall.words) == (None, "−0.33")
