"""Random search (Real et al. 2018, arXiv 1802.01548, "Methods"): every model is drawn uniformly and independently."""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.search_spaces.base import SearchSpace


@dataclass
class RandomSearch(Algorithm):
    """Keeps no population: every individual leaves as it is told."""

    space: SearchSpace
    name: ClassVar[str] = "random"

    def ask(self, rng: Random) -> Proposal:
        return Proposal(self.space.initial(rng))

    def asked(self, number: int, proposal: Proposal) -> None:
        pass

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        return (individual.number,)

    def failed(self, number: int) -> None:
        pass

    @property
    def population(self) -> Collection[int]:
        return ()
