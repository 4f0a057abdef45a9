"""Fidelity: how much of a full evaluation a child gets. Constant in both papers; multi-fidelity algorithms vary it.

Fitness is compared at equal fidelity alone, and the best of a search is the fittest of the highest fidelity it has
told. What a fidelity makes of a data set and a recipe is in `nas.training.fidelity`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from nas.errors import UserError, unknown


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """What is less than in a full evaluation; a full one has no fidelity: None instead of an object.

    Fidelities are ordered by epochs, then fraction, then image size, a field that is None being the most of it.

    Attributes:
        epochs: passes over the training part.
        fraction: share of the search's own training part, above 0 and below 1, classes in proportion.
        image_size: height and width, in pixels, that images are resized to.
    """

    epochs: int | None = None
    fraction: float | None = None
    image_size: int | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "image_size"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 1):
                raise UserError(f"fidelity.{name} is {value!r}, it must be a whole number of at least 1, or null")
        share = self.fraction
        if share is not None and (type(share) is not float or not 0 < share < 1):
            raise UserError(f"fidelity.fraction is {share!r}, it must be above 0 and below 1, or null")
        if not self.plain():
            raise UserError(f"a fidelity sets at least one of {', '.join(NAMES)}, a full evaluation has none")

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> "Fidelity | None":
        """From plain data: of a configuration, or of a journal.

        Raises:
            UserError: a key is unknown, or a value out of range.
        """
        if data is None:
            return None
        if not isinstance(data, Mapping):
            raise UserError(f"a fidelity is {data!r}, it must be an object with any of {', '.join(NAMES)}, or null")
        for key in data:
            if key not in NAMES:
                raise UserError(unknown(f"fidelity.{key}", str(key), list(NAMES)))
        return cls(**data)

    def plain(self) -> dict[str, int | float]:
        """The fields that are set."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name) is not None}

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.plain().items())

    @property
    def rank(self) -> tuple[float, ...]:
        """What orders fidelities."""
        return tuple(math.inf if getattr(self, name) is None else getattr(self, name) for name in NAMES)


NAMES = tuple(field.name for field in fields(Fidelity))
FULL = (math.inf,) * len(NAMES)  # the rank of a full evaluation


class Measured(Protocol):
    """What comparisons see of an individual."""

    @property
    def fitness(self) -> float | None: ...
    @property
    def fidelity(self) -> Fidelity | None: ...


M = TypeVar("M", bound=Measured)


def rank_of(fidelity: Fidelity | None) -> tuple[float, ...]:
    """What orders fidelities; of a full evaluation the greatest there is."""
    return FULL if fidelity is None else fidelity.rank


def is_better(one: Measured, other: Measured | None) -> bool:
    """Whether a told individual comes before another as the best: by fidelity first, then by fitness."""
    if other is None or other.fitness is None or one.fitness is None:
        return one.fitness is not None
    if one.fidelity is None and other.fidelity is None:
        return one.fitness > other.fitness
    return (rank_of(one.fidelity), one.fitness) > (rank_of(other.fidelity), other.fitness)


def of_highest(individuals: Iterable[M]) -> list[M]:
    """Those of the highest fidelity among them, in their order: what may be compared."""
    given = list(individuals)
    if all(individual.fidelity is None for individual in given):
        return given
    highest = max(rank_of(individual.fidelity) for individual in given)
    return [individual for individual in given if rank_of(individual.fidelity) == highest]
