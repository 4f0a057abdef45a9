"""A run folder may lie on a network file system: what driver and children ask of it, seen in their system calls.

`tests/slurm/test_network_file_system.py` has the same on a real cluster. docs/cluster.md says what is promised.
"""

import sys
from pathlib import Path

import pytest
from network_files import Files, locks_and_maps, unsynced_starts, writes_to
from system_calls import Call, traced

from nas import History
from nas.search.journal import FILE_NAME

ROOT = Path(__file__).resolve().parent.parent
EVOLVE = [sys.executable, "-m", "nas.evolve"]
SHRUNK = ["experiment=demo", "dataset.fraction=0.1", "training.epochs=2", "hardware.workers=1"]
SHRUNK += ["budget.evaluations=1", "evaluator.keep_weights=true", "report=false"]


def check_journal(calls: list[Call], run: Path) -> None:
    """Every event was one write of the whole line."""
    lines = (run / FILE_NAME).read_bytes().splitlines(keepends=True)
    assert writes_to(calls, run / FILE_NAME) == [len(line) for line in lines]


def test_a_search_in_one_process(tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [*EVOLVE, "experiment=toy", "budget.evaluations=50", f"run={run}"]
    calls = traced(command, tmp_path / "trace", cwd=ROOT)
    assert len(History.load(run).told) == 50
    assert locks_and_maps(calls, run) == []
    check_journal(calls, run)


@pytest.mark.parametrize(
    ("launcher", "program"),
    [pytest.param("local", None, marks=pytest.mark.slow), ("submitit_local", "submitit.local._local")],
)
def test_a_search_whose_children_are_processes(launcher: str, program: str | None, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [*EVOLVE, *SHRUNK, f"hydra/launcher={launcher}", f"run={run}"]
    calls = traced(command, tmp_path / "trace", cwd=ROOT)
    assert len(History.load(run).told) == 1
    assert locks_and_maps(calls, run) == []
    check_journal(calls, run)
    files = Files(calls, run)
    problems = {new: found for new, found in files.renamed.items() if new.startswith(f"{run}/children")}
    assert sorted(Path(path).name for path in problems) == ["result.json", "weights.pt"]
    assert not any(problems.values()), problems
    assert files.unseen == []
    if program is not None:  # the pool's workers send their results through a pipe
        assert unsynced_starts(calls, run / FILE_NAME, program) == (1, [])
        assert files.shared > 0


TRAIN = """
import os, sys
from pathlib import Path
from tests.training.test_checkpoint import Child, Interrupt, Interrupted, train
first = os.fork() == 0
try:
    train(Child("training.epochs=2"), Path(sys.argv[1]), callbacks=[Interrupt(1)]) if first else os.wait()
except Interrupted:
    os._exit(0)
train(Child("training.epochs=2"), Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_a_training_that_another_process_goes_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "training"
    command = [sys.executable, "-c", TRAIN, str(folder)]
    calls = traced(command, tmp_path / "trace", cwd=ROOT)
    assert locks_and_maps(calls, folder) == []
    files = Files(calls, folder)
    assert [Path(path).name for path in files.renamed] == ["last.ckpt"]
    assert not any({"not synced", "still open for writing"} & set(found) for found in files.renamed.values())
    assert files.shared > 0
    assert files.unseen == []
