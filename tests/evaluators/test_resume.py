"""A child whose process is killed in the middle of an epoch ends, in another process, as if it had not been."""

import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.child import WEIGHTS_FILE, run_child
from nas.training.build import fresh_network
from nas.training.files import CHECKPOINT_FILE, REPEATS_FILE
from nas.training.inheritance import load_weights, save_weights

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "helpers" / "killed_child.py"
THREE = ["training.epochs=3", "evaluator.checkpoint_every_s=0"]


def make(*overrides: str, experiment: str = "demo") -> Any:
    shrunk = [f"experiment={experiment}", "dataset.fraction=0.2", "training.steps=null"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*shrunk, *overrides])
    return build(config.evaluator, "evaluator", space=build(config.search_space, "search_space"))


def process(folder: Path, evaluator: Any, task: Task, kill_in_epoch: int | None = None) -> dict[str, Any] | None:
    """What an attempt in a process of its own brought; None if it was killed."""
    arguments = folder / "arguments.pickle"
    arguments.write_bytes(pickle.dumps((evaluator, task)))
    epoch = [] if kill_in_epoch is None else [str(kill_in_epoch)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "launchers")])}
    done = subprocess.run([sys.executable, str(SCRIPT), str(arguments), *epoch], cwd=ROOT, env=environment, check=False)
    if kill_in_epoch is not None:
        assert done.returncode == -signal.SIGKILL
        return None
    assert done.returncode == 0
    found: dict[str, Any] = json.loads((folder / "outcome.json").read_text())
    return found


def attempt(tmp_path: Path, number: int) -> Path:
    folder = tmp_path / f"attempt-{number}"
    folder.mkdir()
    return folder


def science(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if not name.endswith("_s")}


def task(evaluator: Any, folder: Path, **more: Any) -> Task:
    return Task(0, evaluator.space.initial(Random(0)), seed=5, folder=folder, **more)


@pytest.mark.parametrize("inherits", [False, True])
def test_a_killed_child_ends_bit_equal(inherits: bool, tmp_path: Path) -> None:
    """With inheritance the parent's file is damaged meanwhile: weights and shares are in the checkpoint."""
    kept = ["evaluator.keep_weights=true", "training.ema=0.9"]
    evaluator = make(*THREE, experiment="large_scale_demo") if inherits else make(*kept, *THREE)
    whole, first, second = (attempt(tmp_path, number) for number in (1, 2, 3))
    parent = None
    if inherits:
        parent = tmp_path / "parent.pt"
        genome = evaluator.space.initial(Random(0))
        dataset, architecture = evaluator.dataset, evaluator.space.architecture(genome)
        save_weights(fresh_network(evaluator.network, architecture, dataset, 7), parent, {})
    expected = run_child(evaluator, task(evaluator, whole, parent_weights=parent), capture_log=False).metrics
    assert process(tmp_path, evaluator, task(evaluator, first, parent_weights=parent), kill_in_epoch=2) is None
    if parent is not None:
        parent.write_bytes(b"damaged")
    resumed = process(tmp_path, evaluator, task(evaluator, second, parent_weights=parent, resume_from=first))
    assert resumed is not None
    assert resumed["epochs"] == 1
    assert science(resumed["metrics"]) == science(expected)
    assert ("inherited_tensors" in expected) == inherits
    assert expected.get("inherited_tensors", 1) > 0
    weights, there = load_weights(whole / WEIGHTS_FILE)[0], load_weights(second / WEIGHTS_FILE)[0]
    assert weights.keys() == there.keys()
    assert all(torch.equal(weights[name], there[name]) for name in weights)
    assert not {CHECKPOINT_FILE, REPEATS_FILE} & {path.name for folder in (whole, second) for path in folder.iterdir()}


def test_finished_repeats_are_not_trained_again(tmp_path: Path) -> None:
    evaluator = make("evaluator.repeats=3", "evaluator.sealed_test=true", "training.epochs=2", THREE[1])
    (tmp_path / "whole").mkdir()
    expected = run_child(evaluator, task(evaluator, attempt(tmp_path / "whole", 1)), capture_log=False).metrics
    first, second, third = (attempt(tmp_path, number) for number in (1, 2, 3))
    process(tmp_path, evaluator, task(evaluator, first), kill_in_epoch=3)  # the second of the second training
    process(tmp_path, evaluator, task(evaluator, second, resume_from=first), kill_in_epoch=1)
    resumed = process(tmp_path, evaluator, task(evaluator, third, resume_from=second))
    assert resumed is not None
    assert resumed["epochs"] == 2
    assert science(resumed["metrics"]) == science(expected)
    assert (tmp_path / "sealed.json").read_text() == (tmp_path / "whole" / "sealed.json").read_text()


@pytest.mark.parametrize("damage", ["cut", "in the middle", "of another child"])
def test_a_checkpoint_of_no_use_is_passed_over_with_a_line(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluator = make("evaluator.keep_weights=true", *THREE)
    first, second = attempt(tmp_path, 1), attempt(tmp_path, 2)
    process(tmp_path, evaluator, task(evaluator, first), kill_in_epoch=1)
    file = first / CHECKPOINT_FILE
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[:-100])
    elif damage == "in the middle":
        data[len(data) // 2 : len(data) // 2 + 4096] = bytes(4096)
        file.write_bytes(data)
    seed = 6 if damage == "of another child" else 5
    genome = evaluator.space.initial(Random(0))
    found = evaluator.evaluate(Task(0, genome, seed, folder=second, resume_from=first))
    assert f"{file} is " in (said := capsys.readouterr().err)
    assert "it is passed over" in said
    assert science(found) == science(evaluator.evaluate(Task(0, genome, seed)))


def test_children_of_seconds_save_nothing(tmp_path: Path) -> None:
    evaluator = make("training.epochs=3")
    folder = attempt(tmp_path, 1)
    evaluator.evaluate(task(evaluator, folder))
    assert evaluator.checkpoint_every_s > 0
    assert not list(folder.iterdir())


@pytest.mark.parametrize("value", ["-1", "often", "true"])
def test_an_interval_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(UserError, match=r"evaluator\.checkpoint_every_s is .*at least 0, or null"):
        make(f"evaluator.checkpoint_every_s={value}")
