"""A logarithmic axis, for searches in which most happens early."""

import math
from dataclasses import dataclass

from nas.reporting.drawings.axis import Axis


@dataclass(frozen=True, slots=True)
class LogAxis(Axis):
    """From `low` to `high`, both above 0."""

    def fraction(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return min(1.0, share)


def log_axis(low: float, high: float) -> LogAxis:
    """An axis over exactly low to high with ticks at 1, 2 and 5 times powers of ten, fewer where there are many."""
    assert 0 < low < high
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if high / low < 1000 else (1,)
    ticks = [factor * 10.0**power for power in powers for factor in factors]
    return LogAxis(low, high, tuple(tick for tick in ticks if low <= tick <= high), 0)
