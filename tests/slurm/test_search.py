"""Searches by the user's own command line, every child a job of a real cluster."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]


def run(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "nas.evolve", *overrides, "hydra/launcher=submitit_slurm", f"runs_dir={folder}"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=280)


def evolve(folder: Path, *overrides: str) -> None:
    done = run(folder, *overrides)
    assert done.returncode == 0, done.stdout + done.stderr


def check(run: Path, told: int) -> History:
    history = History.load(run)
    assert len(history.told) == told
    jobs = [individual.job for individual in history.individuals]
    assert None not in jobs
    assert len(set(jobs)) == told  # each child a job of its own
    deadline = time.monotonic() + 60  # a job ends a little after it has written its result
    while (left := in_queue().intersection(jobs)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not left
    return history


def in_queue() -> set[str]:
    done = subprocess.run(["squeue", "--noheader", "--format=%i"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_four_digits_children(tmp_path: Path) -> None:
    shrunk = ["budget.evaluations=4", "dataset.fraction=0.2", "training.epochs=1", "hardware.mem_gb=2"]
    evolve(tmp_path, "experiment=demo", "run=digits", *shrunk)
    history = check(tmp_path / "digits", 4)
    assert all(individual.provenance["host"] for individual in history.told)


def test_the_mission_on_a_tree_in_imagenets_layout(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for split, count in (("train", 8), ("val", 3)):
        for wnid in range(4):
            folder = tmp_path / "imagenet" / split / f"n{wnid:08d}"
            folder.mkdir(parents=True)
            for image in range(count):
                pixels = rng.integers(0, 255, (50 + image, 60, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{image}.JPEG")
    shrunk = [
        "dataset.num_valid=8",
        "dataset.fraction=1.0",
        "dataset.image_size=32",
        "network=tiny",
        "training.epochs=1",
        "budget.evaluations=2",
    ]
    scratch = f"dataset.stage_to={tmp_path}/scratch"
    small = ["training.batch_size=8", "hardware.workers=2", "hardware.mem_gb=2"]
    where = f"dataset.root={tmp_path / 'imagenet'}"
    prepare = [sys.executable, "-m", "nas.prepare", "dataset=imagenet", where, "dataset.image_size=32"]
    subprocess.run(prepare, check=True, timeout=120)
    evolve(tmp_path, "algorithm=aging", "dataset=imagenet", where, "run=mission", *shrunk, *small, scratch)
    history = check(tmp_path / "mission", 2)
    dataset = history.identity["evaluator"]["dataset"]
    assert dataset["name"] == "imagenet"
    assert "pixels" in dataset


def test_a_job_that_the_cluster_refuses_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "experiment=demo", "run=refused", "hydra.launcher.partition=nowhere")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nas: ")]  # beside sbatch's own words
    assert "nowhere" in line
    assert not History.load(tmp_path / "refused").told  # and it goes on when the command is mended
