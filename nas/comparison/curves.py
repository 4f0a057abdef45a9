"""How a search came along: after every evaluation, the best so far and the mean of the best few, by validation."""

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nas.search.history import History
from nas.search.spending import Floats, spending

MEASURES = {
    "best": "best validation accuracy",
    "top": "mean validation accuracy of the top {k} (MVA)",
    "test_best": "test accuracy of the best by validation",
    "test_top": "mean test accuracy of the top {k} by validation (MTA)",
}


@dataclass(frozen=True)
class Curve:
    """One search; every array is as long as it told individuals, of its highest fidelity where there are several.

    Attributes:
        axes: what had been spent when each individual was told, by name in `nas.search.spending.AXES`.
        measures: what had been found by then, by name in `MEASURES`; those of test only where they are known.
    """

    axes: Mapping[str, Floats]
    measures: Mapping[str, Floats]

    @property
    def best(self) -> Floats:
        return self.measures["best"]

    @property
    def top(self) -> Floats:
        return self.measures["top"]

    @property
    def area(self) -> float:
        """Mean of the best so far over evaluations: the area under the curve as a share of its width."""
        return math.fsum(self.best) / len(self.best)

    def at(self, axis: str, spent: float, measure: str) -> float | None:
        """A measure when so much had been spent; None if nothing had been told by then.

        Args:
            axis: a name in `axes`.
            spent: in its unit.
            measure: a name in `measures`.
        """
        index = bisect_right(self.axes[axis], spent) - 1
        return float(self.measures[measure][index]) if index >= 0 else None

    def spent_to(self, axis: str, threshold: float, measure: str = "best") -> float | None:
        """What had been spent when the measure first was at least `threshold`; None if it never was."""
        reached = np.flatnonzero(self.measures[measure] >= threshold)
        return float(self.axes[axis][reached[0]]) if len(reached) else None


def curve(history: History, top_k: int, tests: Sequence[float] | None = None) -> Curve:
    """The curve of a search that told at least one individual.

    Args:
        top_k: how many individuals the means are over, of fewer while there are fewer (arXiv 1802.01548, supplement A:
            the top 100).
        tests: test accuracy of every told individual, in the order of telling; None where it is not known. They are
            chosen by validation all the same.
    """
    told, axes = history.told, spending(history.told)
    compared = history.comparable
    if len(compared) < len(told):
        wanted = {individual.number for individual in compared}
        places = [place for place, individual in enumerate(told) if individual.number in wanted]
        axes = {name: values[places] for name, values in axes.items()}
        tests = None if tests is None else [tests[place] for place in places]
    rows = list(_leaders([individual.fitness or 0.0 for individual in compared], top_k, tests))
    names = list(MEASURES)[: 2 if tests is None else 4]
    return Curve(axes, {name: np.array([row[place] for row in rows]) for place, name in enumerate(names)})


def _leaders(
    fitness: Sequence[float], top_k: int, tests: Sequence[float] | None
) -> Iterable[tuple[float, float, float, float]]:
    """After each: best, mean of the top k, and both on test. Of equals the one that was told first leads."""
    heap: list[tuple[float, int]] = []
    best, row = (-math.inf, 0), (math.nan,) * 4
    for order, value in enumerate(fitness):
        entry = (value, -order)
        best = max(best, entry)
        before = heap[0] if len(heap) == top_k else None
        if before is None:
            heapq.heappush(heap, entry)
        elif entry > before:
            heapq.heapreplace(heap, entry)
        if before is None or entry > before:
            row = (
                best[0],
                math.fsum(one for one, _ in heap) / len(heap),
                tests[-best[1]] if tests is not None else math.nan,
                math.fsum(tests[-place] for _, place in heap) / len(heap) if tests is not None else math.nan,
            )
        yield row
