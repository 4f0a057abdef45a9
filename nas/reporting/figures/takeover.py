"""Takeover: how long after its evaluation the descendants of a record holder make up the population.

A record holder is an individual that raised the best so far. Its takeover time (Goldberg and Deb 1991, there with
selection alone) is counted in evaluations from its own: until at least half of the living population descends from it,
itself included, and until all do. Moments count from the first told child on: before it the population is still being
filled with random individuals, and the first of them would be all of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.reporting.children import records
from nas.reporting.columns import NOBODY, Columns, Floats, Ints
from nas.reporting.descent import Descent

MOST_HOLDERS, MOST_MARKED = 20, 8
MOST_MOMENTS = 400
LONG = 20  # times the evaluations before the first child, from which on early moments are looked at more closely


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Attributes:
        number: of the individual.
        place: when it was told, in the order of telling.
        fitness: the best so far from then on.
        rise: by how much it raised it; None for the first told.
        half, whole: evaluations from its own until so much of the population descends from it; None if that is never.
        share: of the population at the end.
    """

    number: int
    place: int
    fitness: float
    rise: float | None
    half: int | None
    whole: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Band:
    """The part of the population that descends from a marked holder and from none marked below it.

    Attributes:
        number: of the holder.
        shares: of the population, (moments,).
    """

    number: int
    shares: Floats


@dataclass(frozen=True, slots=True)
class TakeoverFigure:
    """
    Attributes:
        first: place of the first told child.
        told: how many were told.
        records: how many holders there are; `holders` are those with the largest rises, and the last, in the order of
            telling.
        winner: the last holder, which is the best individual.
        moments: places in the order of telling, (moments,).
        bands: of the marked holders, in an order in which what descends from a holder lies together, below its own.
    """

    first: int
    told: int
    records: int
    holders: list[Holder]
    moments: Ints
    bands: list[Band]

    @property
    def is_long(self) -> bool:
        """Whether its moments are spread evenly over the logarithm of time, as takeovers are early ones."""
        return is_long(self.first, self.told)

    @property
    def winner(self) -> Holder:
        return self.holders[-1]

    @property
    def took_over(self) -> list[Holder]:
        """Those from which at least half of the population descended."""
        return [holder for holder in self.holders if holder.half is not None]


def takeover_figure(columns: Columns, tree: Descent) -> TakeoverFigure | None:
    """The figure of a search, None where nothing was mutated or no population is kept."""
    first = first_child(columns)
    population = columns.living(np.ones(len(columns.parent), dtype=bool))
    if first is None or not population[first - 1 :].any():
        return None
    numbers = records(columns)
    best = columns.fitness[numbers]
    rise = np.concatenate([[-np.inf], np.diff(best)])
    largest = np.argsort(-rise[:-1], kind="stable")[: MOST_HOLDERS - 1]
    holders = [
        _holder(int(numbers[at]), None if at == 0 else float(rise[at]), first, columns, tree, population)
        for at in [*sorted(largest.tolist()), len(numbers) - 1]
    ]
    spread = np.geomspace if is_long(first, columns.told) else np.linspace
    moments = np.unique(spread(first, columns.told, MOST_MOMENTS).round().astype(np.int64))
    bands = _bands(_marked(holders), moments, columns, tree, population)
    return TakeoverFigure(first, columns.told, len(numbers), holders, moments, bands)


def is_long(first: int, told: int) -> bool:
    return told >= LONG * first


def first_child(columns: Columns) -> int | None:
    """The place in the order of telling of the first child of a parent; None without one."""
    mutated = columns.parent[columns.numbers_told] != NOBODY
    return int(np.argmax(mutated)) + 1 if mutated.any() else None


def _holder(number: int, rise: float | None, first: int, columns: Columns, tree: Descent, population: Ints) -> Holder:
    place = int(columns.told_place[number])
    begin = max(place, first)
    own, everybody = columns.living(tree.of(number))[begin - 1 :], population[begin - 1 :]
    return Holder(
        number=number,
        place=place,
        fitness=float(columns.fitness[number]),
        rise=rise,
        half=_wait((everybody > 0) & (2 * own >= everybody), begin - place),
        whole=_wait((everybody > 0) & (own == everybody), begin - place),
        share=float(own[-1] / everybody[-1]) if everybody[-1] else 0.0,
    )


def _wait(reached: NDArray[np.bool_], before: int) -> int | None:
    return before + int(np.argmax(reached)) if reached.any() else None


def _marked(holders: list[Holder]) -> list[Holder]:
    """The winner, then those that took over, of these the largest rises; in the order of telling."""
    rest = sorted(holders[:-1], key=lambda holder: (holder.half is None, -(holder.rise or 0.0)))
    few = [holder for holder in rest if holder.half is not None][: MOST_MARKED - 1]
    return sorted([*few, holders[-1]], key=lambda holder: holder.place)


def _bands(marked: list[Holder], moments: Ints, columns: Columns, tree: Descent, population: Ints) -> list[Band]:
    """Every individual belongs to the last marked holder in its line; the tour keeps families together."""
    nearest = np.full(len(columns.parent), NOBODY, dtype=np.int64)
    for holder in sorted(marked, key=lambda holder: holder.number):
        nearest[tree.of(holder.number)] = holder.number
    everybody = np.maximum(population[moments - 1], 1)
    ordered = sorted(marked, key=lambda holder: int(tree.place[holder.number]))
    return [
        Band(holder.number, columns.living(nearest == holder.number)[moments - 1] / everybody) for holder in ordered
    ]
