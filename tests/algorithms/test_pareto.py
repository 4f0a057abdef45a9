"""Fronts, crowding and hypervolume beside brute force."""

import math
from random import Random

import pytest

from nas.algorithms.pareto import Point, crowding, dominates, front, fronts, hypervolume, layers


def some_points(seed: int, count: int = 40, values: int = 12) -> list[Point]:
    rng = Random(seed)
    return [Point(rng.randrange(values), rng.randrange(values)) for _ in range(count)]


def brute_force(points: list[Point]) -> list[int]:
    """Peels front after front."""
    found, left, front = [0] * len(points), set(range(len(points))), 0
    while left:
        best = {at for at in left if not any(dominates(points[other], points[at]) for other in left)}
        for at in best:
            found[at] = front
        left, front = left - best, front + 1
    return found


def extent(points: list[Point], objective: int) -> float:
    return max(point[objective] for point in points) - min(point[objective] for point in points)


@pytest.mark.parametrize("seed", range(50))
def test_fronts_are_those_of_peeling(seed: int) -> None:
    points = some_points(seed)
    assert fronts(points) == brute_force(points)


@pytest.mark.parametrize("seed", range(20))
def test_the_front_is_what_none_dominates_each_point_once_by_cost(seed: int) -> None:
    points = some_points(seed)
    undominated = [one for one in points if not any(dominates(other, one) for other in points)]
    assert [points[place] for place in front(points)] == sorted(set(undominated))
    assert all(points.index(points[place]) == place for place in front(points))


def test_no_points_have_no_front() -> None:
    assert (front([]), layers([]), crowding([]), hypervolume([], Point(0, 1))) == ([], [], [], 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_crowding_is_that_of_each_objective_sorted_by_itself(seed: int) -> None:
    """As the paper words it, objective by objective; equal points in the order given."""
    points = some_points(seed, count=200)
    group = [point for point, at in zip(points, fronts(points), strict=True) if at == 3]
    expected = [0.0] * len(group)
    for objective in (0, 1):
        order = sorted(range(len(group)), key=lambda place, by=objective: group[place][by])
        for before, place, after in zip(order, order[1:], order[2:], strict=False):
            expected[place] += (group[after][objective] - group[before][objective]) / extent(group, objective)
        expected[order[0]] = expected[order[-1]] = math.inf
    assert crowding(group) == expected


def test_crowding_is_infinite_at_the_ends_and_the_neighbours_distance_between() -> None:
    front = [Point(0.0, 0.0), Point(1.0, 2.0), Point(3.0, 3.0), Point(4.0, 10.0)]
    assert crowding(front) == [math.inf, 3 / 4 + 3 / 10, 3 / 4 + 8 / 10, math.inf]
    assert crowding([Point(1, 1)]) == [math.inf]
    assert crowding([Point(1, 1)] * 3).count(0.0) == 1


@pytest.mark.parametrize("seed", range(10))
def test_the_hypervolume_is_that_of_counting_cells(seed: int) -> None:
    points = some_points(seed, count=8)
    cells = sum(
        any(point.fitness > fitness and point.cost <= cost for point in points)
        for fitness in range(12)
        for cost in range(12)
    )
    assert hypervolume(points, Point(0, 12)) == cells
