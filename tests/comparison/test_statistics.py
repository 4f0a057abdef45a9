"""Statistics beside brute force, and how often they call nothing something."""

import math
import statistics
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy import stats

from nas.comparison.power import detectable_shift
from nas.comparison.significance import LEVEL, attainable_size
from nas.comparison.statistics import (
    bootstrap_interval,
    compare_arms,
    effect_size,
    holm,
    mann_whitney,
    signed_rank,
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
    return mann_whitney(first, second)


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


def test_what_is_made_depends_on_the_number_of_seeds() -> None:
    made = {}
    for seeds in (3, 4, 5, 6, 9, 10):
        values = {"a": list(range(seeds)), "b": list(range(seeds, 2 * seeds))}
        (pair,) = compare_arms(values, paired=[("b", "a")])
        made[seeds] = [pair.p is not None, pair.paired_p is not None, pair.interval is not None]
        assert [pair.no_test is None, pair.no_paired_test is None, pair.no_interval is None] == made[seeds]
        assert (pair.detectable is None) == (pair.not_detectable is not None)
    assert made == {
        3: [False, False, False],
        4: [False, False, False],
        5: [True, False, False],
        6: [True, True, False],
        9: [True, True, False],
        10: [True, True, True],
    }


def test_reasons_say_how_many_seeds_there_are_and_how_many_are_needed() -> None:
    (pair,) = compare_arms({"a": [1, 2, 3], "b": [4, 5, 6, 7]}, paired=[])
    assert pair.no_test == pair.not_detectable == "3 seeds per arm, tests need 5"
    assert pair.no_interval == "3 seeds per arm, an interval needs 10"
    assert pair.no_paired_test == "runs are not paired by seed"
    assert not pair.significant
    (single,) = compare_arms({"a": [1], "b": [4]}, paired=[("a", "b")])
    assert single.no_paired_test == "1 seed per arm, a paired test needs 6"


def test_five_arms_of_five_seeds_cannot_be_told_apart_and_it_is_said() -> None:
    values = {name: [10 * index + seed for seed in range(5)] for index, name in enumerate("abcde")}
    for pair in compare_arms(values):
        assert pair.p_raw == pytest.approx(2 / 252)
        assert pair.p == pytest.approx(20 / 252)
        assert not pair.significant
        assert pair.detectable is None
        assert pair.not_detectable == (
            "5 seeds per arm are too few for 10 pairs: even complete separation gives p = 0.0079, 0.079 after Holm's "
            "correction"
        )


def test_each_kind_of_test_is_corrected_for_its_own_number() -> None:
    rng = Random(3)
    values = {name: [rng.gauss(shift, 1) for _ in range(8)] for name, shift in (("a", 0), ("b", 1), ("c", 2))}
    values["d"] = values["a"][:4]
    pairs = {(pair.first, pair.second): pair for pair in compare_arms(values, paired=[("b", "a"), ("b", "c")])}
    tested = [pairs["a", "b"], pairs["a", "c"], pairs["b", "c"]]
    raw = [float(stats.mannwhitneyu(values[one.first], values[one.second], method="exact").pvalue) for one in tested]
    assert [one.p_raw for one in tested] == pytest.approx(raw, rel=1e-12)
    assert [one.p for one in tested] == pytest.approx(holm(raw), rel=1e-12)
    paired = [pairs["a", "b"], pairs["b", "c"]]
    differences = [[x - y for x, y in zip(values[one.first], values[one.second], strict=True)] for one in paired]
    raw = [float(stats.wilcoxon(one, method="exact").pvalue) for one in differences]
    assert [one.paired_p_raw for one in paired] == pytest.approx(raw, rel=1e-12)
    assert [one.paired_p for one in paired] == pytest.approx(holm(raw), rel=1e-12)
    assert pairs["a", "c"].paired_p is None
    shift = detectable_shift(8, 8, num_pairs=3)  # the pairs with d have no test, so nothing is corrected for them
    assert shift is not None
    pooled = math.sqrt((statistics.variance(values["a"]) + statistics.variance(values["b"])) / 2)
    assert pairs["a", "b"].detectable == pytest.approx(shift * pooled)
    assert [pairs[name, "d"].p for name in "abc"] == [None] * 3


def test_the_interval_of_paired_arms_is_that_of_their_differences() -> None:
    rng = Random(8)
    common = [rng.gauss(0, 10) for _ in range(12)]
    values = {"a": common, "b": [value + rng.gauss(1, 0.1) for value in common]}
    (pair,) = compare_arms(values, paired=[("b", "a")])
    (loose,) = compare_arms(values)
    assert pair.interval == bootstrap_interval(values["a"], values["b"], 0, paired=True)
    assert loose.interval == bootstrap_interval(values["a"], values["b"], 0)


def test_the_detectable_difference_is_in_the_unit_of_the_values() -> None:
    rng = Random(4)
    values = {name: [rng.gauss(0, 1) for _ in range(7)] for name in ("a", "b")}
    (pair,) = compare_arms(values)
    (wider,) = compare_arms({name: [100 * value for value in own] for name, own in values.items()})
    shift = detectable_shift(7, 7)
    assert shift is not None
    pooled = math.sqrt((statistics.variance(values["a"]) + statistics.variance(values["b"])) / 2)
    assert pair.detectable == pytest.approx(shift * pooled)
    assert wider.detectable == pytest.approx(100 * shift * pooled)
    (constant,) = compare_arms({"a": [1] * 7, "b": [2] * 7})
    assert (constant.detectable, constant.not_detectable) == (None, "the runs within an arm are all equal")
    assert constant.significant


@pytest.mark.parametrize("values", [{"a": [], "b": [1]}, {"a": [math.nan], "b": [1]}])
def test_values_that_are_none_are_refused(values: dict[str, list[float]]) -> None:
    with pytest.raises(AssertionError, match="the arm a has"):
        compare_arms(values)


def test_pairs_of_arms_that_are_not_there_or_not_of_one_size_are_refused() -> None:
    with pytest.raises(AssertionError, match="only arms that have values"):
        compare_arms({"a": [1], "b": [2]}, paired=[("a", "c")])
    with pytest.raises(AssertionError, match="the same seeds"):
        compare_arms({"a": list(range(6)), "b": list(range(7))}, paired=[("a", "b")])


def test_beyond_what_is_exact_it_is_said() -> None:
    rng = Random(5)
    values = {name: [rng.gauss(0, 1) for _ in range(101)] for name in ("a", "b")}
    (pair,) = compare_arms(values)
    assert not pair.exact
    (pair,) = compare_arms({name: own[:7] for name, own in values.items()})
    assert pair.exact


def test_one_algorithm_in_both_arms_is_called_different_as_often_as_its_ties_allow() -> None:
    """2,000 studies of rounded normal numbers, of 5 to 10 seeds: shares beside the sizes that exact tests attain."""
    rng = np.random.default_rng(6)
    studies = 2000
    called, sizes, paired = 0, 0.0, 0
    for study in range(studies):
        seeds = 5 + study % 6
        first, second = rng.normal(0, 1, (2, seeds)).round(1).tolist()
        p = mann_whitney(first, second)
        called += p <= LEVEL
        sizes += attainable_size([*first, *second], seeds)
        paired += signed_rank(first, second) <= LEVEL
    interval = stats.binomtest(called, studies).proportion_ci(0.999, method="exact")
    assert interval.low <= sizes / studies <= interval.high
    assert 0.03 < sizes / studies < LEVEL
    assert stats.binomtest(paired, studies, LEVEL, alternative="greater").pvalue > 1e-3
    assert paired > studies / 100
