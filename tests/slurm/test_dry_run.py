"""A dry run whose children are jobs of a real cluster, and the consent that a costly search needs there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]
SEARCH = [
    "experiment=demo",
    "dataset.fraction=0.1",
    "training.epochs=1",
    "budget.evaluations=2",
    "budget.confirm_device_hours=0.0001",
    "hydra/launcher=submitit_slurm",
    "hardware.mem_gb=2",
    "hardware.workers=2",
    "preflight=false",
    "report=false",
    "run=costly",
]


def evolve(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "nas.evolve", *SEARCH, f"runs_dir={folder}", *overrides]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)


def test_it_is_measured_refused_consented_to_and_gone_on_with(tmp_path: Path) -> None:
    done = evolve(tmp_path, "dry_run=true", "dry_run_s=2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 children, 2 at once" in done.stdout
    assert "the first training of every child's process takes" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == [".estimates"]
    done = evolve(tmp_path)
    assert done.returncode == 2
    assert "device-hours (2 children, from a dry run of 3 children), more than" in done.stderr
    assert not (tmp_path / "costly").exists()
    done = evolve(tmp_path, "yes=true", "budget.evaluations=1")
    assert done.returncode == 0, done.stderr
    assert "what is left of costly is estimated to take" in evolve(tmp_path).stderr  # more than was agreed to
    done = evolve(tmp_path, "yes=true")
    assert done.returncode == 0, done.stderr
    assert len(History.load(tmp_path / "costly").told) == 2
    kept = json.loads((tmp_path / "costly" / "estimate.json").read_text())
    assert kept["consented"]["evaluations"] == 2
    assert [one["children"] for one in kept["estimates"]] == [1, 1]
