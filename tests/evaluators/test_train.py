"""The evaluator that trains children: its metrics, their cost before they start, and the sealed test."""

import json
import pickle
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.networks.cost import count_parameters


def make(*overrides: str) -> Any:
    shrunk = ["experiment=demo", "dataset.fraction=0.2", "training.epochs=1"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*shrunk, *overrides])
    return build(config.evaluator, "evaluator", space=build(config.search_space, "search_space"))


def test_metrics_and_the_cost_known_before() -> None:
    evaluator = make()
    genome = evaluator.space.initial(Random(0))
    metrics = evaluator.evaluate(Task(0, genome, seed=5))
    cost = evaluator.cost(genome)
    assert "memory_gb" not in metrics
    assert cost.pop("memory_gb") > 4 * cost["parameters"] / 2**30
    assert {key: metrics[key] for key in cost} == cost
    dataset = evaluator.dataset
    network = evaluator.network.build(evaluator.space.architecture(genome), dataset.image_shape, dataset.num_classes)
    assert metrics["parameters"] == count_parameters(network)
    assert cost["train_flops"] == 6 * cost["multiply_adds"] * cost["train_examples"]
    assert 0 <= metrics["valid_accuracy"] <= 1
    assert not any("test" in key for key in metrics)


def test_the_same_task_gives_the_same_metrics_wherever_it_is_pickled_to() -> None:
    evaluator = make()
    task = Task(0, evaluator.space.initial(Random(0)), seed=5)
    there = pickle.loads(pickle.dumps(evaluator))
    one, two = evaluator.evaluate(task), there.evaluate(task)
    assert {k: v for k, v in one.items() if not k.endswith("_s")} == {
        k: v for k, v in two.items() if not k.endswith("_s")
    }


def test_repeats_give_the_mean_over_seeds() -> None:
    evaluator = make("evaluator.repeats=2")
    metrics = evaluator.evaluate(Task(0, evaluator.space.initial(Random(0)), seed=5))
    single = make().evaluate(Task(0, evaluator.space.initial(Random(0)), seed=5))
    other = 2 * metrics["valid_accuracy"] - single["valid_accuracy"]
    assert abs(other - single["valid_accuracy"]) == pytest.approx(2**0.5 * metrics["valid_accuracy_sd"])
    assert metrics["train_examples"] == 2 * single["train_examples"]


def test_the_sealed_test_lies_in_the_childs_folder_and_nowhere_else(tmp_path: Path) -> None:
    evaluator = make("evaluator.sealed_test=true")
    attempt = tmp_path / "000000" / "attempt-1"
    attempt.mkdir(parents=True)
    metrics = evaluator.evaluate(Task(0, evaluator.space.initial(Random(0)), seed=5, folder=attempt))
    sealed = json.loads((tmp_path / "000000" / "sealed.json").read_text())
    assert 0 <= sealed["test_accuracy"] <= 1
    unsealed = make().evaluate(Task(0, evaluator.space.initial(Random(0)), seed=5))
    assert metrics["valid_accuracy"] == unsealed["valid_accuracy"]
    assert metrics.keys() == unsealed.keys()


def test_a_space_it_cannot_build_is_refused_in_a_short_sentence() -> None:
    with pytest.raises(UserError, match="bits") as caught:
        make("search_space=bits")
    assert len(str(caught.value)) < 250
