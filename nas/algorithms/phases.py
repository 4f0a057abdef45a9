"""Ways out of local optima (Real et al. 2017, arXiv 1703.01041, section 5 and supplement S3): more mutations per
reproduction for a while, and fresh weights for the whole population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from nas.errors import UserError
from nas.search_spaces.base import Genome, Mutation, SearchSpace


@dataclass(frozen=True, kw_only=True)
class MutationPhase:
    """A stretch of the search with `mutations` mutations per reproduction: children `begin` to `end`, without it."""

    begin: int
    end: int
    mutations: int


def parse_phases(phases: Any) -> tuple[MutationPhase, ...]:
    """Phases from plain data: a list of `{begin, end, mutations}`.

    Raises:
        UserError: another form, or one that is empty or overlaps the one before it.
    """
    if isinstance(phases, Mapping | str) or not isinstance(phases, Sequence):
        raise UserError(f"algorithm.mutation_phases is {phases!r}, it must be a list of {{begin, end, mutations}}")
    parsed: list[MutationPhase] = []
    for phase in phases:
        if isinstance(phase, MutationPhase):
            parsed.append(phase)
            continue
        if not isinstance(phase, Mapping) or set(phase) != {"begin", "end", "mutations"}:
            raise UserError(f"algorithm.mutation_phases holds {phase!r}, it must be {{begin, end, mutations}}")
        parsed.append(MutationPhase(**{str(key): _whole("mutation_phases", value) for key, value in phase.items()}))
    last = 0
    for phase in parsed:
        if not last <= phase.begin < phase.end or phase.mutations < 1:
            raise UserError(
                f"algorithm.mutation_phases has begin={phase.begin}, end={phase.end}, mutations={phase.mutations}: "
                f"begin must be at least {last} and below end, mutations at least 1"
            )
        last = phase.end
    return tuple(parsed)


def parse_resets(resets: Any) -> tuple[int, ...]:
    """Numbers of children asked for, after each of which the population's weights are reset.

    Raises:
        UserError: no list of growing whole numbers above 0.
    """
    if isinstance(resets, Mapping | str) or not isinstance(resets, Sequence):
        raise UserError(f"algorithm.weight_resets is {resets!r}, it must be a list of whole numbers")
    parsed = [_whole("weight_resets", value) for value in resets]
    if parsed != sorted(set(parsed)) or (parsed and parsed[0] < 1):
        raise UserError(f"algorithm.weight_resets is {parsed}, it must be growing numbers of at least 1")
    return tuple(parsed)


def mutate(space: SearchSpace, genome: Genome, rng: Random, count: int) -> tuple[Genome, Mutation]:
    """A child by `count` mutations in turn; several are one mutation called "several" that names each."""
    genome, mutation = space.mutate(genome, rng)
    if count == 1:
        return genome, mutation
    steps = [mutation]
    for _ in range(count - 1):
        genome, mutation = space.mutate(genome, rng)
        steps.append(mutation)
    return genome, Mutation("several", {"mutations": [{"name": step.name, **step.details} for step in steps]})


def _whole(key: str, value: Any) -> int:
    if type(value) is not int:
        raise UserError(f"algorithm.{key} holds {value!r}, it must be a whole number")
    return value
