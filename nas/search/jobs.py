"""The children that run: submits them, takes them up again, and gathers what becomes of their attempts."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from nas_launchers.executor import Interrupted, SubmissionDeferred, SubmissionRefused

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.evaluators.child import Outcome, run_child
from nas.search.attempts import Cause, Patience, Setbacks
from nas.search.backoff import Backoff
from nas.search.children import Children
from nas.search.endings import Endings
from nas.search.journal import Journal
from nas.search.lock import DriverLock
from nas.search.state import SearchState
from nas.search.stop import StopNow, StopSwitch
from nas.search.weights import Weights

SUBMIT_S = 1.0  # then results are looked for, though more could be submitted

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Jobs:
    """The attempts of one session.

    Attributes:
        executor: where they run; the jobs of a detached one outlive the session.
        patience: how often a child is tried again.
        in_order: children are asked for in step with telling, so nothing may come in between.
        ready: what has come of children that are not told yet.

    Everything else is what its type says.
    """

    executor: Any
    evaluator: Evaluator
    state: SearchState
    journal: Journal
    children: Children
    endings: Endings
    weights: Weights | None
    lock: DriverLock
    stop: StopSwitch
    patience: Patience
    in_order: bool
    ready: dict[int, Outcome | BaseException] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._running: dict[int, Any] = {}
        self._ended: dict[int, Any] = {}
        self._waiting: dict[int, None] = {}
        self._more_now = False
        self._backoff = Backoff()

    def take_up(self) -> None:
        """Children that were in flight when the last session ended: some have left a result, some still run as jobs,
        the others start again.

        Raises:
            UserError: jobs of theirs are another launcher's.
        """
        state = self.state
        if self.executor.detached:
            known = [individual.job for individual in state.in_flight.values() if individual.job is not None]
            self.executor.end_strays(known)
        for number, individual in state.in_flight.items():
            attached = self._attached(number)
            finished = self.children.finished_attempt(number)
            if finished is not None:
                individual.attempt, self.ready[number] = finished
                if attached is not None:
                    self._ended[number] = attached
            elif attached is not None:
                self._running[number] = attached
            else:
                self._waiting[number] = None

    def start(self, number: int) -> None:
        """The child waits for a slot."""
        self._waiting[number] = None

    def submit_waiting(self) -> bool:
        """Starts what waits while slots are free; False if something still waits, or results are due a look."""
        self._more_now = False
        until = time.monotonic() + SUBMIT_S
        while self._waiting:
            if len(self._running) >= self.executor.slots or self._backoff.left_s:
                return False
            number = next(iter(self._waiting))
            try:
                self._submit(number)
            except SubmissionDeferred as error:
                self._backoff.deferred(error)
                return False
            del self._waiting[number]
            if time.monotonic() > until and not self.in_order:
                self._more_now = True
                return False
        return True

    def wait(self, seconds: float) -> None:
        """Until a child may have ended."""
        if self._more_now:
            return
        if self._running:
            self.executor.wait(list(self._running.values()), seconds)
        elif self._waiting:
            time.sleep(min(seconds, self._backoff.left_s))

    def collect(self) -> None:
        """Moves children whose attempts have ended to `ready`, or to those that wait for another attempt."""
        for number, job in list(self._running.items()):
            if job.done():
                del self._running[number]
                self._collect(number, job)
            elif self.executor.detached and job.restarts:
                self._note_restarts(number, job)

    def finished(self, number: int, failed: bool) -> None:
        """The journal has what became of the child: the cluster's files of its last job may go."""
        job = self._ended.pop(number, None)
        if job is not None:
            self.executor.forget(job, keep_logs=failed)

    def leave(self) -> int:
        """A clean stop. Jobs that outlive the driver go on, unless a second Ctrl-C comes; others end, and start again.

        Returns:
            How many go on.
        """
        many = len(self._running)
        if self.executor.detached and many:
            if not self.stop.wants_jobs_ended(many):
                self.executor.detach()
                return many
            logger.warning("ending %d jobs", many)
        self.executor.shutdown(cancel=True)
        for number in self.state.in_flight:
            if number not in self.ready:
                self.endings.interrupted(number, self.stop.reason or "stopped", Cause.STOPPED)
        return 0

    def cancel(self) -> None:
        """Ends whatever runs."""
        self.executor.shutdown(cancel=True)

    def _attached(self, number: int) -> Any:
        """The job that a child in flight has, if it is one that the executor can find again."""
        individual, launcher = self.state.in_flight[number], self.state.launchers.get(number)
        if individual.job is None or launcher is None:
            return None
        if not self.executor.detached or self.executor.kind != launcher:
            run = self.journal.path.parent
            raise UserError(
                f"children of this run are still jobs of {launcher}: go on with hydra/launcher={launcher} or what "
                f"extends it, or end them with python -m nas.status run={run} cancel=true"
            )
        self.endings.started(number)
        return self.executor.attach(individual.job, f"{number}:{individual.attempt}")

    def _submit(self, number: int) -> None:
        individual = self.state.in_flight[number]
        attempt, folder = individual.attempt + 1, None
        if self.endings.has_folders:
            attempt, folder = self.children.new_attempt(number, individual.attempt)
        task = Task(
            number,
            individual.genome,
            individual.seed,
            attempt,
            folder,
            parent_weights=None if self.weights is None else self.weights.of_parent(number),
            resume_from=None if attempt == 1 else self.children.checkpoint(number),
            fidelity=individual.fidelity,
        )
        self.endings.started(number)
        if self.executor.inline:
            individual.attempt = attempt
            self._evaluate_here(number, task)
            return
        self.lock.require()
        detached = self.executor.detached
        if detached:
            self.journal.append("submitting", number=number, attempt=attempt)
        self.journal.sync()
        try:
            job = self.executor.submit(run_child, self.evaluator, task, True, time.time(), label=f"{number}:{attempt}")
        except (SubmissionDeferred, SubmissionRefused):
            self.endings.not_started(number)
            if folder is not None:
                folder.rmdir()
            raise
        self._backoff.succeeded()
        self._running[number] = job
        launcher = {"launcher": self.executor.kind} if detached else {}
        self.journal.append("submitted", number=number, attempt=attempt, job=job.id, **launcher)
        self.state.submitted(number, attempt, job.id, **launcher)

    def _evaluate_here(self, number: int, task: Task) -> None:
        self.stop.at_once = True
        try:
            self._running[number] = self.executor.submit(run_child, self.evaluator, task, False)
        finally:
            self.stop.at_once = False

    def _note_restarts(self, number: int, job: Any) -> None:
        """The cluster starts a job again by itself, under its old id."""
        setbacks = self.state.setbacks.get(number)
        if job.restarts > (0 if setbacks is None else setbacks.restarts):
            attempt = self.state.in_flight[number].attempt
            self.journal.append("requeued", number=number, attempt=attempt, job=job.id, restarts=job.restarts)
            self.state.requeued(number, job.restarts)
            if self.state.setbacks[number].interruptions > self.patience.max_interruptions:
                job.cancel()
                error = Interrupted(f"job {job.id} was started again by the cluster, and ended here")
                self.patience.sign(error)
                self._ended[number] = self._running.pop(number)
                self.ready[number] = error

    def _collect(self, number: int, job: Any) -> None:
        outcome: Outcome | BaseException
        try:
            outcome = job.result()
        except StopNow:
            raise
        except BaseException as error:
            outcome = error
        if self.executor.detached:
            self._ended[number] = job
            self.endings.ran(number, job.ran_s)
            finished = self.children.finished_attempt(number)  # of any attempt, also one that was believed dead
            if finished is not None:
                self.state.in_flight[number].attempt, outcome = finished
        if isinstance(outcome, BaseException) and self._tries_again(number, outcome):
            return
        self.ready[number] = outcome

    def _tries_again(self, number: int, error: BaseException) -> bool:
        setbacks = self.state.setbacks.get(number, Setbacks())
        progressed = self.children.has_checkpoint(number, self.state.in_flight[number].attempt)
        cause = self.patience.cause(error, setbacks, progressed)
        if cause is None:
            self.patience.sign(error)
            return False
        self.endings.interrupted(number, str(error).splitlines()[0], cause)
        self.finished(number, failed=False)
        self._waiting[number] = None
        return True
