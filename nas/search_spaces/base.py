"""What a search space is: the contract between genomes and everything else."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from nas.errors import UserError

Genome = Any  # immutable and hashable; which type is the space's own business


@dataclass(frozen=True, slots=True)
class Mutation:
    """What was done to a parent: the operator's name and its details as plain scalars."""

    name: str
    details: Mapping[str, Any] = field(default_factory=dict)


class SearchSpace(ABC):
    """Genomes and what can be done with them. Subclasses are dataclasses; their fields are the space's identity.

    Every source of randomness is an argument: the same `rng` state gives the same genome.
    """

    name: ClassVar[str]

    @abstractmethod
    def initial(self, rng: Random) -> Genome:
        """A genome of the initial population."""

    @abstractmethod
    def mutate(self, genome: Genome, rng: Random) -> tuple[Genome, Mutation]:
        """A child of `genome`, and what was changed. `genome` itself stays as it is."""

    def renewed(self, genome: Genome, rng: Random) -> Genome:
        """The same genome for fresh weights: nothing can be inherited by it. Most spaces inherit nothing anyway."""
        return genome

    @abstractmethod
    def architecture(self, genome: Genome) -> Any:
        """The genome as plain data with op names: what a network is built from."""

    @abstractmethod
    def to_json(self, genome: Genome) -> Any:
        """The genome as JSON data that can be read without the space's configuration."""

    @abstractmethod
    def from_json(self, data: Any) -> Genome:
        """The inverse of `to_json`.

        Raises:
            UserError: the data is no genome of this space.
        """

    @abstractmethod
    def validate(self, genome: Genome) -> None:
        """Checks that the genome belongs to the space.

        Raises:
            UserError: it does not; the sentence says where.
        """


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision of a discrete space: its name and its options."""

    name: str
    options: tuple[Hashable, ...]


class DiscreteSpace(SearchSpace):
    """A space whose genome is a tuple of option indices, one per `Choice`: what RL, tables and bits use."""

    @property
    @abstractmethod
    def choices(self) -> tuple[Choice, ...]:
        """The decisions, in genome order."""

    def initial(self, rng: Random) -> tuple[int, ...]:
        """Uniform over the space: every choice is drawn independently."""
        return tuple(rng.randrange(len(choice.options)) for choice in self.choices)

    def validate(self, genome: Genome) -> None:
        choices = self.choices
        if not isinstance(genome, tuple) or len(genome) != len(choices):
            raise UserError(f"a genome of the space {self.name!r} is a tuple of {len(choices)} indices, not {genome!r}")
        for choice, value in zip(choices, genome, strict=True):
            if type(value) is not int or not 0 <= value < len(choice.options):
                raise UserError(f"{choice.name} is {value!r}, allowed are 0 to {len(choice.options) - 1}")
