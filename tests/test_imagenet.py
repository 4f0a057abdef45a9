"""A folder in ImageNet's layout, with its 1,000 classes, from prepare to a report by the documented commands."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nas import History
from tests.helpers.image_trees import image_tree

ROOT = Path(__file__).resolve().parent.parent
CLASSES = 1000
# The mission's own words, which tests/slurm sends to SLURM itself.
MISSION = ["algorithm=aging", "dataset=imagenet"]
SMALL = ["training.batch_size=20", "hardware.evaluation_batch_size=100", "network.filters=4", "network.num_cells=1"]


def call(entry: str, *overrides: str) -> str:
    command = [sys.executable, "-m", f"nas.{entry}", *overrides]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refused(entry: str, *overrides: str) -> str:
    """The sentence of a command that is refused."""
    command = [sys.executable, "-m", f"nas.{entry}", *overrides]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr


def mission(root: Path, runs: Path, *overrides: str) -> History:
    """Prepare, the search, and its journal."""
    where = f"dataset.root={root}"
    assert "is ready" in call("prepare", "dataset=imagenet", where)
    call("evolve", *MISSION, where, "run=mission", f"runs_dir={runs}", *SMALL, *overrides)
    return History.load(runs / "mission")


def check_proxy(history: History, told: int) -> None:
    identity = history.identity["evaluator"]
    assert len(history.told) == told
    assert identity["dataset"]["image_size"] == 64
    assert identity["dataset"]["fraction"] == 0.1
    assert "pixels" in identity["dataset"]


def test_a_small_tree_is_prepared_searched_and_retrained(tmp_path: Path) -> None:
    root = image_tree(tmp_path / "imagenet", classes=5, train=20, val=2)
    runs = f"runs_dir={tmp_path}"
    jobs = ["hydra/launcher=submitit_local", "hardware.workers=2"]
    small = ["dataset.num_valid=20", "training.epochs=1", "training.batch_size=8", "budget.evaluations=2"]
    history = mission(root, tmp_path, *jobs, *small)
    check_proxy(history, 2)
    assert all(individual.job is not None for individual in history.told)
    full = [
        "+dataset.image_size=128",
        "+dataset.fraction=0.3",
        "network=search",
        "training=search",
        "repeats=1",
        "hardware.workers=0",
    ]
    out = call("retrain", "run=mission", runs, "top_k=1", *full, *SMALL, "training.epochs=1", "network.filters=8")
    assert "card.html" in out
    (tmp_path / "imagenet-64px").rename(tmp_path / "elsewhere")
    again = ["run=mission", runs, "top_k=1", "out=again"]
    assert "saw other pixels than imagenet gives now" in refused("retrain", *again)
    assert "dataset.pixels" in refused("evolve", *MISSION, f"dataset.root={root}", "run=mission", runs, *SMALL, *small)
    assert (tmp_path / "mission" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_thousand_classes(tmp_path: Path) -> None:
    """The proxy as it is, but for the budget, the validation part and the width."""
    root = image_tree(tmp_path / "imagenet", classes=CLASSES, train=2, val=1)
    history = mission(
        root, tmp_path, "dataset.num_valid=1000", "budget.evaluations=2", "dataset.stage_to=" + str(tmp_path / "s")
    )
    check_proxy(history, 2)
    assert history.identity["evaluator"]["training"]["epochs"] == 10
    assert {individual.metrics["train_examples"] for individual in history.told} == {100 * 10}
    labels = np.load(next((tmp_path / "s").iterdir()) / "listing.npy")[:, 0]
    assert len(np.unique(labels)) == CLASSES
    runs = f"runs_dir={tmp_path}"
    full = ["+dataset.image_size=128", "+dataset.fraction=0.1", "network=search", "training=search", "repeats=1"]
    call("retrain", "run=mission", runs, "top_k=1", *full, *SMALL, "training.epochs=1", "network.filters=8")
    assert "imagenet" in (tmp_path / "mission" / "report.html").read_text()
    call("report", "run=mission", runs)
