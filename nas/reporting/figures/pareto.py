"""Fitness against what an individual costs, and the Pareto front: whoever none beats in both.

The front is that of all individuals told, not of the population alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.algorithms.pareto import Point, hypervolume
from nas.reporting.columns import Floats, Ints
from nas.reporting.labels import fitness, origin, quantity
from nas.reporting.material import Material
from nas.reporting.metric_columns import metric_column
from nas.search.individual import Individual

COSTS = ("multiply_adds", "parameters")  # that children tell; beside the search's own objective


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


@dataclass(frozen=True, slots=True, eq=False)
class ParetoFigure:
    """The told individuals whose cost is known, at least one, in the order of telling.

    Attributes:
        fitness_name: the metric that is maximised.
        objective: the metric of the cost.
        numbers: of the individuals.
        fitness, cost: theirs.
        alive: whether they are in the last population.
        opens: whether the page holds them, so that a click can show them.
        front: by growing cost, so by growing fitness.
        share: the front's hypervolume as a share of the rectangle that all points span; None if it has no area.
    """

    fitness_name: str
    objective: str
    numbers: Ints
    fitness: Floats
    cost: Floats
    alive: NDArray[np.bool_]
    opens: NDArray[np.bool_]
    front: list[Undominated]
    share: float | None


def pareto_figures(material: Material) -> list[ParetoFigure]:
    """One for each cost that differs among individuals; the search's own objective comes first, and in any case."""
    algorithm = material.history.identity.get("algorithm")
    own = algorithm.get("objective") if isinstance(algorithm, dict) else None
    objectives = dict.fromkeys(([own] if isinstance(own, str) else []) + list(COSTS))
    made = (_figure(material, objective) for objective in objectives)
    return [figure for figure in made if figure is not None and (figure.objective == own or np.ptp(figure.cost) > 0)]


def front_places(fitness: Floats, cost: Floats) -> Ints:
    """Places of the points that none dominates, by growing cost; of equal points the first."""
    order = np.lexsort((-fitness, cost))
    best = np.maximum.accumulate(np.concatenate([[-np.inf], fitness[order]]))
    return order[fitness[order] > best[:-1]]


def _figure(material: Material, objective: str) -> ParetoFigure | None:
    costs = metric_column(material.told, objective)
    columns = material.columns
    known = np.flatnonzero(~np.isnan(costs) & (columns.fidelity[columns.numbers_told] == 0))
    if not len(known):
        return None
    numbers, cost = columns.numbers_told[known], costs[known]
    fitness_, alive = columns.fitness[numbers], columns.alive[numbers]
    front = [
        Undominated(material.told[known[place]], Point(float(fitness_[place]), float(cost[place])), bool(alive[place]))
        for place in front_places(fitness_, cost)
    ]
    return ParetoFigure(
        fitness_name=material.fitness_name,
        objective=objective,
        numbers=numbers,
        fitness=fitness_,
        cost=cost,
        alive=alive,
        opens=material.opens[numbers],
        front=front,
        share=_share(fitness_, cost, front),
    )


def _share(fitness: Floats, cost: Floats, front: list[Undominated]) -> float | None:
    worst = Point(float(fitness.min()), float(cost.max()))
    whole = float(np.ptp(fitness)) * float(np.ptp(cost))
    return hypervolume([member.point for member in front], worst) / whole if whole > 0 else None
