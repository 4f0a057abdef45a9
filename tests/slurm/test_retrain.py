"""A retraining whose trainings are jobs of two tasks, by the user's own command line, with a driver that is killed."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from chaos_cluster import queued
from nas_launchers.mark import comment as comment_of
from nas_launchers.mark import run_mark

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]
SEARCH = [
    "experiment=demo",
    "algorithm=random",
    "budget.evaluations=2",
    "run=digits",
    "dataset.fraction=0.1",
    "network.filters=4",
    "training.epochs=1",
    "hardware.workers=0",
    "report=false",
]
RETRAIN = [
    "run=digits",
    "top_k=2",
    "repeats=1",
    "network=tiny",
    "network.filters=4",
    "training=tiny",
    "training.epochs=2",
    "hardware=cpu",
    "hardware.devices=2",
    "hardware.mem_gb=2",
]


def start(entry: str, *overrides: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"nas.{entry}", *overrides]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(process: "subprocess.Popen[str]") -> str:
    out, _ = process.communicate(timeout=200)
    assert process.returncode == 0, out
    return out


def accuracies(folder: Path) -> Any:
    return json.loads((folder / "card.json").read_text())["accuracy"]


def all_jobs(folder: Path, label: str) -> set[str]:
    """Ids of the run's jobs of which SLURM still knows, also of those that have ended."""
    command = ["squeue", "--states=all", "--noheader", "--format=%i|%k"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.strip().split("|") for line in done.stdout.splitlines()]
    return {job for job, comment in rows if comment.startswith(comment_of(run_mark(folder), label))}


def test_trainings_are_jobs_of_two_ranks_and_outlive_their_driver(tmp_path: Path) -> None:
    where = f"runs_dir={tmp_path}"
    finish(start("evolve", where, *SEARCH))
    on_cluster = [where, *RETRAIN, "hydra/launcher=submitit_slurm", "out=there"]
    driver = start("retrain", *on_cluster)
    notes = tmp_path / "there" / "trainings"
    deadline = time.monotonic() + 120
    while len(list(notes.glob("*/job.json"))) < 2:
        assert time.monotonic() < deadline
        assert driver.poll() is None
        time.sleep(0.1)
    jobs = {json.loads(path.read_text())["job"] for path in notes.glob("*/job.json")}
    driver.kill()
    driver.wait()
    finish(start("retrain", *on_cluster))
    finish(start("retrain", where, *RETRAIN, "hydra/launcher=local", "hardware.workers=1", "out=here"))
    assert accuracies(tmp_path / "there") == accuracies(tmp_path / "here")
    done = json.loads((notes / "candidate-000" / "result.json").read_text())
    assert done["provenance"]["devices"] == 2
    assert (notes / "candidate-000" / "log.rank1").exists()
    assert all_jobs(tmp_path / "there", "candidate-") == jobs  # they were taken up: no candidate was trained twice
    assert not list((tmp_path / "there" / "jobs").iterdir())
    assert not list(notes.glob("*/job.json"))
    assert queued(tmp_path / "there") == []
