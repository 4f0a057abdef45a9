"""The tasks of a submitit job train as one process does, or are refused in a sentence."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from nas_launchers.build import build_executor

from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.child import WEIGHTS_FILE, run_child
from nas.retraining.final_training import FinalTraining
from nas.training import torch_file
from nas.training.inheritance import load_weights
from nas.training.job import JobTask, check_task, job_task
from tests.evaluators.test_resume import make
from tests.training.test_fit import Child
from tests.training.test_ranks import NOISE, noise, trained

ROOT = Path(__file__).resolve().parents[2]
TWO = "hardware.devices=2"


def executor(folder: Path, tasks: int = 2) -> Any:
    fields = {"tasks_per_node": tasks, "timeout_min": 5}
    return build_executor("submitit_local", fields, workers=1, folder=folder, paths=[ROOT])


def in_job(folder: Path, function: Any, *arguments: Any, tasks: int = 2) -> Any:
    made = executor(folder, tasks)
    try:
        return made.submit(function, *arguments).result()
    finally:
        made.shutdown(cancel=True)


def trained_on_noise(folder: Path, overrides: list[str]) -> tuple[Any, list[float], dict[str, Any]]:
    child = Child(*NOISE, f"dataset.path={noise(folder)}", *overrides)
    result, curve, network = trained(child, folder, precision="64-true")
    return result.timeless(), curve, network.state_dict()


def test_the_loss_curve_is_that_of_one_process(tmp_path: Path) -> None:
    """As `test_ranks` compares: in double precision, on noise, without batch norms."""
    import torch

    one, several = tmp_path / "one", tmp_path / "several"
    one.mkdir()
    several.mkdir()
    noise(several)
    expected, curve, weights = trained_on_noise(one, [])
    result, shared, back = in_job(tmp_path, trained_on_noise, several, [TWO])
    assert len(curve) == len(shared) >= 5
    assert shared == pytest.approx(curve, abs=1e-9)
    assert (result.examples, result.valid_accuracy) == (expected.examples, expected.valid_accuracy)
    for name, tensor in weights.items():
        torch.testing.assert_close(back[name], tensor, atol=1e-9, rtol=1e-9)


def test_a_child_and_a_final_training_of_two_tasks(tmp_path: Path) -> None:
    """The numbers are those of two processes that the training starts itself, to the bit; rank 0 alone leaves files."""
    evaluator = make(TWO, "training.epochs=2", "evaluator.keep_weights=true", "evaluator.checkpoint_every_s=0")
    genome = evaluator.space.initial(Random(0))
    architecture = evaluator.space.architecture(genome)
    final = FinalTraining(
        dataset=evaluator.dataset,
        network=evaluator.network,
        training=evaluator.training,
        hardware=evaluator.hardware,
        measure=("test",),
        keep_weights=True,
    )
    made = executor(tmp_path)
    for name, trains, what in (("child", evaluator, genome), ("final", final, architecture)):
        ours, theirs = tmp_path / name, tmp_path / f"{name}-processes"
        ours.mkdir()
        theirs.mkdir()
        outcome = made.submit(run_child, trains, Task(0, what, 5, folder=ours), True).result()
        expected = run_child(trains, Task(0, what, 5, folder=theirs), capture_log=False)
        assert {key: value for key, value in outcome.metrics.items() if not key.endswith("_s")} == {
            key: value for key, value in expected.metrics.items() if not key.endswith("_s")
        }
        assert json.loads((ours / "result.json").read_text())["metrics"] == outcome.metrics
        files = {path.name for path in theirs.iterdir()}
        assert {path.name for path in ours.iterdir()} == files | {"log", "log.rank1"}
        read = load_weights if name == "child" else lambda path: (torch_file.read(path),)
        weights, there = read(ours / WEIGHTS_FILE)[0], read(theirs / WEIGHTS_FILE)[0]
        assert all(tensor.equal(there[key]) for key, tensor in weights.items())
    made.shutdown()


@pytest.mark.parametrize(
    ("overrides", "tasks", "words"),
    [
        ([], 2, r"hardware\.devices is 1 .*needs a job of 1 tasks on 1 nodes, but job \S+ has 2 on 1"),
        ([TWO], 1, r"hardware\.devices is 2 .*needs a job of 2 tasks on 1 nodes, but job \S+ has 1 on 1"),
    ],
)
def test_tasks_that_are_not_the_devices_are_refused(
    overrides: list[str], tasks: int, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words):
        in_job(tmp_path, Child.train, Child(*overrides), tasks=tasks)


def test_several_nodes_are_refused_outside_of_slurm() -> None:
    with pytest.raises(UserError, match=r"hardware\.nodes is 2, only hydra/launcher=submitit_slurm"):
        Child("hardware.nodes=2").train()


def test_a_process_that_is_no_task_knows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that was started inside a job inherits its variables."""
    for name, value in (("SUBMITIT_EXECUTOR", "slurm"), ("SLURM_JOB_ID", "7"), ("SLURM_NTASKS", "2")):
        monkeypatch.setenv(name, value)
    assert job_task() is None
    check_task(Child(TWO).hardware, job_task())


def test_tasks_of_two_nodes_are_compared_with_both_numbers() -> None:
    hardware = Child("hardware.nodes=2", TWO).hardware
    task = JobTask(job_id="7", rank=0, local_rank=0, node=0, num_tasks=4, num_nodes=2, main_address="n1")
    check_task(hardware, task)
    with pytest.raises(UserError, match="needs a job of 4 tasks on 2 nodes, but job 7 has 4 on 1"):
        check_task(hardware, replace(task, num_nodes=1))
    assert task.main_port == replace(task, rank=3, node=1).main_port != replace(task, job_id="8").main_port


def test_a_foreign_checkpoint_in_the_working_folder_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a SLURM job Lightning would go on from it."""
    monkeypatch.setenv("SLURM_NTASKS", "1")
    monkeypatch.setenv("SLURM_JOB_NAME", "children")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hpc_ckpt_1.ckpt").write_text("another project's")
    assert Child("training.epochs=1").train().examples > 0
