"""Evolution: aging, non-aging (Real et al. 2018, arXiv 1802.01548, algorithm 1 and "Methods"), by pairs, and NSGA-II
(Deb et al. 2002, doi 10.1109/4235.996017)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any, get_args

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.options import check_allowed, check_whole
from nas.algorithms.survival import Member, Survival, SurvivalName, survival_rule
from nas.errors import UserError
from nas.search_spaces.base import SearchSpace

_NAMES: dict[SurvivalName, str] = {
    "oldest": "aging",
    "worst_of_sample": "non_aging",
    "worst_of_pair": "pairs",
    "non_dominated": "nsga2",
}


@dataclass(kw_only=True)
class Evolution(Algorithm):
    """Tournament selection over a population of fixed size.

    The first children are random, until `population_size` are told; then each is a mutation of the best of a sample of
    `sample_size` members, drawn uniformly; ties go to the first drawn.

    Attributes:
        space: where genomes come from.
        population_size: P of the paper.
        sample_size: S of the paper; 1 gives a random walk.
        survival: how the sample is drawn, what best means, and who dies; see `nas.algorithms.survival`. Rules that
            wait for the child let one member leave when more than P are told. The others let one leave as the child is
            asked for, unless failures left fewer than P members and children in flight.
        objective: of survival "non_dominated" alone: the metric that is minimised beside the fitness that is maximised:
            multiply_adds, parameters, latency_ms, or any other that the evaluator tells.

    Differs from the papers: with several children in flight "oldest" means first told, as the paper leaves open what
    its asynchronous workers do; the loser of a sample leaves when the child is asked for, not when it is told, which is
    the same with one child at a time; NSGA-II is steady state instead of in generations, and has no crossover, which
    the spaces here do not have.
    """

    space: SearchSpace
    population_size: int
    sample_size: int
    survival: SurvivalName
    objective: str | None = None
    _rule: Survival = field(init=False, repr=False)
    _members: list[Member] = field(default_factory=list, init=False, repr=False)
    _in_flight: int = field(default=0, init=False, repr=False)
    _told: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check_allowed("survival", self.survival, get_args(SurvivalName))
        pairs = self.survival in ("worst_of_pair", "non_dominated")
        check_whole("population_size", self.population_size, least=2 if pairs else 1)
        check_whole("sample_size", self.sample_size, least=1)
        if self.survival == "worst_of_pair" and self.sample_size != 2:
            raise UserError(
                f"algorithm.sample_size is {self.sample_size}, it must be 2 with algorithm.survival=worst_of_pair"
            )
        if self.sample_size > self.population_size:
            raise UserError(
                f"algorithm.sample_size is {self.sample_size}, "
                f"it must not be greater than algorithm.population_size = {self.population_size}"
            )
        self._rule = survival_rule(self.survival, self.objective)

    @property
    def name(self) -> str:  # type: ignore[override]
        return _NAMES[self.survival]

    def identity(self) -> dict[str, Any]:
        """As journals have always had it: the pairs of NSGA-II go without saying, and the others have no objective."""
        known = {"name": self.name, "population_size": self.population_size, "sample_size": self.sample_size}
        if self.objective is None:
            return {**known, "survival": self.survival}
        if self.sample_size == 2:
            del known["sample_size"]
        return {**known, "objective": self.objective}

    def ask(self, rng: Random) -> Proposal:
        if self._told < self.population_size:
            return Proposal(self.space.initial(rng))
        sample = self._rule.sample(self._members, self.sample_size, rng)
        parent = max(sample, key=self._rule.merit)
        genome, mutation = self.space.mutate(parent.genome, rng)
        return Proposal(genome, (parent.number,), mutation, self._losers(sample))

    def asked(self, number: int, proposal: Proposal) -> None:
        self._in_flight += 1
        if proposal.removed:
            self._members = [member for member in self._members if member.number not in proposal.removed]

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        self._in_flight -= 1
        self._told += 1
        self._members.append(Member.of(individual, self._members[-1] if self._members else None))
        leaving = self._rule.told(self._members, individual.metrics, self.population_size)
        return () if leaving is None else (self._members.pop(leaving).number,)

    def failed(self, number: int) -> None:
        self._in_flight -= 1

    @property
    def population(self) -> Collection[int]:
        return [member.number for member in self._members]

    def _losers(self, sample: list[Member]) -> tuple[int, ...]:
        loser = self._rule.loser(sample)
        full = len(self._members) + self._in_flight >= self.population_size
        return (loser.number,) if loser is not None and full and len(self._members) > 1 else ()
