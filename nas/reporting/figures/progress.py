"""Progress: every individual's fitness over what was spent, the best so far and the population."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass

from nas.reporting.figures.sample import Sample, rises, sample
from nas.reporting.labels import mark_title
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.spending import Floats, is_simulated, spending

BAND_POINTS = 240
BEST_POINTS = 2000
BAND_LEAST = 4  # individuals that quartiles take


@dataclass(frozen=True, slots=True)
class Mark:
    """One told individual.

    Attributes:
        number: of the individual.
        evaluation: position in the order of telling, from 1.
        fitness: its fitness.
        random: True if it has no parents, and no policy that has learned proposed it.
        alive: True if nothing has removed it from the population.
        title: what hovering shows.
    """

    number: int
    evaluation: int
    fitness: float
    random: bool
    alive: bool
    title: str


@dataclass(frozen=True, slots=True)
class FailureMark:
    """One failed individual, and how many were told before it."""

    number: int
    evaluation: int
    title: str


@dataclass(frozen=True, slots=True)
class BandPoint:
    """The population after an evaluation: lower quartile, median and upper quartile of its fitness."""

    evaluation: int
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class ProgressFigure:
    """
    Attributes:
        fitness_name: the metric that is drawn.
        marks: the told individuals in the order of telling, or a sample of them.
        failures: the failed ones, or a sample of them.
        told, random, alive, failed: how many there are, drawn or not.
        values: the fitness of all, ascending.
        best: (evaluation, fitness) where the best so far rises; the first told among equals. Of very many rises the
            last in each of `BEST_POINTS` stretches of the search.
        best_number: the fittest individual, None if none was told.
        policy: True if a policy that learns proposed the children.
        band: the population at up to `BAND_POINTS` evaluations; empty where no population is kept, or where its
            members have different fidelities.
        spent: by name in `nas.search.spending.AXES`, what had been spent after each evaluation.
        simulated: whether the seconds among it are those of a benchmark's trainings.
    """

    fitness_name: str
    marks: list[Mark]
    failures: list[FailureMark]
    told: int
    random: int
    alive: int
    failed: int
    values: list[float]
    best: list[tuple[int, float]]
    best_number: int | None
    policy: bool
    band: list[BandPoint]
    spent: dict[str, Floats]
    simulated: bool

    def at(self, axis: str, evaluation: int) -> float:
        """What had been spent after so many evaluations."""
        return float(self.spent[axis][evaluation - 1]) if evaluation else 0.0

    @property
    def drawn(self) -> int:
        return len(self.marks) + len(self.failures)

    @property
    def is_sample(self) -> bool:
        """Whether some individuals are not drawn."""
        return self.drawn < self.told + self.failed


def progress_figure(history: History, fitness_name: str, drawn: Sample | None = None) -> ProgressFigure:
    """The figure of a journal, complete or not; `drawn` is its sample, if that is known already."""
    drawn = sample(history) if drawn is None else drawn
    told, alive = history.told, {individual.number for individual in history.alive}
    rising = rises(told)
    reduced = any(individual.fidelity is not None for individual in told)
    return ProgressFigure(
        fitness_name=fitness_name,
        marks=[
            Mark(
                number=individual.number,
                evaluation=evaluation,
                fitness=_fitness(individual.fitness),
                random=_is_random(individual),
                alive=individual.number in alive,
                title=mark_title(individual),
            )
            for evaluation, individual in drawn.told
        ],
        failures=_failures(told, drawn.failed),
        told=drawn.num_told,
        random=sum(map(_is_random, told)),
        alive=len(alive),
        failed=drawn.num_failed,
        values=sorted(_fitness(individual.fitness) for individual in told),
        best=_steps([(place, _fitness(individual.fitness)) for place, individual in rising], len(told)),
        best_number=rising[-1][1].number if rising else None,
        policy=any("updates" in individual.record for individual in history.individuals),
        band=[] if reduced else list(_band(told)),
        spent=spending(told),
        simulated=is_simulated(told),
    )


def _is_random(individual: Individual) -> bool:
    return not individual.parents and not individual.record.get("updates")


def _steps(rising: list[tuple[int, float]], told: int) -> list[tuple[int, float]]:
    if len(rising) <= BEST_POINTS:
        return rising
    last = {place * BEST_POINTS // (told + 1): (place, value) for place, value in rising}
    return list(last.values())


def _failures(told: list[Individual], failed: list[Individual]) -> list[FailureMark]:
    told_s = [individual.finished_s or 0.0 for individual in told] if failed else []
    return [
        FailureMark(individual.number, bisect_right(told_s, individual.finished_s or 0.0), mark_title(individual))
        for individual in failed
    ]


def _band(told: list[Individual]) -> Iterator[BandPoint]:
    """Follows the population through the journal.

    A child's `removed` is applied as it is told, also what left when it was asked for: with children in flight the two
    differ by a few evaluations, which a quartile does not show.
    """
    every = max(1, len(told) // BAND_POINTS)
    fitness: dict[int, float] = {}
    population: list[float] = []
    for evaluation, individual in enumerate(told, start=1):
        value = fitness[individual.number] = _fitness(individual.fitness)
        insort(population, value)
        for number in individual.removed:
            gone = fitness.pop(number, None)
            if gone is not None:
                del population[bisect_left(population, gone)]
        if len(population) >= BAND_LEAST and (evaluation % every == 0 or evaluation == len(told)):
            last = len(population) - 1
            yield BandPoint(evaluation, population[last // 4], population[last // 2], population[last - last // 4])


def _fitness(value: float | None) -> float:
    assert value is not None  # a told individual has one
    return value
