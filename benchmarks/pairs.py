"""Compares two ways of doing a thing by interleaved pairs, so that a machine's moods meet both alike."""

import random
import statistics
from collections.abc import Callable
from typing import Any, NamedTuple


class Ratio(NamedTuple):
    """Median of first / second over the pairs, with its 95 % bootstrap interval."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} (95 % interval {self.low:.3f} to {self.high:.3f})"


def interleaved(first: Callable[[], float], second: Callable[[], float], pairs: int, show: Any = None) -> Ratio:
    """Runs both `pairs` times, in alternating order, and compares what they return.

    Args:
        first: does the thing once and returns its cost, seconds for example.
        second: the other way.
        pairs: how often.
        show: called with the number of the pair and both costs, as they come.
    """
    ratios = []
    for number in range(pairs):
        if number % 2 == 0:
            mine = first()
            other = second()
        else:
            other = second()
            mine = first()
        ratios.append(mine / other)
        if show is not None:
            show(number, mine, other)
    return bootstrap(ratios)


def bootstrap(ratios: list[float], samples: int = 10_000, seed: int = 0) -> Ratio:
    """The median of the ratios, and the interval that holds 95 % of the medians of resampled ones."""
    rng = random.Random(seed)
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(samples))
    return Ratio(statistics.median(ratios), medians[int(0.025 * samples)], medians[int(0.975 * samples)])
