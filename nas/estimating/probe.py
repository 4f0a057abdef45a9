"""A child's training, begun as the search would and cut short; runs where a child would. The seconds of a whole one
follow from it."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from nas.evaluators.train import TrainEvaluator
from nas.search_spaces.base import Genome
from nas.training.job import task_rank

FEW = 10  # steps that are trained in any case, if there are so many
SKIPPED = 3  # of them, which take longer: the first ones
MEASURED = 4  # batches of the validation part
FILE_NAME = "clock.json"

_has_trained = False  # in this process


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What a training cut short has told. Seconds are of one device's process, and of one training.

    Attributes:
        is_first: whether its process had not trained before.
        start_s: what a process takes once: imports, images, first use of libraries; 0 if it has trained before.
        child_s: of a whole child, with all its repeats, in a process that has trained before: extrapolated.
        measured_s: of it, seconds of the training as far as it went.
        step_s: of one more step.
        passes, all_passes: that were trained, and that the whole training has.
        unsteady: how much the two halves of the passes differ, as a share of a pass.
        ran_s: everything here.
        memory_gb: the most that the process held, in GiB.
        device_gb: the most that torch held of its GPU, in GiB; None without one.
    """

    is_first: bool
    start_s: float
    child_s: float
    measured_s: float
    step_s: float
    passes: int
    all_passes: int
    unsteady: float
    ran_s: float
    memory_gb: float
    device_gb: float | None


@dataclass(frozen=True)
class _Training:
    """One training: its seconds in all, and the clock's."""

    total_s: float
    train: Sequence[float]
    valid: Sequence[float]
    memory_gb: float
    device_gb: float | None

    @property
    def passes(self) -> int:
        return len(self.train) - 1

    @property
    def pass_s(self) -> float:
        """Without the first ones."""
        skipped = min(SKIPPED, self.passes // 2)
        return (self.train[-1] - self.train[skipped]) / (self.passes - skipped)

    @property
    def unsteady(self) -> float:
        skipped = min(SKIPPED, self.passes // 2)
        half = (skipped + self.passes) // 2
        if half == skipped or half == self.passes or not self.pass_s:
            return 0.0
        early = (self.train[half] - self.train[skipped]) / (half - skipped)
        late = (self.train[-1] - self.train[half]) / (self.passes - half)
        return abs(late - early) / self.pass_s

    @property
    def batch_s(self) -> float:
        """Of measuring one batch, without the first one if there are more."""
        first = 1 if len(self.valid) > 2 else 0
        return (self.valid[-1] - self.valid[first]) / (len(self.valid) - 1 - first)

    def until(self, passes: float, batches: float) -> float:
        """Seconds of a training of so many passes that is measured on so many batches."""
        more = (passes - self.passes) * self.pass_s + (batches - (len(self.valid) - 1)) * self.batch_s
        return max(0.0, self.total_s + more)


def probe(evaluator: TrainEvaluator, genome: Genome, other: Genome, seed: int, folder: Path, most_s: float) -> Probed:
    """Trains a child for about so many seconds, and measures it on a few batches.

    Args:
        evaluator: the search's.
        genome: of the child.
        other: of another child, which a process trains for two steps if it has not trained before.
        seed: of the training.
        folder: for files; exists.
        most_s: at least `FEW` steps are trained, however long they take.

    Raises:
        Exception: whatever goes wrong, as in a child.
    """
    global _has_trained
    began = time.perf_counter()
    is_first, before_s = not _has_trained, 0.0
    evaluator.dataset.load()
    if is_first:
        _train(evaluator, other, seed, folder, most_s=0.0, least=2, batches=1)
        before_s = time.perf_counter() - began
    _has_trained = True
    training = _train(evaluator, genome, seed, folder, most_s=most_s, least=FEW, batches=MEASURED)
    hardware, parts = evaluator.hardware, evaluator.dataset.load()
    size = hardware.evaluation_batch_size * hardware.world_size
    batches = math.ceil(len(parts.valid) / size)
    if evaluator.sealed_test:
        batches += math.ceil(len(parts.test) / size)
    passes = evaluator.training.num_steps(evaluator.dataset.num_train) * hardware.accumulate
    return Probed(
        is_first=is_first,
        start_s=max(0.0, before_s - training.until(2 * hardware.accumulate, 1)) if is_first else 0.0,
        child_s=evaluator.repeats * training.until(passes, batches),
        measured_s=training.total_s,
        step_s=training.pass_s * hardware.accumulate,
        passes=training.passes,
        all_passes=passes,
        unsteady=training.unsteady if training.passes < passes else 0.0,
        ran_s=time.perf_counter() - began,
        memory_gb=training.memory_gb,
        device_gb=training.device_gb,
    )


def _train(
    evaluator: TrainEvaluator, genome: Genome, seed: int, folder: Path, *, most_s: float, least: int, batches: int
) -> _Training:
    from pytorch_lightning.callbacks import Timer

    from nas.estimating.clock import Clock
    from nas.training.build import fresh_network
    from nas.training.fit import fit
    from nas.training.inheritance import save_weights

    began = time.perf_counter()
    path = folder / FILE_NAME
    architecture = evaluator.space.architecture(genome)
    recipe = evaluator.training.of(architecture)
    if not most_s:
        recipe = replace(recipe, epochs=None, warmup_epochs=0, steps=least)
    network = fresh_network(evaluator.network, architecture, evaluator.dataset, seed)
    callbacks: list[Any] = [Clock(path)]
    if most_s:
        callbacks.append(Timer(timedelta(seconds=most_s), interval="step", verbose=False))
    options: dict[str, Any] = {"callbacks": callbacks, "limit_val_batches": batches, "min_steps": least}
    result = fit(network, evaluator.dataset, recipe, evaluator.hardware, seed=seed, **options)
    if evaluator.keeps_weights and not result.diverged and task_rank() == 0:
        save_weights(network, folder / "weights.pt", {})
    total_s = time.perf_counter() - began
    if task_rank() > 0:
        return _Training(total_s, [began, began + total_s], [0.0, 0.0], 0.0, None)
    seen = json.loads(path.read_text())
    return _Training(total_s, seen["train"], seen["valid"] or [0.0, 0.0], seen["memory_gb"], seen["device_gb"])
