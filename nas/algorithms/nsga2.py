"""NSGA-II (Deb et al. 2002, doi 10.1109/4235.996017), one child at a time: accuracy against what a network costs."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar, NamedTuple

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.pareto import Point, crowding, fronts
from nas.errors import UserError
from nas.search_spaces.base import Genome, SearchSpace


class _Member(NamedTuple):
    number: int
    genome: Genome
    point: Point


class _Rank(NamedTuple):
    """What members are compared by, the least is the best: the front, then the crowding distance, negated."""

    front: int
    crowding: float


@dataclass(kw_only=True)
class Nsga2(Algorithm):
    """A population that moves towards the front of what can be had: no member of the first front is beaten in both.

    The first children are random, until `population_size` are told; then each is a mutation of the better one of two
    members, drawn uniformly with replacement: the one of the lower front, or, in the same, the one with more room. A
    told child joins; while there are more than `population_size`, the worst member leaves, the oldest of equals.

    Attributes:
        space: where genomes come from.
        population_size: members that survive.
        objective: the metric that is minimised beside the fitness that is maximised: multiply_adds, parameters,
            latency_ms, or any other that the evaluator tells.

    Differs from the paper: steady state instead of generations, and no crossover, which the spaces here do not have.
    """

    space: SearchSpace
    population_size: int
    objective: str
    name: ClassVar[str] = "nsga2"
    _members: list[_Member] = field(default_factory=list, init=False, repr=False)
    _ranks: dict[int, _Rank] = field(default_factory=dict, init=False, repr=False)
    _told: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        size = self.population_size
        if isinstance(size, bool) or not isinstance(size, int) or size < 2:
            raise UserError(f"algorithm.population_size is {size!r}, it must be a whole number of at least 2")
        if not isinstance(self.objective, str) or not self.objective:
            raise UserError(f"algorithm.objective is {self.objective!r}, it must name a metric, such as multiply_adds")

    def ask(self, rng: Random) -> Proposal:
        if self._told < self.population_size:
            return Proposal(self.space.initial(rng))
        first, second = rng.choice(self._members), rng.choice(self._members)
        parent = second if self._ranks[second.number] < self._ranks[first.number] else first
        genome, mutation = self.space.mutate(parent.genome, rng)
        return Proposal(genome, (parent.number,), mutation)

    def asked(self, number: int, proposal: Proposal) -> None:
        """Nobody leaves before a child is told."""

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        point = self._point(individual)
        self._told += 1
        self._members.append(_Member(individual.number, individual.genome, point))
        self._rank()
        if len(self._members) <= self.population_size:
            return ()
        worst = max(self._members, key=lambda member: self._ranks[member.number])
        self._members.remove(worst)
        self._rank()
        return (worst.number,)

    def failed(self, number: int) -> None:
        """It never joins."""

    @property
    def population(self) -> Collection[int]:
        return [member.number for member in self._members]

    def _point(self, individual: Evaluated) -> Point:
        cost = individual.metrics.get(self.objective)
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not math.isfinite(cost):
            names = ", ".join(sorted(individual.metrics)) or "none"
            raise UserError(
                f"algorithm.objective is {self.objective!r}, which is no metric of a child (metrics: {names})"
            )
        assert individual.fitness is not None
        return Point(individual.fitness, float(cost))

    def _rank(self) -> None:
        """Fronts and crowding of the present members."""
        groups: dict[int, list[_Member]] = {}
        for member, front in zip(self._members, fronts([member.point for member in self._members]), strict=True):
            groups.setdefault(front, []).append(member)
        self._ranks = {
            member.number: _Rank(front, -distance)
            for front, group in groups.items()
            for member, distance in zip(group, crowding([member.point for member in group]), strict=True)
        }
