"""The constraint: upper bounds on a child that are known in closed form, so that no training is spent on one beyond."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from nas.algorithms.base import Algorithm, Proposal
from nas.errors import UserError
from nas.evaluators.base import FLOPS_PER_MULTIPLY_ADD, Evaluator
from nas.search.identity import name_of
from nas.search_spaces.base import Genome, SearchSpace

BOUNDS = ("parameters", "flops", "memory_gb")  # in the order in which they are looked at


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """Upper bounds; None is unlimited. A draw beyond one is rejected before it gets a number.

    Attributes:
        parameters: trainable ones.
        flops: of the forward pass of one image (1 multiply-add = 2 FLOPs).
        memory_gb: what training is estimated to hold on one device, in GiB, see `nas.training.memory`.
        max_rejections: so many rejected draws in a row end the search. Not part of its identity: with a larger number
            it goes on.
    """

    parameters: float | None = None
    flops: float | None = None
    memory_gb: float | None = None
    max_rejections: int = field(default=1000, metadata={"identity": False})

    def __post_init__(self) -> None:
        for name in BOUNDS:
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise UserError(f"constraint.{name} is {value!r}, it must be greater than 0, and finite, or null")
            if value == int(value):
                object.__setattr__(self, name, int(value))  # so that 1e6 and 1000000 are the same search
        most = self.max_rejections
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise UserError(f"constraint.max_rejections is {most!r}, it must be a whole number of at least 1")

    @property
    def bounds(self) -> dict[str, float]:
        """Those that are set."""
        return {name: getattr(self, name) for name in BOUNDS if getattr(self, name) is not None}


class Draw(NamedTuple):
    """What asking for one child gave.

    Attributes:
        proposal: the first draw within the bounds; None if too many in a row were beyond them.
        rejected: how many draws were rejected before it, by the first bound that each exceeded.
        smallest: the least that those had of what they had too much of, by the same names.
    """

    proposal: Proposal | None
    rejected: Mapping[str, int] = MappingProxyType({})
    smallest: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Guard:
    """A constraint with at least one bound, and the evaluator that knows what a genome costs."""

    constraint: Constraint
    evaluator: Evaluator

    def identity(self) -> dict[str, Any]:
        """The bounds; where memory is bounded, also the images that it depends on."""
        bounds: dict[str, Any] = self.constraint.bounds
        if "memory_gb" in bounds and self.evaluator.images_per_pass is not None:
            bounds["images_per_pass"] = self.evaluator.images_per_pass
        return bounds

    def exceeded(self, genome: Genome) -> tuple[str, float] | None:
        """The name of the first bound that the genome is beyond, and its amount; None if it may be trained.

        Raises:
            UserError: the evaluator does not know an amount that is bounded.
        """
        amounts = self.amounts(genome)
        for name, bound in self.constraint.bounds.items():
            if not amounts[name] <= bound:
                return name, amounts[name]
        return None

    def amounts(self, genome: Genome) -> dict[str, float]:
        """What the genome has of everything that is bounded.

        Raises:
            UserError: the evaluator does not know one of them.
        """
        cost = self.evaluator.cost(genome)
        known: dict[str, float] = {name: cost[name] for name in ("parameters", "memory_gb") if name in cost}
        if "multiply_adds" in cost:
            known["flops"] = FLOPS_PER_MULTIPLY_ADD * cost["multiply_adds"]
        for name, bound in self.constraint.bounds.items():
            if name not in known:
                raise UserError(
                    f"constraint.{name} is {bound}, but evaluator={name_of(self.evaluator)} does not know that of a "
                    f"child before it trains it; it knows {' and '.join(known) or 'none of ' + ', '.join(BOUNDS)}"
                )
        return known

    def ask(self, algorithm: Algorithm, rng: Random, most: int) -> Draw:
        """Asks with the same generator until a draw is within the bounds, or `most` were not."""
        rejected: dict[str, int] = {}
        smallest: dict[str, float] = {}
        for _ in range(most):
            proposal = algorithm.ask(rng)
            beyond = self.exceeded(proposal.genome)
            if beyond is None:
                return Draw(proposal, rejected, smallest)
            name, amount = beyond
            rejected[name] = rejected.get(name, 0) + 1
            smallest[name] = min(amount, smallest.get(name, math.inf))
        return Draw(None, rejected, smallest)

    def sentence(self, draw: Draw) -> str:
        """Why a search ends when nothing could be drawn."""
        bounds = self.constraint.bounds
        reasons = [
            f"{draw.rejected[name]} for {name} above constraint.{name}={bounds[name]} "
            f"(the smallest had {_number(draw.smallest[name])})"
            for name in sorted(draw.rejected, key=lambda name: -draw.rejected[name])
        ]
        return f"{sum(draw.rejected.values())} draws in a row were rejected: {', '.join(reasons)}"


def make_guard(constraint: Constraint | None, evaluator: Evaluator, space: SearchSpace) -> Guard | None:
    """The guard of a search; None where nothing is bounded.

    Raises:
        UserError: the evaluator does not know a quantity that is bounded.
    """
    if constraint is None or not constraint.bounds:
        return None
    guard = Guard(constraint, evaluator)
    guard.amounts(space.initial(Random(0)))
    return guard


def propose(algorithm: Algorithm, rng: Random, guard: Guard | None, most: int | None = None) -> Draw:
    """Asks for one child, within the bounds if there are any; it follows from the algorithm's state and `rng` alone.

    Args:
        most: so many draws are made; the constraint's `max_rejections` by default.
    """
    if guard is None:
        return Draw(algorithm.ask(rng))
    return guard.ask(algorithm, rng, guard.constraint.max_rejections if most is None else most)


def _number(amount: float) -> str:
    return str(amount) if isinstance(amount, int) else f"{amount:.4g}"
