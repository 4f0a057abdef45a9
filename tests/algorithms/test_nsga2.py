"""NSGA-II: fronts and crowding by brute force, and the real table's exact front."""

import math
from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy import stats

from benchmarks.hypervolume import exact_front, reference_point, table_points
from benchmarks.nasbench201_simulation import load
from nas import run_search
from nas.algorithms.nsga2 import Nsga2
from nas.algorithms.pareto import Point, crowding, dominates, fronts, hypervolume
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from nas.search_spaces.nasbench201 import NasBench201
from tests.helpers.tables import tables
from tests.test_contracts import composed

SPACE = Bits(num_bits=8)


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


@pytest.mark.parametrize("seed", range(50))
def test_fronts_are_those_of_peeling(seed: int) -> None:
    points = some_points(seed)
    assert fronts(points) == brute_force(points)


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


def test_the_worst_leaves_and_the_front_stays() -> None:
    algorithm = Nsga2(space=SPACE, population_size=4, objective="parameters")
    told = [(0.5, 10), (0.9, 100), (0.7, 50), (0.4, 90), (0.8, 60), (0.3, 5)]
    gone = []
    for number, (fitness, parameters) in enumerate(told):
        proposal = algorithm.ask(Random(number))
        algorithm.asked(number, proposal)
        individual = Individual(number, proposal.genome, 0, fitness=fitness, metrics={"parameters": parameters})
        gone += algorithm.told(individual)
    assert gone[0] == 3  # the only one that another beats in both
    assert set(algorithm.population) >= {1, 5}  # the ends


def test_the_tables_exact_front_has_13_points() -> None:
    """With the validation accuracy after 200 epochs; the one after 12 has ties, and 17 points."""
    table = load(str(tables() / "nasbench201.npz"))
    points = table_points(table)
    front = exact_front(points)
    assert len(front) == 13
    assert len(exact_front(table_points(table, "cifar10_valid_12"))) == 17
    beaten = {point for point in points if any(dominates(best, point) for best in front)}
    assert len(beaten) == len(set(points)) - 13
    assert not beaten & set(front)


def test_it_covers_more_of_the_exact_front_than_random_search(tmp_path: Path) -> None:
    """Twenty searches of 300 look-ups each, by the hypervolume of all that was told."""
    space = NasBench201()
    path = f"evaluator.path={tables()}/nasbench201.npz"
    evaluator = composed("evaluator", "evaluator=table", path, "evaluator.epochs=200", space=space)
    points = table_points(load(str(tables() / "nasbench201.npz")))
    reference = reference_point(points)
    whole = hypervolume(exact_front(points), reference)
    shares: dict[str, list[float]] = {"nsga2": [], "random": []}
    for seed in range(20):
        for name, algorithm in (
            ("nsga2", Nsga2(space=space, population_size=30, objective="multiply_adds")),
            ("random", RandomSearch(space)),
        ):
            run = tmp_path / f"{name}-{seed}"
            told = run_search(
                space=space, algorithm=algorithm, evaluator=evaluator, budget=300, seed=seed, run=run
            ).history()
            points = [Point(one.fitness or 0.0, one.metrics["multiply_adds"] / 1e6) for one in told.told]
            shares[name].append(hypervolume(points, reference) / whole)
    assert all(share <= 1 + 1e-6 for share in shares["nsga2"])
    assert stats.mannwhitneyu(shares["nsga2"], shares["random"], alternative="greater").pvalue < 1e-4


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"population_size": 1}, "population_size is 1"),
        ({"objective": ""}, "objective is '', it must name a metric"),
    ],
)
def test_bad_settings_are_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Nsga2(**{"space": SPACE, "population_size": 4, "objective": "parameters", **changes})


def test_an_objective_that_nobody_measures_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="objective is 'latency_ms', which is no metric of a child"):
        run_search(
            space=SPACE,
            algorithm=Nsga2(space=SPACE, population_size=4, objective="latency_ms"),
            evaluator=lambda genome, seed: 0.5,
            budget=5,
            run=tmp_path / "run",
        )
