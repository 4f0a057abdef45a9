"""NSGA-II: who reproduces and who leaves, and the real table's exact front."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy import stats

from benchmarks.hypervolume import exact_front, reference_point, table_points
from benchmarks.nasbench201_simulation import load
from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.pareto import Point, crowding, dominates, fronts, hypervolume
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from nas.search_spaces.nasbench201 import NasBench201
from tests.helpers.tables import tables
from tests.test_contracts import composed

SPACE = Bits(num_bits=8)


def nsga2(**changes: Any) -> Evolution:
    settings = {"space": SPACE, "population_size": 4, "objective": "parameters"}
    return Evolution(sample_size=2, survival="non_dominated", **(settings | changes))


def test_the_worst_leaves_and_the_front_stays() -> None:
    algorithm = nsga2()
    told = [(0.5, 10), (0.9, 100), (0.7, 50), (0.4, 90), (0.8, 60), (0.3, 5)]
    gone = []
    for number, (fitness, parameters) in enumerate(told):
        proposal = algorithm.ask(Random(number))
        algorithm.asked(number, proposal)
        individual = Individual(number, proposal.genome, 0, fitness=fitness, metrics={"parameters": parameters})
        gone += algorithm.told(individual)
    assert gone[0] == 3  # the only one that another beats in both
    assert set(algorithm.population) >= {1, 5}  # the ends


def test_each_told_is_ranked_as_the_whole_population_is() -> None:
    """Beside ranking all of them anew, with many equal points: who leaves, and how the rest compare."""
    algorithm, rng = nsga2(population_size=20), Random(0)
    members: dict[int, Point] = {}
    for number in range(400):
        proposal = algorithm.ask(rng)
        algorithm.asked(number, proposal)
        members[number] = point = Point(rng.randrange(9) / 8, rng.randrange(9))
        told = Individual(number, proposal.genome, 0, fitness=point.fitness, metrics={"parameters": int(point.cost)})
        gone = algorithm.told(told)
        if len(members) > 20:
            ranks = ranked(members)
            assert gone == (min(members, key=ranks.__getitem__),)
            del members[gone[0]]
        if len(members) == 20:
            assert {member.number: algorithm._rule.merit(member) for member in algorithm._members} == ranked(members)


def ranked(members: dict[int, Point]) -> dict[int, tuple[int, float]]:
    """The definition: (front, negated; crowding distance in it) of every member."""
    found = dict(zip(members, fronts(list(members.values())), strict=True))
    ranks = {}
    for front_number in set(found.values()):
        group = [number for number in members if found[number] == front_number]
        for number, room in zip(group, crowding([members[number] for number in group]), strict=True):
            ranks[number] = (-front_number, room)
    return ranks


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
            ("nsga2", nsga2(space=space, population_size=30, objective="multiply_adds")),
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
        nsga2(**changes)


def test_an_objective_that_nobody_measures_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="objective is 'latency_ms', which is no metric of a child"):
        run_search(
            space=SPACE,
            algorithm=nsga2(objective="latency_ms"),
            evaluator=lambda genome, seed: 0.5,
            budget=5,
            run=tmp_path / "run",
        )
