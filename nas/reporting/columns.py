"""A search's individuals as columns, so that sections of a report compute over a million of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.fidelity import FULL, rank_of
from nas.search.history import History
from nas.search.individual import Individual

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER = 0  # told_place of an individual without a fitness
NOBODY = -1  # parent of a random individual


@dataclass(frozen=True, slots=True)
class Columns:
    """By individual number; places are positions in the order of telling, from 1.

    Attributes:
        parent: number of the first parent, `NOBODY` without one.
        told_place: `NEVER` for individuals without a fitness.
        left_place: the first place at which the individual is out of the population; one beyond the last for those that
            are alive at the end.
        fitness: nan without one.
        fidelity: 0 for the highest that was told, 1 for the next; fitness is compared within one alone.
        asked_s, finished_s: the search's clock at both moments; nan where it does not say.
        numbers_told: numbers in the order of telling.
    """

    parent: Ints
    told_place: Ints
    left_place: Ints
    fitness: Floats
    fidelity: Ints
    asked_s: Floats
    finished_s: Floats
    numbers_told: Ints

    @property
    def told(self) -> int:
        """How many have a fitness."""
        return len(self.numbers_told)

    @property
    def numbers_compared(self) -> Ints:
        """Numbers of those of the highest fidelity, in the order of telling: all in most searches."""
        return self.numbers_told[self.fidelity[self.numbers_told] == 0]

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Told, and not removed by the end."""
        return (self.told_place != NEVER) & (self.left_place > self.told)

    def living(self, members: NDArray[np.bool_]) -> Ints:
        """How many of `members` are in the population after each told individual, from the first."""
        chosen = members & (self.told_place != NEVER)
        change = np.bincount(self.told_place[chosen], minlength=self.told + 2)
        change -= np.bincount(self.left_place[chosen], minlength=self.told + 2)[: self.told + 2]
        return np.cumsum(change)[1 : self.told + 1]


def columns(history: History) -> Columns:
    """The columns of a journal.

    An individual leaves with the telling of the one that removed it. One that was removed by an individual which
    failed leaves when that one failed.
    """
    individuals = history.individuals
    size = len(individuals)
    numbers_told = np.array(history.told_order, dtype=np.int64)
    told_place = np.zeros(size, dtype=np.int64)
    told_place[numbers_told] = np.arange(1, len(numbers_told) + 1)
    finished_s = _floats(individuals, lambda individual: individual.finished_s)
    return Columns(
        parent=np.fromiter((ind.parents[0] if ind.parents else NOBODY for ind in individuals), np.int64, size),
        told_place=told_place,
        left_place=_left(individuals, told_place, finished_s, numbers_told),
        fitness=_floats(individuals, lambda individual: individual.fitness),
        fidelity=_fidelities(individuals, history.told_order),
        asked_s=_floats(individuals, lambda individual: individual.asked_s),
        finished_s=finished_s,
        numbers_told=numbers_told,
    )


def _left(individuals: list[Individual], told_place: Ints, finished_s: Floats, numbers_told: Ints) -> Ints:
    told, told_s = len(numbers_told), np.nan_to_num(finished_s[numbers_told])
    left = np.full(len(individuals), told + 1, dtype=np.int64)
    for individual in individuals:
        if individual.removed:
            place = int(told_place[individual.number])
            if place == NEVER:
                moment = finished_s[individual.number]
                place = told if np.isnan(moment) else int(np.searchsorted(told_s, moment, side="right"))
            for number in individual.removed:
                if 0 <= number < len(left):
                    left[number] = max(place, int(told_place[number]))
    return left


def _fidelities(individuals: list[Individual], told: Sequence[int]) -> Ints:
    ranks = [rank_of(individual.fidelity) for individual in individuals]
    if all(individual.fidelity is None for individual in individuals):
        return np.zeros(len(individuals), dtype=np.int64)
    highest = max((ranks[number] for number in told), default=FULL)
    lower = sorted({rank for rank in ranks if rank != highest}, reverse=True)
    return np.array([0 if rank == highest else 1 + lower.index(rank) for rank in ranks], dtype=np.int64)


def _floats(individuals: list[Individual], value: Callable[[Individual], float | None]) -> Floats:
    return np.array([value(individual) for individual in individuals], dtype=np.float64)
