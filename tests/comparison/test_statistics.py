"""Statistics beside brute force, and how often they call nothing something."""

from itertools import combinations
from random import Random

import pytest
from scipy import stats

from nas.comparison.statistics import (
    bootstrap_interval,
    compare_arms,
    effect_size,
    holm,
    standard_error,
)


def permutation_p(first: list[float], second: list[float]) -> float:
    """Two-sided p of the rank sum over all relabellings: twice the smaller tail, as the exact test has it."""
    pooled = first + second
    count = sum(left > right for left in first for right in second)
    tails = [0, 0, 0]
    for chosen in combinations(range(len(pooled)), len(first)):
        own = [pooled[index] for index in chosen]
        others = [pooled[index] for index in range(len(pooled)) if index not in chosen]
        found = sum(left > right for left in own for right in others)
        tails[0] += found <= count
        tails[1] += found >= count
        tails[2] += 1
    return min(1.0, 2 * min(tails[0], tails[1]) / tails[2])


@pytest.mark.parametrize("seed", range(10))
def test_p_values_are_those_of_all_relabellings(seed: int) -> None:
    rng = Random(seed)
    first = [rng.gauss(0, 1) for _ in range(5)]
    second = [rng.gauss(0.8, 1) for _ in range(6)]
    (pair,) = compare_arms({"first": first, "second": second})
    assert pair.p == pytest.approx(permutation_p(first, second))
    assert pair.effect == sum(left > right for left in first for right in second) / 30
    assert pair.difference == pytest.approx(sum(first) / 5 - sum(second) / 6)


def test_ties_are_taken_into_account() -> None:
    first, second = [0.1, 0.2, 0.2, 0.3, 0.3], [0.3, 0.3, 0.4, 0.4, 0.5]
    (pair,) = compare_arms({"first": first, "second": second})
    reference = stats.permutation_test(
        (first, second), lambda x, y: stats.mannwhitneyu(x, y).statistic, n_resamples=10**6
    )
    assert pair.p == pytest.approx(reference.pvalue, abs=0.02)
    assert pair.effect == pytest.approx((2 * 2 * 0.5) / 25)


def test_few_seeds_get_no_test_and_no_interval() -> None:
    (four,) = compare_arms({"a": [1, 2, 3, 4], "b": [5, 6, 7, 8]})
    assert (four.p, four.interval) == (None, None)
    (five,) = compare_arms({"a": [1, 2, 3, 4, 5], "b": [6, 7, 8, 9, 10]})
    assert five.p == pytest.approx(2 / 252)
    assert five.interval is None
    (ten,) = compare_arms({"a": list(range(10)), "b": list(range(10, 20))})
    assert ten.interval is not None
    assert ten.interval[0] < -10 < ten.interval[1] < 0


def test_holm_by_hand() -> None:
    """Holm 1979: the smallest times 3, the next times 2, never below an earlier one."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_all_pairs_are_corrected_together() -> None:
    rng = Random(0)
    values = {name: [rng.gauss(shift, 1) for _ in range(7)] for name, shift in (("a", 0), ("b", 1), ("c", 3))}
    pairs = compare_arms(values)
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    raw = [stats.mannwhitneyu(values[pair.first], values[pair.second], method="exact").pvalue for pair in pairs]
    assert [pair.p for pair in pairs] == pytest.approx(holm([float(p) for p in raw]))


def test_an_arm_against_itself_is_called_different_at_most_as_often_as_promised() -> None:
    """1,000 pairs of ten numbers each of one distribution, at 5 %."""
    rng = Random(1)
    called = 0
    for _ in range(1000):
        first, second = ([rng.gauss(0, 1) for _ in range(10)] for _ in range(2))
        called += stats.mannwhitneyu(first, second, method="exact").pvalue == _p(first, second) < 0.05
    assert stats.binomtest(called, 1000, 0.05, alternative="greater").pvalue > 1e-3
    assert called > 20


def _p(first: list[float], second: list[float]) -> float:
    from nas.comparison.statistics import _mann_whitney

    return _mann_whitney(first, second)


def test_the_bootstrap_covers_the_difference() -> None:
    rng = Random(2)
    covered = 0
    for seed in range(60):
        low, high = bootstrap_interval([rng.gauss(1, 1) for _ in range(20)], [rng.gauss(0, 1) for _ in range(20)], seed)
        covered += low <= 1 <= high
    assert 50 <= covered <= 60


def test_standard_error_is_scipys() -> None:
    values = [0.1, 0.5, 0.2, 0.9]
    assert standard_error(values) == pytest.approx(float(stats.sem(values)))
    assert standard_error([0.1]) is None
    assert effect_size([1, 2], [1, 2]) == 0.5
