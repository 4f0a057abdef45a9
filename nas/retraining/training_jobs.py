"""The jobs of trainings: submitted, taken up again by the next driver, tried again where the cluster is to blame.

Trainings have no journal: beside its checkpoint, a training's folder has `job.json` while a job that outlives its
driver works there.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nas_launchers.executor import SubmissionDeferred

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.evaluators.child import CHECKPOINT_FILE, Outcome, read_outcome, run_child, write_json
from nas.fidelity import Fidelity
from nas.search.attempts import Cause, Patience, Setbacks
from nas.search.backoff import Backoff
from nas.search.lock import DriverLock
from nas.search.stop import StopSwitch

JOB_FILE = "job.json"


@dataclass(frozen=True, kw_only=True)
class Training:
    """
    Attributes:
        name: of its folder.
        evaluator: how it is trained and what is measured.
        genome: what the evaluator takes; for a `FinalTraining` an architecture.
        seed: the training seed.
        parent_weights: see `Task`.
        fidelity: see `Task`.
    """

    name: str
    evaluator: Evaluator
    genome: Any
    seed: int
    parent_weights: Path | None = None
    fidelity: Fidelity | None = None


@dataclass(kw_only=True)
class Running:
    """A training at work.

    Attributes:
        job: the executor's.
        begun: when its last checkpoint before this attempt was written; 0 if there was none.
        setbacks: what has ended earlier attempts.
    """

    training: Training
    job: Any
    begun: float
    setbacks: Setbacks


@dataclass(frozen=True, slots=True)
class TriesAgain:
    """Why a training has to be submitted again."""

    reason: str


class TrainingJobs:
    """
    Args:
        folder: holds the trainings' folders.
        executor: see `nas_launchers.executor`.
        lock: the driver's.
        stop: asks for a clean stop.
        patience: how often a training is tried again.
    """

    def __init__(self, folder: Path, executor: Any, lock: DriverLock, stop: StopSwitch, patience: Patience) -> None:
        self._folder = folder
        self._executor = executor
        self._lock = lock
        self._stop = stop
        self._patience = patience
        self._setbacks: dict[str, Setbacks] = {}
        self.backoff = Backoff()

    def take_up(self, trainings: Sequence[Training]) -> list[Running]:
        """Those that still have a job. Jobs of this folder that no training knows are ended.

        Raises:
            UserError: jobs are another launcher's.
        """
        notes = {training.name: read_note(self._folder / training.name) for training in trainings}
        known = [note["job"] for note in notes.values() if note is not None]
        executor = self._executor
        if known and not executor.detached:
            launcher = next(note["launcher"] for note in notes.values() if note is not None)
            raise UserError(f"trainings of {self._folder.parent} are jobs of {launcher}: go on with that launcher")
        if executor.detached:
            executor.end_strays(known)
        found = []
        for training in trainings:
            note = notes[training.name]
            if note is not None:
                setbacks = Setbacks(**note["setbacks"])
                job = executor.attach(note["job"], training.name)
                found.append(Running(training=training, job=job, begun=note["begun"], setbacks=setbacks))
        return found

    def submit(self, training: Training) -> Running | None:
        """Starts a training, which goes on from its checkpoint if it has one; None if the cluster takes none now.

        Raises:
            UserError: another driver took the folder over, or it cannot be written.
        """
        self._lock.require()
        path = self._folder / training.name
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(f"the folder {path} of a training cannot be made: {error.strerror}") from error
        begun, setbacks = _checkpoint_time(path), self._setbacks.get(training.name, Setbacks())
        task = Task(
            number=0,
            genome=training.genome,
            seed=training.seed,
            folder=path.absolute(),
            parent_weights=training.parent_weights,
            fidelity=training.fidelity,
        )
        inline = self._executor.inline
        label = training.name.replace(" ", "_")
        self._stop.at_once = inline
        try:
            job = self._executor.submit(run_child, training.evaluator, task, not inline, label=label)
        except SubmissionDeferred as error:
            self.backoff.deferred(error)
            return None
        finally:
            self._stop.at_once = False
        self.backoff.succeeded()
        if self._executor.detached:
            note = {"job": job.id, "launcher": self._executor.kind, "begun": begun, "setbacks": asdict(setbacks)}
            write_json(path / JOB_FILE, note)
        return Running(training=training, job=job, begun=begun, setbacks=setbacks)

    def collect(self, running: Running) -> "Outcome | Exception | TriesAgain":
        """What has become of a training whose job is done."""
        training, path = running.training, self._folder / running.training.name
        outcome: Outcome | Exception
        try:
            outcome = running.job.result()
        except Exception as error:
            outcome = read_outcome(path) or error
        if self._executor.detached:
            self._executor.forget(running.job, keep_logs=isinstance(outcome, Exception))
            (path / JOB_FILE).unlink(missing_ok=True)
            running.setbacks.restarted(running.job.restarts)
        if isinstance(outcome, Exception):
            progressed = _checkpoint_time(path) > running.begun
            cause = self._patience.cause(outcome, running.setbacks, progressed)
            if cause is None:
                self._patience.sign(outcome)
                return outcome
            running.setbacks.add(cause)
            self._setbacks[training.name] = running.setbacks
            return TriesAgain(_why(cause, outcome))
        (path / CHECKPOINT_FILE).unlink(missing_ok=True)
        return outcome

    def leave(self, running: Sequence[Running]) -> None:
        """Before a stop: jobs that outlive the driver go on, unless a second Ctrl-C comes."""
        if self._executor.detached and running and not self._stop.wants_jobs_ended(len(running)):
            self._executor.detach()
            return
        self._executor.shutdown(cancel=True)
        for one in running:
            (self._folder / one.training.name / JOB_FILE).unlink(missing_ok=True)


def _why(cause: Cause, error: Exception) -> str:
    if cause is Cause.TIMEOUT:
        return "reached its time limit and goes on from its last epoch"
    return f"is tried again: {str(error).splitlines()[0]}"


def read_note(path: Path) -> dict[str, Any] | None:
    """What is written down of the job that works in a training's folder; None if none does.

    Raises:
        UserError: it cannot be read.
    """
    try:
        note = json.loads((path / JOB_FILE).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path / JOB_FILE} cannot be read: {error}") from error
    assert isinstance(note, dict)
    return note


def _checkpoint_time(folder: Path) -> float:
    """When the last epoch was saved; 0 before the first."""
    try:
        return (folder / CHECKPOINT_FILE).stat().st_mtime
    except FileNotFoundError:
        return 0.0
