"""One axis: its range, its ticks, and where a value lies on it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis from `low` to `high`; values outside lie on its ends."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def fraction(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def label(self, tick: float) -> str:
        return f"{tick:,.{self.decimals}f}"


def axis(low: float, high: float, *, about: int = 5, whole: bool = False) -> Axis:
    """An axis over exactly low to high, with about so many ticks at 1, 2 or 5 times a power of ten.

    Args:
        low, high: the range; an empty one is widened.
        about: how many ticks are wanted.
        whole: the values are whole numbers, and so are the ticks.
    """
    if not high > low:
        low, high = low - max(abs(low) * 0.05, 1e-3), high + max(abs(high) * 0.05, 1e-3)
    step = _nice_step((high - low) / about)
    if whole:
        step = max(1.0, step)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Axis(low, high, ticks, decimals)


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if rough <= factor * power * 1.0001)
