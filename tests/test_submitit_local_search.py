"""A search whose children are jobs of submitit's local executor, by the user's own command line."""

import subprocess
import sys
from pathlib import Path

from nas import History

ROOT = Path(__file__).resolve().parent.parent
SHRUNK = ["experiment=demo", "dataset.fraction=0.2", "training.epochs=1"]


def evolve(*overrides: str) -> None:
    command = [sys.executable, "-m", "nas.evolve", *SHRUNK, *overrides]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr


def test_four_children_with_the_science_of_local_ones(tmp_path: Path) -> None:
    evolve(f"run={tmp_path}/jobs", "hydra/launcher=submitit_local", "budget.evaluations=2")
    evolve(f"run={tmp_path}/jobs", "hydra/launcher=submitit_local", "budget.evaluations=4")  # extends it
    evolve(f"run={tmp_path}/here", "budget.evaluations=4")
    jobs, here = History.load(tmp_path / "jobs"), History.load(tmp_path / "here")
    assert len({individual.job for individual in jobs.told}) == 4
    assert jobs.science() == here.science()
