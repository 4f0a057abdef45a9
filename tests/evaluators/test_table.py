"""Look-ups beside the table itself and the published best, and the published protocol beside a simulation."""

import math
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.table import TableEvaluator
from nas.search.budget import Budget
from nas.search_spaces.nasbench201 import NasBench201
from tests.helpers.tables import tables
from tests.test_contracts import composed

SPACE = NasBench201()
BUDGET_S = 12_000


def evaluator(*overrides: str) -> TableEvaluator:
    paths = [
        f"evaluator.path={tables()}/nasbench201.npz",
        f"evaluator.latency_path={tables()}/nasbench201_latency_ms.npz",
    ]
    made = composed("evaluator", "evaluator=table", *paths, *overrides, space=SPACE)
    assert isinstance(made, TableEvaluator)
    return made


def test_a_look_up_is_the_tables_row() -> None:
    found = evaluator("evaluator.device=raspi4")
    with np.load(tables() / "nasbench201.npz") as table, np.load(tables() / "nasbench201_latency_ms.npz") as latency:
        for row in range(0, 15_625, 997):
            genome = tuple(table["ops"][row].tolist())
            metrics = found.evaluate(Task(0, genome, 1))
            assert metrics["valid_accuracy"] == pytest.approx(table["cifar10_valid_12"][row] / 100)
            assert metrics["simulated_s"] == pytest.approx(table["cifar10_train_s_200"][row] * 12 / 200 + 2.4)
            assert metrics["parameters"] == round(float(table["cifar10_params_m"][row]) * 1e6)
            assert metrics["latency_ms"] == pytest.approx(latency["raspi4"][row])
            assert found.final_accuracy(genome, "test", "cifar100") == pytest.approx(
                table["cifar100_test_200"][row] / 100
            )


def test_the_best_are_the_published_ones() -> None:
    for data, valid, test in (("cifar10", 91.61, 94.37), ("cifar100", 73.49, 73.51), ("in16", 46.73, 47.31)):
        found = evaluator(f"evaluator.data={data}")
        with np.load(tables() / "nasbench201.npz") as table:
            genomes = [tuple(ops) for ops in table["ops"].tolist()]
        for part, best in (("valid", valid), ("test", test)):
            accuracies = [found.final_accuracy(genome, part) for genome in genomes]
            assert round(100 * max(accuracies), 2) == best


def test_a_random_seed_is_one_of_the_benchmarks_trainings() -> None:
    found = evaluator("evaluator.seeds=random", "evaluator.epochs=200")
    with np.load(tables() / "nasbench201.npz") as table:
        row = int(np.argmax(table["n_seeds"] == 2))
        genome, trainings = tuple(table["ops"][row].tolist()), table["cifar10_valid_200_seeds"][row]
    seen = {round(100 * found.evaluate(Task(0, genome, seed))["valid_accuracy"], 3) for seed in range(50)}
    assert seen == {round(float(value), 3) for value in trainings if not np.isnan(value)}


def test_the_expectation_is_the_mean_over_the_benchmarks_trainings() -> None:
    noisy, plain = evaluator("evaluator.seeds=random", "evaluator.epochs=200"), evaluator()
    with np.load(tables() / "nasbench201.npz") as table:
        for row in range(0, 15_625, 997):
            genome = tuple(table["ops"][row].tolist())
            trainings = table["cifar10_valid_200_seeds"][row]
            assert noisy.expectation(genome) == pytest.approx(float(np.nanmean(trainings)) / 100)
            assert plain.expectation(genome) == plain.evaluate(Task(0, genome, 0))["valid_accuracy"]
    assert evaluator("+evaluator.fitness=parameters").expectation(genome) is None


def search(folder: Path, seed: int, budget_s: float = BUDGET_S) -> History:
    algorithm = Evolution(space=SPACE, population_size=10, sample_size=10, survival="oldest")
    return run_search(
        space=SPACE,
        algorithm=algorithm,
        evaluator=evaluator(),
        budget=Budget(simulated_s=budget_s),
        seed=seed,
        run=folder,
    ).history()


def test_a_child_past_the_simulated_time_is_not_counted(tmp_path: Path) -> None:
    history = search(tmp_path / "run", 0)
    spent = math.fsum(individual.metrics["simulated_s"] for individual in history.told)
    assert BUDGET_S - 150 < spent <= BUDGET_S
    assert len(history.individuals) == len(history.told)
    assert search(tmp_path / "run", 0).science() == history.science()
    longer = search(tmp_path / "run", 0, budget_s=BUDGET_S + 1000)
    assert len(longer.told) > len(history.told)


def simulated(table: dict[str, Any], seed: int) -> float:
    """Regularized evolution at 12,000 s, for this test alone: test accuracy of the best by 12-epoch validation."""
    rng = Random(f"simulation {seed}")
    rows = {tuple(ops): row for row, ops in enumerate(table["ops"].tolist())}
    population: deque[tuple[float, tuple[int, ...]]] = deque()
    best, time_s = (-1.0, 0), 0.0
    while True:
        if len(population) < 10:
            genome = tuple(rng.randrange(5) for _ in range(6))
        else:
            parent = max((rng.choice(population) for _ in range(10)), key=lambda member: member[0])[1]
            edge = rng.randrange(6)
            genome = (*parent[:edge], rng.choice([op for op in range(5) if op != parent[edge]]), *parent[edge + 1 :])
        row = rows[genome]
        time_s += table["cifar10_train_s_200"][row] * 12 / 200 + 2.4
        if time_s > BUDGET_S:
            return float(table["cifar10_test_200"][best[1]])
        accuracy = float(table["cifar10_valid_12"][row])
        best = max(best, (accuracy, row), key=lambda pair: pair[0])
        population.append((accuracy, genome))
        if len(population) > 10:
            population.popleft()


def test_regularized_evolution_agrees_with_a_simulation_and_the_published_mean(tmp_path: Path) -> None:
    """60 runs; published: 93.92 ± 0.30 (500 runs), on this table 94.04."""
    with np.load(tables() / "nasbench201.npz") as file:
        table = {name: file[name] for name in ("ops", "cifar10_valid_12", "cifar10_test_200", "cifar10_train_s_200")}
    judge = evaluator()
    ours = []
    for seed in range(60):
        best = search(tmp_path / f"run-{seed}", seed).best
        assert best is not None
        ours.append(100 * judge.final_accuracy(SPACE.from_json(best.genome), "test"))
    theirs = [simulated(table, seed) for seed in range(300)]
    error = math.sqrt(np.var(ours, ddof=1) / len(ours) + np.var(theirs, ddof=1) / len(theirs))
    assert abs(np.mean(ours) - np.mean(theirs)) < 3 * error
    assert abs(np.mean(ours) - 93.92) < 0.25


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["evaluator.data=mnist"], "data is 'mnist', allowed are cifar10, cifar100, in16"),
        (["evaluator.epochs=50"], "epochs is 50, allowed are 12, 200"),
        (["evaluator.seeds=random"], "seeds is random with data=cifar10 and epochs=12"),
        (["evaluator.device=abacus"], "device is 'abacus', allowed are 1080ti_1"),
        (["evaluator.path=nowhere.npz"], r"there is no table at evaluator\.path=nowhere\.npz"),
        (["evaluator.device=raspi4", "evaluator.latency_path=nowhere.npz"], "needs evaluator.latency_path"),
    ],
)
def test_bad_settings_are_one_sentence(overrides: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        evaluator(*overrides)
    with pytest.raises(UserError, match="holds search_space=nasbench201, not bits"):
        composed("evaluator", "evaluator=table", space=composed("search_space", "search_space=bits"))
