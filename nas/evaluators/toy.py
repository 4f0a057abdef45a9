"""The simulated accuracy of the toy (Real et al. 2018, arXiv 1802.01548, supplement C; the authors' notebook)."""

from dataclasses import dataclass
from random import Random
from statistics import NormalDist
from typing import ClassVar

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.search_spaces.base import Genome, SearchSpace
from nas.search_spaces.bits import Bits


@dataclass(frozen=True, kw_only=True)
class Toy(Evaluator):
    """Share of the counted bits plus Gaussian noise, clipped to [0, 1].

    Attributes:
        space: the hypercube.
        noise: standard deviation of the simulated training noise; both sources use 0.01.
        counted: which bit value is good: the notebook counts ones, the supplement zeros; the problem is the same.
        fitness: the metric that selection maximises.

    Differs from the paper: the supplement does not say whether accuracies are clipped; the notebook clips.
    """

    space: SearchSpace
    noise: float
    counted: int
    fitness: str = "valid_accuracy"
    name: ClassVar[str] = "toy"
    writes_files: ClassVar[bool] = False
    is_instant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.space, Bits):
            raise UserError(f"evaluator=toy works on search_space=bits, not on {self.space.name!r}")
        if not self.noise >= 0:
            raise UserError(f"evaluator.noise is {self.noise!r}, it must be at least 0")
        if self.counted not in (0, 1):
            raise UserError(f"evaluator.counted is {self.counted!r}, it must be 0 or 1")

    def evaluate(self, task: Task) -> Metrics:
        noisy = self._good(task.genome) + Random(task.seed).gauss(0.0, self.noise)
        return {"valid_accuracy": min(1.0, max(0.0, noisy))}

    def expectation(self, genome: Genome) -> float:
        """Mean of the clipped Gaussian."""
        good = self._good(genome)
        if self.noise == 0:
            return good
        normal = NormalDist()
        low, high = -good / self.noise, (1.0 - good) / self.noise
        inside = normal.cdf(high) - normal.cdf(low)
        return good * inside + self.noise * (normal.pdf(low) - normal.pdf(high)) + 1.0 - normal.cdf(high)

    def _good(self, genome: Genome) -> float:
        """Share of the counted bits."""
        ones = sum(genome)
        return (ones if self.counted else len(genome) - ones) / len(genome)
