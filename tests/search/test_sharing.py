"""Equal parts of individuals are one object, and what a journal says is not changed by it."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from nas.search.history import History
from nas.search.journal import Journal
from nas.search.sharing import Sharing
from nas.search_spaces.base import Mutation


def history(folder: Path, told: list[tuple[dict[str, Any] | None, float, dict[str, Any]]]) -> History:
    """A journal of (mutation, fitness, metrics), each the child of number 0."""
    journal = Journal(folder / "history.jsonl", {"identity": {}})
    for number, (mutation, fitness, metrics) in enumerate(told):
        parents = (0,) if number else ()
        journal.append("asked", number=number, genome="01", seed=1, parents=parents, mutation=mutation, removed=())
        journal.append(
            "told", number=number, attempt=1, fitness=fitness, metrics=metrics, removed=parents, device_s=8e-06
        )
    journal.close()
    return History.load(folder)


def test_what_is_equal_is_kept_once(tmp_path: Path) -> None:
    flip = {"name": "flip", "details": {"bit": 3}}
    loaded = history(tmp_path, [(None, 0.5, {"valid_accuracy": 0.5, "cost": 7})] + 2 * [(flip, 0.25, {"cost": 7.0})])
    _, second, third = loaded.individuals
    assert second.mutation is third.mutation
    assert second.mutation == Mutation("flip", {"bit": 3})
    assert second.parents is third.parents
    assert second.device_s is third.device_s
    assert next(iter(second.metrics)) is next(iter(third.metrics))
    assert second.metrics is not third.metrics


@pytest.mark.parametrize("fitness", [0.5, 1.0, 0.0, -0.0])
@pytest.mark.parametrize("value", [0.5, 1, 1.0, True, 0, 0.0, -0.0, "0.5", None, [1.0], {"a": 0.5}])
def test_metrics_are_read_as_they_were_written(tmp_path: Path, fitness: float, value: Any) -> None:
    metrics = {"z": value, "valid_accuracy": fitness, "a": 2}
    (individual,) = history(tmp_path, [(None, fitness, metrics)]).individuals
    assert json.dumps(individual.metrics, sort_keys=True) == json.dumps(metrics, sort_keys=True)
    assert individual.fitness == fitness
    assert math.copysign(1, individual.fitness) == math.copysign(1, fitness)


def test_mutations_that_are_equal_in_python_alone_stay_apart() -> None:
    sharing = Sharing()
    written = [{"x": value} for value in (1, True, 1.0, 0.0, -0.0, [1], None, "1")] + [{"y": 1}, {}]
    read = [sharing.mutation({"name": "change", "details": details}) for _ in range(2) for details in written]
    assert [json.dumps(mutation.details) for mutation in read if mutation] == 2 * list(map(json.dumps, written))
    assert sharing.mutation(None) is None


def test_metrics_belong_to_one_individual(tmp_path: Path) -> None:
    first, second = history(tmp_path, 2 * [(None, 0.5, {"valid_accuracy": 0.5})]).individuals
    first.metrics["noted"] = 1
    assert "noted" not in second.metrics
