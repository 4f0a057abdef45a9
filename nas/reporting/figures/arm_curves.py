"""How the arms of a comparison came along: the mean of every arm with its uncertainty, and its runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nas.comparison.bands import Band, band
from nas.comparison.runs import Run
from nas.comparison.statistics import LEAST_SEEDS_FOR_TESTS

Floats = NDArray[np.float64]
RUNS_DRAWN = 40  # of an arm: more lie over each other
BAND_POINTS = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmCurve:
    """
    Attributes:
        name: of the arm.
        place: among all arms, from 0; it decides the colour.
        band: mean over the runs, and +- 2 standard errors of it, the latter from five runs on.
        runs: x and y of those that are drawn, each where the y changes and at its end.
        num_runs: all that the band is made from.
    """

    name: str
    place: int
    band: Band
    runs: Sequence[tuple[Floats, Floats]]
    num_runs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvesFigure:
    """
    Attributes:
        measure: a name in `nas.comparison.curves.MEASURES`.
        axis: a name in `nas.search.spending.AXES`.
        arms: in the comparison's order.
    """

    measure: str
    axis: str
    arms: Sequence[ArmCurve]

    @property
    def all_drawn(self) -> bool:
        """Whether every run is."""
        return all(len(arm.runs) == arm.num_runs for arm in self.arms)


def curves_figure(arms: Mapping[str, Sequence[Run]], measure: str, axis: str, points: int) -> CurvesFigure:
    """The figure of arms whose runs all have the measure and the axis.

    Args:
        points: of every run at most, evenly taken from those where it changes.
    """
    return CurvesFigure(
        measure=measure,
        axis=axis,
        arms=[_arm(name, place, runs, measure, axis, points) for place, (name, runs) in enumerate(arms.items())],
    )


def _arm(name: str, place: int, runs: Sequence[Run], measure: str, axis: str, points: int) -> ArmCurve:
    columns = [(run.curve.axes[axis], run.curve.measures[measure]) for run in runs]
    shown = evenly(len(columns), RUNS_DRAWN)
    return ArmCurve(
        name=name,
        place=place,
        band=_band(columns),
        runs=[_changes(x, y, points) for x, y in (columns[index] for index in shown)],
        num_runs=len(runs),
    )


def _band(columns: Sequence[tuple[Floats, Floats]]) -> Band:
    found = band([x for x, _ in columns], [y for _, y in columns], BAND_POINTS)
    return found if len(columns) >= LEAST_SEEDS_FOR_TESTS else replace(found, low=None, high=None)


def _changes(x: Floats, y: Floats, points: int) -> tuple[Floats, Floats]:
    changed = np.flatnonzero(np.concatenate([[True], y[1:] != y[:-1]]))
    kept = changed[evenly(len(changed), points)]
    ends = np.append(kept, len(x) - 1)
    return x[ends], y[ends]


def evenly(length: int, most: int) -> NDArray[np.int_]:
    """At most so many of 0 ... length - 1, first and last included."""
    return np.arange(length) if length <= most else np.linspace(0, length - 1, most).round().astype(int)
