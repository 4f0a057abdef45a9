"""What a search had spent when each individual was told."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.search.individual import Individual

Floats = NDArray[np.float64]

AXES = {"evaluations": "evaluations", "time_s": "seconds", "train_flops": "training FLOPs"}


def spending(told: Sequence[Individual]) -> dict[str, Floats]:
    """By name in `AXES`, an array as long as `told` that never falls.

    Args:
        told: in the order of telling.

    Returns:
        Evaluations; seconds, of the benchmark where children were looked up (`simulated_s`), else of the driver; and
        training FLOPs, where the evaluator tells them.
    """
    axes = {"evaluations": np.arange(1, len(told) + 1, dtype=np.float64), "time_s": _time(told)}
    flops = _summed(told, "train_flops")
    if flops is not None:
        axes["train_flops"] = flops
    return axes


def is_simulated(told: Sequence[Individual]) -> bool:
    """Whether the seconds are those of a benchmark's trainings."""
    return bool(told) and all("simulated_s" in individual.metrics for individual in told)


def _time(told: Sequence[Individual]) -> Floats:
    if is_simulated(told):
        return np.cumsum([float(individual.metrics["simulated_s"]) for individual in told])
    return np.array([individual.finished_s or 0.0 for individual in told], dtype=np.float64)


def _summed(told: Sequence[Individual], metric: str) -> Floats | None:
    if not told or not all(metric in individual.metrics for individual in told):
        return None
    return np.cumsum([float(individual.metrics[metric]) for individual in told])
