"""The smallest difference that so many seeds could detect.

Assumption: both arms are normal with one standard deviation, and one is shifted. The test is the exact two-sided
Mann-Whitney at the strictest level that Holm asks of any pair, level / number of pairs: a difference that passes there
is significant whatever the other pairs are.

In a sample of two arms without a difference, the first arm's U after a shift of d is the number of differences
(second - first) below d. So the shift from which on the sample rejects is one of its sorted differences, and the shift
that rejects with 80 % power is the 80 % quantile of that over samples: no search, no approximation of the test. Where
arms are too large to simulate, U is near enough to normal, with the mean and variance that it has under the shift
(Lehmann 1975, chapter 2.3).
"""

from functools import lru_cache
from math import comb, sqrt
from statistics import NormalDist

import numpy as np

from nas.comparison.significance import LEVEL, rank_sums

POWER = 0.8
_SAMPLES = 20_000
_MOST_DIFFERENCES = 10_000_000  # in all samples; 0.8 % of the shift is the error of 4,000 samples of 50 runs
_MOST_PAIRS_OF_RUNS = 2_500  # to simulate: 50 runs in each arm
_LEAST_RUNS_TO_APPROXIMATE = 15  # in the smaller arm: it errs by 3 % here, by 2 % at 20
_PORTION = 500


def least_p(num_first: int, num_second: int) -> float:
    """Of the exact two-sided Mann-Whitney test: what complete separation gives."""
    return min(1.0, 2 / comb(num_first + num_second, num_first))


def detectable_shift(num_first: int, num_second: int, num_pairs: int = 1) -> float | None:
    """The smallest shift, in standard deviations, that is significant with a chance of `POWER`.

    Args:
        num_first, num_second: runs in the arms.
        num_pairs: that Holm corrects for.

    Returns:
        None where even complete separation would not be significant.
    """
    return _detectable_shift(*sorted((num_first, num_second)), num_pairs)


@lru_cache(maxsize=256)
def _detectable_shift(fewer: int, more: int, num_pairs: int) -> float | None:
    level = LEVEL / num_pairs
    if least_p(fewer, more) > level:
        return None
    if fewer * more > _MOST_PAIRS_OF_RUNS:
        if fewer >= _LEAST_RUNS_TO_APPROXIMATE:
            return _approximate_shift(fewer, more, level)
        more = _MOST_PAIRS_OF_RUNS // fewer  # the smaller arm decides: at most 4 % too large a shift
    # without ties U is symmetric: its upper critical value is as far from the end as the lower one from 0
    lower = int(np.count_nonzero(2 * np.cumsum(rank_sums(fewer, more)) <= level)) - 1
    critical = fewer * more - lower
    rng = np.random.default_rng(0)
    shifts = []
    for _ in range(min(_SAMPLES, _MOST_DIFFERENCES // (fewer * more)) // _PORTION):
        first, second = rng.standard_normal((_PORTION, fewer, 1)), rng.standard_normal((_PORTION, 1, more))
        differences = (second - first).reshape(_PORTION, -1)
        shifts.append(np.partition(differences, critical - 1, axis=1)[:, critical - 1])
    return float(np.quantile(np.concatenate(shifts), POWER))


def _approximate_shift(fewer: int, more: int, level: float) -> float:
    """U as a normal number, with its variance under the shift."""
    from scipy import optimize, special

    pairs, runs = fewer * more, fewer + more
    critical = NormalDist().inv_cdf(1 - level / 2) * sqrt(pairs * (runs + 1) / 12)

    def excess(shift: float) -> float:
        once = float(special.ndtr(shift / sqrt(2)))  # a run of the better arm beats one of the other
        twice = once - 2 * float(special.owens_t(shift / sqrt(2), 1 / sqrt(3)))  # ... or two of the other
        deviation = sqrt(pairs * (once * (1 - once) + (runs - 2) * (twice - once**2)))
        return pairs * (once - 0.5) - critical - NormalDist().inv_cdf(POWER) * deviation

    return float(optimize.brentq(excess, 0, 5))
