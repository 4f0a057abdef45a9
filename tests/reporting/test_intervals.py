"""Intervals over children: the textbook's where every parent has one child, and honest where siblings are alike."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nas.reporting.intervals import difference_of, mean_of, share_of

VALUES = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


@given(VALUES)
def test_the_mean_of_single_children_has_the_t_interval(values):
    array = np.array(values)
    made = mean_of(array, np.arange(len(array)))
    error = stats.sem(array)
    low, high = (
        stats.t.interval(0.95, len(array) - 1, loc=array.mean(), scale=error)
        if error > 1e-12
        else (
            array.mean(),
            array.mean(),
        )
    )
    assert (made.value, made.low, made.high) == pytest.approx((array.mean(), low, high), abs=1e-9)


@given(VALUES, VALUES)
def test_the_difference_of_single_children_has_welchs_error_and_the_fewer_degrees_of_freedom(first, second):
    one, other = np.array(first), np.array(second)
    made = difference_of(one, np.arange(len(one)), other, 1000 + np.arange(len(other)))
    error = math.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    half = stats.t.ppf(0.975, min(len(one), len(other)) - 1) * error
    assert made.value == pytest.approx(one.mean() - other.mean())
    assert made.high - made.value == pytest.approx(half, abs=1e-9)
    assert made.value - made.low == pytest.approx(half, abs=1e-9)


@pytest.mark.parametrize("hits", [0, 3, 200, 400])
def test_the_share_of_many_single_children_has_wilsons_interval(hits):
    count = 400
    made = share_of(np.arange(count) < hits, np.arange(count))
    z = stats.t.ppf(0.975, count - 1)
    share = hits / count  # the interval is where |p - share| <= z sqrt(p (1 - p) / count): the roots of a square
    roots = np.roots([1 + z**2 / count, -(2 * share + z**2 / count), share**2])
    assert (made.low, made.high) == pytest.approx((max(0, min(roots)), min(1, max(roots))), abs=1e-9)
    normal = stats.binomtest(hits, count).proportion_ci(0.95, "wilson")
    assert (made.low, made.high) == pytest.approx((normal.low, normal.high), abs=2e-3)


@given(VALUES)
def test_twins_say_no_more_than_one_of_them(values):
    """Every child twice: not more is known of how parents scatter."""
    array, parents = np.array(values), np.arange(len(values))
    once, twice = mean_of(array, parents), mean_of(np.repeat(array, 2), np.repeat(parents, 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=1e-9)
    hits, both = share_of(array > 0, parents), share_of(np.repeat(array > 0, 2), np.repeat(parents, 2))
    assert (both.low, both.high) == pytest.approx((hits.low, hits.high), abs=1e-9)


def test_what_two_operators_have_of_the_same_parents_cancels():
    """Children that differ by their operator alone, of parents that differ by much."""
    luck = np.array([-3.0, 1.0, 2.0, 0.0])
    shared = difference_of(luck + 0.5, np.arange(4), luck, np.arange(4))
    apart = difference_of(luck + 0.5, np.arange(4), luck, 10 + np.arange(4))
    assert (shared.low, shared.high) == pytest.approx((0.5, 0.5))
    assert apart.high - apart.low > 5


def test_one_parent_says_nothing_of_how_parents_scatter():
    made = mean_of(np.array([0.1, 0.2, 0.6]), np.array([7, 7, 7]))
    assert (made.value, made.low, made.high) == (pytest.approx(0.3), None, None)
    assert difference_of(np.array([1.0]), np.array([1]), np.array([0.0, 0.5]), np.array([2, 3])).low is None
    assert share_of(np.array([True, False]), np.array([1, 1])).high is None
    unequal = mean_of(np.arange(21.0), np.array([1] * 20 + [2]))
    assert unequal.low is None  # in effect 1.1 parents


@pytest.mark.parametrize("children", [1, 6])
def test_ninety_five_of_a_hundred_intervals_hold_the_truth(children):
    """Also with siblings that share their parent's luck, where intervals of independent children fail."""
    rng = np.random.default_rng(children)
    rounds, parents = 800, 25
    held = plain = shares = differences = 0
    for _ in range(rounds):
        sizes = 1 + rng.poisson(children - 1, parents)
        of = np.repeat(np.arange(parents), sizes)
        values = rng.normal(0, 1, parents)[of] + rng.normal(0, 1, len(of))
        made = mean_of(values, of)
        held += made.low <= 0 <= made.high
        low, high = stats.t.interval(0.95, len(of) - 1, loc=values.mean(), scale=stats.sem(values))
        plain += low <= 0 <= high
        share = share_of(values > 0.5, of)
        shares += share.low <= stats.norm.sf(0.5 / math.sqrt(2)) <= share.high
        first = rng.random(len(of)) < 0.5
        first[:2], first[-2:] = True, False
        difference = difference_of(values[first], of[first], values[~first], of[~first])
        differences += difference.low <= 0 <= difference.high
    assert 0.92 < held / rounds < 0.98
    assert 0.92 < shares / rounds <= 1
    assert 0.92 < differences / rounds <= 1
    assert (plain / rounds < 0.75) == (children > 1)
