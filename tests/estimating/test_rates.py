"""The line through a few children: against scipy's least squares without negative parts, and its interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from nas.estimating.rates import rates

POINTS = st.lists(st.tuples(st.floats(1, 100), st.floats(1, 100)), min_size=3, max_size=6)


@given(points=POINTS)
def test_is_never_worse_than_a_line_without_negative_parts(points: list[tuple[float, float]]) -> None:
    seconds, work = [point[0] for point in points], [point[1] for point in points]
    found = rates(seconds, work)
    assert found.every_s >= 0
    assert found.work_s >= 0
    line, _ = nnls(np.c_[np.ones(len(work)), work], np.array(seconds))
    if line.min() > 1e-6 and np.ptp(work) > 1e-3:
        assert (found.every_s, found.work_s) == pytest.approx(tuple(line), rel=1e-4, abs=1e-6)
    else:  # one part is 0; a ratio goes through the means instead of the squares
        assert not found.every_s or not found.work_s or np.ptp(work) <= 1e-3
    assert found.child_s(float(np.mean(work))) == pytest.approx(np.mean(seconds))


def test_a_line_is_found_and_has_no_spread() -> None:
    found = rates([3.0, 5.0, 9.0], [1.0, 2.0, 4.0])
    assert (found.every_s, found.work_s) == (pytest.approx(1.0), pytest.approx(2.0))
    assert found.spread == found.error == pytest.approx(0.0)


def test_an_interval_of_so_few_holds_the_mean_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(2000):
        work = rng.uniform(1, 3, size=4)
        found = rates(list(10 * work * np.exp(rng.normal(0, 0.1, 4))), list(work))
        mean = found.child_s(2.0)
        held += mean / (1 + found.error) < 20 < mean * (1 + found.error)
    assert 0.9 < held / 2000 <= 1


def test_unknown_work_takes_all_children_for_alike() -> None:
    found = rates([1.0, 3.0], None)
    assert (found.child_s(0), found.work_s) == (2.0, 0.0)
    assert found.spread > 0.5


@pytest.mark.parametrize("seconds", [[2.0], [2.0, 4.0]])
def test_so_few_children_tell_nothing_of_how_they_scatter(seconds: list[float]) -> None:
    found = rates(seconds, [1.0, 2.0][: len(seconds)])
    assert found.child_s(1.5 if len(seconds) > 1 else 1.0) == pytest.approx(sum(seconds) / len(seconds))
    assert found.error > 0.2


def test_unsteady_seconds_widen_the_interval() -> None:
    steady = rates([3.0, 5.0, 9.0], [1.0, 2.0, 4.0], [0.0, 0.0, 0.0])
    assert rates([3.0, 5.0, 9.0], [1.0, 2.0, 4.0], [0.2, 0.2, 0.2]).error > steady.error + 0.1
