"""Weights that the disk does not take: their child fails, the search goes on, the journal stays whole."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from nas import History
from nas.search.individual import State

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 100_000  # bytes of a file: the journal has fewer, the widest networks' weights more
WIDE = (
    "experiment=large_scale_demo",
    "hardware.workers=0",
    "dataset.fraction=0.1",
    "training.steps=2",
    "population.size=4",
    "constraint.parameters=null",
    "constraint.flops=null",
    "search_space.mutations.alter_number_of_channels.factor=100",
    *(f"search_space.weights.{name}=0" for name in ("identity", "reset_weights", "alter_stride", "remove_convolution")),
    "search_space.weights.alter_number_of_channels=8",
    "search_space.weights.insert_convolution=8",
    "report=false",
)


def evolve(folder: Path, budget: int, limit: int | None) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "nas.evolve", *WIDE, f"budget.evaluations={budget}", f"run={folder}"]
    return subprocess.run(command, preexec_fn=limited, capture_output=True, text=True, cwd=ROOT, timeout=200)


def test_a_child_whose_weights_do_not_fit_fails_and_the_others_go_on(tmp_path: Path) -> None:
    done = evolve(tmp_path / "run", 25, LIMIT)
    assert "Traceback" not in done.stderr
    history = History.load(tmp_path / "run")
    failed = [individual for individual in history.individuals if individual.state is State.FAILED]
    assert failed
    assert all("cannot be written" in (individual.reason or "") for individual in failed)
    assert len(history.told) >= 4
    assert history.closed is not None
    assert done.returncode == {"budget": 0, "failures": 1}[history.closed["reason"]]
    weights = list((tmp_path / "run").rglob("*.pt*"))
    assert {path.parent.name for path in weights} == {"weights"}
    assert all(path.suffix == ".pt" and path.stat().st_size <= LIMIT for path in weights)


@pytest.mark.parametrize(("limit", "words"), [(4_000, "cannot be written: File too large"), (12_000, "the journal ")])
def test_a_file_that_cannot_be_written_stops_the_search_in_a_sentence_and_it_goes_on_later(
    tmp_path: Path, limit: int, words: str
) -> None:
    """First what a search begins with, then its journal."""
    done = evolve(tmp_path / "run", 25, limit)
    assert done.returncode == 2
    assert done.stderr.startswith("nas: ")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    again = evolve(tmp_path / "run", 12, None)
    assert again.returncode == 0, again.stderr
    history = History.load(tmp_path / "run")
    assert len(history.told) >= 12
