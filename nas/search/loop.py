"""The loop: asks the algorithm for children, has them evaluated, and tells it the results, all through the journal."""

from dataclasses import dataclass
from typing import Any

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.evaluators.child import Outcome, run_child
from nas.search.budget import Budget
from nas.search.children import Children
from nas.search.constraint import Draw, Guard, propose
from nas.search.endings import Endings
from nas.search.failures import FailureLimit
from nas.search.individual import Individual
from nas.search.journal import Journal
from nas.search.lock import DriverLock
from nas.search.randomness import ask_rng, training_seed
from nas.search.state import SearchState
from nas.search.stop import StopNow, StopSwitch
from nas.search.weights import Weights
from nas.search_spaces.base import SearchSpace
from nas.tracking.guard import Trackers

WAIT_S = 0.5
LOCK_INTERVAL_S = 1.0  # for evaluations that take less than reading the lock


@dataclass(kw_only=True)
class Loop:
    """One session of a search, from the state that the journal gave to the end of the budget or a stop.

    Attributes:
        order: "completion" tells a child as it finishes; "number" tells in the order of asking, so that any number of
            workers gives the same search.
        trackers: shown every told and failed individual.
        refused: the draws of the next child, if too many in a row were rejected; None again when another one ends.

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
    guard: Guard | None = None

    def __post_init__(self) -> None:
        self._jobs: dict[int, Any] = {}
        self._ready: dict[int, Outcome | BaseException] = {}
        self._needs_cost = self.budget.needs_cost
        self._weights = None
        if self.evaluator.keeps_weights:
            self._weights = Weights(self.children.run_folder, self.state, self.children)
        self._endings = Endings(
            journal=self.journal,
            state=self.state,
            evaluator=self.evaluator,
            children=self.children,
            failures=self.failures,
            weights=self._weights,
            trackers=self.trackers,
        )
        self._exhausted = False
        self.refused: Draw | None = None
        self._lock_seen_s = self.journal.elapsed_s

    def run(self) -> str:
        """Runs until nothing is in flight and nothing may be asked.

        Returns:
            Why it ended: "budget", "constraint", "failures" or "stopped".

        Raises:
            UserError: the journal cannot be written, or another driver took the run over.
        """
        try:
            self._take_up()
            while self.stop.reason is None and not self.failures.exceeded:
                self._fill()
                if not self.state.in_flight:
                    return self._close("budget") if self.refused is None else self._close_refused(self.refused)
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
        """Asks for one child and journals it; False once the budget or the constraint allows no more."""
        state, number = self.state, self.state.next_number
        state.spent.elapsed_s = self.journal.elapsed_s
        if self.refused is not None or not self.budget.allows(state.spent):
            return False
        draw = propose(state.algorithm, ask_rng(self.seed, number), self.guard)
        proposal = draw.proposal
        if proposal is None:
            self.refused = draw
            return False
        if self._needs_cost and not self._fits(proposal.genome):
            return False
        individual = Individual(
            number=number,
            genome=proposal.genome,
            seed=training_seed(self.seed, number),
            parents=proposal.parents,
            mutation=proposal.mutation,
            removed=proposal.removed,
            rejected=dict(draw.rejected),
            record=proposal.record,
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
            **({"rejected": individual.rejected} if individual.rejected else {}),
            **({"record": dict(proposal.record)} if proposal.record else {}),
        )
        state.asked(individual, proposal)
        if self._weights is not None:
            self._weights.release(proposal.removed)
        return True

    def _fits(self, genome: Any) -> bool:
        if not self._exhausted and not self.budget.allows(self.state.spent, self.state.cost(genome)):
            self._exhausted = True
        return not self._exhausted

    def _submit(self, number: int) -> None:
        individual = self.state.in_flight[number]
        attempt, folder = individual.attempt + 1, None
        if self.evaluator.writes_files:
            attempt, folder = self.children.new_attempt(number, individual.attempt)
        parent_weights = None if self._weights is None else self._weights.of_parent(number)
        task = Task(number, individual.genome, individual.seed, attempt, folder, parent_weights)
        self._endings.started(number)
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
        self._finish(number)

    def _finish(self, number: int) -> None:
        outcome = self._ready.pop(number)
        self.refused = None  # the algorithm changes, and with it what it draws: resuming asks from the last state too
        if isinstance(outcome, BaseException):
            self._endings.failed(number, outcome)
        else:
            self._endings.told(number, outcome)

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

    def _interrupt(self) -> None:
        """A clean stop: what is running is ended and will start again, with the same number, genome and seed."""
        while self.order == "completion" and (number := self._next_to_tell()) is not None:
            self._finish(number)  # not in number order, where the next child is asked before the next is told
        self.executor.shutdown(cancel=True)
        for number in self.state.in_flight:
            if number not in self._ready:
                self._endings.interrupted(number, self.stop.reason or "stopped")

    def _give_up(self) -> None:
        """Too many failures: what is still running is cancelled."""
        self.executor.shutdown(cancel=True)
        for number in list(self.state.in_flight):
            self._endings.cancelled(number, "too many children failed")

    def _close_refused(self, draw: Draw) -> str:
        return self._close("constraint", rejected=dict(draw.rejected))

    def _close(self, reason: str, **details: Any) -> str:
        self.state.spent.elapsed_s = self.journal.append("closed", reason=reason, **details)
        self.journal.sync()
        return reason
