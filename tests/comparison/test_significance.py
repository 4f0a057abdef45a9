"""The tests of significance beside scipy, where it has them, and beside all relabellings and signs where it has not."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nas.comparison.significance import (
    LEVEL,
    MOST_RUNS_FOR_EXACT,
    attainable_size,
    holm,
    mann_whitney,
    rank_sums,
    signed_rank,
)

distinct = st.lists(st.floats(-1, 1), min_size=10, max_size=24, unique=True)
few_values = st.lists(st.integers(0, 4), min_size=5, max_size=7)


@settings(deadline=None)
@given(distinct, st.integers(2, 8))
def test_without_ties_it_is_scipys_exact_mann_whitney(numbers: list[float], cut: int) -> None:
    first, second = numbers[:cut], numbers[cut:]
    assert mann_whitney(first, second) == pytest.approx(
        stats.mannwhitneyu(first, second, method="exact").pvalue, rel=1e-12, abs=0
    )


@settings(max_examples=20, deadline=None)
@given(few_values, few_values)
def test_with_ties_it_counts_all_relabellings(first: list[int], second: list[int]) -> None:
    pooled = stats.rankdata([*first, *second])
    found = pooled[: len(first)].sum()
    sums = np.array([pooled[list(chosen)].sum() for chosen in combinations(range(len(pooled)), len(first))])
    expected = min(1.0, 2 * min((sums <= found).mean(), (sums >= found).mean()))
    assert mann_whitney(first, second) == pytest.approx(expected, rel=1e-12, abs=0)


def test_with_ties_it_is_scipys_permutation_test() -> None:
    first, second = [0.1, 0.2, 0.2, 0.3, 0.3], [0.3, 0.3, 0.4, 0.4, 0.5]
    method = stats.PermutationMethod(n_resamples=10**6)  # of 252: all
    reference = stats.mannwhitneyu(first, second, method=method).pvalue
    assert mann_whitney(first, second) == pytest.approx(reference, rel=1e-12)


@settings(deadline=None)
@given(few_values, few_values)
def test_the_order_of_arms_changes_nothing(first: list[int], second: list[int]) -> None:
    assert mann_whitney(first, second) == pytest.approx(mann_whitney(second, first), rel=1e-12)
    assert mann_whitney(first, second) == pytest.approx(
        mann_whitney([-value for value in first], [-value for value in second]), rel=1e-12
    )


def test_all_equal_numbers_differ_in_nothing() -> None:
    assert mann_whitney([0.5] * 6, [0.5] * 6) == 1
    assert signed_rank([0.5] * 6, [0.5] * 6) == 1


def test_beyond_the_exact_it_is_scipys_approximation_and_close_to_the_exact() -> None:
    rng = np.random.default_rng(0)
    half = MOST_RUNS_FOR_EXACT // 2
    first, second = rng.normal(0.4, 1, half + 1).round(1), rng.normal(0, 1, half + 1).round(1)  # with ties
    approximate = mann_whitney(first.tolist(), second.tolist())
    assert approximate == stats.mannwhitneyu(first, second, method="asymptotic").pvalue
    exact = mann_whitney(first[:half].tolist(), second[:half].tolist())
    near = stats.mannwhitneyu(first[:half], second[:half], method="asymptotic").pvalue
    assert 0 < exact < near < 1.2 * exact < 0.05  # p errs to the safe side: the normal's tail is the heavier one


@settings(deadline=None)
@given(st.lists(st.integers(-1000, 1000).filter(bool), min_size=6, max_size=40, unique_by=abs))
def test_signed_rank_is_scipys_without_ties_and_zeros(differences: list[int]) -> None:
    reference = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank(differences, [0] * len(differences)) == pytest.approx(reference, rel=1e-12, abs=0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=9))
def test_signed_rank_counts_all_signs_of_tied_and_zero_differences(differences: list[int]) -> None:
    ranks = stats.rankdata(np.abs(differences))  # Pratt: ranked with the zeros, whose sign then does not count
    ranks = np.where(np.array(differences) == 0, 0, ranks)
    found = ranks[np.array(differences) > 0].sum()
    sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=len(ranks))])
    expected = min(1.0, 2 * min((sums <= found).mean(), (sums >= found).mean()))
    assert signed_rank(differences, [0] * len(differences)) == pytest.approx(expected, rel=1e-12, abs=0)


def test_signed_rank_with_ties_and_zeros_is_scipys_permutation_test() -> None:
    differences = [0, 1, 1, -2, 3, 3, 4]
    reference = stats.wilcoxon(
        differences, zero_method="pratt", method=stats.PermutationMethod(n_resamples=2**7)
    ).pvalue
    assert signed_rank(differences, [0] * 7) == pytest.approx(reference, rel=1e-12)


def test_differences_that_are_equal_but_for_rounding_are_tied() -> None:
    first, second = [0.2, 0.3, 0.4, 0.9, 0.7, 0.5], [0.1, 0.2, 0.3, 0.8, 0.8, 0.3]
    bits = {abs(left - right) for left, right in zip(first, second, strict=True)}
    assert len(bits) > 3, "0.1 comes out as several numbers"
    assert signed_rank(first, second) == signed_rank([1, 1, 1, 1, -1, 2], [0] * 6)


def test_six_seeds_are_the_least_that_a_paired_test_can_call() -> None:
    assert signed_rank(range(1, 6), [0] * 5) == 2 / 32 > LEVEL
    assert signed_rank(range(1, 7), [0] * 6) == 2 / 64 < LEVEL


def test_paired_arms_of_other_sizes_are_refused() -> None:
    with pytest.raises(AssertionError, match="the same seeds"):
        signed_rank([1, 2, 3], [1, 2])


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_definition(p_values: list[float]) -> None:
    """Holm 1979: hypothesis i is rejected at a level iff all with p up to its own pass level / (those left)."""
    order = sorted(p_values)
    for p, corrected in zip(p_values, holm(p_values), strict=True):
        before = [(len(order) - rank) * other for rank, other in enumerate(order) if other <= p]
        assert corrected == pytest.approx(min(1.0, max(before)), rel=1e-12)
        assert p <= corrected <= min(1.0, len(p_values) * p) or p == pytest.approx(corrected)


def test_rank_sums_are_the_distribution_of_u() -> None:
    chance = rank_sums(3, 4)
    counts = np.zeros(13)
    for chosen in combinations(range(7), 3):
        counts[sum(chosen) - 3] += 1
    assert chance == pytest.approx(counts / 35, rel=1e-12)
    assert rank_sums(4, 3) == pytest.approx(chance, rel=1e-12)


@pytest.mark.parametrize("seeds", [5, 8, 10])
def test_the_attainable_size_is_the_largest_p_of_scipy_within_the_level(seeds: int) -> None:
    p_values = []
    for u in range(seeds**2 + 1):  # U = u: so many runs above all others, one above the rest of u, the others below all
        above = [min(seeds, max(0, u - seeds * index)) for index in range(seeds)]
        first = [count - 0.5 + 0.01 * index for index, count in enumerate(above)]
        found = stats.mannwhitneyu(first, range(seeds), method="exact")
        assert found.statistic == u
        p_values.append(float(found.pvalue))
    expected = max(p for p in p_values if p <= LEVEL)
    assert attainable_size(range(2 * seeds), seeds) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=10, max_size=10))
def test_the_attainable_size_with_ties_is_how_often_relabellings_are_called(pooled: list[int]) -> None:
    calls = []
    for chosen in combinations(range(10), 5):
        first = [pooled[index] for index in chosen]
        second = [pooled[index] for index in range(10) if index not in chosen]
        calls.append(mann_whitney(first, second) <= LEVEL)
    assert attainable_size(pooled, 5) == pytest.approx(sum(calls) / len(calls), rel=1e-12)
