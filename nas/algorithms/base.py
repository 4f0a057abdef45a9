"""The ask/told contract between an algorithm and the loop."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Protocol

from nas.fidelity import Fidelity
from nas.search_spaces.base import Genome, Mutation, SearchSpace


@dataclass(frozen=True, slots=True)
class Proposal:
    """A child that an algorithm asks for.

    Attributes:
        genome: what to evaluate.
        parents: numbers of the individuals it descends from; empty for a random one.
        mutation: what was done to the first parent; None for a random one.
        removed: numbers that leave the population as this child is asked for.
        record: plain scalars that the algorithm wants to keep with this child. The journal has them, and a search that
            is resumed gives the recorded ones to `asked`.
        fidelity: of a reduced evaluation; None for a full one. The evaluator must know what it reduces.
    """

    genome: Genome
    parents: tuple[int, ...] = ()
    mutation: Mutation | None = None
    removed: tuple[int, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    fidelity: Fidelity | None = None


class Evaluated(Protocol):
    """What an algorithm sees of an individual."""

    @property
    def number(self) -> int: ...
    @property
    def genome(self) -> Genome: ...
    @property
    def fitness(self) -> float | None: ...
    @property
    def metrics(self) -> dict[str, Any]: ...
    @property
    def fidelity(self) -> Fidelity | None: ...


class Algorithm(ABC):
    """Steady-state search: `ask` proposes and changes nothing; `asked`, `told` and `failed` are the only state changes.

    The journal replays exactly those three calls to rebuild an algorithm, so there is no other state to save.
    Subclasses are dataclasses with a field `space`; their other init fields are their identity.

    Attributes:
        space: where genomes come from.
        exact: whether asking again gives the same child on any machine; False where floating point decides (torch).
    """

    name: ClassVar[str]
    exact: ClassVar[bool] = True
    space: SearchSpace

    @abstractmethod
    def ask(self, rng: Random) -> Proposal:
        """The next child. All randomness comes from `rng`."""

    @abstractmethod
    def asked(self, number: int, proposal: Proposal) -> None:
        """The proposal was taken as individual `number`; what it removes leaves the population now."""

    @abstractmethod
    def told(self, individual: Evaluated) -> tuple[int, ...]:
        """The individual's fitness is known.

        Returns:
            Numbers that leave the population because of it, possibly its own.
        """

    @abstractmethod
    def failed(self, number: int) -> None:
        """The individual will never have a fitness."""

    @property
    @abstractmethod
    def population(self) -> Collection[int]:
        """Numbers of the living individuals, oldest first."""
