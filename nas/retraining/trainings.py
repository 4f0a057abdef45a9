"""Runs trainings where the launcher says; each has a folder, and one that left its result is never repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas_launchers.executor import TimedOut

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.evaluators.child import LOG_FILE, Outcome, read_outcome, run_child
from nas.search.lock import DriverLock
from nas.search.stop import StopNow, StopSwitch

FOLDER_NAME = "trainings"
CHECKPOINT_FILE = "last.ckpt"
WAIT_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Training:
    """
    Attributes:
        name: of its folder.
        evaluator: how it is trained and what is measured.
        genome: what the evaluator takes; for a `FinalTraining` an architecture.
        seed: the training seed.
    """

    name: str
    evaluator: Evaluator
    genome: Any
    seed: int


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
    """

    folder: Path
    executor: Any
    lock: DriverLock
    stop: StopSwitch
    say: Callable[[str], None]

    def path(self, name: str) -> Path:
        """The folder of a training."""
        return self.folder / FOLDER_NAME / name

    def run(self, trainings: Sequence[Training]) -> dict[str, Outcome | Failed]:
        """Every training's outcome by its name: that of an earlier session where there is one.

        Raises:
            StopNow: a stop was asked for; what ran was ended and goes on from its last epoch the next time.
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
        total, jobs = len(trainings), dict[str, tuple[Training, Any, float]]()
        while waiting or jobs:
            while waiting and len(jobs) < self.executor.slots:
                training = waiting.pop(0)
                jobs[training.name] = (training, *self._submit(training))
            self.executor.wait([job for _, job, _ in jobs.values()], WAIT_S)
            if self.stop.reason is not None:
                raise StopNow(self.stop.reason)
            for training, job, begun in [entry for entry in jobs.values() if entry[1].done()]:
                del jobs[training.name]
                outcome_or_failure = self._collect(training, job, begun)
                if outcome_or_failure is None:
                    self.say(f"{training.name} reached its time limit and goes on from its last epoch")
                    waiting.insert(0, training)
                    continue
                ended[training.name] = outcome_or_failure
                self.say(f"{_sentence(training, outcome_or_failure)} ({len(ended)} of {total})")
        return {training.name: ended[training.name] for training in trainings}

    def _submit(self, training: Training) -> tuple[Any, float]:
        if not self.lock.still_held():
            raise UserError(f"another driver has taken over {self.folder}: this one stops")
        path = self.path(training.name)
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(f"the folder {path} of a training cannot be made: {error.strerror}") from error
        begun = _checkpoint_time(path)
        task = Task(number=0, genome=training.genome, seed=training.seed, folder=path.absolute())
        inline = self.executor.inline
        self.stop.at_once = inline
        try:
            return self.executor.submit(run_child, training.evaluator, task, not inline), begun
        finally:
            self.stop.at_once = False

    def _collect(self, training: Training, job: Any, begun: float) -> Outcome | Failed | None:
        """How a training ended; None if it was cut off by its time limit but got further than it was."""
        path = self.path(training.name)
        try:
            outcome = job.result()
        except TimedOut as error:
            return None if _checkpoint_time(path) > begun else self._failed(path, error)
        except Exception as error:
            return self._failed(path, error)
        (path / CHECKPOINT_FILE).unlink(missing_ok=True)
        return outcome

    def _failed(self, path: Path, error: Exception) -> Failed:
        reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return Failed(reason, path / LOG_FILE if (path / LOG_FILE).exists() else None)


def _checkpoint_time(folder: Path) -> float:
    """When the last epoch was saved; 0 before the first."""
    try:
        return (folder / CHECKPOINT_FILE).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _sentence(training: Training, ended: Outcome | Failed) -> str:
    if isinstance(ended, Failed):
        return f"{training.name} failed: {ended.reason}"
    shown = [
        f"{name.removesuffix('_accuracy')} {value:.4f}"
        for name, value in ended.metrics.items()
        if name.endswith("_accuracy")
    ]
    return f"{training.name}: accuracy {', '.join(shown)}"
