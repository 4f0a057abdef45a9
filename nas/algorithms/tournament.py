"""The tournament of pairs of Large-Scale Evolution (Real et al. 2017, arXiv 1703.01041, section 3.1, supplement S1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Literal, get_args

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.options import check_allowed, check_whole
from nas.algorithms.phases import MutationPhase, mutate, parse_phases, parse_resets
from nas.algorithms.survival import Member
from nas.search_spaces.base import Mutation, SearchSpace

PairSurvival = Literal["worst_of_pair", "oldest"]
Selection = Literal["fittest", "random"]


@dataclass(kw_only=True)
class Tournament(Algorithm):
    """Pairs are drawn without replacement; at the set-point one individual dies, below it the better one reproduces.

    A population of `population_size` initial individuals is asked for first. Then every step draws pairs of told
    individuals until one may reproduce: while members and children in flight number at least `population_size`, the
    worse of a pair is killed; as soon as they are fewer, the better one of that pair is mutated. Normally that is one
    death and one birth; where children failed it is a birth alone. Of equally fit ones the first drawn is the better.

    Attributes:
        space: where genomes come from.
        population_size: the set-point.
        survival: who dies: the worse of the pair, or the oldest of the population.
        selection: "random" lets the first drawn reproduce and the second die whatever their fitness: the paper's random
            search.
        mutation_phases: see `nas.algorithms.phases`; one mutation per reproduction outside of them.
        weight_resets: after so many children asked for, every member is trained again from fresh weights and replaced
            by that child (section 5); spaces that inherit nothing just train it again.

    Differs from the paper: one driver takes the part of its lock-free workers, so no race is ever lost, nothing is
    killed while it is being trained, and an individual in training cannot be drawn. A single member reproduces without
    a pair; where there is none the child is a fresh initial individual, the paper's way out of "population too small".
    """

    space: SearchSpace
    population_size: int
    survival: PairSurvival
    selection: Selection
    mutation_phases: Sequence[Any] = ()
    weight_resets: Sequence[int] = ()
    name: ClassVar[str] = "tournament"
    _members: list[Member] = field(default_factory=list, init=False, repr=False)
    _to_reset: dict[int, None] = field(default_factory=dict, init=False, repr=False)
    _in_flight: dict[int, bool] = field(default_factory=dict, init=False, repr=False)  # True: to be reset when told
    _asked: int = field(default=0, init=False, repr=False)
    _initial: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check_whole("population_size", self.population_size, least=2)
        check_allowed("survival", self.survival, get_args(PairSurvival))
        check_allowed("selection", self.selection, get_args(Selection))
        self.mutation_phases = parse_phases(self.mutation_phases)
        self.weight_resets = parse_resets(self.weight_resets)

    def ask(self, rng: Random) -> Proposal:
        if self._initial < self.population_size or not self._members:
            return Proposal(self.space.initial(rng))
        if self._to_reset:
            return self._reset(rng)
        parent, killed = self._step(rng)
        genome, mutation = mutate(self.space, parent.genome, rng, self._num_mutations())
        return Proposal(genome, (parent.number,), mutation, killed)

    def asked(self, number: int, proposal: Proposal) -> None:
        self._in_flight[number] = False
        self._asked += 1
        self._initial += not proposal.parents
        if proposal.removed:
            self._members = [member for member in self._members if member.number not in proposal.removed]
            for gone in proposal.removed:
                self._to_reset.pop(gone, None)
        if self._asked in self.weight_resets:
            self._to_reset = dict.fromkeys(self.population)
            self._in_flight = dict.fromkeys(self._in_flight, True)

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        self._members.append(Member.of(individual, self._members[-1] if self._members else None))
        if self._in_flight.pop(individual.number):
            self._to_reset[individual.number] = None
        return ()

    def failed(self, number: int) -> None:
        del self._in_flight[number]

    @property
    def population(self) -> Collection[int]:
        return [member.number for member in self._members]

    def _step(self, rng: Random) -> tuple[Member, tuple[int, ...]]:
        """Draws pairs until one may reproduce: the better of it, and who was killed on the way."""
        members, killed = list(self._members), list[int]()
        while len(members) > 1:
            better, worse = self._pair(members, rng)
            if len(members) + len(self._in_flight) >= self.population_size:
                victim = members[0] if self.survival == "oldest" else worse
                members.remove(victim)
                killed.append(victim.number)
            if len(members) + len(self._in_flight) < self.population_size:
                return better, tuple(killed)
        return members[0], tuple(killed)

    def _pair(self, members: list[Member], rng: Random) -> tuple[Member, Member]:
        """The one that may reproduce, and the one that may die."""
        first, second = rng.sample(members, 2)
        if self.selection == "fittest" and second.fitness > first.fitness:
            return second, first
        return first, second

    def _num_mutations(self) -> int:
        phases: Sequence[MutationPhase] = self.mutation_phases
        return next((phase.mutations for phase in phases if phase.begin <= self._asked < phase.end), 1)

    def _reset(self, rng: Random) -> Proposal:
        """The first member that still waits for fresh weights, as a child that replaces it."""
        number = next(iter(self._to_reset))
        member = next(member for member in self._members if member.number == number)
        genome = self.space.renewed(member.genome, rng)
        return Proposal(genome, (number,), Mutation("reset_weights", {"of": "population"}), (number,))
