"""The output fan-in of cells over the search, and what it has to do with accuracy (arXiv 1802.01548, supplement B).

The output fan-in of a cell is the number of states that its output joins: those that no combination reads, unless the
genome lists others. The paper saw final populations 3 sigma above random genomes, and accuracy that grows with fan-in.
It does not say of what sigma is: here both are given, that of a single random genome and that of the mean of as many as
the population has. The members of a population are kin, so neither is a test.

That fit genomes have a large fan-in need not mean that fan-in makes fit: later individuals have more of both. So
children whose hidden-state mutation changed the fan-in are compared with their parents as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nas.reporting.children import Children
from nas.reporting.columns import NOBODY, Columns, Floats, Ints
from nas.reporting.figures.cells import Cell, is_cells, read_cells
from nas.reporting.figures.moments import Moments
from nas.reporting.figures.random_fan_in import random_fan_in
from nas.reporting.intervals import Estimate, difference_of, mean_of
from nas.search.individual import Individual
from nas.search_spaces.cell_architecture import CELL_NAMES

MOST_READ = 25_000  # told individuals whose fan-in is compared with their fitness
HIDDEN_STATE = "hidden state"
UNKNOWN = 0  # no cell has that fan-in
LEAST_COMBINATIONS = 2  # of one the fan-in is 1


@dataclass(frozen=True, slots=True)
class Group:
    """Some individuals, and the mean of their fitness or of its change."""

    name: str
    count: int
    mean: Estimate


@dataclass(frozen=True, slots=True)
class CellFanIn:
    """
    Attributes:
        name: "normal" or "reduction".
        over_time: mean over the population at every moment, (moments,).
        by_value: mean fitness of the told individuals with each fan-in, ascending.
        by_change: mean change of fitness of children whose hidden-state mutation lowered, kept or raised the fan-in.
        effect: the change of those that raised it minus that of those that lowered it; None where one is missing.
    """

    name: str
    over_time: Floats
    by_value: list[Group]
    by_change: list[Group]
    effect: Estimate | None

    @property
    def final(self) -> float:
        return float(self.over_time[-1])


@dataclass(frozen=True, slots=True)
class FanInFigure:
    """
    Attributes:
        fitness_name: the metric that is compared with fan-in.
        told: how many were told.
        read: how many of them are in the means of fitness.
        num_combinations: of each cell.
        random_mean, random_deviation: of a uniformly random genome.
        moments: at which the population is looked at.
        cells: the normal and the reduction cell.
    """

    fitness_name: str
    told: int
    read: int
    num_combinations: int
    random_mean: float
    random_deviation: float
    moments: Moments
    cells: list[CellFanIn]

    def sigmas(self, cell: CellFanIn) -> tuple[float, float]:
        """How far the final mean lies above random: in deviations of one genome, and of the mean of as many."""
        alone = (cell.final - self.random_mean) / self.random_deviation
        return alone, alone * float(np.sqrt(len(self.moments.moments[-1].members)))


def fan_in_figure(
    individuals: Sequence[Individual], columns: Columns, children: Children, moments: Moments, fitness_name: str
) -> FanInFigure | None:
    """The figure of a search of cells; None for other spaces, cells of one combination, and before two live at once."""
    if not moments.moments:
        return None
    combinations = _num_combinations(individuals[int(moments.moments[-1].members[0])].genome)
    if combinations < LEAST_COMBINATIONS:
        return None
    chosen = _spread(columns.numbers_compared)
    chosen = chosen[[individuals[number].metrics.get("diverged") is not True for number in chosen.tolist()]]
    pairs = _hidden_state_pairs(children, chosen)
    numbers = np.unique(np.concatenate([chosen, *pairs, *(moment.members for moment in moments.moments)]))
    fan_in = np.zeros((len(individuals), len(CELL_NAMES)), dtype=np.int64)
    fan_in[numbers] = [_fan_ins(individuals[number].genome, combinations) for number in numbers.tolist()]
    over_time = np.array([_means(fan_in[moment.members]) for moment in moments.moments])
    if np.isnan(over_time).any():
        return None
    mean, deviation = random_fan_in(combinations)
    return FanInFigure(
        fitness_name=fitness_name,
        told=columns.told,
        read=len(chosen),
        num_combinations=combinations,
        random_mean=mean,
        random_deviation=deviation,
        moments=moments,
        cells=[
            CellFanIn(
                name=name,
                over_time=over_time[:, cell],
                by_value=_by_value(fan_in[chosen, cell], chosen, columns),
                **_by_change(fan_in, cell, pairs, columns),
            )
            for cell, name in enumerate(CELL_NAMES)
        ],
    )


def _by_value(fan_in: Ints, numbers: Ints, columns: Columns) -> list[Group]:
    """Siblings are a cluster, a random individual is one of its own."""
    fitness = columns.fitness[numbers]
    clusters = np.where(columns.parent[numbers] == NOBODY, -1 - numbers, columns.parent[numbers])
    found = ((int(value), fan_in == value) for value in np.unique(fan_in) if value != UNKNOWN)
    return [Group(str(value), int(own.sum()), mean_of(fitness[own], clusters[own])) for value, own in found]


def _by_change(fan_in: Ints, cell: int, pairs: tuple[Ints, Ints], columns: Columns) -> dict[str, Any]:
    child, parent = pairs
    known = (fan_in[child] != UNKNOWN).all(axis=1) & (fan_in[parent] != UNKNOWN).all(axis=1)
    child, parent = child[known], parent[known]
    change = columns.fitness[child] - columns.fitness[parent]
    rise = fan_in[child] - fan_in[parent]
    of = {"lowered": rise[:, cell] < 0, "kept": (rise == 0).all(axis=1), "raised": rise[:, cell] > 0}
    groups = [Group(name, int(own.sum()), mean_of(change[own], parent[own])) for name, own in of.items() if own.any()]
    lowered, raised = of["lowered"], of["raised"]
    both = bool(lowered.any() and raised.any())
    effect = difference_of(change[raised], parent[raised], change[lowered], parent[lowered]) if both else None
    return {"by_change": groups, "effect": effect}


def _hidden_state_pairs(children: Children, chosen: Ints) -> tuple[Ints, Ints]:
    """Numbers of the children among the chosen ones whose inputs were mutated, and of their parents."""
    operator = children.operators.index(HIDDEN_STATE) if HIDDEN_STATE in children.operators else -1
    own = children.compared & (children.operator == operator) & np.isin(children.number, chosen)
    return children.number[own], children.parent[own]


def _spread(numbers: Ints) -> Ints:
    """At most `MOST_READ`, evenly."""
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), MOST_READ))
    return numbers[places.round().astype(np.int64)]


def _num_combinations(genome: Any) -> int:
    cells = _cells(genome)
    return len(cells[0].combinations) if cells else 0


def _fan_ins(genome: Any, combinations: int) -> tuple[int, int]:
    """Of both cells; `UNKNOWN` for other genomes than those of so many combinations."""
    cells = _cells(genome)
    if [len(cell.combinations) for cell in cells] != [combinations] * len(CELL_NAMES):
        return UNKNOWN, UNKNOWN
    normal, reduction = (len(cell.concat) for cell in cells)
    return normal, reduction


def _cells(genome: Any) -> list[Cell]:
    try:
        return read_cells(genome) if is_cells(genome) else []
    except (ValueError, TypeError, KeyError):
        return []


def _means(fan_in: Ints) -> Floats:
    """Of both cells over genomes, (genomes, 2) -> (2,); nan if none of them could be read."""
    known = fan_in[(fan_in != UNKNOWN).all(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(len(CELL_NAMES), np.nan)
