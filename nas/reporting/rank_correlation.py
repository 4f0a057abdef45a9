"""How well one measurement ranks individuals by another.

Sources: Kendall 1945 (tau-b), Spearman 1904; 95 % intervals by Fisher's z: of tau with variance 0.437 / (n - 4)
(Fieller, Hartley and Pearson 1957), of rho with (1 + rho^2 / 2) / (n - 3) (Bonett and Wright 2000, doi
10.1007/BF02294183). They take individuals as independent, which those of one lineage are not quite.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.comparison.proxy import kendall, spearman

LEAST_FOR_INTERVALS = 10  # individuals
_NORMAL = 1.959964  # 97.5 % of a normal distribution lie below


@dataclass(frozen=True, slots=True)
class Correlation:
    """
    Attributes:
        value: from -1 to 1; None where one side is constant.
        interval: 95 %; None for fewer than `LEAST_FOR_INTERVALS` individuals, and where the value is -1 or 1.
    """

    value: float | None
    interval: tuple[float, float] | None

    @property
    def words(self) -> str:
        if self.value is None:
            return "undefined"
        if self.interval is None:
            return _signed(self.value)
        low, high = self.interval
        return f"{_signed(self.value)} (95\u00a0%: {_signed(low)} to {_signed(high)})"


@dataclass(frozen=True, slots=True)
class RankCorrelations:
    """Of so many individuals."""

    count: int
    kendall: Correlation
    spearman: Correlation


def rank_correlations(first: NDArray[np.float64], second: NDArray[np.float64]) -> RankCorrelations:
    """Of two measurements of the same individuals."""
    count = len(first)
    tau, rho = kendall(first, second), spearman(first, second)
    return RankCorrelations(
        count,
        _with_interval(tau, count, 0.437 / (count - 4) if count > 4 else math.inf),
        _with_interval(rho, count, (1 + (rho or 0.0) ** 2 / 2) / (count - 3) if count > 3 else math.inf),
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _with_interval(value: float | None, count: int, variance: float) -> Correlation:
    if value is None or count < LEAST_FOR_INTERVALS or abs(value) > 1 - 1e-12:
        return Correlation(value, None)
    half = _NORMAL * math.sqrt(variance)
    return Correlation(value, (math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)))
