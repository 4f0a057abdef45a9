"""95 % intervals of means and shares over children, where children of one parent are alike.

A parent's fitness holds its luck, and the change from parent to child takes that luck back in all its children: they
are one cluster. So the standard error is that of clusters (Liang and Zeger 1986, doi 10.1093/biomet/73.1.13), and the
quantile that of t. Clusters are unequal, as fit parents have many children: their number is counted as Kish's effective
one, n squared over the sum of squared sizes. Where every parent has one child, all this is the ordinary t interval.

Along a lineage changes are taken for independent, although a child's luck comes back in its own children.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import Floats, Ints

COVERAGE = 0.95
LEAST_CLUSTERS = 2.0  # effective ones; fewer say nothing of how they scatter


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or a share, and its interval: None where it is of fewer than `LEAST_CLUSTERS` parents."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Clusters:
    """What the clusters of a mean say: for each its id, its share of the mean's error, and their effective number."""

    mean: float
    ids: Ints
    errors: Floats
    number: float


def mean_of(values: Floats, clusters: Ints) -> Estimate:
    """The mean of at least one value.

    Args:
        values: (n,).
        clusters: to which each belongs, (n,).
    """
    found = _clusters(values, clusters)
    if found.number < LEAST_CLUSTERS:
        return Estimate(found.mean, None, None)
    return _around(found.mean, float(np.sqrt((found.errors**2).sum())), found.number)


def difference_of(values: Floats, clusters: Ints, others: Floats, their_clusters: Ints) -> Estimate:
    """The mean of `values` minus that of `others`; clusters with the same id are the same in both.

    With clusters of one that are not shared it is Welch's standard error, with the degrees of freedom of the smaller.
    """
    one, other = _clusters(values, clusters), _clusters(others, their_clusters)
    difference, number = one.mean - other.mean, min(one.number, other.number)
    if number < LEAST_CLUSTERS:
        return Estimate(difference, None, None)
    _, place = np.unique(np.concatenate([one.ids, other.ids]), return_inverse=True)
    errors = np.bincount(place, weights=np.concatenate([one.errors, -other.errors]))
    return _around(difference, float(np.sqrt((errors**2).sum())), number)


def share_of(hits: NDArray[np.bool_], clusters: Ints) -> Estimate:
    """The share of hits, with Wilson's interval (1927) of so many independent children as the clusters are worth.

    Where all or none are hits it cannot be seen how alike siblings are: then parents count, and children do not.
    """
    found = _clusters(hits.astype(np.float64), clusters)
    share, count = found.mean, float(len(hits))
    if found.number < LEAST_CLUSTERS:
        return Estimate(share, None, None)
    alike = float((found.errors**2).sum()) * (found.number - 1) / found.number
    count = min(count, share * (1 - share) / alike) if alike > 0 else found.number
    square = _quantile(found.number - 1) ** 2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = sqrt(square * (share * (1 - share) / count + square / (4 * count**2))) / (1 + square / count)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def _clusters(values: Floats, clusters: Ints) -> _Clusters:
    mean = float(values.mean())
    ids, place = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(place)
    number = len(values) ** 2 / float((sizes.astype(np.float64) ** 2).sum())
    errors = np.bincount(place, weights=values - mean) / len(values)
    return _Clusters(mean, ids, errors * sqrt(number / (number - 1)) if number > 1 else errors, number)


def _around(value: float, error: float, number: float) -> Estimate:
    half = _quantile(number - 1) * error
    return Estimate(value, value - half, value + half)


def _quantile(freedom: float) -> float:
    """Of t, for so many degrees of freedom; they need not be whole."""
    from scipy import special

    return float(special.stdtrit(freedom, (1 + COVERAGE) / 2))
