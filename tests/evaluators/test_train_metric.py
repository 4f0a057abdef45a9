"""metric=: what the fitness is, over the whole validation part, in one process and in several."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from sklearn.metrics import f1_score

from nas.application import build, config_folder
from nas.data.batches import evaluation_batches
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.search.identity import identity_of
from nas.training.build import fresh_network
from nas.training.fit import fit

METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "auroc")
SHRUNK = ("experiment=demo", "dataset.fraction=0.1", "training.epochs=1", "hardware.evaluation_batch_size=70")


def make(*overrides: str) -> Any:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*SHRUNK, *overrides])
    return build(config.evaluator, "evaluator", space=build(config.search_space, "search_space"))


def task(evaluator: Any, **fields: Any) -> Task:
    return Task(0, evaluator.space.initial(Random(0)), seed=5, **fields)


def test_the_fitness_names_the_metric_and_is_scikit_learns_over_the_whole_part() -> None:
    evaluator = make("metric=macro_f1")
    metrics = evaluator.evaluate(task(evaluator))
    assert evaluator.fitness == "valid_macro_f1"
    dataset, valid = evaluator.dataset, evaluator.dataset.load().valid
    network = fresh_network(evaluator.network, evaluator.space.architecture(task(evaluator).genome), dataset, 5)
    fit(network, dataset, evaluator.training, evaluator.hardware, seed=5)
    network.eval()
    with torch.no_grad():
        batches = evaluation_batches(dataset, valid, batch_size=1000, device=torch.device("cpu"))
        answers = np.concatenate([network(images).argmax(1).numpy() for images, _ in batches])
    assert metrics["valid_macro_f1"] == pytest.approx(f1_score(valid.labels, answers, average="macro"))
    assert metrics["valid_accuracy"] == pytest.approx((answers == valid.labels).mean())
    assert metrics["valid_accuracy"] != metrics["valid_macro_f1"]


@pytest.mark.parametrize("name", METRICS)
def test_accuracy_is_the_same_beside_every_metric(name: str) -> None:
    plain, evaluator = make(), make(f"metric={name}")
    one, other = plain.evaluate(task(plain)), evaluator.evaluate(task(evaluator))
    assert one["valid_accuracy"] == other["valid_accuracy"]
    assert isinstance(other[evaluator.fitness], float)
    assert set(other) - set(one) == ({f"valid_{name}"} if name != "accuracy" else set())


def test_accuracy_goes_without_saying_in_the_identity() -> None:
    plain = identity_of(make())
    assert "metric" not in plain
    assert plain["fitness"] == "valid_accuracy"
    other = identity_of(make("metric=auroc"))
    assert other["metric"] == {"name": "auroc"}
    assert other["fitness"] == "valid_auroc"
    kept = make("metric=auroc", "evaluator.fitness=valid_accuracy")
    assert kept.fitness == "valid_accuracy"
    assert identity_of(kept)["metric"] == {"name": "auroc"}


def test_the_fitness_is_one_of_two() -> None:
    with pytest.raises(UserError, match="with metric=auroc allowed are valid_accuracy, valid_auroc"):
        make("metric=auroc", "evaluator.fitness=valid_macro_f1")


def test_repeats_give_the_mean_and_its_spread() -> None:
    evaluator = make("metric=balanced_accuracy", "evaluator.repeats=2")
    metrics = evaluator.evaluate(task(evaluator))
    single = make("metric=balanced_accuracy")
    first = single.evaluate(task(single))["valid_balanced_accuracy"]
    distance = abs(2 * metrics["valid_balanced_accuracy"] - 2 * first)
    assert distance == pytest.approx(2**0.5 * metrics["valid_balanced_accuracy_sd"])


def test_a_diverged_child_has_the_value_of_a_constant_answer() -> None:
    evaluator = make("metric=balanced_accuracy", "training.learning_rate=1e30", "training.gradient_clip=null")
    metrics = evaluator.evaluate(task(evaluator))
    assert metrics["diverged"]
    assert metrics["valid_balanced_accuracy"] == pytest.approx(0.1)


def test_finished_repeats_of_another_metric_are_not_taken(tmp_path: Path) -> None:
    overrides = ("evaluator.repeats=2", "evaluator.checkpoint_every_s=0")
    plain = make(*overrides)
    plain.evaluate(task(plain, folder=tmp_path))
    assert json.loads((tmp_path / "repeats.json").read_text())["results"]
    evaluator = make("metric=macro_f1", *overrides)
    assert "valid_macro_f1" in evaluator.evaluate(task(evaluator, folder=tmp_path))
