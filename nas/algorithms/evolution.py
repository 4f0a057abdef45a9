"""Aging and non-aging evolution (Real et al. 2018, arXiv 1802.01548, algorithm 1 and "Methods")."""

from collections.abc import Collection
from dataclasses import dataclass, field
from operator import attrgetter
from random import Random
from typing import Literal, NamedTuple, get_args

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.drawing import drawn
from nas.errors import UserError
from nas.search_spaces.base import Genome, SearchSpace

Survival = Literal["oldest", "worst_of_sample"]


class Member(NamedTuple):
    """What the population keeps of an individual."""

    number: int
    genome: Genome
    fitness: float


_fitness = attrgetter("fitness")


@dataclass(kw_only=True)
class Evolution(Algorithm):
    """Tournament selection with replacement over a population of fixed size.

    The first children are random, until `population_size` are told; then each is a mutation of the fittest of a
    sample of `sample_size` members, drawn uniformly with replacement; ties go to the first drawn.

    Attributes:
        space: where genomes come from.
        population_size: P of the paper.
        sample_size: S of the paper; 1 gives a random walk.
        survival: who dies. "oldest" (aging evolution): a told child joins, then the oldest leaves while there are more
            than P. "worst_of_sample" (non-aging evolution): the least fit of the sample that gave the parent leaves as
            the child is asked for, unless failures left fewer than P members and children in flight.

    Differs from the paper: with several children in flight "oldest" means first told, as the paper leaves open what its
    asynchronous workers do; and the loser of a non-aging sample leaves when the child is asked for, not when it is
    told, which is the same with one child at a time.
    """

    space: SearchSpace
    population_size: int
    sample_size: int
    survival: Survival
    _members: list[Member] = field(default_factory=list, init=False, repr=False)
    _in_flight: int = field(default=0, init=False, repr=False)
    _told: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("population_size", "sample_size"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UserError(f"algorithm.{name} is {value!r}, it must be a whole number of at least 1")
        if self.survival not in get_args(Survival):
            raise UserError(f"algorithm.survival is {self.survival!r}, allowed are {', '.join(get_args(Survival))}")
        if self.sample_size > self.population_size:
            raise UserError(
                f"algorithm.sample_size is {self.sample_size}, "
                f"it must not be greater than algorithm.population_size = {self.population_size}"
            )

    @property
    def name(self) -> str:  # type: ignore[override]
        return "aging" if self.survival == "oldest" else "non_aging"

    def ask(self, rng: Random) -> Proposal:
        if self._told < self.population_size:
            return Proposal(self.space.initial(rng))
        sample = drawn(self._members, self.sample_size, rng)
        parent = max(sample, key=_fitness)
        genome, mutation = self.space.mutate(parent.genome, rng)
        return Proposal(genome, (parent.number,), mutation, self._losers(sample))

    def asked(self, number: int, proposal: Proposal) -> None:
        self._in_flight += 1
        if proposal.removed:
            self._members = [member for member in self._members if member.number not in proposal.removed]

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        self._in_flight -= 1
        self._told += 1
        assert individual.fitness is not None
        self._members.append(Member(individual.number, individual.genome, individual.fitness))
        if self.survival != "oldest" or len(self._members) <= self.population_size:
            return ()
        return (self._members.pop(0).number,)

    def failed(self, number: int) -> None:
        self._in_flight -= 1

    @property
    def population(self) -> Collection[int]:
        return [member.number for member in self._members]

    def _losers(self, sample: list[Member]) -> tuple[int, ...]:
        full = len(self._members) + self._in_flight >= self.population_size
        if self.survival == "worst_of_sample" and full and len(self._members) > 1:
            return (min(sample, key=_fitness).number,)
        return ()
