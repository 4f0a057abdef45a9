"""The loop: asks the algorithm for children, has them evaluated, and tells it the results, all through the journal."""

import math
import traceback
from dataclasses import dataclass
from typing import Any

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.evaluators.child import Outcome, run_child
from nas.search.budget import Budget
from nas.search.children import Children
from nas.search.failures import FailureLimit
from nas.search.individual import Individual, State
from nas.search.journal import Journal
from nas.search.lock import DriverLock
from nas.search.randomness import ask_rng, training_seed
from nas.search.state import SearchState
from nas.search.stop import StopNow, StopSwitch
from nas.search_spaces.base import SearchSpace
from nas.tracking.guard import Trackers

WAIT_S = 0.5
LOCK_INTERVAL_S = 1.0  # for evaluations that take less than reading the lock
TRACEBACK_CHARACTERS = 8000


@dataclass(kw_only=True)
class Loop:
    """One session of a search, from the state that the journal gave to the end of the budget or a stop.

    Attributes:
        order: "completion" tells a child as it finishes; "number" tells in the order of asking, so that any number of
            workers gives the same search.
        trackers: shown every told and failed individual.

    Everything else is what its type says.
    """

    space: SearchSpace
    state: SearchState
    journal: Journal
    evaluator: Evaluator
    executor: Any
    budget: Budget
    seed: int
    order: str
    children: Children
    failures: FailureLimit
    lock: DriverLock
    stop: StopSwitch
    trackers: Trackers

    def __post_init__(self) -> None:
        self._jobs: dict[int, Any] = {}
        self._ready: dict[int, Outcome | BaseException] = {}
        self._submitted_s: dict[int, float] = {}
        self._exhausted = False
        self._lock_seen_s = self.journal.elapsed_s

    def run(self) -> str:
        """Runs until nothing is in flight and nothing may be asked.

        Returns:
            Why it ended: "budget", "failures" or "stopped".

        Raises:
            UserError: the journal cannot be written, or another driver took the run over.
        """
        try:
            self._take_up()
            while self.stop.reason is None and not self.failures.exceeded:
                self._fill()
                if not self.state.in_flight:
                    return self._close("budget")
                self._advance()
        except StopNow:
            pass
        if self.failures.exceeded and self.stop.reason is None:
            self._give_up()
            return self._close("failures")
        self._interrupt()
        return self._close("stopped")

    def _take_up(self) -> None:
        """Children that were in flight when the last session ended: some have left a result, the others start again."""
        if not self.evaluator.writes_files:
            return
        for number, individual in self.state.in_flight.items():
            finished = self.children.finished_attempt(number)
            if finished is not None:
                individual.attempt, self._ready[number] = finished

    def _fill(self) -> None:
        """Starts children while a slot is free: those that were interrupted first, then new ones."""
        slots = self.executor.slots
        if len(self._jobs) + len(self._ready) < len(self.state.in_flight):
            for number in list(self.state.in_flight):
                if len(self._jobs) >= slots:
                    return
                if number not in self._jobs and number not in self._ready:
                    self._submit(number)
        while len(self.state.in_flight) < slots and self._ask():
            self._submit(self.state.next_number - 1)

    def _ask(self) -> bool:
        """Asks for one child and journals it; False once the budget allows no more."""
        state, number = self.state, self.state.next_number
        state.spent.elapsed_s = self.journal.elapsed_s
        if not self.budget.allows(state.spent):
            return False
        proposal = state.algorithm.ask(ask_rng(self.seed, number))
        if self.budget.needs_cost and not self._fits(proposal.genome):
            return False
        individual = Individual(
            number=number,
            genome=proposal.genome,
            seed=training_seed(self.seed, number),
            parents=proposal.parents,
            mutation=proposal.mutation,
            removed=proposal.removed,
        )
        mutation = proposal.mutation
        individual.asked_s = self.journal.append(
            "asked",
            number=number,
            genome=self.space.to_json(proposal.genome),
            seed=individual.seed,
            parents=proposal.parents,
            mutation={"name": mutation.name, "details": mutation.details} if mutation else None,
            removed=proposal.removed,
        )
        state.asked(individual, proposal)
        return True

    def _fits(self, genome: Any) -> bool:
        examples, flops = self.state.cost(genome)
        if not self._exhausted and not self.budget.allows(self.state.spent, examples, flops):
            self._exhausted = True
        return not self._exhausted

    def _submit(self, number: int) -> None:
        individual = self.state.in_flight[number]
        attempt, folder = individual.attempt + 1, None
        if self.evaluator.writes_files:
            attempt, folder = self.children.new_attempt(number, individual.attempt)
        task = Task(number, individual.genome, individual.seed, attempt, folder)
        self._submitted_s[number] = self.journal.elapsed_s
        if self.executor.inline:
            individual.attempt = attempt
            self._evaluate_here(number, task)
            return
        self._require_lock()
        self.journal.sync()
        job = self.executor.submit(run_child, self.evaluator, task, True)
        self._jobs[number] = job
        self.journal.append("submitted", number=number, attempt=attempt, job=job.id)
        self.state.submitted(number, attempt, job.id)

    def _evaluate_here(self, number: int, task: Task) -> None:
        self.stop.at_once = True
        try:
            self._jobs[number] = self.executor.submit(run_child, self.evaluator, task, False)
        finally:
            self.stop.at_once = False

    def _advance(self) -> None:
        """Finishes one child if one can be told now; otherwise waits for one."""
        number = self._next_to_tell()
        if number is None:
            self.executor.wait(list(self._jobs.values()), WAIT_S)
            self._collect()
            return
        self._require_lock()
        outcome = self._ready.pop(number)
        if isinstance(outcome, BaseException):
            self._fail(number, outcome)
        else:
            self._tell(number, outcome)

    def _require_lock(self) -> None:
        """Stops a driver that slept and was taken over before it writes into the other's journal."""
        now = self.journal.elapsed_s
        cheap = self.executor.inline and not self.evaluator.writes_files
        if cheap and now - self._lock_seen_s < LOCK_INTERVAL_S:
            return
        if not self.lock.still_held():
            raise UserError(f"another driver has taken over {self.journal.path.parent}: this one stops")
        self._lock_seen_s = now

    def _next_to_tell(self) -> int | None:
        self._collect()
        if self.order == "completion":
            return next(iter(self._ready), None)
        first = next(iter(self.state.in_flight), None)
        return first if first in self._ready else None

    def _collect(self) -> None:
        for number in [number for number, job in self._jobs.items() if job.done()]:
            job = self._jobs.pop(number)
            try:
                self._ready[number] = job.result()
            except StopNow:
                raise
            except BaseException as error:
                self._ready[number] = error

    def _tell(self, number: int, outcome: Outcome) -> None:
        fitness = outcome.metrics.get(self.evaluator.fitness)
        if isinstance(fitness, bool) or not isinstance(fitness, int | float) or not math.isfinite(fitness):
            names = ", ".join(sorted(outcome.metrics)) or "none"
            problem = f"the metric {self.evaluator.fitness!r} is no finite number but {fitness!r} (metrics: {names})"
            self._fail(number, ValueError(problem), outcome.device_s)
            return
        individual = self.state.in_flight[number]
        removed = self.state.told(number, float(fitness), outcome.metrics, outcome.device_s)
        provenance = {"provenance": outcome.provenance} if outcome.provenance else {}
        individual.finished_s = self.journal.append(
            "told",
            number=number,
            attempt=individual.attempt,
            fitness=float(fitness),
            metrics=outcome.metrics,
            removed=removed,
            device_s=outcome.device_s,
            **provenance,
        )
        self._submitted_s.pop(number, None)
        self.failures.succeeded()
        if self.evaluator.writes_files:
            self.children.told(number)
        self.trackers.told(individual, self.state)

    def _fail(self, number: int, error: BaseException, device_s: float | None = None) -> None:
        individual = self.state.in_flight[number]
        individual.reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        individual.log = self.children.log(number, individual.attempt)
        device_s = self._held_s(number) if device_s is None else device_s
        individual.finished_s = self.journal.append(
            "failed",
            number=number,
            attempt=individual.attempt,
            reason=individual.reason,
            traceback="".join(traceback.format_exception(error))[-TRACEBACK_CHARACTERS:],
            log=individual.log,
            device_s=device_s,
        )
        self._submitted_s.pop(number, None)
        self.state.gave_up(number, State.FAILED, device_s)
        self.failures.failed(individual.reason)
        self.trackers.failed(individual, self.state)

    def _interrupt(self) -> None:
        """A clean stop: what is running is ended and will start again, with the same number, genome and seed."""
        self._tell_finished()
        self.executor.shutdown(cancel=True)
        for number, individual in self.state.in_flight.items():
            if number in self._submitted_s and number not in self._ready:
                self.journal.append(
                    "interrupted",
                    number=number,
                    attempt=individual.attempt,
                    reason=self.stop.reason or "stopped",
                    device_s=self._held_s(number),
                )

    def _tell_finished(self) -> None:
        """Tells what has finished; not in number order, where the next child is asked before the next is told."""
        while self.order == "completion" and (number := self._next_to_tell()) is not None:
            outcome = self._ready.pop(number)
            if isinstance(outcome, Outcome):
                self._tell(number, outcome)
            else:
                self._fail(number, outcome)

    def _give_up(self) -> None:
        """Too many failures: what is still running is cancelled."""
        self.executor.shutdown(cancel=True)
        for number in list(self.state.in_flight):
            device_s = self._held_s(number)
            self.journal.append("cancelled", number=number, reason="too many children failed", device_s=device_s)
            self.state.gave_up(number, State.CANCELLED, device_s)

    def _held_s(self, number: int) -> float:
        """Device-seconds of the attempt that runs, by the driver's clock."""
        started = self._submitted_s.get(number)
        return 0.0 if started is None else round((self.journal.elapsed_s - started) * self.evaluator.devices, 6)

    def _close(self, reason: str) -> str:
        self.state.spent.elapsed_s = self.journal.append("closed", reason=reason)
        self.journal.sync()
        return reason
