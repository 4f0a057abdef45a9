"""95 % intervals of a difference of means by the bootstrap (Efron 1979), wide enough for few runs.

The percentile interval of few runs is too narrow: resampling has the standard deviation with n below the line, and
knows no t distribution. Hesterberg's expanded percentiles (arXiv 1411.5279) take both back. `benchmarks/coverage.py`
compares them with plain percentiles and with BCa, which is no wider and does not exist where all runs are equal.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

SAMPLES = 10_000
COVERAGE = 0.95
_NUMBERS_AT_ONCE = 1_000_000


def bootstrap_interval(
    first: Sequence[float], second: Sequence[float], seed: int, paired: bool = False
) -> tuple[float, float]:
    """Expanded percentile interval of the mean of the first minus that of the second.

    Args:
        first: one number per run.
        second: likewise.
        seed: of the draws.
        paired: seeds are drawn with replacement, each with its run of either arm, so that what runs of one seed have in
            common does not widen the interval; otherwise runs, within each arm.

    Raises:
        ValueError: an arm has a single run, whose scatter is unknown.
    """
    fewer = min(len(first), len(second))
    if fewer < 2:
        raise ValueError(f"an arm has {fewer} run, an interval needs at least 2 in each")
    rng = np.random.default_rng(seed)
    left, right = np.asarray(first, float), np.asarray(second, float)
    if paired:
        assert left.shape == right.shape, "paired arms have the same seeds"
        differences = _means(left - right, rng)
    else:
        differences = _means(left, rng) - _means(right, rng)
    tail = expanded_tail(fewer)
    low, high = np.quantile(differences, [tail, 1 - tail])
    return float(low), float(high)


def expanded_tail(num_runs: int) -> float:
    """The share of resampled means on either side of the interval, 0.025 for many runs and 0.0086 for 10.

    Two arms are as few as the smaller one: on the safe side where the larger one scatters more.
    """
    from scipy import stats

    quantile = stats.t.ppf((1 + COVERAGE) / 2, num_runs - 1)
    return float(stats.norm.cdf(-quantile * sqrt(num_runs / (num_runs - 1))))


def _means(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Of resampled values, (SAMPLES,), in portions that bound the memory."""
    portion = max(1, _NUMBERS_AT_ONCE // len(values))
    counts = [min(portion, SAMPLES - begin) for begin in range(0, SAMPLES, portion)]
    return np.concatenate([values[rng.integers(len(values), size=(n, len(values)))].mean(axis=1) for n in counts])
