"""Where children's time went: from being asked for until they were told.

Seconds of queue, images, training and validation are what children tell (`queue_s`, `data_s`, `train_s`, `valid_s`);
the rest of an evaluation is the time that it held its devices minus those. Journals of nas 0.1 have one `train_s` for
training and validation.
"""

from dataclasses import dataclass

import numpy as np

from nas.reporting.columns import Floats
from nas.reporting.material import Material
from nas.reporting.metric_columns import metric_column, number_column
from nas.search.history import History
from nas.search.individual import Individual

TOLD = {"data": "data_s", "train": "train_s", "valid": "valid_s"}  # phases of an evaluation that children tell
NOT_THIS_CLOCK = 1.5  # times the time that devices were held: from there on, seconds are told of something else


@dataclass(frozen=True, slots=True)
class Phase:
    """
    Attributes:
        kind: "queue", "data", "train", "valid", "rest" (of the evaluation), "lost" (attempts that ended without a
            result) or "around" (until a job has started and its result is told).
        total_s: over all told children.
        median_s: of a child.
        most_s: 90 % of them take less.
    """

    kind: str
    total_s: float
    median_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Phases:
    """
    Attributes:
        phases: in the order of time, those that took some.
        children: how many told.
        together: how many tell training and validation in one; the kind "train" then holds both.
        simulated: whether the children's seconds are those of other trainings, as look-ups report them: they are no
            part of the phases.
    """

    phases: list[Phase]
    children: int
    together: int
    simulated: bool

    @property
    def total_s(self) -> float:
        return sum(phase.total_s for phase in self.phases)


def phases(material: Material) -> Phases | None:
    """None before anything was told, and where the journal has no times."""
    told, columns = material.told, material.columns
    flight = columns.finished_s[columns.numbers_told] - columns.asked_s[columns.numbers_told]
    if not len(told) or np.isnan(flight).any():
        return None
    devices = _devices(told)
    lost = lost_device_s(material.history)[columns.numbers_told]
    held = (np.fromiter((individual.device_s for individual in told), np.float64, len(told)) - lost) / devices
    lost /= devices
    own = {kind: metric_column(told, name) for kind, name in TOLD.items()}
    together = int((np.isnan(own["valid"]) & ~np.isnan(own["train"])).sum())
    spent = {kind: np.nan_to_num(seconds) for kind, seconds in own.items()}
    simulated = sum(float(seconds.sum()) for seconds in spent.values()) > NOT_THIS_CLOCK * float(held.sum())
    if simulated:
        spent = {kind: np.zeros(len(told)) for kind in spent}
    queue = np.nan_to_num(metric_column(told, "queue_s"))
    rest = np.maximum(held - sum(spent.values()), 0.0)
    around = np.maximum(flight - queue - held - lost, 0.0)
    parts = {"queue": queue, **spent, "rest": rest, "lost": lost, "around": around}
    shown = [_phase(kind, seconds) for kind, seconds in parts.items() if seconds.any()]
    return Phases(shown, len(told), together, simulated)


def _phase(kind: str, seconds: Floats) -> Phase:
    median, most = np.quantile(seconds, [0.5, 0.9])
    return Phase(kind, float(seconds.sum()), float(median), float(most))


def _devices(told: list[Individual]) -> Floats:
    """How many each child held; one where it does not say."""
    where = [individual.provenance if isinstance(individual.provenance, dict) else {} for individual in told]
    counts = [np.nan_to_num(number_column(where, name), nan=1.0) for name in ("devices", "nodes")]
    return np.maximum(counts[0], 1.0) * np.maximum(counts[1], 1.0)


def lost_device_s(history: History) -> Floats:
    """Device-seconds of attempts without a result, by individual number."""
    seconds = np.zeros(len(history.individuals))
    for interruption in history.interruptions:
        seconds[interruption.number] += interruption.device_s
    return seconds
