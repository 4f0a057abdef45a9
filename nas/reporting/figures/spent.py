"""What a search has spent, in all and for every thousand evaluations."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from nas.reporting.figures.phases import lost_device_s
from nas.reporting.material import Material
from nas.reporting.metric_columns import metric_column
from nas.search.individual import State

PER = 1000  # evaluations


@dataclass(frozen=True, slots=True)
class SpentOn:
    """
    Attributes:
        told, failed, cancelled, pending: children.
        elapsed_s: of the driver, over all sessions.
        device_s: of every attempt, times devices.
        failed_device_s: of it, in the last attempt of children that failed or were given up.
        lost_device_s: of it, in attempts that ended without a result and were followed by another.
        flops, examples: of the told children's trainings; None where not all tell.
        simulated_s: of the trainings that look-ups stand for; None where there are none.
        interruptions: attempts without a result and jobs that were started again, by cause.
        interrupted: children that had any.
    """

    told: int
    failed: int
    cancelled: int
    pending: int
    elapsed_s: float
    device_s: float
    failed_device_s: float
    lost_device_s: float
    flops: float | None
    examples: float | None
    simulated_s: float | None
    interruptions: dict[str, int]
    interrupted: int

    def per_thousand(self, value: float) -> float:
        """For every `PER` told children; at least one was told."""
        return PER * value / self.told


def spent_on(material: Material) -> SpentOn:
    history, told = material.history, material.told
    states = Counter(individual.state for individual in history.individuals)
    lost = lost_device_s(history)
    gave_up = [individual for individual in history.individuals if individual.state in (State.FAILED, State.CANCELLED)]
    return SpentOn(
        told=len(told),
        failed=states[State.FAILED],
        cancelled=states[State.CANCELLED],
        pending=states[State.PENDING],
        elapsed_s=history.elapsed_s,
        device_s=sum(individual.device_s for individual in history.individuals),
        failed_device_s=sum(individual.device_s - float(lost[individual.number]) for individual in gave_up),
        lost_device_s=float(lost.sum()),
        flops=_sum(material, "train_flops"),
        examples=_sum(material, "train_examples"),
        simulated_s=_sum(material, "simulated_s"),
        interruptions=dict(Counter(interruption.cause for interruption in history.interruptions)),
        interrupted=len({interruption.number for interruption in history.interruptions}),
    )


def _sum(material: Material, metric: str) -> float | None:
    values = metric_column(material.told, metric)
    return None if not len(values) or np.isnan(values).any() else float(values.sum())
