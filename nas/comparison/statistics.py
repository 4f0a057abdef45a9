"""Statistics that a reviewer accepts, for a few seeds per arm: exact tests, corrected for their number, and sizes.

Sources: Mann and Whitney 1947; Holm 1979; Vargha and Delaney 2000 (effect size A); the bootstrap's percentile interval.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

LEAST_SEEDS_FOR_TESTS = 5
LEAST_SEEDS_FOR_BOOTSTRAP = 10
BOOTSTRAP_SAMPLES = 10_000


@dataclass(frozen=True)
class Pair:
    """Two arms, compared by one number per seed.

    Attributes:
        first, second: names of the arms.
        difference: mean of the first minus mean of the second.
        effect: probability that a run of the first has the larger number, ties half (A of Vargha and Delaney): 0.5 is
            no difference.
        p: of the exact two-sided Mann-Whitney test, corrected for all pairs by Holm; None below five seeds per arm.
        interval: 95 % of the difference, by bootstrap; None below ten seeds per arm.
    """

    first: str
    second: str
    difference: float
    effect: float
    p: float | None
    interval: tuple[float, float] | None


def compare_arms(values: Mapping[str, Sequence[float]], seed: int = 0) -> list[Pair]:
    """All pairs of arms.

    Args:
        values: one number per run, by arm.
        seed: of the bootstrap.
    """
    pairs = list(combinations(values, 2))
    raw = [
        _mann_whitney(values[first], values[second])
        if min(len(values[first]), len(values[second])) >= LEAST_SEEDS_FOR_TESTS
        else None
        for first, second in pairs
    ]
    tested = [p for p in raw if p is not None]
    corrected = iter(holm(tested))
    return [
        Pair(
            first,
            second,
            _mean(values[first]) - _mean(values[second]),
            effect_size(values[first], values[second]),
            None if p is None else next(corrected),
            bootstrap_interval(values[first], values[second], seed)
            if min(len(values[first]), len(values[second])) >= LEAST_SEEDS_FOR_BOOTSTRAP
            else None,
        )
        for (first, second), p in zip(pairs, raw, strict=True)
    ]


def standard_error(values: Sequence[float]) -> float | None:
    """Of the mean; None for one value."""
    if len(values) < 2:
        return None
    mean = _mean(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return math.sqrt(variance / len(values))


def effect_size(first: Sequence[float], second: Sequence[float]) -> float:
    """Share of the pairs of runs in which the first has the larger number, ties counted as half."""
    larger = sum((left > right) + 0.5 * (left == right) for left in first for right in second)
    return larger / (len(first) * len(second))


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected for their number: the family-wise error stays at the level."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def bootstrap_interval(first: Sequence[float], second: Sequence[float], seed: int) -> tuple[float, float]:
    """95 % percentile interval of the difference of means; runs are drawn with replacement within their arm."""
    rng = Random(seed)
    means = sorted(
        _mean(rng.choices(first, k=len(first))) - _mean(rng.choices(second, k=len(second)))
        for _ in range(BOOTSTRAP_SAMPLES)
    )
    edge = round(0.025 * BOOTSTRAP_SAMPLES)
    return means[edge], means[-edge - 1]


def _mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    from scipy import stats

    ties = len({*first, *second}) < len(first) + len(second)
    if not ties:
        return float(stats.mannwhitneyu(first, second, method="exact").pvalue)
    # scipy's exact distribution knows no ties: all relabellings instead, or so many random ones
    method = stats.PermutationMethod(n_resamples=100_000, rng=0)
    return float(stats.mannwhitneyu(first, second, method=method).pvalue)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
