"""Exact tests of whether two arms differ, ties included, and Holm's correction for their number.

Sources: Mann and Whitney 1947; Wilcoxon 1945, with the zeros of Pratt 1959; Holm 1979. Both are permutation tests:
their p counts all relabellings of the runs, or all signs of the differences, so that ties need no correction and the
error is never above the level. The counting is by dynamic programming over sums of ranks (Pagano and Tritchler 1983),
because scipy's exact distributions know no ties and its permutations draw at random beyond a few runs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
MOST_RUNS_FOR_EXACT = 200  # of both arms together, half a second; the cost grows with the fourth power
_RELATIVE_ROUNDING = 1e-12


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the Mann-Whitney test: twice the smaller tail, at most 1.

    Exact, with ties and without, for at most `MOST_RUNS_FOR_EXACT` runs together; beyond, the normal approximation with
    corrections for ties and continuity, whose small p are too large rather than too small.
    """
    from scipy import stats

    if len(first) + len(second) > MOST_RUNS_FOR_EXACT:
        return float(stats.mannwhitneyu(first, second, method="asymptotic").pvalue)
    fewer, others = sorted((first, second), key=len)
    ranks = _whole(stats.rankdata([*fewer, *others]))
    found = int(ranks[: len(fewer)].sum())
    return _two_sided(_sums_of_so_many(ranks, len(fewer)), found)


def signed_rank(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the paired Wilcoxon signed-rank test, exact: over all 2^n signs of the differences, ties or not.

    Differences of zero are ranked and then left out (Pratt): dropping them before they are ranked, as Wilcoxon did, can
    make a result more significant by adding pairs of equal runs. Differences that are equal but for rounding count as
    tied.

    Args:
        first: one number per seed.
        second: of the same seeds, in the same order.
    """
    from scipy import stats

    left, right = np.asarray(first, float), np.asarray(second, float)
    assert left.shape == right.shape, "paired arms have the same seeds"
    quantum = _RELATIVE_ROUNDING * max(
        np.abs(left).max(), np.abs(right).max(), np.finfo(float).tiny / _RELATIVE_ROUNDING
    )
    differences = np.round((left - right) / quantum)
    ranks = _whole(stats.rankdata(np.abs(differences)))
    return _two_sided(_sums_of_any(ranks[differences != 0]), int(ranks[differences > 0].sum()))


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected for their number: the family-wise error stays at the level."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def rank_sums(num_first: int, num_second: int) -> NDArray[np.float64]:
    """Probabilities of U = 0, 1, ... num_first * num_second where nothing differs and nothing is tied."""
    fewer = min(num_first, num_second)
    sums = _sums_of_so_many(np.arange(1, num_first + num_second + 1), fewer)
    return sums[fewer * (fewer + 1) // 2 :]


def attainable_size(pooled: Sequence[float], num_first: int, level: float = LEVEL) -> float:
    """How often the exact Mann-Whitney test rejects where the arms do not differ: at most `level`, and less because p
    has few values.

    Args:
        pooled: the numbers of both arms, whose ties the size depends on; any distinct ones for the size without ties.
        num_first: how many of them are the first arm's.
    """
    from scipy import stats

    chance = _sums_of_so_many(_whole(stats.rankdata(pooled)), num_first)
    below, above = np.cumsum(chance), np.cumsum(chance[::-1])[::-1]
    return float(chance[2 * np.minimum(below, above) <= level].sum())


def _whole(ranks: NDArray[np.float64]) -> NDArray[np.int64]:
    """The ranks in the smallest whole numbers: those of ties are halves."""
    doubled = np.rint(2 * ranks).astype(np.int64)
    return doubled // np.gcd.reduce(doubled)


def _sums_of_so_many(ranks: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Probability of every sum of `count` of the ranks, all choices being equally likely."""
    ways = np.zeros((count + 1, int(np.sort(ranks)[len(ranks) - count :].sum()) + 1))
    ways[0, 0] = 1
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, :-rank].copy()
    return ways[count] / ways[count].sum()


def _sums_of_any(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability of every sum of some of the ranks, each being in it or not with equal chance."""
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1
    for rank in ranks:
        chance[rank:] += chance[:-rank].copy()
        chance /= 2
    return chance


def _two_sided(chance: NDArray[np.float64], found: int) -> float:
    return float(min(1.0, 2 * min(chance[: found + 1].sum(), chance[found:].sum())))
