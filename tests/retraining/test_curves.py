"""Curves of final trainings in W&B: real wandb, offline, read back with its own tool."""

import json
import logging
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
from parts import SPACE, dataset, hardware, network, recipe
from tests_cli import ROOT
from wandb_cloud import KEY, Cloud
from wandb_files import inspect, run_record, sessions, summary

from nas.application import build, config_folder
from nas.data.seeds import derived_seed
from nas.evaluators.base import Task
from nas.evaluators.child import WEIGHTS_FILE
from nas.retraining.final_training import FinalTraining
from nas.tracking.wandb_account import WandbAccount
from nas.tracking.wandb_curves import WandbCurves

HELPER = ROOT / "tests" / "helpers" / "killed_child.py"
EPOCHS = 4
CURVES = WandbCurves(
    account=WandbAccount(project="nas", entity=None, mode="auto"), group="cells-digits", tags=("aging", "cells")
)


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "wandb-config"))


def training(curves: Any = CURVES, **changes: Any) -> FinalTraining:
    own = {"measure": ("test",), "keep_weights": True, "hardware": hardware(threads=1), **changes}
    return FinalTraining(dataset=dataset(), network=network(), training=recipe(epochs=EPOCHS), curves=curves, **own)


def task(folder: Path) -> Task:
    folder.mkdir(parents=True, exist_ok=True)
    return Task(number=0, genome=SPACE.architecture(SPACE.initial(Random(0))), seed=derived_seed(0), folder=folder)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / WEIGHTS_FILE, weights_only=True)


def assert_equal_weights(left: Path, right: Path) -> None:
    ours, theirs = weights(left), weights(right)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def history(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items = [one["history"]["item"] for one in records if one["type"] == "history"]
    return [{key: value for key, value in item.items() if key[0] != "_"} for item in items]


def without_seconds(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if not name.endswith("_s")}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A training without curves: its folder and its metrics."""
    folder = tmp_path_factory.mktemp("plain") / "trainings" / "winner-0"
    return folder, training(None).evaluate(task(folder))


def test_curves_change_no_number_and_are_logged(tmp_path, plain):
    folder = tmp_path / "best" / "trainings" / "winner-0"
    metrics = training().evaluate(task(folder))
    assert without_seconds(metrics) == without_seconds(plain[1])
    assert_equal_weights(folder, plain[0])
    (session,) = sessions(folder)
    records = inspect(session)
    run, logged = run_record(records), history(records)
    assert (run["display_name"], run["run_group"], run["job_type"]) == ("best/winner-0", "cells-digits", "retrain")
    assert run["tags"] == ["aging", "cells"]
    assert run["config"]["update"]["parameters"] == metrics["parameters"]
    assert run["config"]["update"]["training"]["epochs"] == EPOCHS
    steps = [row["trainer/global_step"] for row in logged]
    assert steps == sorted(set(steps))
    assert len(steps) >= EPOCHS
    assert all(0 < row["train/loss"] < 10 for row in logged)
    assert 0 < logged[0]["train/learning_rate"] < 1
    end = summary(records)
    assert end["valid/accuracy"] == metrics["valid_accuracy"]
    assert end["test/accuracy"] == metrics["test_accuracy"]
    assert not (plain[0] / "wandb").exists()


def killed_and_finished(folder: Path, tmp_path: Path, environment: dict[str, str]) -> list[int]:
    """A training that is killed in its third epoch and then runs to its end, in processes of their own."""
    arguments = tmp_path / "arguments.pickle"
    arguments.write_bytes(pickle.dumps((training(), task(folder))))
    path = os.pathsep.join([str(ROOT), str(ROOT / "launchers")])
    codes = []
    for epoch in (["2"], []):
        command = [sys.executable, str(HELPER), str(arguments), *epoch]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path, **environment}, timeout=200)
        codes.append(done.returncode)
    return codes


def test_a_killed_training_goes_on_in_the_same_run(tmp_path, plain):
    folder = tmp_path / "best" / "trainings" / "winner-0"
    assert killed_and_finished(folder, tmp_path, {}) == [-signal.SIGKILL, 0]
    assert_equal_weights(folder, plain[0])
    (session,) = sessions(folder)
    training().evaluate(task(tmp_path / "whole" / "trainings" / "winner-0"))
    (whole,) = sessions(tmp_path / "whole" / "trainings" / "winner-0")
    assert history(inspect(session)) == history(inspect(whole))


@pytest.mark.slow
def test_online_nothing_is_logged_twice(tmp_path, plain):
    folder = tmp_path / "best" / "trainings" / "winner-0"
    with Cloud().serving() as cloud:
        online = {"WANDB_API_KEY": KEY, "WANDB_BASE_URL": cloud.url}
        assert killed_and_finished(folder, tmp_path, online) == [-signal.SIGKILL, 0]
        ((name, run),) = cloud.runs.items()
    assert name == (folder / "wandb" / "run-id").read_text()
    rows = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    assert [line["trainer/global_step"] for line in run.history] == [row["step"] for row in rows]
    assert [line["train/loss"] for line in run.history] == [row["train/loss"] for row in rows]


@pytest.mark.slow
def test_several_devices_have_one_run(tmp_path):
    folder = tmp_path / "best" / "trainings" / "winner-0"
    training(hardware=hardware(threads=1, devices=2)).evaluate(task(folder))
    (session,) = sessions(folder)
    assert history(inspect(session))[-1]["valid/accuracy"] > 0


def test_a_logger_that_fails_ends_no_training(tmp_path, plain, monkeypatch, caplog):
    from pytorch_lightning.loggers import WandbLogger

    def fail(*arguments: Any, **keywords: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(WandbLogger, "log_metrics", fail)
    folder = tmp_path / "best" / "trainings" / "winner-0"
    with caplog.at_level(logging.WARNING):
        training().evaluate(task(folder))
    assert_equal_weights(folder, plain[0])
    (record,) = [one for one in caplog.records if one.name.startswith("nas")]
    assert "not logged from now on (OSError: no space left)" in record.getMessage()


def test_a_run_that_cannot_be_started_ends_no_training(tmp_path, plain, caplog):
    folder = tmp_path / "best" / "trainings" / "winner-0"
    folder.mkdir(parents=True)
    (folder / "wandb").write_text("in the way")
    training().evaluate(task(folder))
    assert_equal_weights(folder, plain[0])
    (record,) = [one for one in caplog.records if one.name.startswith("nas")]
    assert "the curves of this training are not logged" in record.getMessage()


def test_every_training_of_a_retraining_is_in_the_searchs_group(tmp_path, searched, make, run_here, science):
    """By way of the command line's own options; the card is that of a retraining without a tracker."""
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("retrain", overrides=["run=small", "tracker=wandb"])
    curves = build(config.tracker, "tracker").curves([searched])
    card = run_here(make(curves=curves), tmp_path / "best").card
    assert science(card) == science(run_here(make(), tmp_path / "plain").card)
    runs = {path.name: run_record(inspect(*sessions(path))) for path in (tmp_path / "best" / "trainings").iterdir()}
    assert runs.keys() == {"candidate-000", "candidate-001", "winner-0", "winner-1"}
    assert {run["run_group"] for run in runs.values()} == {"cells-digits"}
    assert {run["display_name"] for run in runs.values()} == {f"best/{name}" for name in runs}
    assert not list((tmp_path / "plain").rglob("wandb"))
