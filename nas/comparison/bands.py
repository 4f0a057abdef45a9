"""Curves of several runs as one: the mean and its uncertainty at every x, areas, and times to a threshold.

A curve is a right-continuous step function: what a search had found at x stays its result until it finds something
better, so between two points the earlier value holds. Runs of one arm have different x where x is time or FLOPs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_STANDARD_ERRORS = 2


@dataclass(frozen=True, kw_only=True)
class Band:
    """The runs of an arm between the largest first x and the smallest last x: where every run has a value of its own.

    Attributes:
        x: ascending, (points,); empty if there is no x that all runs reach.
        mean: over runs, (points,).
        low, high: mean -+ 2 standard errors of the mean, (points,); None for one run, whose scatter is unknown.
    """

    x: Floats
    mean: Floats
    low: Floats | None
    high: Floats | None


def step_values(x_of_run: ArrayLike, y_of_run: ArrayLike, grid: ArrayLike) -> Floats:
    """A run's value at every point of the grid: that of its last x at or before the point.

    Args:
        x_of_run: ascending, (n,); of equal ones the last counts.
        y_of_run: (n,).
        grid: any order, (points,).

    Returns:
        (points,); NaN before the run's first x. Beyond its last x the last value is carried forward.
    """
    x, y = _run(x_of_run, y_of_run)
    index = np.searchsorted(x, np.asarray(grid, float), side="right") - 1
    return np.where(index < 0, np.nan, y[np.maximum(index, 0)])


def band(x_by_run: Sequence[ArrayLike], y_by_run: Sequence[ArrayLike], max_points: int | None = None) -> Band:
    """Mean +- 2 standard errors over runs, at every x at which a run changes.

    Args:
        x_by_run: ascending, one array per run.
        y_by_run: as long as the x.
        max_points: at most so many points (at least 2), evenly taken from all, first and last included; their values
            are exact. None keeps all.
    """
    assert max_points is None or max_points >= 2, f"max_points is {max_points}, it must be at least 2"
    runs = [_run(x, y) for x, y in zip(x_by_run, y_by_run, strict=True)]
    assert runs, "a band needs a run"
    begin, end = max(x[0] for x, _ in runs), min(x[-1] for x, _ in runs)
    grid = np.unique(np.concatenate([x for x, _ in runs]))
    grid = grid[(grid >= begin) & (grid <= end)]
    if max_points is not None and len(grid) > max_points:
        grid = grid[np.linspace(0, len(grid) - 1, max_points).round().astype(int)]
    values = np.stack([step_values(x, y, grid) for x, y in runs])
    mean = values.mean(axis=0)
    if len(runs) == 1:
        return Band(x=grid, mean=mean, low=None, high=None)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(runs))
    return Band(x=grid, mean=mean, low=mean - _STANDARD_ERRORS * error, high=mean + _STANDARD_ERRORS * error)


def area(x_of_run: ArrayLike, y_of_run: ArrayLike, begin: float, end: float) -> float:
    """Mean height of a run's step function over [begin, end]: the area under it as a share of the width.

    Beyond the run's last x its last value is carried forward. With x = 1, 2, ... n, the area over [1, n + 1] is the
    mean of y.

    Raises:
        ValueError: the interval is empty, or begins before the run's first x.
    """
    x, y = _run(x_of_run, y_of_run)
    if not x[0] <= begin < end:
        raise ValueError(
            f"the area is asked for over [{begin}, {end}], it must begin at {x[0]} or later and be no point"
        )
    edges = np.concatenate([[begin], x[(x > begin) & (x < end)], [end]])
    return float(np.dot(step_values(x, y, edges[:-1]), np.diff(edges)) / (end - begin))


@dataclass(frozen=True, kw_only=True)
class Reached:
    """When the runs of an arm came to a threshold.

    Attributes:
        x: first x with at least the threshold, per run; None for a run that never did (censored at its last x).
        num_censored: runs that never did.
        median: of all runs, those that never did counting as later than all others; None where that makes it unknown.
    """

    x: list[float | None]
    num_censored: int
    median: float | None


def time_to(x_by_run: Sequence[ArrayLike], y_by_run: Sequence[ArrayLike], threshold: float) -> Reached:
    """When each run first has at least `threshold`.

    Args:
        x_by_run: ascending, one array per run: evaluations, seconds, FLOPs.
        y_by_run: as long as the x.
        threshold: in the unit of y.
    """
    first: list[float | None] = []
    for x_of_run, y_of_run in zip(x_by_run, y_by_run, strict=True):
        x, y = _run(x_of_run, y_of_run)
        found = np.flatnonzero(y >= threshold)
        first.append(float(x[found[0]]) if len(found) else None)
    late = sorted(np.inf if value is None else value for value in first)
    median = (late[(len(late) - 1) // 2] + late[len(late) // 2]) / 2
    return Reached(x=first, num_censored=first.count(None), median=float(median) if np.isfinite(median) else None)


def _run(x_of_run: ArrayLike, y_of_run: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(x_of_run, float), np.asarray(y_of_run, float)
    assert x.shape == y.shape, f"a run has {x.shape} x and {y.shape} y"
    assert x.ndim == 1, "a run is one-dimensional"
    assert len(x) > 0, "a run has at least one point"
    assert bool(np.all(x[1:] >= x[:-1])), "the x of a run ascend"
    return x, y
