"""The toy space: vertices of a hypercube (Real et al. 2018, arXiv 1802.01548, supplement C; the authors' notebook)."""

from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.base import Choice, DiscreteSpace, Genome, Mutation


@dataclass(frozen=True, kw_only=True)
class Bits(DiscreteSpace):
    """Bit strings; a mutation flips exactly one uniformly chosen bit.

    Draws from the generator as the notebook does (`randint(0, 2**D - 1)`, then `randint(0, D - 1)` per mutation), so a
    shared generator reproduces its trace to the digit.

    Attributes:
        num_bits: dimension D of the hypercube. Bit 0 of the drawn integer is the genome's first entry.
    """

    num_bits: int
    name: ClassVar[str] = "bits"

    def __post_init__(self) -> None:
        if isinstance(self.num_bits, bool) or not isinstance(self.num_bits, int) or self.num_bits < 1:
            raise UserError(f"search_space.num_bits is {self.num_bits!r}, it must be a whole number of at least 1")

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(Choice(f"bit {index}", (0, 1)) for index in range(self.num_bits))

    def initial(self, rng: Random) -> tuple[int, ...]:
        drawn = rng.randint(0, 2**self.num_bits - 1)
        return tuple(map(int, reversed(f"{drawn:0{self.num_bits}b}")))

    def mutate(self, genome: Genome, rng: Random) -> tuple[Genome, Mutation]:
        position = rng.randint(0, self.num_bits - 1)
        child = (*genome[:position], 1 - genome[position], *genome[position + 1 :])
        return child, Mutation("flip", {"bit": position})

    def architecture(self, genome: Genome) -> list[int]:
        return list(genome)

    def to_json(self, genome: Genome) -> str:
        return bytes(genome).translate(_DIGITS).decode()

    def from_json(self, data: Any) -> tuple[int, ...]:
        if not isinstance(data, str) or len(data) != self.num_bits or data.strip("01"):
            raise UserError(f"a genome of the space 'bits' is a string of {self.num_bits} zeros and ones, not {data!r}")
        return tuple(map(int, data))

    def validate(self, genome: Genome) -> None:
        fits = isinstance(genome, tuple) and len(genome) == self.num_bits
        if not fits or not all(type(bit) is int and bit in (0, 1) for bit in genome):
            raise UserError(
                f"a genome of the space 'bits' is a tuple of {self.num_bits} zeros and ones, not {genome!r}"
            )


_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
