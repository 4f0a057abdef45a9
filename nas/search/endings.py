"""How a child ends: its event goes into the journal, then state, failure limit, folders and trackers follow."""

import math
import traceback
from dataclasses import dataclass

from nas.evaluators.base import Evaluator
from nas.evaluators.child import Outcome
from nas.search.children import Children
from nas.search.failures import FailureLimit
from nas.search.individual import State
from nas.search.journal import Journal
from nas.search.state import SearchState
from nas.search.weights import Weights
from nas.tracking.guard import Trackers

TRACEBACK_CHARACTERS = 8000


@dataclass(kw_only=True)
class Endings:
    """Journals told, failed, interrupted and cancelled children of one session, and how long each held its devices.

    Attributes:
        has_folders: whether attempts have folders.
    """

    journal: Journal
    state: SearchState
    evaluator: Evaluator
    has_folders: bool
    children: Children
    failures: FailureLimit
    weights: Weights | None
    trackers: Trackers

    def __post_init__(self) -> None:
        self._started_s: dict[int, float] = {}
        self._ran_s: dict[int, float] = {}

    def started(self, number: int) -> None:
        """An attempt begins to hold devices."""
        self._started_s[number] = self.journal.elapsed_s

    def not_started(self, number: int) -> None:
        """The attempt could not begin."""
        del self._started_s[number]

    def ran(self, number: int, seconds: float) -> None:
        """How long the attempt has held devices, by those who ran it: on a cluster it also waits in a queue."""
        self._ran_s[number] = seconds

    def told(self, number: int, outcome: Outcome) -> None:
        """The child was evaluated; one without a finite fitness failed."""
        fitness = outcome.metrics.get(self.evaluator.fitness)
        if isinstance(fitness, bool) or not isinstance(fitness, int | float) or not math.isfinite(fitness):
            names = ", ".join(sorted(outcome.metrics)) or "none"
            problem = f"the metric {self.evaluator.fitness!r} is no finite number but {fitness!r} (metrics: {names})"
            self.failed(number, ValueError(problem), outcome.device_s)
            return
        individual = self.state.in_flight[number]
        if self.weights is not None:
            self.weights.take_over(number)
        freed = {self.state.sources.get(number, number), number, *self._best()}
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
        self._forget(number)
        if self.weights is not None:
            self.weights.release(freed.union(removed))
        self.failures.succeeded()
        if self.has_folders:
            if individual.attempt > 1:
                self.children.drop_checkpoints(number)
            self.children.told(number)
        self.trackers.told(individual, self.state)

    def failed(self, number: int, error: BaseException, device_s: float | None = None) -> None:
        """The child has no result: its error is data, and its slot is free.

        Args:
            device_s: what its attempt took, where the worker said so; by the driver's clock otherwise.
        """
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
        self._forget(number)
        self._give_up(number, State.FAILED, device_s)
        self.failures.failed(individual.reason)
        self.trackers.failed(individual, self.state)

    def interrupted(self, number: int, reason: str, cause: str) -> None:
        """The attempt ended before its result, and the child will start again; nothing if none was started."""
        if number not in self._started_s:
            return
        attempt, device_s = self.state.in_flight[number].attempt, self._held_s(number)
        self.journal.append(
            "interrupted", number=number, attempt=attempt, reason=reason, cause=cause, device_s=device_s
        )
        self._forget(number)
        self.state.interrupted(number, device_s, cause)

    def cancelled(self, number: int, reason: str) -> None:
        """The child was given up before its end."""
        device_s = self._held_s(number)
        self.journal.append("cancelled", number=number, reason=reason, device_s=device_s)
        self._give_up(number, State.CANCELLED, device_s)

    def _give_up(self, number: int, state: State, device_s: float) -> None:
        if self.has_folders:
            self.children.drop_checkpoints(number)
        source = self.state.sources.get(number, number)
        self.state.gave_up(number, state, device_s)
        if self.weights is not None:
            self.weights.discard(number)
            self.weights.release((source, number))

    def _best(self) -> tuple[int, ...]:
        return () if self.state.best is None else (self.state.best.number,)

    def _held_s(self, number: int) -> float:
        """Device-seconds of the attempt, by the driver's clock where nobody else has said."""
        started = self._started_s.get(number)
        seconds = 0.0 if started is None else self.journal.elapsed_s - started
        return round(self._ran_s.get(number, seconds) * self.evaluator.devices, 6)

    def _forget(self, number: int) -> None:
        self._started_s.pop(number, None)
        self._ran_s.pop(number, None)
