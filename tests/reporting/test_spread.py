"""The pooled deviation and the luck of the best, against brute force, least squares and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from nas.comparison.noise import estimate
from nas.reporting.spread import expected_largest, mean_of, pooled, pooled_beside

GROUPED = st.lists(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=5), min_size=1, max_size=6)


def flat(groups):
    values = np.array([value for group in groups for value in group])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


@given(GROUPED, st.randoms(use_true_random=False))
def test_the_pooled_deviation_is_that_of_the_definition_in_any_order(groups, rng):
    values, numbers = flat(groups)
    order = list(range(len(values)))
    rng.shuffle(order)
    found = pooled(values[order], numbers[order])
    freedom = sum(len(group) - 1 for group in groups)
    if freedom == 0:
        assert found is None
        return
    squares = sum(float(np.var(group)) * len(group) for group in groups)
    assert found.freedom == freedom
    assert found.deviation == pytest.approx(math.sqrt(squares / freedom), abs=1e-6)


def test_equal_values_have_exactly_no_deviation():
    groups = [[0.1 + 0.2] * 3, [1 / 3] * 7]
    assert pooled(*flat(groups)).deviation == 0


def test_the_interval_holds_the_truth_in_95_of_100_cases():
    rng = np.random.default_rng(0)
    numbers = np.repeat(np.arange(6), 3)
    held = 0
    for _ in range(800):
        low, high = pooled(rng.normal(rng.normal(size=6)[numbers], 0.3), numbers).interval
        held += low < 0.3 < high
    assert stats.binomtest(held, 800, 0.95).pvalue > 1e-3


@given(st.lists(st.integers(2, 5), min_size=2, max_size=5), st.integers(0, 1000))
def test_the_shift_is_that_of_least_squares_with_a_column_for_each_group(sizes, seed):
    rng = np.random.default_rng(seed)
    numbers = np.repeat(np.arange(len(sizes)), sizes)
    first = np.diff(numbers, prepend=-1) > 0
    values = rng.normal(size=len(numbers))
    design = np.column_stack([first.astype(float), np.equal.outer(numbers, np.arange(len(sizes)))])
    if len(values) - design.shape[1] < 1:
        return
    solution, _, _, _ = np.linalg.lstsq(design, values, rcond=None)
    residual = values - design @ solution
    freedom = len(values) - design.shape[1]
    variance = float(residual @ residual) / freedom
    error = math.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])
    spread, shift = pooled_beside(values, numbers, first)
    assert (spread.freedom, spread.deviation) == (freedom, pytest.approx(math.sqrt(variance)))
    assert (shift.mean, shift.error) == (pytest.approx(solution[0]), pytest.approx(error))
    assert shift.interval == pytest.approx(stats.t.interval(0.95, freedom, solution[0], error))


@pytest.mark.parametrize("count", [1, 2, 10, 1000, 1_000_000])
def test_the_expected_largest_of_normal_variables(count):
    def density(x):
        return x * count * math.exp(stats.norm.logpdf(x) + (count - 1) * stats.norm.logcdf(x))

    expected, _ = integrate.quad(density, -12, 12, limit=500, points=[0, 2, 4, 6])
    assert expected_largest(count) == pytest.approx(expected, abs=1e-6)


def test_the_luck_of_the_best_and_what_is_told_apart_are_those_of_a_simulation():
    rng = np.random.default_rng(0)
    spread = pooled(*flat([[1.0, 3.0]]))
    assert spread.deviation == pytest.approx(math.sqrt(2))
    best = rng.normal(5, spread.deviation, size=(20_000, 50)).max(axis=1) - 5
    assert spread.luck_of_best(50) == pytest.approx(best.mean(), abs=5 * best.std() / math.sqrt(20_000))
    differences = np.abs(np.diff(rng.normal(0, spread.deviation, size=(100_000, 2))))
    assert (differences < spread.told_apart).mean() == pytest.approx(0.95, abs=0.003)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=20))
def test_a_mean_is_estimated_as_comparisons_do(values):
    ours, theirs = mean_of(np.array(values)), estimate(values)
    assert ours.mean == pytest.approx(theirs.mean, abs=1e-9)
    assert (ours.interval is None) == (theirs.interval is None)
    if theirs.interval is not None:
        assert ours.interval == pytest.approx(theirs.interval, abs=1e-6)
