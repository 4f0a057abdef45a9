"""Local search (White et al. 2021, arXiv 2005.02960, algorithm 1): a strong and simple baseline on small spaces."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.options import check_whole
from nas.algorithms.survival import Member
from nas.errors import UserError
from nas.search_spaces.base import DiscreteSpace, Genome, Mutation, SearchSpace


@dataclass(kw_only=True)
class LocalSearch(Algorithm):
    """Climbs from the best of a few random individuals to ever better neighbours, and starts again at a local optimum.

    A neighbour differs in one decision. Neighbours of the current individual that were never asked for are asked in
    random order; the first that is told to be fitter becomes the current one. When none is left, the current one leaves
    and a random individual begins the next climb.

    Attributes:
        space: a discrete one.
        num_initial: random individuals before the first climb.

    Differs from the paper: the first better neighbour is taken (its "query until lower" variant) instead of the best of
    all; no genome is asked for twice except at random; with children in flight, those of an earlier climb do not
    change the next one.
    """

    space: SearchSpace
    num_initial: int
    name: ClassVar[str] = "local_search"
    _current: Member | None = field(default=None, init=False, repr=False)
    _asked: set[Genome] = field(default_factory=set, init=False, repr=False)
    _num_asked: int = field(default=0, init=False, repr=False)
    _begin: int = field(default=0, init=False, repr=False)  # number of the climb's first individual

    def __post_init__(self) -> None:
        if not isinstance(self.space, DiscreteSpace):
            raise UserError(
                f"algorithm=local_search needs a space of decisions, search_space={self.space.name} has none"
            )
        check_whole("num_initial", self.num_initial, least=1)

    def ask(self, rng: Random) -> Proposal:
        if self._num_asked < self.num_initial or self._current is None:
            return Proposal(self.space.initial(rng))
        current = self._current
        left = [(genome, mutation) for genome, mutation in self._neighbours(current) if genome not in self._asked]
        if not left:
            return Proposal(self.space.initial(rng), removed=(current.number,))
        genome, mutation = rng.choice(left)
        return Proposal(genome, (current.number,), mutation)

    def asked(self, number: int, proposal: Proposal) -> None:
        self._num_asked += 1
        self._asked.add(proposal.genome)
        if proposal.removed:
            self._current, self._begin = None, number

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        current = self._current
        member = Member.of(individual, current)
        if individual.number < self._begin or (current is not None and member.fitness <= current.fitness):
            return (individual.number,)
        self._current = member
        return () if current is None else (current.number,)

    def failed(self, number: int) -> None:
        """Its genome is not asked for again."""

    @property
    def population(self) -> Collection[int]:
        return () if self._current is None else (self._current.number,)

    def _neighbours(self, of: Member) -> Iterator[tuple[Genome, Mutation]]:
        assert isinstance(self.space, DiscreteSpace)
        for position, choice in enumerate(self.space.choices):
            old = of.genome[position]
            for option in range(len(choice.options)):
                if option != old:
                    genome = (*of.genome[:position], option, *of.genome[position + 1 :])
                    yield genome, Mutation("neighbour", {"decision": choice.name, "from": old, "to": option})
