"""From a few children that were tried to the seconds of any child."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95
FEWEST = 3  # children, below which their own spread says nothing
ASSUMED_SPREAD = 0.2
LEAST_FREEDOM = 2  # degrees: with 1, which a line through three points leaves, an interval says nothing


@dataclass(frozen=True)
class Rates:
    """Seconds of a child: some for every one, and some for every multiply-add of its network.

    Attributes:
        every_s: for every child.
        work_s: for every multiply-add of a forward pass of one image, over the whole training.
        spread: standard deviation of children around that, as a share.
        error: half the width of the interval of 95 % of the mean child, as a share: how far so few children tell it.
    """

    every_s: float
    work_s: float
    spread: float
    error: float

    def child_s(self, multiply_adds: float) -> float:
        return self.every_s + self.work_s * multiply_adds


def rates(seconds: Sequence[float], work: Sequence[float] | None, unsteady: Sequence[float] = ()) -> Rates:
    """The straight line of least squares with neither part below 0.

    Args:
        seconds: of children.
        work: multiply-adds of the same; None where they are not known, and all children are taken for alike.
        unsteady: of each, how much the two halves of its training differed.
    """
    every_s, work_s = _line(seconds, work)
    many = len(seconds)
    shares = [
        took / expected - 1
        for took, expected in zip(seconds, [every_s + work_s * amount for amount in work or [0.0] * many], strict=True)
        if expected > 0
    ]
    parts = 2 if every_s and work_s else 1
    spread = math.sqrt(sum(share**2 for share in shares) / max(1, len(shares) - parts))
    if many < FEWEST:
        spread = max(spread, ASSUMED_SPREAD)
    noise = math.sqrt(statistics.fmean(half**2 for half in unsteady)) / 2 if unsteady else 0.0
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, max(LEAST_FREEDOM, many - parts)))
    return Rates(every_s, work_s, spread, quantile * math.hypot(spread, noise) / math.sqrt(many))


def _line(seconds: Sequence[float], work: Sequence[float] | None) -> tuple[float, float]:
    mean_s = statistics.fmean(seconds)
    if work is None:
        return mean_s, 0.0
    mean = statistics.fmean(work)
    square = sum((amount - mean) ** 2 for amount in work)
    if not square:
        return mean_s, 0.0
    if len(work) < FEWEST:
        return 0.0, mean_s / mean
    slope = sum((amount - mean) * (took - mean_s) for amount, took in zip(work, seconds, strict=True)) / square
    if slope <= 0:
        return mean_s, 0.0
    every_s = mean_s - slope * mean
    return (every_s, slope) if every_s >= 0 else (0.0, mean_s / mean)
