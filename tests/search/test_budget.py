"""What a search may spend: every bound, over all sessions, with what failed set free."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from searches import search

from nas import run_search
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.toy import Toy
from nas.search.budget import Budget, Reserved, Spent
from nas.search_spaces.bits import Bits


@pytest.mark.parametrize(
    ("budget", "spent", "allowed"),
    [
        (Budget(evaluations=3), Spent(told=2), True),
        (Budget(evaluations=3), Spent(told=2, in_flight=1), False),
        (Budget(evaluations=3), Spent(told=1, in_flight=1), True),
        (Budget(hours=1), Spent(elapsed_s=3599), True),
        (Budget(hours=1), Spent(elapsed_s=3600), False),
        (Budget(device_hours=0.5), Spent(device_s=1799), True),
        (Budget(device_hours=0.5), Spent(device_s=1800), False),
        (Budget(examples=100), Spent(examples=90), True),
        (Budget(examples=100), Spent(examples=91), False),
        (Budget(flops=1000), Spent(flops=900), True),
        (Budget(flops=1000), Spent(flops=901), False),
        (Budget(evaluations=9, hours=1), Spent(told=1, elapsed_s=3601), False),
    ],
)
def test_one_more_child_of_ten_examples_and_a_hundred_flops(budget: Budget, spent: Spent, allowed: bool) -> None:
    assert budget.allows(spent, Reserved(examples=10, flops=100)) == allowed


def test_the_fraction_is_that_of_the_bound_that_is_closest() -> None:
    assert Budget(evaluations=10, hours=1).fraction(Spent(told=2, elapsed_s=1800)) == 0.5
    assert Budget(evaluations=10).fraction(Spent(told=30)) == 1.0


@pytest.mark.parametrize("name", ["evaluations", "hours", "device_hours", "examples", "flops"])
@pytest.mark.parametrize("value", [0, -1, "1", True, float("inf"), float("nan")])
def test_every_bound_is_positive_and_finite(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"budget\.{name} is "):
        Budget(**{name: value})


@dataclass(frozen=True)
class Paid(Evaluator):
    """Costs ten examples per one, known beforehand; every fourth child fails."""

    name = "paid"
    writes_files = False

    def evaluate(self, task: Task) -> Metrics:
        if task.number % 4 == 3:
            raise RuntimeError("unlucky")
        return {"valid_accuracy": sum(task.genome) / 16, **self.cost(task.genome)}

    def cost(self, genome: Any) -> Metrics:
        return {"train_examples": 10 * sum(genome), "train_flops": 1000 * sum(genome)}


@pytest.mark.parametrize("bound", ["examples", "flops"])
def test_a_larger_bound_extends_to_the_same_search(tmp_path: Path, bound: str) -> None:
    unit = 10 if bound == "examples" else 1000
    whole = search(tmp_path / "whole", evaluator=Paid(), budget=Budget(**{bound: 300 * unit}))
    spent = sum(individual.metrics[f"train_{bound}"] for individual in whole.history().told)
    assert spent == getattr(whole.spent, bound) <= 300 * unit
    assert spent > 284 * unit  # the child that did not fit costs at most 16
    assert whole.failed > 0
    search(tmp_path / "part", evaluator=Paid(), budget=Budget(**{bound: 120 * unit}))
    extended = search(tmp_path / "part", evaluator=Paid(), budget=Budget(**{bound: 300 * unit}))
    assert extended.history().science() == whole.history().science()


def test_a_smaller_budget_than_what_was_spent_is_finished(tmp_path: Path) -> None:
    search(tmp_path / "a", budget=20)
    journal = (tmp_path / "a" / "history.jsonl").read_bytes()
    assert search(tmp_path / "a", budget=10).reason == "finished"
    assert (tmp_path / "a" / "history.jsonl").read_bytes() == journal


def pause(genome: Any, seed: int) -> float:
    time.sleep(0.02)
    return sum(genome) / 16


@pytest.mark.parametrize("bound", ["hours", "device_hours"])
def test_hours_count_over_all_sessions(tmp_path: Path, bound: str) -> None:
    """Nothing is asked once the time is used, also if it was used by an earlier session."""
    first = search(tmp_path / "a", evaluator=pause, budget=Budget(**{bound: 0.2 / 3600}))
    assert first.spent.told <= 10
    assert search(tmp_path / "a", evaluator=pause, budget=Budget(**{bound: 0.2 / 3600})).reason == "finished"
    more = search(tmp_path / "a", evaluator=pause, budget=Budget(**{bound: 0.4 / 3600}))
    assert first.spent.told <= more.spent.told <= 20
    events = [json.loads(line) for line in (tmp_path / "a" / "history.jsonl").read_text().splitlines()[1:]]
    times = [event["elapsed_s"] for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize(("evaluations", "workers"), [(1, 0), (2, 0), (10, 0), (11, 0), (2, 3), (11, 3)])
def test_evaluations_are_exact_with_any_workers(tmp_path: Path, evaluations: int, workers: int) -> None:
    result = search(tmp_path / "a", evaluator=Paid(), budget=evaluations, workers=workers)
    history = result.history()
    assert len(history.told) == result.spent.told == evaluations
    assert result.spent.in_flight == 0
    assert all(individual.state in ("told", "failed") for individual in history.individuals)


def test_a_bound_that_no_child_adds_to_is_refused(tmp_path: Path) -> None:
    space = Bits(num_bits=8)
    for bound in ("simulated_s", "flops", "examples"):
        with pytest.raises(UserError, match=rf"budget\.{bound} is 5, but evaluator=toy does not know that of a child"):
            run_search(
                space=space,
                algorithm=RandomSearch(space),
                evaluator=Toy(space=space, noise=0.0, counted=1),
                budget=Budget(**{bound: 5}),  # type: ignore[arg-type]
                run=tmp_path / "run",
            )
    assert not (tmp_path / "run").exists()
