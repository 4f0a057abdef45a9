"""A mutation and an algorithm of one's own: cells whose ops change places, and successive halving."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.fidelity import Fidelity
from nas.search_spaces.base import Mutation, SearchSpace
from nas.search_spaces.cells import Cells


@dataclass(frozen=True, kw_only=True)
class SwapCells(Cells):
    """NASNet's cells with a further mutation: two ops, of either cell, change places."""

    swap_probability: float
    name: ClassVar[str] = "swap_cells"

    def mutate(self, genome: tuple[int, ...], rng: Random) -> tuple[tuple[int, ...], Mutation]:
        if rng.random() >= self.swap_probability:
            return super().mutate(genome, rng)
        one, other = rng.sample(range(1, len(genome), 2), 2)  # ops are at odd places
        child = list(genome)
        child[one], child[other] = child[other], child[one]
        return tuple(child), Mutation("swap", {"one": one, "other": other})


@dataclass(kw_only=True)
class SuccessiveHalving(Algorithm):
    """The best of every `eta` that were told at one fidelity is trained anew at the next (Li et al. 2018, arXiv
    1810.05934); while none is due, a random child begins at the lowest. Fitness is compared at one fidelity alone.

    Attributes:
        epochs: of each rung, growing; None, the last, is a full evaluation.
    """

    space: SearchSpace
    epochs: Sequence[int | None]
    eta: int
    name: ClassVar[str] = "halving"
    _told: list[Evaluated] = field(default_factory=list, init=False, repr=False)
    _gone: set[int] = field(default_factory=set, init=False, repr=False)

    def ask(self, rng: Random) -> Proposal:
        for epochs, longer in reversed(list(zip(self.epochs, self.epochs[1:], strict=False))):
            rung = sorted((one for one in self._told if one.fidelity == _of(epochs)), key=lambda one: -one.fitness)
            for one in rung[: len(rung) // self.eta]:
                if one.number not in self._gone:
                    mutation, number = Mutation("promotion", {"epochs": longer}), (one.number,)
                    return Proposal(one.genome, number, mutation, removed=number, fidelity=_of(longer))
        return Proposal(self.space.initial(rng), fidelity=_of(self.epochs[0]))

    def asked(self, number: int, proposal: Proposal) -> None:
        self._gone.update(proposal.removed)

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        self._told.append(individual)
        return ()

    def failed(self, number: int) -> None:
        """Whoever failed is not promoted."""

    @property
    def population(self) -> Collection[int]:
        return [one.number for one in self._told if one.number not in self._gone]


def _of(epochs: int | None) -> Fidelity | None:
    return None if epochs is None else Fidelity(epochs=epochs)
