"""Search noise: how much of a fitness was luck of the training seed that selection picked out.

Source of the question: Real et al. 2018, arXiv 1802.01548, section 5: aging evolution may suffer less from it, because
a genome stays only by being trained again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nas.comparison.statistics import Pair, compare_arms, standard_error

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Reevaluated:
    """One of the best of a run, measured again.

    Attributes:
        number: of the individual.
        selected: the fitness that it was chosen by.
        values: its fitness with new training seeds; or the one expectation over all seeds, where that is known.
    """

    number: int
    selected: float
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)

    @property
    def gap(self) -> float:
        """Fitness when selected minus mean over new seeds."""
        return self.selected - self.mean


@dataclass(frozen=True, kw_only=True)
class RunGap:
    """The best of one run, measured again.

    Attributes:
        seed: of the run.
        top: its best by validation, best first; those whose measurements all failed are left out.
    """

    seed: int
    top: tuple[Reevaluated, ...]

    @property
    def gap(self) -> float:
        """Mean gap of the top."""
        return math.fsum(one.gap for one in self.top) / len(self.top)

    @property
    def best(self) -> float:
        """Re-evaluated mean of the best by validation."""
        return self.top[0].mean

    @property
    def best_gap(self) -> float:
        """Gap of the best by validation alone."""
        return self.top[0].gap


@dataclass(frozen=True, kw_only=True)
class SelectionGap:
    """The runs of one arm in one context, measured again.

    Attributes:
        top: how many of the best of every run were measured again.
        seeds: how often each; None where its expectation over all seeds is known and was taken.
        runs: in the order of the seeds.
    """

    top: int
    seeds: int | None
    runs: tuple[RunGap, ...]

    @property
    def gaps(self) -> list[float]:
        """Of the top, one number per run."""
        return [run.gap for run in self.runs]

    @property
    def best_gaps(self) -> list[float]:
        """Of the best alone, one number per run."""
        return [run.best_gap for run in self.runs]

    @property
    def bests(self) -> list[float]:
        """Re-evaluated mean of the best, one number per run."""
        return [run.best for run in self.runs]

    @property
    def gap(self) -> "Estimate":
        return estimate(self.gaps)

    @property
    def best_gap(self) -> "Estimate":
        return estimate(self.best_gaps)

    @property
    def best(self) -> "Estimate":
        return estimate(self.bests)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over runs.

    Attributes:
        mean: over runs.
        error: its standard error; None for one run.
        interval: 95 % by Student's t over runs; None for one run.
    """

    mean: float
    error: float | None
    interval: tuple[float, float] | None


def estimate(values: Sequence[float]) -> Estimate:
    """Mean, standard error and interval of one number per run."""
    mean, error = math.fsum(values) / len(values), standard_error(values)
    if error is None:
        return Estimate(mean=mean, error=None, interval=None)
    from scipy import stats

    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Estimate(mean=mean, error=error, interval=(mean - half, mean + half))


@dataclass(frozen=True, kw_only=True)
class NoisePairs:
    """All pairs of arms of a context: by the gap of the top, and by the re-evaluated mean of the best."""

    gap: Sequence[Pair]
    best: Sequence[Pair]


def compare_gaps(arms: Mapping[str, SelectionGap]) -> NoisePairs:
    """Compares the arms of one context."""
    return NoisePairs(
        gap=compare_arms({arm: found.gaps for arm, found in arms.items()}),
        best=compare_arms({arm: found.bests for arm, found in arms.items()}),
    )
