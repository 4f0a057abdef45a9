"""Bootstrap intervals: their percentiles, pairs, coverage."""

import numpy as np
import pytest
from scipy import stats

from nas.comparison.bootstrap import bootstrap_interval, expanded_tail


@pytest.mark.parametrize("runs", [5, 10, 100, 10_000])
def test_the_tail_gives_normal_samples_the_t_interval(runs: int) -> None:
    """Hesterberg (arXiv 1411.5279): z of the tail times the resampled deviation is t times the sample's."""
    resampled = -stats.norm.ppf(expanded_tail(runs)) * np.sqrt((runs - 1) / runs)
    assert resampled == pytest.approx(stats.t.ppf(0.975, runs - 1), rel=1e-9)


def test_few_runs_have_a_wider_interval_than_scipys_percentiles() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 1, 10), rng.normal(0, 1, 10)
    low, high = bootstrap_interval(first.tolist(), second.tolist(), seed=0)

    def difference(left: np.ndarray, right: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.asarray(left.mean(axis=axis) - right.mean(axis=axis))

    level = 1 - 2 * expanded_tail(10)
    wide, plain = (
        stats.bootstrap(
            (first, second), difference, confidence_level=one, n_resamples=40_000, method="percentile", rng=1
        ).confidence_interval
        for one in (level, 0.95)
    )
    assert (low, high) == pytest.approx((wide.low, wide.high), abs=0.06)
    assert low < plain.low < plain.high < high


def test_what_runs_of_a_seed_have_in_common_does_not_widen_the_paired_interval() -> None:
    rng = np.random.default_rng(1)
    common = rng.normal(0, 10, 12)
    first, second = (common + 1).tolist(), common.tolist()
    low, high = bootstrap_interval(first, second, seed=0, paired=True)
    assert (low, high) == pytest.approx((1, 1))
    low, high = bootstrap_interval(first, second, seed=0)
    assert high - low > 5


def test_one_seed_gives_one_interval_and_equal_runs_give_a_point() -> None:
    first, second = [1.0, 2, 3, 4], [0.0, 1, 1, 5]
    assert bootstrap_interval(first, second, 3) == bootstrap_interval(first, second, 3)
    assert bootstrap_interval(first, second, 3) != bootstrap_interval(first, second, 4)
    assert bootstrap_interval([2.0] * 10, [0.5] * 12, 0) == (1.5, 1.5)


def test_a_single_run_has_no_interval() -> None:
    with pytest.raises(ValueError, match="an arm has 1 run, an interval needs at least 2"):
        bootstrap_interval([1, 2], [1], 0)


@pytest.mark.parametrize("paired", [False, True])
def test_intervals_of_ten_runs_hold_the_difference_as_often_as_they_say(paired: bool) -> None:
    rng = np.random.default_rng(2)
    studies, held = 400, 0
    for study in range(studies):
        first, second = rng.normal(1, 1, 10), rng.normal(0, 1, 10)
        low, high = bootstrap_interval(first.tolist(), second.tolist(), study, paired)
        held += low <= 1 <= high
    assert 0.93 <= held / studies <= 0.99  # plain percentiles hold it in 91 %
