"""The deviation of repeated measurements, pooled over what was measured repeatedly, and what it means for a search."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.comparison.noise import Estimate
from nas.reporting.columns import Floats, Ints


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation within groups that is taken as that of every group.

    Attributes:
        deviation: square root of the pooled variance.
        freedom: its degrees of freedom.
        interval: 95 % by chi-square, where measurements of a group are normal.
    """

    deviation: float
    freedom: int
    interval: tuple[float, float]

    @property
    def told_apart(self) -> float:
        """Two single measurements of the same thing differ by less than this in 95 of 100 cases."""
        return 1.959964 * math.sqrt(2) * self.deviation

    def luck_of_best(self, count: int) -> float:
        """Expected excess of the largest of so many measurements over the mean, if all measured the same thing."""
        return self.deviation * expected_largest(count)


def pooled(values: Floats, groups: Ints) -> Spread | None:
    """The spread within groups; None where no group has two values.

    Args:
        values: measurements.
        groups: which of the groups 0, 1, ... each belongs to.
    """
    freedom = len(values) - len(np.unique(groups))
    return _spread(float((_centred(values, groups) ** 2).sum()), freedom) if freedom > 0 else None


def pooled_beside(values: Floats, groups: Ints, shifted: NDArray[np.bool_]) -> tuple[Spread, Estimate]:
    """The spread within groups, and by how much some of their members are higher than the others, by least squares:
    a value is that of its group, plus the shift where it has one, plus noise.

    Args:
        values: measurements; more than groups by at least 2.
        groups: as for `pooled`.
        shifted: those that have the shift, in every group some and not all.
    """
    from scipy import stats

    own, marks = _centred(values, groups), _centred(shifted.astype(np.float64), groups)
    weight = float((marks**2).sum())
    shift = float((own * marks).sum()) / weight
    spread = _spread(float(((own - shift * marks) ** 2).sum()), len(values) - len(np.unique(groups)) - 1)
    error = spread.deviation / math.sqrt(weight)
    half = float(stats.t.ppf(0.975, spread.freedom)) * error
    return spread, Estimate(mean=shift, error=error, interval=(shift - half, shift + half))


def _centred(values: Floats, groups: Ints) -> Floats:
    """Minus the mean of their group: exactly 0 where all of a group are equal."""
    base = np.empty(int(groups.max()) + 1)
    base[groups[::-1]] = values[::-1]
    away = values - base[groups]
    return away - (np.bincount(groups, weights=away) / np.maximum(np.bincount(groups), 1))[groups]


def _spread(squares: float, freedom: int) -> Spread:
    from scipy import stats

    low, high = (math.sqrt(squares / float(stats.chi2.ppf(share, freedom))) for share in (0.975, 0.025))
    return Spread(math.sqrt(squares / freedom), freedom, (low, high))


def mean_of(values: Floats) -> Estimate:
    """As `nas.comparison.noise.estimate`, of however many individuals: mean, standard error, 95 % by Student's t."""
    from scipy import stats

    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Estimate(mean=mean, error=None, interval=None)
    error = float(values.std(ddof=1)) / math.sqrt(count)
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return Estimate(mean=mean, error=error, interval=(mean - half, mean + half))


def expected_largest(count: int) -> float:
    """Of so many standard normal variables, by the integral of 1 - F^n over the positive and of F^n over the negative
    half line."""
    from scipy import special

    x = np.linspace(0, 12, 6001)
    above = -np.expm1(count * special.log_ndtr(x))
    below = np.exp(count * special.log_ndtr(-x))
    step = x[1]
    return float(step * ((above - below).sum() - (above[0] - below[0]) / 2))
