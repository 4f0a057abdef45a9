"""Jobs on a real cluster."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import calls
import pytest
from nas_launchers.build import build_executor
from nas_launchers.executor import Cancelled, SubmissionRefused, TimedOut, WorkerDied

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
PATHS = [Path(calls.__file__).parent]


def make(folder: Path, **fields: Any) -> Any:
    return build_executor("submitit_slurm", {"timeout_min": 10, **fields}, workers=4, folder=folder, paths=PATHS)


def in_queue() -> set[str]:
    done = subprocess.run(["squeue", "--noheader", "--format=%i"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Any]:
    made = make(tmp_path)
    yield made
    made.shutdown(cancel=True)


def test_four_jobs(executor: Any, tmp_path: Path) -> None:
    jobs = [executor.submit(calls.add, number, 1) for number in range(4)]
    executor.wait(jobs, 60.0)
    assert any(job.done() for job in jobs)
    assert [job.result() for job in jobs] == [1, 2, 3, 4]
    assert {path.name.split("_")[0] for path in (tmp_path / "jobs").iterdir()} == {job.id for job in jobs}


def test_exception_and_death(executor: Any) -> None:
    raising, leaving, exiting = (
        executor.submit(calls.raise_value_error, "wrong"),
        executor.submit(calls.leave, 3),
        executor.submit(calls.sys_exit, 4),
    )
    with pytest.raises(ValueError, match="wrong") as caught:
        raising.result()
    assert "in raise_value_error" in str(caught.value.__cause__)
    start = time.monotonic()
    with pytest.raises(WorkerDied, match=rf"job {leaving.id} ended in state FAILED.*Exited with exit code 3"):
        leaving.result()
    with pytest.raises(WorkerDied, match="exit code 4"):
        exiting.result()
    assert time.monotonic() - start < 60, "submitit alone would take ten minutes"


def test_cancel(executor: Any) -> None:
    job = executor.submit(calls.sleep, 600.0)
    while job.id not in in_queue():
        time.sleep(0.1)
    job.cancel()
    assert job.id not in in_queue()
    with pytest.raises(Cancelled):
        job.result()


def test_shutdown_leaves_no_job(tmp_path: Path) -> None:
    executor = make(tmp_path)
    jobs = [executor.submit(calls.write_pid_and_sleep, tmp_path / "pid") for _ in range(3)]
    while not (tmp_path / "pid").exists():
        time.sleep(0.1)
    executor.shutdown(cancel=True)
    assert in_queue().isdisjoint(job.id for job in jobs)


def test_job_that_somebody_else_cancelled(executor: Any, tmp_path: Path) -> None:
    job = executor.submit(calls.write_pid_and_sleep, tmp_path / "pid")
    while not (tmp_path / "pid").exists():
        time.sleep(0.1)
    subprocess.run(["scancel", job.id], check=True)
    with pytest.raises(WorkerDied, match="CANCELLED"):
        job.result()


def test_unknown_partition_in_the_words_of_sbatch(tmp_path: Path) -> None:
    executor = make(tmp_path, partition="nowhere")
    with pytest.raises(SubmissionRefused, match="invalid partition specified: nowhere"):
        executor.submit(calls.add, 1, 1)
    assert not list((tmp_path / "jobs").iterdir())
    executor.shutdown(cancel=True)


def test_fields_reach_the_job(tmp_path: Path) -> None:
    executor = make(
        tmp_path,
        cpus_per_task=2,
        setup=["export NAS_TEST_SETUP=done"],
        comment="from a test",
        name="nas-test",
    )
    job = executor.submit(calls.environment, "NAS_TEST_SETUP", "SLURM_CPUS_PER_TASK", "SLURM_JOB_NAME", label="7:1")
    found = job.result()
    assert (found["NAS_TEST_SETUP"], found["SLURM_CPUS_PER_TASK"], found["SLURM_JOB_NAME"]) == ("done", "2", "nas-test")
    script = (tmp_path / "jobs" / f"{job.id}_submission.sh").read_text()
    assert re.search(r"#SBATCH --comment='nas:[0-9a-f]{12}:7:1 from a test'", script)
    executor.shutdown()


def test_two_tasks(tmp_path: Path) -> None:
    executor = make(tmp_path, tasks_per_node=2)
    assert executor.submit(calls.environment, "SLURM_PROCID", "SLURM_NTASKS").result()["SLURM_PROCID"] == "0"
    executor.shutdown()


@pytest.mark.slow
def test_time_limit(tmp_path: Path) -> None:
    executor = make(tmp_path, timeout_min=1, signal_delay_s=30)
    job = executor.submit(calls.sleep, 600.0)
    with pytest.raises(TimedOut, match=f"job {job.id} ran into its limit of 1 min"):
        job.result()
    executor.shutdown(cancel=True)


def test_submission_from_inside_a_job(tmp_path: Path) -> None:
    """A driver may run in an interactive job: its children must not take themselves for a part of that."""
    executor = make(tmp_path)
    job = executor.submit(submit_from_here, tmp_path / "inner")
    assert job.result() == 5
    executor.shutdown()


def submit_from_here(folder: Path) -> int:
    inner = make(folder, cpus_per_task=1)
    value: int = inner.submit(calls.add, 2, 3).result()
    inner.shutdown()
    return value
