"""What the driver knows of its search: advanced by the loop, and rebuilt from the journal through the same calls."""

from collections.abc import Callable
from typing import Any

from nas.algorithms.base import Algorithm, Proposal
from nas.fidelity import Fidelity, is_better
from nas.search.attempts import Setbacks
from nas.search.budget import NOTHING, Reserved, Spent
from nas.search.individual import Individual, State

Cost = Callable[..., dict[str, Any]]


class SearchState:
    """Children in flight, the best so far and what was spent. Its memory does not grow with the search.

    Attributes:
        algorithm: told everything in the order of the journal.
        in_flight: individuals that were asked and are not finished, by number.
        next_number: the number the next child gets.
        alive: told individuals that nothing has removed, and whether each left weights to inherit.
        launchers: for children in flight that are jobs which outlive their driver, the launcher that has them.
        setbacks: for children in flight, what has ended attempts at them.
        sources: for children in flight, the parent whose weights they inherit; it may have died since.
        best: the fittest told individual of the highest fidelity, the first told among equals.
        failed: how many children failed.
        spent: see `Spent`.
    """

    def __init__(self, algorithm: Algorithm, cost: Cost | None) -> None:
        """`cost` gives a genome's closed-form cost; None where no budget asks for it."""
        self.algorithm = algorithm
        self.in_flight: dict[int, Individual] = {}
        self.alive: dict[int, bool] = {}
        self.sources: dict[int, int] = {}
        self.launchers: dict[int, str] = {}
        self.setbacks: dict[int, Setbacks] = {}
        self.next_number = 0
        self.best: Individual | None = None
        self.failed = 0
        self.spent = Spent()
        self._cost = cost
        self._reserved: dict[int, Reserved] = {}

    def cost(self, genome: Any, fidelity: Fidelity | None) -> Reserved:
        """What evaluating a genome will cost; zeros where no budget asks for it."""
        if self._cost is None:
            return NOTHING
        cost = self._cost(genome) if fidelity is None else self._cost(genome, fidelity=fidelity)
        return Reserved(
            float(cost.get("train_examples", 0.0)),
            float(cost.get("train_flops", 0.0)),
            float(cost.get("simulated_s", 0.0)),
        )

    def asked(self, individual: Individual, proposal: Proposal) -> None:
        number = individual.number
        assert number == self.next_number
        self.algorithm.asked(number, proposal)
        self.in_flight[number] = individual
        parent = proposal.parents[0] if proposal.parents else None
        if parent is not None and self.alive.get(parent):
            self.sources[number] = parent
        self._remove(proposal.removed)
        self.next_number += 1
        self.spent.in_flight += 1
        if self._cost is not None:
            reserved = self._reserved[number] = self.cost(individual.genome, individual.fidelity)
            self._spend(reserved, 1)

    def submitted(self, number: int, attempt: int, job: str | None, launcher: str | None = None) -> None:
        individual = self.in_flight[number]
        individual.attempt, individual.job = attempt, job
        if launcher is not None:
            self.launchers[number] = launcher

    def interrupted(self, number: int, device_s: float, cause: str | None = None) -> None:
        """An attempt ended without a result, and the child will start again."""
        self.in_flight[number].job = None
        self.launchers.pop(number, None)
        self.spent.device_s += device_s
        if cause is not None:
            self.setbacks.setdefault(number, Setbacks()).add(cause)

    def requeued(self, number: int, restarts: int) -> None:
        """The cluster has started the child's job again, for the `restarts`-th time."""
        self.setbacks.setdefault(number, Setbacks()).restarted(restarts)

    def told(self, number: int, fitness: float, metrics: dict[str, Any], device_s: float) -> tuple[int, ...]:
        """The individual's fitness is known; returns the numbers that leave the population."""
        individual = self._finish(number, State.TOLD, device_s)
        individual.fitness, individual.metrics = fitness, metrics
        self.spent.told += 1
        self._reserved.pop(number, None)
        removed = self.algorithm.told(individual)
        individual.removed += removed
        self.alive[number] = not metrics.get("diverged")
        self._remove(removed)
        if is_better(individual, self.best):
            self.best = individual
        return removed

    def gave_up(self, number: int, state: State, device_s: float) -> None:
        """The individual failed or was cancelled: what was reserved for it is free again."""
        self._finish(number, state, device_s)
        self._spend(self._reserved.pop(number, NOTHING), -1)
        self.algorithm.failed(number)
        self.failed += state is State.FAILED

    def _spend(self, reserved: Reserved, sign: int) -> None:
        self.spent.examples += sign * reserved.examples
        self.spent.flops += sign * reserved.flops
        self.spent.simulated_s += sign * reserved.simulated_s

    def _remove(self, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            self.alive.pop(number, None)

    def _finish(self, number: int, state: State, device_s: float) -> Individual:
        individual = self.in_flight.pop(number)
        individual.state = state
        for of_children_in_flight in (self.sources, self.launchers, self.setbacks):
            of_children_in_flight.pop(number, None)
        self.spent.in_flight -= 1
        self.spent.device_s += device_s
        return individual
