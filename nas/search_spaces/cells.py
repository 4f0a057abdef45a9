"""The NASNet cell space with the mutations of regularized evolution.

Source: Real et al. 2018 (arXiv 1802.01548), "Search Space" and "Mutation Rules"; supplement A for SP-II and SP-III.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any, ClassVar, Literal, get_args

from nas.errors import UserError
from nas.search_spaces.base import Choice, DiscreteSpace, Genome, Mutation
from nas.search_spaces.cell_architecture import (
    CELL_NAMES,
    NUM_INPUTS,
    OPS,
    Combination,
    parse_genome,
    unused_states,
)

OpMutation = Literal["any", "different"]

_INTS_PER_COMBINATION = 4  # input and op of the first element, input and op of the second


@dataclass(frozen=True, kw_only=True)
class Cells(DiscreteSpace):
    """Pairs of a normal and a reduction cell.

    A genome is a flat tuple of indices: for the normal, then for the reduction cell, for each combination: input a,
    op a, input b, op b. Inputs are states: 0 the previous cell, 1 the one before, k + 2 combination k.

    Attributes:
        ops: names of the allowed ops. Genomes hold their positions, so the order belongs to the space.
        num_combinations: pairwise combinations per cell, the paper's C.
        identity_probability: share of mutations that change nothing. The rest is halved between hidden-state and op
            mutations ("with equal probability" is our reading of the paper's "uniform").
        op_mutation: "any": the new op is any of the list, the old one included, as the paper's text allows;
            "different": another one.
        own_ops: names that `ops` may hold beside the papers': of ops in `network.own_ops`.
    """

    ops: tuple[str, ...]
    num_combinations: int
    identity_probability: float
    op_mutation: OpMutation
    own_ops: tuple[str, ...] = field(default=(), metadata={"identity": "when set"})
    name: ClassVar[str] = "cells"

    def __post_init__(self) -> None:
        object.__setattr__(self, "ops", tuple(self.ops))
        object.__setattr__(self, "own_ops", tuple(self.own_ops))
        allowed = (*OPS, *self.own_ops)
        for op in self.ops:
            if op not in allowed:
                raise UserError(f"search_space.ops holds {op!r}, allowed are {', '.join(allowed)}")
        if not self.ops or len(set(self.ops)) != len(self.ops):
            raise UserError(f"search_space.ops is {list(self.ops)}, it must hold different ops, at least one")
        if type(self.num_combinations) is not int or self.num_combinations < 1:
            raise UserError(
                f"search_space.num_combinations is {self.num_combinations!r}, it must be a whole number of at least 1"
            )
        if not 0 <= self.identity_probability <= 1:
            raise UserError(
                f"search_space.identity_probability is {self.identity_probability!r}, it must lie between 0 and 1"
            )
        if self.op_mutation not in get_args(OpMutation):
            raise UserError(f"search_space.op_mutation is {self.op_mutation!r}, allowed are any and different")
        if self.op_mutation == "different" and len(self.ops) == 1:
            raise UserError("search_space.op_mutation=different needs at least two ops")

    @property
    def choices(self) -> tuple[Choice, ...]:
        return _choices(self.ops, self.num_combinations)

    def mutate(self, genome: Genome, rng: Random) -> tuple[Genome, Mutation]:
        """One of the paper's three mutations; the element it acts on is uniform over both cells.

        A hidden-state mutation gives the element another state that exists before its own: never the current one, which
        is our reading of "another".
        """
        roll = rng.random()
        if roll < self.identity_probability:
            return genome, Mutation("identity")
        cell, place = divmod(rng.randrange(2 * 2 * self.num_combinations), 2 * self.num_combinations)
        combination, element = divmod(place, 2)
        position = (cell * self.num_combinations + combination) * _INTS_PER_COMBINATION + 2 * element
        details: dict[str, Any] = {"cell": CELL_NAMES[cell], "combination": combination, "element": element}
        if roll < (1 + self.identity_probability) / 2:
            old = genome[position]
            new = _another(rng, combination + NUM_INPUTS, old)
            details["from"], details["to"] = old, new
            return (*genome[:position], new, *genome[position + 1 :]), Mutation("hidden_state", details)
        position += 1
        old = genome[position]
        num_ops = len(self.ops)
        new = rng.randrange(num_ops) if self.op_mutation == "any" else _another(rng, num_ops, old)
        details["from"], details["to"] = self.ops[old], self.ops[new]
        return (*genome[:position], new, *genome[position + 1 :]), Mutation("op", details)

    def architecture(self, genome: Genome) -> dict[str, Any]:
        """Plain data as `cell_architecture.parse_architecture` describes it; the output joins the unused states."""
        return {
            name: {"combinations": _as_lists(combinations), "concat": list(unused_states(combinations))}
            for name, combinations in self._combinations(genome).items()
        }

    def to_json(self, genome: Genome) -> dict[str, Any]:
        return {name: _as_lists(combinations) for name, combinations in self._combinations(genome).items()}

    def from_json(self, data: Any) -> tuple[int, ...]:
        index = {op: number for number, op in enumerate(self.ops)}
        return tuple(
            number
            for combinations in parse_genome(data, self.ops, self.num_combinations).values()
            for combination in combinations
            for op, source in combination
            for number in (source, index[op])
        )

    def _combinations(self, genome: Genome) -> dict[str, tuple[Combination, ...]]:
        ops = self.ops
        combinations = [
            ((ops[genome[at + 1]], genome[at]), (ops[genome[at + 3]], genome[at + 2]))
            for at in range(0, len(genome), _INTS_PER_COMBINATION)
        ]
        half = self.num_combinations
        return {"normal": tuple(combinations[:half]), "reduction": tuple(combinations[half:])}


def _another(rng: Random, count: int, current: int) -> int:
    """Uniform over 0 .. count - 1 without `current`."""
    drawn = rng.randrange(count - 1)
    return drawn + (drawn >= current)


def _as_lists(combinations: tuple[Combination, ...]) -> list[list[list[Any]]]:
    return [[list(element) for element in combination] for combination in combinations]


@lru_cache(maxsize=8)
def _choices(ops: tuple[str, ...], num_combinations: int) -> tuple[Choice, ...]:
    return tuple(
        choice
        for cell in CELL_NAMES
        for combination in range(num_combinations)
        for element in "ab"
        for choice in (
            Choice(f"{cell} combination {combination} input {element}", tuple(range(combination + NUM_INPUTS))),
            Choice(f"{cell} combination {combination} op {element}", ops),
        )
    )
