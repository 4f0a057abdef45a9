"""How a search came along, read from its journal: after every evaluation, the best and the mean of the best few."""

from bisect import insort
from dataclasses import dataclass

from nas.search.history import History


@dataclass(frozen=True)
class Curve:
    """One search; all lists are as long as it told individuals.

    Attributes:
        best: the best validation accuracy (fitness) so far.
        top: mean of the `top_k` best so far, of fewer while there are fewer (MVA of arXiv 1802.01548).
        elapsed_s: the driver's seconds when the individual was told.
        train_flops: training FLOPs of all told so far; None where the evaluator does not tell them.
    """

    best: list[float]
    top: list[float]
    elapsed_s: list[float]
    train_flops: list[float] | None

    @property
    def area(self) -> float:
        """Mean of the best so far over evaluations: the area under the curve as a share of its width."""
        return sum(self.best) / len(self.best)

    def evaluations_to(self, threshold: float) -> int | None:
        """Evaluations until the best is at least `threshold`; None if it never is."""
        return next((number for number, best in enumerate(self.best, start=1) if best >= threshold), None)


def curve(history: History, top_k: int) -> Curve:
    """The curve of a search that told at least one individual.

    Args:
        top_k: how many individuals `Curve.top` averages.
    """
    best, top, flops, sorted_fitness = [], [], [], list[float]()
    total = 0.0
    has_flops = all("train_flops" in individual.metrics for individual in history.told)
    for individual in history.told:
        assert individual.fitness is not None
        insort(sorted_fitness, individual.fitness)
        chosen = sorted_fitness[-top_k:]
        best.append(chosen[-1])
        top.append(sum(chosen) / len(chosen))
        total += individual.metrics["train_flops"] if has_flops else 0.0
        flops.append(total)
    elapsed = [individual.finished_s or 0.0 for individual in history.told]
    return Curve(best, top, elapsed, flops if has_flops else None)
