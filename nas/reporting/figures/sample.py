"""Which individuals of a large search are drawn: all up to `MOST_MARKS`, above that a sample of so many.

Browsers stay quick with some ten thousand marks, and more cannot be told apart. Whatever is counted or summarised
(best so far, quartiles, axes, totals) is computed over all individuals; only marks are sampled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from random import Random
from typing import TypeVar

from nas.fidelity import of_highest
from nas.search.history import History
from nas.search.individual import Individual, State

MOST_MARKS = 25_000
ALWAYS = 100  # so many of the best are drawn in any case
RISES_SHARE, LINEAGE_SHARE, ALIVE_SHARE, FAILED_SHARE, WANTED_SHARE = 0.1, 0.1, 0.25, 0.25, 0.1  # of the marks, at most

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Attributes:
        told: (position in the order of telling from 1, individual) of those that are drawn, in this order.
        failed: the failed ones that are drawn, by number.
        num_told, num_failed: how many there are.
    """

    told: list[tuple[int, Individual]]
    failed: list[Individual]
    num_told: int
    num_failed: int

    @property
    def is_whole(self) -> bool:
        return len(self.told) == self.num_told and len(self.failed) == self.num_failed

    @property
    def drawn(self) -> int:
        return len(self.told) + len(self.failed)

    def shown(self, history: History) -> list[Individual]:
        """Those a page shows when they are chosen: all, or those that are drawn, where these are a sample."""
        if self.is_whole:
            return history.individuals
        return sorted([*(individual for _, individual in self.told), *self.failed], key=attrgetter("number"))


def sample(history: History, wanted: Iterable[int] = ()) -> Sample:
    """All individuals, or of a large search the best, where the best so far rises, the lineage of the best, those
    alive at the end, failed ones, and of the others one from each of equal stretches of the search.

    The same journal gives the same sample.

    Args:
        history: all of them.
        wanted: numbers of others that are drawn, told or failed, up to a share: those of other figures of the page.
    """
    told = history.told
    failed = [individual for individual in history.individuals if individual.state is State.FAILED]
    if len(told) + len(failed) <= MOST_MARKS:
        return Sample(list(enumerate(told, start=1)), failed, len(told), len(failed))
    chosen = bytearray(len(history.individuals))
    for number in thin(list(wanted), int(WANTED_SHARE * MOST_MARKS)):
        chosen[number] = True
    _choose(failed, int(FAILED_SHARE * MOST_MARKS), chosen)
    for individual in _notable(history, told):
        chosen[individual.number] = True
    drawn_failed = [individual for individual in failed if chosen[individual.number]]
    _choose(told, MOST_MARKS - len(drawn_failed), chosen)
    drawn_told = [(place, individual) for place, individual in enumerate(told, start=1) if chosen[individual.number]]
    return Sample(drawn_told, drawn_failed, len(told), len(failed))


def _choose(individuals: Sequence[Individual], most: int, chosen: bytearray) -> None:
    """Chooses at most so many of the individuals, with those of them that are chosen already."""
    others = [individual for individual in individuals if not chosen[individual.number]]
    for individual in thin(others, most - len(individuals) + len(others)):
        chosen[individual.number] = True


def thin(items: Sequence[T], most: int) -> list[T]:
    """At most so many, in their order: one drawn at random from each of as many equal stretches."""
    if len(items) <= most:
        return list(items)
    rng = Random(0)
    edges = [len(items) * part // max(most, 1) for part in range(most + 1)]
    return [items[rng.randrange(low, high)] for low, high in pairwise(edges)]


def rises(told: Iterable[Individual]) -> list[tuple[int, Individual]]:
    """(position from 1, individual) where the best so far rises, among those of the highest fidelity."""
    found, best = [], float("-inf")
    individuals = list(told)
    compared = {individual.number for individual in of_highest(individuals)}
    for place, individual in enumerate(individuals, start=1):
        if individual.number in compared and individual.fitness is not None and individual.fitness > best:
            best = individual.fitness
            found.append((place, individual))
    return found


def _notable(history: History, told: Sequence[Individual]) -> list[Individual]:
    if not told:
        return []
    rising = [individual for _, individual in rises(told)]
    lineage = [individual for individual in history.lineage(rising[-1].number) if individual.state is State.TOLD]
    return [
        *history.top(ALWAYS),
        rising[-1],
        *thin(rising, int(RISES_SHARE * MOST_MARKS)),
        *thin(lineage, int(LINEAGE_SHARE * MOST_MARKS)),
        *thin(history.alive, int(ALIVE_SHARE * MOST_MARKS)),
    ]
