"""Evolution over time: the picture of Large-Scale Evolution (Real et al. 2017, arXiv 1703.01041, figure 1) as data.

Every individual is a dot over the wall time at which it became alive. The best one's lineage leads back to the first
ancestor, and a few of its members are marked, so that their architectures can be shown.

Differs from the paper: fitness is drawn, that is validation accuracy, instead of test accuracy, which is sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.reporting.figures.sample import Sample, sample
from nas.reporting.labels import duration, fitness, origin
from nas.search.history import History
from nas.search.individual import Individual

LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Dot:
    """A told individual: when it was told, its fitness, and whether it was left at the end."""

    number: int
    time_s: float
    fitness: float
    alive: bool
    title: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A member of the lineage whose architecture is shown.

    Attributes:
        letter: A for the first ancestor; the last letter is the best individual's.
        dot: its place.
        individual: itself.
    """

    letter: str
    dot: Dot
    individual: Individual


@dataclass(frozen=True, slots=True)
class EvolutionFigure:
    """
    Attributes:
        fitness_name: the metric that is drawn.
        dots: the told individuals in the order of telling, or a sample of them.
        told, alive: how many there are, drawn or not.
        lineage: from the first ancestor to the best individual.
        marked: up to four of the lineage, the oldest first.
    """

    fitness_name: str
    dots: list[Dot]
    told: int
    alive: int
    lineage: list[Dot]
    marked: list[Marked]


def evolution_figure(history: History, fitness_name: str, drawn: Sample | None = None) -> EvolutionFigure:
    """The figure of a journal, complete or not; `drawn` is its sample, if that is known already."""
    drawn = sample(history) if drawn is None else drawn
    alive = {individual.number for individual in history.alive}
    best = history.best
    ancestors = history.lineage(best.number)[::-1] if best else []
    line = [individual for individual in ancestors if individual.fitness is not None]
    lineage = [_dot(individual, individual.number in alive) for individual in line]
    marked = marked_places([dot.fitness for dot in lineage])
    return EvolutionFigure(
        fitness_name=fitness_name,
        dots=[_dot(individual, individual.number in alive) for _, individual in drawn.told],
        told=drawn.num_told,
        alive=len(alive),
        lineage=lineage,
        marked=[Marked(letter, lineage[place], line[place]) for letter, place in zip(LETTERS, marked, strict=False)],
    )


def marked_places(gains: Sequence[float]) -> list[int]:
    """Which members of a lineage are marked: the first, the last, and two that are spread between them.

    The paper shows four and does not say how the two were chosen. Here the way from the first to the last is measured
    in generations and in fitness at once, each as a share of its whole, and cut into three: the members taken are the
    first ones past 1/3 and 2/3. So they stand apart although fitness rises fast at first and slowly later. Fitness
    counts as the best so far in the lineage. Lineages of four or fewer are marked whole.

    Args:
        gains: fitness of the lineage, oldest first.

    Returns:
        Positions, ascending.
    """
    last = len(gains) - 1
    if last < len(LETTERS):
        return list(range(last + 1))
    first, whole = gains[0], max(gains) - gains[0]
    ways, best = [], first
    for place, value in enumerate(gains):
        best = max(best, value)
        ways.append(place / last + ((best - first) / whole if whole > 0 else 0.0))
    past = [next(place for place, way in enumerate(ways) if way >= share * ways[-1]) for share in (1 / 3, 2 / 3)]
    lower = min(max(past[0], 1), last - 2)
    return [0, lower, min(max(past[1], lower + 1), last - 1), last]


def _dot(individual: Individual, alive: bool) -> Dot:
    assert individual.fitness is not None  # a told individual has one
    time_s = individual.finished_s or 0.0
    title = f"#{individual.number} · {fitness(individual.fitness)} · {origin(individual)} · {duration(time_s)}"
    return Dot(individual.number, time_s, individual.fitness, alive, title)
