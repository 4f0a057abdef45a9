"""One axis: its range, its ticks, and where values lie on it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.reporting.labels import unit

LOG_FROM = 100.0  # largest over smallest value, from which on an axis is logarithmic
OUTLIER_SHARE, OUTLIER_GAP = 0.05, 0.3
_MOST_DECADES = 6  # with a tick each


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high`; values outside lie on its ends.

    Attributes:
        low, high: its ends.
        ticks: values that are labelled.
        decimals: of their labels on a linear axis.
        log: whether equal ratios are equally long; both ends are positive then.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int
    log: bool = False

    def fraction(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, share))

    def fractions(self, values: ArrayLike) -> NDArray[np.float64]:
        """`fraction` of each, in the shape of `values`."""
        given = np.asarray(values, dtype=np.float64)
        if self.log:
            shares = np.log(np.maximum(given, self.low) / self.low) / math.log(self.high / self.low)
        else:
            shares = (given - self.low) / (self.high - self.low)
        return np.clip(shares, 0.0, 1.0)

    def label(self, tick: float) -> str:
        if not self.log:
            return f"{tick:,.{self.decimals}f}"
        size, letter = unit(tick)
        return f"{tick / size:g} {letter}".rstrip()


def axis(low: float, high: float, *, about: int = 5, whole: bool = False) -> Axis:
    """A linear axis over exactly low to high, with about so many ticks at 1, 2 or 5 times a power of ten.

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


def log_axis(low: float, high: float) -> Axis:
    """A logarithmic axis over exactly low to high, both positive, with ticks at powers of ten.

    Where the range holds fewer than two of these, ticks are those of a linear axis.
    """
    assert 0 < low < high
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 1:
        return Axis(low, high, tuple(tick for tick in axis(low, high).ticks if tick > 0), 0, log=True)
    every = -(-(last - first + 1) // _MOST_DECADES)
    return Axis(low, high, tuple(10.0**power for power in range(first, last + 1, every)), 0, log=True)


def wants_log(values: NDArray[np.float64]) -> bool:
    """Whether values, at least one, span so much that a linear axis would press most of them together."""
    low, high = float(values.min()), float(values.max())
    return low > 0 and high / low > LOG_FROM


def low_end(values: NDArray[np.float64]) -> float:
    """Where an axis of `values`, ascending and at least one, may begin.

    A few far below the rest (diverged individuals, say) would press all others together: an axis begins above them
    where they are at most `OUTLIER_SHARE` of all and a gap of `OUTLIER_GAP` of the others' range sets them off.
    """
    first = values[: int(len(values) * OUTLIER_SHARE) + 1]
    wide = np.flatnonzero(np.diff(first) > OUTLIER_GAP * (values[-1] - first[1:]))
    return float(first[wide[-1] + 1] if len(wide) else values[0])


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if rough <= factor * power * 1.0001)
