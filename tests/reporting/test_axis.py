"""Axes: where values lie, which ticks there are, and where a few outliers do not count."""

from itertools import pairwise
from math import isclose, log10

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nas.reporting.drawings.axis import axis, log_axis, low_end, wants_log

POSITIVE = st.floats(1e-6, 1e15)
ANY = st.floats(-1e9, 1e9)


@given(POSITIVE, POSITIVE, st.lists(st.floats(-10, 1e16), min_size=1))
def test_equal_ratios_are_equally_long_on_a_logarithmic_axis(one, other, values):
    low, high = sorted((one, other))
    assume(high > 1.001 * low)
    made = log_axis(low, high)
    assert (made.fraction(low), made.fraction(high)) == (0, pytest.approx(1))
    assert made.fraction((low * high) ** 0.5) == pytest.approx(0.5, abs=1e-6)
    assert made.fractions(values) == pytest.approx([made.fraction(value) for value in values], abs=1e-9)
    assert all(low <= tick * 1.000001 and tick <= high * 1.000001 for tick in made.ticks)
    assert len(made.ticks) <= 13


@given(ANY, ANY, st.lists(ANY, min_size=1))
def test_fractions_are_those_of_each_value_on_a_linear_axis(low, high, values):
    made = axis(min(low, high), max(low, high))
    assert made.fractions(values) == pytest.approx([made.fraction(value) for value in values])


@given(st.integers(-3, 5), st.integers(1, 12))
def test_ticks_of_a_wide_logarithmic_axis_are_few_powers_of_ten_at_equal_distances(first, decades):
    made = log_axis(10.0**first, 10.0 ** (first + decades))
    assert 2 <= len(made.ticks) <= 6
    assert all(isclose(log10(tick), round(log10(tick)), abs_tol=1e-9) for tick in made.ticks)
    assert len({round(log10(after / before)) for before, after in pairwise(made.ticks)}) == 1


def test_labels_of_a_logarithmic_axis_are_short():
    made = log_axis(5, 2e8)
    assert [made.label(tick) for tick in (10, 100, 1e3, 1e4, 1e8)] == ["10", "100", "1 k", "10 k", "100 M"]


def test_an_axis_is_logarithmic_only_beyond_two_decades_and_above_zero():
    assert wants_log(np.array([1.0, 101.0]))
    assert not wants_log(np.array([1.0, 100.0]))
    assert not wants_log(np.array([0.0, 1e9]))
    assert not wants_log(np.array([-1.0, 1e9]))


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.8, 0.81, 0.85, 0.9]), min_size=1, max_size=80))
def test_an_axis_begins_above_a_few_values_that_a_wide_gap_sets_off(drawn):
    values = sorted(drawn)
    low = values[0]
    for place in range(1, int(len(values) * 0.05) + 1):  # so many may be left out
        if values[place] - values[place - 1] > 0.3 * (values[-1] - values[place]):
            low = values[place]
    assert low_end(np.array(values)) == low
