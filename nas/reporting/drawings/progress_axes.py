"""The axes of the progress figure: what was spent across, fitness up."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.units import Unit, unit
from nas.reporting.figures.progress import ProgressFigure

EVALUATIONS = "evaluations"
OUTLIER_SHARE, OUTLIER_GAP = 0.05, 0.3


@dataclass(frozen=True, slots=True)
class Across:
    """One axis across: a name in `nas.search.spending.AXES`, its ticks and its unit."""

    name: str
    axis: Axis
    unit: Unit
    figure: ProgressFigure

    def fraction(self, evaluation: int) -> float:
        """Where an evaluation lies, 0 at the left end and 1 at the right one."""
        return self.axis.fraction(self.figure.at(self.name, evaluation) / self.unit.size)


def names(figure: ProgressFigure) -> list[str]:
    """What a figure can be drawn over: nothing but evaluations where nothing was spent, as in look-ups by formula."""
    return [name for name, spent in figure.spent.items() if name == EVALUATIONS or (len(spent) and spent[-1] > 0)]


def across(figure: ProgressFigure, name: str = EVALUATIONS) -> Across:
    spent = figure.spent[name]
    last = float(spent[-1]) if len(spent) else 1.0
    measure = unit(name, last, figure.simulated)
    return Across(name, axis(0, last / measure.size, about=5, whole=name == EVALUATIONS), measure, figure)


def up(figure: ProgressFigure) -> Axis:
    """A few individuals far below the rest (diverged ones, say) would press all others together: they lie on the lower
    edge instead, when they are at most `OUTLIER_SHARE` of all and a gap of `OUTLIER_GAP` of the others' range sets
    them off.
    """
    values = figure.values or [0.0, 1.0]
    low, high = values[0], values[-1]
    for below_gap, above_gap in pairwise(values[: int(len(values) * OUTLIER_SHARE) + 1]):
        if above_gap - below_gap > OUTLIER_GAP * (high - above_gap):
            low = above_gap
    room = high - low
    return axis(low - 0.06 * room, high + 0.09 * room, about=7)


def below(figure: ProgressFigure) -> int:
    """How many individuals lie below the axis; those that are drawn lie on its edge."""
    return bisect_left(figure.values, up(figure).low)
