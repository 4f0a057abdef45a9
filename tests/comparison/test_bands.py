"""Bands, areas and times to a threshold beside point-by-point loops."""

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.comparison.bands import area, band, step_values, time_to

Run = tuple[list[float], list[float]]
steps = st.integers(0, 12).map(float)  # few values, so that runs share x and repeat them


@st.composite
def runs(draw: st.DrawFn) -> Run:
    x = sorted(draw(st.lists(steps, min_size=1, max_size=8)))
    return x, draw(st.lists(st.floats(-1, 1), min_size=len(x), max_size=len(x)))


def value_at(run: Run, point: float) -> float:
    value = math.nan
    for x, y in zip(*run, strict=True):
        if x <= point:
            value = y
    return value


@settings(deadline=None)
@given(runs(), st.lists(st.floats(-1, 14), max_size=10))
def test_step_values_by_loop(run: Run, grid: list[float]) -> None:
    expected = [value_at(run, point) for point in grid]
    np.testing.assert_array_equal(step_values(*run, grid), expected)


@settings(deadline=None)
@given(st.lists(runs(), min_size=1, max_size=5))
def test_bands_by_loop(found: list[Run]) -> None:
    begin, end = max(run[0][0] for run in found), min(run[0][-1] for run in found)
    own = band([run[0] for run in found], [run[1] for run in found])
    points = sorted({x for run in found for x in run[0] if begin <= x <= end})
    assert own.x.tolist() == points
    for index, point in enumerate(points):
        values = [value_at(run, point) for run in found]
        mean = statistics.fmean(values)
        assert own.mean[index] == pytest.approx(mean, abs=1e-12)
        if len(found) == 1:
            assert own.low is None
            assert own.high is None
            continue
        assert own.low is not None
        assert own.high is not None
        error = statistics.stdev(values) / math.sqrt(len(values))
        assert own.low[index] == pytest.approx(mean - 2 * error, abs=1e-12)
        assert own.high[index] == pytest.approx(mean + 2 * error, abs=1e-12)


def test_a_band_over_evaluations_is_that_of_the_columns() -> None:
    rng = np.random.default_rng(0)
    best = np.maximum.accumulate(rng.random((7, 40)), axis=1)
    own = band([range(1, 41)] * 7, list(best))
    assert own.x.tolist() == list(range(1, 41))
    assert own.mean == pytest.approx(best.mean(axis=0), rel=1e-12)
    assert own.high == pytest.approx(best.mean(axis=0) + 2 * best.std(axis=0, ddof=1) / math.sqrt(7), rel=1e-12)


def test_runs_without_a_common_x_have_an_empty_band() -> None:
    own = band([[0, 1, 2], [3, 4]], [[0, 1, 2], [3, 4]])
    assert len(own.x) == len(own.mean) == 0


def test_a_thinned_band_has_the_values_of_the_whole_one() -> None:
    rng = np.random.default_rng(1)
    x = [np.sort(rng.random(300)) for _ in range(4)]
    y = [np.maximum.accumulate(rng.random(300)) for _ in range(4)]
    whole, thin = band(x, y), band(x, y, max_points=50)
    assert len(thin.x) == 50 < len(whole.x)
    assert (thin.x[0], thin.x[-1]) == (whole.x[0], whole.x[-1])
    index = np.searchsorted(whole.x, thin.x)
    assert thin.low is not None
    assert whole.low is not None
    np.testing.assert_array_equal(thin.mean, whole.mean[index])
    np.testing.assert_array_equal(thin.low, whole.low[index])
    assert len(band(x, y, max_points=5000).x) == len(whole.x)


@settings(deadline=None)
@given(runs(), st.floats(0, 12), st.floats(0.1, 5))
def test_areas_by_midpoints(run: Run, offset: float, width: float) -> None:
    begin = run[0][0] + offset
    end = begin + width
    edges = sorted({begin, end, *(x for x in run[0] if begin < x < end)})
    pieces = [value_at(run, (left + right) / 2) * (right - left) for left, right in pairwise(edges)]
    assert area(*run, begin, end) == pytest.approx(sum(pieces) / (end - begin), abs=1e-9)


def test_the_area_over_evaluations_is_the_mean() -> None:
    best = [0.1, 0.1, 0.4, 0.8]
    assert area(range(1, 5), best, 1, 5) == pytest.approx(sum(best) / 4)


@pytest.mark.parametrize(("begin", "end"), [(0.5, 3), (2, 2), (3, 2)])
def test_areas_over_what_is_no_part_of_a_run_are_refused(begin: float, end: float) -> None:
    with pytest.raises(ValueError, match=rf"\[{begin}, {end}\], it must begin at 1.0 or later"):
        area([1, 2, 3], [1, 2, 3], begin, end)


def test_times_to_a_threshold_count_runs_that_never_reach_it() -> None:
    x = [[1, 2, 3], [10, 20, 30], [5, 6, 7]]
    y = [[0.1, 0.5, 0.9], [0.5, 0.6, 0.7], [0.1, 0.2, 0.3]]
    reached = time_to(x, y, 0.5)
    assert reached.x == [2, 10, None]
    assert reached.num_censored == 1
    assert reached.median == 10
    late = time_to(x, y, 0.8)
    assert (late.x, late.num_censored, late.median) == ([3, None, None], 2, None)
    assert time_to(x[:2], y[:2], 0.5).median == 6
    assert time_to(x[:2], y[:2], 0.8).median is None  # half of them: between 3 and nobody knows


@pytest.mark.parametrize(
    ("x", "y", "sentence"), [([2, 1], [1, 2], "ascend"), ([1, 2], [1], "1"), ([], [], "at least one point")]
)
def test_what_is_no_run_is_refused(x: list[float], y: list[float], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        step_values(x, y, [1])
