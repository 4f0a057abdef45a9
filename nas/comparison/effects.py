"""How large a difference between arms is, and how far their runs scatter.

Source: Vargha and Delaney 2000 (effect size A).
"""

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def standard_error(values: Sequence[float]) -> float | None:
    """Of the mean; None for one value."""
    if len(values) < 2:
        return None
    return math.sqrt(_squares(values) / (len(values) - 1) / len(values))


def pooled_deviation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Standard deviation within the arms, both together; None for a run each."""
    freedom = len(first) + len(second) - 2
    return math.sqrt((_squares(first) + _squares(second)) / freedom) if freedom > 0 else None


def effect_size(first: Sequence[float], second: Sequence[float]) -> float:
    """Share of the pairs of runs in which the first has the larger number, ties counted as half."""
    larger = sum((left > right) + 0.5 * (left == right) for left in first for right in second)
    return larger / (len(first) * len(second))


def _squares(values: Sequence[float]) -> float:
    middle = mean(values)
    return math.fsum((value - middle) ** 2 for value in values)
