"""The loop: asks the algorithm for children, has them evaluated, and tells it the results, all through the journal."""

from dataclasses import dataclass
from typing import Any

from nas.algorithms.base import Proposal
from nas.evaluators.base import Evaluator
from nas.search.asking import take
from nas.search.attempts import Patience
from nas.search.budget import Budget
from nas.search.children import Children
from nas.search.constraint import Draw, Guard, propose
from nas.search.endings import Endings
from nas.search.failures import FailureLimit
from nas.search.individual import State
from nas.search.jobs import Jobs
from nas.search.journal import Journal
from nas.search.lock import DriverLock
from nas.search.randomness import ask_rng
from nas.search.state import SearchState
from nas.search.stop import StopNow, StopSwitch
from nas.search.weights import Weights
from nas.search_spaces.base import SearchSpace
from nas.tracking.guard import Trackers

WAIT_S = 0.5


@dataclass(kw_only=True)
class Loop:
    """One session of a search, from the state that the journal gave to the end of the budget or a stop.

    Attributes:
        order: "completion" tells a child as it finishes; "number" tells in the order of asking, so that any number of
            workers gives the same search.
        trackers: shown every told and failed individual.
        patience: how often a child is tried again whose attempt ended without a result.
        jobs_left: how many jobs go on after the session.
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
    patience: Patience
    trackers: Trackers
    guard: Guard | None = None

    def __post_init__(self) -> None:
        self._needs_cost = self.budget.needs_cost
        self._weights = None
        if self.evaluator.keeps_weights:
            self._weights = Weights(self.children.run_folder, self.state, self.children)
        self._endings = Endings(
            journal=self.journal,
            state=self.state,
            evaluator=self.evaluator,
            has_folders=self.evaluator.writes_files or self.executor.detached,
            children=self.children,
            failures=self.failures,
            weights=self._weights,
            trackers=self.trackers,
        )
        self._jobs = Jobs(
            executor=self.executor,
            evaluator=self.evaluator,
            state=self.state,
            journal=self.journal,
            children=self.children,
            endings=self._endings,
            weights=self._weights,
            lock=self.lock,
            stop=self.stop,
            patience=self.patience,
            in_order=self.order == "number",
        )
        self._exhausted = False
        self.refused: Draw | None = None
        self.jobs_left = 0

    def run(self) -> str:
        """Runs until nothing is in flight and nothing may be asked.

        Returns:
            Why it ended: "budget", "constraint", "failures" or "stopped".

        Raises:
            UserError: the journal cannot be written, or another driver took the run over.
        """
        try:
            self._jobs.take_up()
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

    def _fill(self) -> None:
        """Starts children while a slot is free: those that were interrupted first, then new ones."""
        jobs, in_order = self._jobs, self.order == "number"
        done = jobs.submit_waiting()
        while (done or in_order) and len(self.state.in_flight) < self.executor.slots and self._ask():
            jobs.start(self.state.next_number - 1)
            done = jobs.submit_waiting()

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
        if proposal.fidelity is not None:
            self.evaluator.check_fidelity(proposal.fidelity)
        if self._needs_cost and not self._fits(proposal):
            return False
        take(proposal, draw, space=self.space, state=state, journal=self.journal, seed=self.seed)
        if self._weights is not None:
            self._weights.release(proposal.removed)
        return True

    def _fits(self, proposal: Proposal) -> bool:
        cost = self.state.cost(proposal.genome, proposal.fidelity)
        if not self._exhausted and not self.budget.allows(self.state.spent, cost):
            self._exhausted = True
        return not self._exhausted

    def _advance(self) -> None:
        """Finishes one child if one can be told now; otherwise waits for one."""
        number = self._next_to_tell()
        if number is None:
            self._jobs.wait(WAIT_S)
            return
        self.lock.require(seldom=self.executor.inline and not self.evaluator.writes_files)
        self._finish(number)

    def _finish(self, number: int) -> None:
        outcome = self._jobs.ready.pop(number)
        individual = self.state.in_flight[number]
        self.refused = None  # the algorithm changes, and with it what it draws: resuming asks from the last state too
        if isinstance(outcome, BaseException):
            self._endings.failed(number, outcome)
        else:
            self._endings.told(number, outcome)
        self._jobs.finished(number, failed=individual.state is State.FAILED)

    def _next_to_tell(self) -> int | None:
        """Looks at what runs only when nothing that has come already can be told: there may be a thousand of them."""
        number = self._tellable()
        if number is None:
            self._jobs.collect()
            number = self._tellable()
        return number

    def _tellable(self) -> int | None:
        ready = self._jobs.ready
        if self.order == "completion":
            return next(iter(ready), None)
        first = next(iter(self.state.in_flight), None)
        return first if first in ready else None

    def _interrupt(self) -> None:
        """A clean stop: what is running is ended and will start again, with the same number, genome and seed."""
        while self.order == "completion" and (number := self._next_to_tell()) is not None:
            self._finish(number)  # not in number order, where the next child is asked before the next is told
        self.jobs_left = self._jobs.leave()

    def _give_up(self) -> None:
        """Too many failures: what is still running is cancelled."""
        self._jobs.cancel()
        for number in list(self.state.in_flight):
            self._endings.cancelled(number, "too many children failed")

    def _close_refused(self, draw: Draw) -> str:
        return self._close("constraint", rejected=dict(draw.rejected))

    def _close(self, reason: str, **details: Any) -> str:
        self.state.spent.elapsed_s = self.journal.append("closed", reason=reason, **details)
        self.journal.sync()
        return reason
