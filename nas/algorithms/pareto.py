"""Fronts and crowding of points with two objectives: fitness, which is maximised, and a cost, which is minimised.

Source: NSGA-II (Deb et al. 2002, doi 10.1109/4235.996017, section III).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Point(NamedTuple):
    """One individual's objectives."""

    fitness: float
    cost: float


def dominates(left: Point, right: Point) -> bool:
    """At least as good in both, better in one."""
    return left != right and left.fitness >= right.fitness and left.cost <= right.cost


def fronts(points: Sequence[Point]) -> list[int]:
    """For every point the front it is in: 0 where none dominates it, n + 1 where one of front n does.

    Sweeps from the fittest: a front is known by its least cost so far, and those grow from front to front.
    """
    found = [0] * len(points)
    least: list[float] = []
    previous: tuple[Point, int] | None = None
    for index in sorted(range(len(points)), key=lambda index: (-points[index].fitness, points[index].cost)):
        point = points[index]
        if previous is not None and point == previous[0]:
            found[index] = previous[1]  # equal points do not dominate each other
            continue
        front = found[index] = bisect_right(least, point.cost)
        if front == len(least):
            least.append(point.cost)
        else:
            least[front] = point.cost
        previous = (point, front)
    return found


def crowding(points: Sequence[Point]) -> list[float]:
    """For every point of one front, how far its neighbours are, as a share of the front's extent in each objective;
    infinite at the ends."""
    distances = [0.0] * len(points)
    for objective in range(2):
        order = sorted(range(len(points)), key=lambda index: points[index][objective])
        low, high = points[order[0]][objective], points[order[-1]][objective]
        distances[order[0]] = distances[order[-1]] = math.inf
        if high > low:
            for before, index, after in zip(order, order[1:], order[2:], strict=False):
                distances[index] += (points[after][objective] - points[before][objective]) / (high - low)
    return distances


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """The area that the points dominate within the reference point, which is worse than all that count."""
    area, cost = 0.0, reference.cost
    best = reference.fitness
    for point in sorted(points, key=lambda point: (point.cost, -point.fitness)):
        if point.fitness > best and point.cost < reference.cost:
            area += (point.fitness - best) * (cost - point.cost)
            best = point.fitness
    return area
