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


def layers(points: Sequence[Point]) -> list[list[int]]:
    """The fronts as places in `points`, the first one that none dominates, then what each leaves undominated.

    Within a front by growing cost, so by growing fitness too; equal points, which do not dominate each other, in the
    order given. Sweeps from the cheapest: a front is known by its greatest fitness so far, and those fall from front to
    front.
    """
    found: list[list[int]] = []
    greatest: list[float] = []  # negated, to be sorted
    previous, front = None, 0
    for place in sorted(range(len(points)), key=[(cost, -fitness) for fitness, cost in points].__getitem__):
        point = points[place]
        if point != previous:
            previous, front = point, bisect_right(greatest, -point.fitness)
            greatest[front : front + 1] = [-point.fitness]
            if front == len(found):
                found.append([])
        found[front].append(place)
    return found


def fronts(points: Sequence[Point]) -> list[int]:
    """For every point the front it is in: 0 where none dominates it, n + 1 where one of front n does."""
    found = [0] * len(points)
    for front, layer in enumerate(layers(points)):
        for place in layer:
            found[place] = front
    return found


def front(points: Sequence[Point]) -> list[int]:
    """Places of the points that none dominates, by growing cost; of equal points the first."""
    places = layers(points)[0] if points else []
    return [place for at, place in enumerate(places) if at == 0 or points[place] != points[places[at - 1]]]


def crowding(points: Sequence[Point]) -> list[float]:
    """For every point of one front, how far its neighbours are, as a share of the front's extent in each objective;
    infinite at the ends."""
    if not points:
        return []
    order = sorted(range(len(points)), key=points.__getitem__)  # in a front this is the order of both objectives
    low, high = points[order[0]], points[order[-1]]
    width, height = high.fitness - low.fitness, high.cost - low.cost
    distances = [0.0] * len(points)
    if width > 0:
        for before, place, after in zip(order, order[1:], order[2:], strict=False):
            left, right = points[before], points[after]
            distances[place] = (right.fitness - left.fitness) / width + (right.cost - left.cost) / height
    distances[order[0]] = distances[order[-1]] = math.inf
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
