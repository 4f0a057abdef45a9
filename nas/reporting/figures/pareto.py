"""The Pareto front of a search with two objectives: fitness against what an individual costs.

The front is that of all individuals told, not of the population alone: whoever none beats in both objectives.
"""

from dataclasses import dataclass

from nas.algorithms.pareto import Point, front, hypervolume
from nas.reporting.labels import fitness, origin, quantity
from nas.search.history import History
from nas.search.individual import Individual


@dataclass(frozen=True, slots=True)
class Undominated:
    """A member of the front; of equal ones the first told."""

    individual: Individual
    point: Point
    alive: bool

    @property
    def title(self) -> str:
        """What hovering shows."""
        cost = quantity(self.point.cost)
        return f"#{self.individual.number} · {fitness(self.point.fitness)} · {cost} · {origin(self.individual)}"


@dataclass(frozen=True, slots=True)
class ParetoFigure:
    """
    Attributes:
        fitness_name: the metric that is maximised.
        objective: the metric that is minimised.
        dead, alive: the told individuals' points, those of the last population apart.
        front: by growing cost, so by growing fitness.
        share: the front's hypervolume as a share of the rectangle that all points span; None if it has no area.
    """

    fitness_name: str
    objective: str
    dead: list[Point]
    alive: list[Point]
    front: list[Undominated]
    share: float | None

    @property
    def points(self) -> list[Point]:
        return [*self.dead, *self.alive]


def pareto_figure(history: History, fitness_name: str) -> ParetoFigure | None:
    """The figure of a journal, complete or not; None for a search by fitness alone, and before anything was told."""
    algorithm = history.identity.get("algorithm")
    objective = algorithm.get("objective") if isinstance(algorithm, dict) else None
    if not isinstance(objective, str):
        return None
    told = [individual for individual in history.told if isinstance(individual.metrics.get(objective), int | float)]
    if not told:
        return None
    points = [Point(individual.fitness or 0.0, float(individual.metrics[objective])) for individual in told]
    alive = {individual.number for individual in history.alive}
    living = [individual.number in alive for individual in told]
    return ParetoFigure(
        fitness_name=fitness_name,
        objective=objective,
        dead=[point for point, lives in zip(points, living, strict=True) if not lives],
        alive=[point for point, lives in zip(points, living, strict=True) if lives],
        front=[Undominated(told[place], points[place], living[place]) for place in front(points)],
        share=_share(points),
    )


def _share(points: list[Point]) -> float | None:
    worst = Point(min(point.fitness for point in points), max(point.cost for point in points))
    best = Point(max(point.fitness for point in points), min(point.cost for point in points))
    whole = (best.fitness - worst.fitness) * (worst.cost - best.cost)
    return hypervolume(points, worst) / whole if whole > 0 else None
