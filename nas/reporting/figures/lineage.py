"""The line of ancestors of a search's best individual: from the first one to the best, with what changed at each step.

Of several parents the first counts, see `History.lineage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nas.reporting.columns import NEVER, Columns
from nas.reporting.figures.changes import Change, change
from nas.reporting.figures.sample import thin
from nas.reporting.labels import mark_title
from nas.search.individual import Individual

MOST_NETWORKS = 40
MOST_LISTED = 300  # of the members whose network is not drawn
MOST_POINTS = 1000  # of the curve


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the line.

    Attributes:
        individual: itself.
        generation: mutations from the first ancestor, which has 0.
        born: its place in the order of telling, from 1; None if it has no fitness.
        gain: its fitness less that of its parent; None where one of them has none.
        died: the place at which it was out of the population; None of those alive at the end or without a fitness.
        change: against its parent; None of the first ancestor.
    """

    individual: Individual
    generation: int
    born: int | None
    gain: float | None
    died: int | None
    change: Change | None


@dataclass(frozen=True, slots=True)
class Step:
    """A member whose network is drawn.

    Attributes:
        member: itself.
        rank: 0 for the first, 1 for the last, and then by what each gained.
        before: members between the one drawn before and this one, or a sample of them.
        passed: how many those are.
    """

    member: Member
    rank: int
    before: list[Member]
    passed: int


@dataclass(frozen=True, slots=True)
class Point:
    """A member on the curve of the line.

    Attributes:
        number: of the individual.
        born: its place in the order of telling, from 1.
        fitness: its fitness.
        drawn: whether its network is.
        title: what hovering shows.
    """

    number: int
    born: int
    fitness: float
    drawn: bool
    title: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    Attributes:
        fitness_name: the metric that selection maximises.
        steps: from the first ancestor to the best.
        curve: members that have a fitness in this order, or a sample of them that holds all whose network is drawn.
        told: evaluations of the search.
        length: members.
        largest: who gained most on its parent, and by how much; None where nobody gained.
    """

    fitness_name: str
    steps: list[Step]
    curve: list[Point]
    told: int
    length: int
    largest: tuple[int, float] | None


def lineage(line: Sequence[Individual], columns: Columns, fitness_name: str) -> Lineage:
    """The line of a journal's best individual.

    Args:
        line: the first ancestor first, the best last; at least one.
        columns: of all individuals of the search.
        fitness_name: the metric that selection maximises.
    """
    gains = _gains(line)
    drawn, listed = shown_places(line)
    ranks = {place: rank for rank, place in enumerate(_ranked(gains, drawn))}
    steps, before = [], -1
    for place in drawn:
        between = [_member(columns, line, other) for other in listed if before < other < place]
        steps.append(Step(_member(columns, line, place), ranks[place], between, place - before - 1))
        before = place
    return Lineage(
        fitness_name=fitness_name,
        steps=steps,
        curve=_curve(columns, line, set(drawn)),
        told=columns.told,
        length=len(line),
        largest=_largest_gain(line),
    )


def shown_places(line: Sequence[Individual]) -> tuple[list[int], list[int]]:
    """Which members are drawn as networks: the first, the last and the largest gains; and which others are listed."""
    drawn = _largest(_gains(line), MOST_NETWORKS)
    return sorted(drawn), thin([place for place in range(len(line)) if place not in drawn], MOST_LISTED)


def _gains(line: Sequence[Individual]) -> list[float]:
    """By how much each member is better than all before it: what only makes up for a loss is no gain."""
    gains, best = [], float("-inf")
    for individual in line:
        known = individual.fitness is not None and individual.fidelity == line[-1].fidelity
        value = individual.fitness if known and individual.fitness is not None else best
        gains.append(max(0.0, value - best) if best > float("-inf") else 0.0)
        best = max(best, value)
    return gains


def _largest(gains: Sequence[float], most: int) -> set[int]:
    """The first, the last and the places of the largest gains; where fewer gain, others, evenly spread."""
    last = len(gains) - 1
    if last < most:
        return set(range(last + 1))
    ranked = _ranked(gains, range(last + 1))[2:]
    gaining = [place for place in ranked[: most - 2] if gains[place] > 0]
    others = sorted(set(ranked) - set(gaining))
    return {0, last, *gaining, *thin(others, most - 2 - len(gaining))}


def _ranked(gains: Sequence[float], places: Sequence[int]) -> list[int]:
    """The first, the last, and the others by what they gained."""
    ends = list(dict.fromkeys([places[0], places[-1]]))
    return ends + sorted(set(places) - set(ends), key=lambda place: (-gains[place], place))


def _largest_gain(line: Sequence[Individual]) -> tuple[int, float] | None:
    pairs = [
        (child.number, child.fitness - parent.fitness)
        for parent, child in pairwise(line)
        if parent.fitness is not None and child.fitness is not None and parent.fidelity == child.fidelity
    ]
    largest = max(pairs, key=lambda pair: pair[1], default=None)
    return largest if largest is not None and largest[1] > 0 else None


def _member(columns: Columns, line: Sequence[Individual], place: int) -> Member:
    individual, parent = line[place], line[place - 1] if place else None
    born, left = int(columns.told_place[individual.number]), int(columns.left_place[individual.number])
    gain = None
    comparable = parent is not None and parent.fidelity == individual.fidelity
    if parent is not None and comparable and individual.fitness is not None and parent.fitness is not None:
        gain = individual.fitness - parent.fitness
    return Member(
        individual=individual,
        generation=place,
        born=None if born == NEVER else born,
        gain=gain,
        died=None if born == NEVER or left > columns.told else left,
        change=None if parent is None else change(parent.genome, individual.genome),
    )


def _curve(columns: Columns, line: Sequence[Individual], drawn: set[int]) -> list[Point]:
    born = columns.told_place
    others = thin([place for place in range(len(line)) if place not in drawn], MOST_POINTS - len(drawn))
    return [
        Point(
            individual.number, int(born[individual.number]), individual.fitness, place in drawn, mark_title(individual)
        )
        for place, individual in ((place, line[place]) for place in sorted([*drawn, *others]))
        if individual.fitness is not None
    ]
