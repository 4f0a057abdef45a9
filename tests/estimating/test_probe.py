"""A training that is cut short: as far as asked, whole where it is short, and what follows from the clock by hand."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import parts
import pytest
from tests_cli import ROOT

from nas.estimating import probe as probes
from nas.estimating.probe import FEW, _Training, probe
from nas.evaluators.base import Task
from nas.evaluators.train import TrainEvaluator

GENOMES = [parts.SPACE.initial(Random(seed)) for seed in range(2)]


def evaluator(**recipe: int) -> TrainEvaluator:
    return TrainEvaluator(
        space=parts.SPACE,
        dataset=parts.dataset(),
        network=parts.network(),
        training=parts.recipe(**recipe),
        hardware=parts.hardware(),
    )


def test_a_short_child_is_trained_whole(tmp_path: Path) -> None:
    whole = evaluator(epochs=3)
    found = probe(whole, *GENOMES, 1, tmp_path, 60.0)
    assert found.passes == found.all_passes == whole.training.num_steps(whole.dataset.num_train)
    assert found.child_s == pytest.approx(found.measured_s)
    assert found.unsteady == 0
    assert 0 < found.step_s < found.measured_s < found.ran_s


def test_a_long_one_is_cut_short_and_extrapolated(tmp_path: Path) -> None:
    found = probe(evaluator(epochs=2000), *GENOMES, 1, tmp_path, 0.01)
    assert FEW <= found.passes < 2 * FEW
    assert found.all_passes == 2000 * evaluator().training.steps_per_epoch(evaluator().dataset.num_train)
    more = (found.all_passes - found.passes) * found.step_s
    assert found.child_s == pytest.approx(found.measured_s + more)


def test_repeats_and_a_sealed_test_cost_more(tmp_path: Path) -> None:
    one = probe(evaluator(), *GENOMES, 1, tmp_path, 60.0)
    seals = replace(evaluator(), repeats=3, sealed_test=True)
    found = probe(seals, *GENOMES, 1, tmp_path, 60.0)
    assert found.child_s > 3 * found.measured_s  # the test part besides
    assert one.child_s == pytest.approx(one.measured_s)


def test_only_a_process_that_has_not_trained_has_something_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "_has_trained", False)
    assert probe(evaluator(), *GENOMES, 1, tmp_path, 60.0).is_first
    again = probe(evaluator(), *GENOMES, 1, tmp_path, 60.0)
    assert (again.is_first, again.start_s) == (False, 0.0)


def test_a_training_that_diverges_is_no_failure(tmp_path: Path) -> None:
    wild = replace(evaluator(epochs=20), training=parts.recipe(epochs=20, learning_rate=1e9, gradient_clip=None))
    assert wild.evaluate(Task(number=0, genome=GENOMES[0], seed=1))["diverged"]
    assert probe(wild, *GENOMES, 1, tmp_path, 60.0).child_s > 0


def test_weights_are_written_where_the_search_keeps_them(tmp_path: Path) -> None:
    probe(replace(evaluator(), keep_weights=True), *GENOMES, 1, tmp_path, 60.0)
    assert (tmp_path / "weights.pt").exists()


def test_seconds_by_hand() -> None:
    """The first three of nine passes take 5 s each, others 1 s; the first of three batches takes 4 s, others 2 s."""
    train = [0.0, 5.0, 10.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0]
    found = _Training(40.0, train, [30.0, 34.0, 36.0, 38.0], 0.0, None)
    assert (found.passes, found.pass_s, found.batch_s, found.unsteady) == (9, 1.0, 2.0, 0.0)
    assert found.until(9, 3) == 40
    assert found.until(109, 13) == 40 + 100 + 20
    assert found.until(2, 1) == 40 - 7 - 4


def test_halves_that_differ() -> None:
    found = _Training(10.0, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0], [0.0, 1.0], 0.0, None)
    assert found.pass_s == pytest.approx(1.5)
    assert found.unsteady == pytest.approx(1 / 1.5)


GROWING = """
from nas.estimating.clock import resident_gb
print(resident_gb())
block = b"1" * (300 * 2**20)
print(resident_gb())
"""


def test_memory_is_that_of_this_process() -> None:
    """The most that it has held so far, so the question is put to a new one."""
    command = [sys.executable, "-c", GROWING]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    before, after = map(float, printed.split())
    assert 0.05 < before < after - 0.29 < 64
