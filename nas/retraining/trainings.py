"""Runs trainings where the launcher says; each has a folder, and one that left its result is never repeated."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas.evaluators.child import LOG_FILE, Outcome, read_outcome
from nas.retraining.training_jobs import Training, TrainingJobs, TriesAgain
from nas.search.attempts import Patience
from nas.search.lock import DriverLock
from nas.search.stop import StopNow, StopSwitch

__all__ = ["Failed", "Training", "Trainings"]

FOLDER_NAME = "trainings"
WAIT_S = 0.5
PARTS = ("valid", "selection", "test")


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a training has no result."""

    reason: str
    log: Path | None


@dataclass(kw_only=True)
class Trainings:
    """The trainings of one folder.

    Attributes:
        folder: of a retraining, or whatever they are made for.
        executor: see `nas_launchers.executor`.
        lock: the driver's.
        stop: asks for a clean stop.
        say: is told a sentence about every training that ends.
        patience: how often a training is tried again whose job ended without a result.
    """

    folder: Path
    executor: Any
    lock: DriverLock
    stop: StopSwitch
    say: Callable[[str], None]
    patience: Patience = field(default_factory=Patience)

    def path(self, name: str) -> Path:
        """The folder of a training."""
        return self.folder / FOLDER_NAME / name

    def run(self, trainings: Sequence[Training]) -> dict[str, Outcome | Failed]:
        """Every training's outcome by its name: that of an earlier session where there is one.

        Raises:
            StopNow: a stop was asked for; jobs that outlive the driver go on, the others were ended and go on from
                their last epoch the next time.
            UserError: another driver took the folder over, or it cannot be written.
        """
        ended: dict[str, Outcome | Failed] = {}
        waiting: list[Training] = []
        for training in trainings:
            outcome = read_outcome(self.path(training.name))
            if outcome is None:
                waiting.append(training)
            else:
                ended[training.name] = outcome
        total, jobs = len(trainings), self._jobs()
        running = jobs.take_up(waiting)
        taken_up = {one.training.name for one in running}
        waiting = [training for training in waiting if training.name not in taken_up]
        while waiting or running:
            while waiting and len(running) < self.executor.slots and not jobs.backoff.left_s:
                started = jobs.submit(waiting[0])
                if started is not None:
                    running.append(started)
                    del waiting[0]
            if running:
                self.executor.wait([one.job for one in running], WAIT_S)
            else:
                time.sleep(min(WAIT_S, jobs.backoff.left_s))
            if self.stop.reason is not None:
                jobs.leave(running)
                raise StopNow(self.stop.reason)
            for one in [one for one in running if one.job.done()]:
                running.remove(one)
                name, found = one.training.name, jobs.collect(one)
                if isinstance(found, TriesAgain):
                    self.say(f"{name} {found.reason}")
                    waiting.insert(0, one.training)
                    continue
                ended[name] = self._failed(name, found) if isinstance(found, Exception) else found
                self.say(f"{_sentence(one.training, ended[name])} ({len(ended)} of {total})")
        return {training.name: ended[training.name] for training in trainings}

    def _jobs(self) -> TrainingJobs:
        return TrainingJobs(self.folder / FOLDER_NAME, self.executor, self.lock, self.stop, self.patience)

    def _failed(self, name: str, error: Exception) -> Failed:
        reason, log = f"{type(error).__name__}: {error}".strip().splitlines()[0], self.path(name) / LOG_FILE
        return Failed(reason, log if log.exists() else None)


def _sentence(training: Training, ended: Outcome | Failed) -> str:
    if isinstance(ended, Failed):
        return f"{training.name} failed: {ended.reason}"
    metrics = ended.metrics
    kinds = [name.removeprefix("valid_") for name in metrics if name.startswith("valid_")]
    shown = "; ".join(
        f"{kind.replace('_', ' ')} "
        + ", ".join(f"{part} {metrics[f'{part}_{kind}']:.4f}" for part in PARTS if f"{part}_{kind}" in metrics)
        for kind in kinds
        if kind not in ("loss", "s")
    )
    return f"{training.name}: {shown}"
