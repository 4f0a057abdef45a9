"""Packed jobs on a real cluster, and a search through the user's command line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import calls
import pytest
from nas_launchers.build import build_executor
from nas_launchers.executor import Lost, SubmissionRefused, TimedOut, WorkerDied
from nas_launchers.mark import run_mark

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
PATHS = [Path(calls.__file__).parent]
ROOT = Path(__file__).resolve().parents[2]


def make(folder: Path, workers: int = 4, **fields: Any) -> Any:
    node = {"timeout_min": 1, "walltime_min": 10, "children_per_job": 2, "mem_gb": 1, **fields}
    return build_executor("slurm_packed", node, workers=workers, folder=folder, paths=[*PATHS, ROOT])


def queue(folder: Path, shown: str = "%i") -> list[str]:
    """This run's jobs, in the states in which they may still run."""
    command = ["squeue", "--noheader", f"--format=%k|{shown}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    mark = f"nas:{run_mark(folder)}:pool|"
    return [line.strip().removeprefix(mark) for line in done.stdout.splitlines() if line.startswith(mark)]


def until(condition: Any, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.1)
    return bool(condition())


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Any]:
    made = make(tmp_path)
    yield made
    made.shutdown(cancel=True)


def test_slots_of_two_jobs(tmp_path: Path) -> None:
    folder = tmp_path / "a run's"
    folder.mkdir()
    executor = make(folder, gpus_per_node=1, setup=["export NAS_TEST_SETUP=done"])
    names = ("SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES", "NAS_TEST_SETUP", "OMP_NUM_THREADS")
    jobs = [executor.submit(calls.sleep, 2.0) for _ in range(4)]
    jobs[0].result()
    assert queue(folder, "%j") == ["a-run-s", "a-run-s"]
    seen: list[dict[str, Any]] = []
    for _ in range(3):  # all slots busy at once, so that each shows itself
        seen += [job.result() for job in [executor.submit(environment_after, 0.5, *names) for _ in range(4)]]
    assert len({each["SLURM_JOB_ID"] for each in seen}) == 2
    assert len({each["pid"] for each in seen}) == 4
    assert len({(each["SLURM_JOB_ID"], each["CUDA_VISIBLE_DEVICES"]) for each in seen}) == 4
    assert {each["NAS_TEST_SETUP"] for each in seen} == {"done"}
    assert {each["OMP_NUM_THREADS"] for each in seen} == {"1"}
    executor.shutdown()
    assert queue(folder) == []


def environment_after(seconds: float, *names: str) -> dict[str, Any]:
    time.sleep(seconds)
    return calls.environment(*names)


def test_a_child_that_dies_takes_nobody_along(executor: Any) -> None:
    others = [executor.submit(calls.sleep, 2.0) for _ in range(2)]
    with pytest.raises(WorkerDied, match="exit code 3"):
        executor.submit(calls.leave, 3).result()
    with pytest.raises(WorkerDied, match="SIGSEGV"):
        executor.submit(calls.segfault).result()
    with pytest.raises(ValueError, match="wrong") as caught:
        executor.submit(calls.raise_value_error, "wrong").result()
    assert "in raise_value_error" in str(caught.value.__cause__)
    assert executor.submit(calls.grandchild, 1).result() == 2
    assert [job.result() for job in others] == ["slept", "slept"]


def test_limit_of_a_child(tmp_path: Path) -> None:
    executor = make(tmp_path, timeout_min=0.05)
    with pytest.raises(TimedOut, match="limit of 3"):
        executor.submit(calls.sleep, 60.0).result()
    executor.shutdown(cancel=True)


def test_a_lost_job_loses_its_children_at_once_and_is_replaced(executor: Any, tmp_path: Path) -> None:
    jobs = [executor.submit(job_and_sleep, 4.0) for _ in range(4)]
    assert until(lambda: queue(tmp_path, "%T") == ["RUNNING", "RUNNING"])
    time.sleep(2.5)  # their workers are up, their children run
    lost = queue(tmp_path)[0]
    subprocess.run(["scancel", lost], check=True)
    ended = [ending(job) for job in jobs]
    assert lost not in ended
    assert ended.count("lost") == 2
    again = [executor.submit(calls.sleep, 10.0) for _ in range(4)]
    assert until(lambda: (executor.wait(again, 0.5), len(set(queue(tmp_path)) - {lost}) == 2)[1], 20.0)
    assert [job.result() for job in again] == ["slept"] * 4


def ending(job: Any) -> str:
    try:
        value: str = job.result()
    except Lost:
        return "lost"
    return value


def job_and_sleep(seconds: float) -> str:
    time.sleep(seconds)
    return os.environ["SLURM_JOB_ID"]


def test_refused_and_hopeless_jobs(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRefused, match="invalid partition specified: nowhere"):
        make(tmp_path, partition="nowhere").submit(calls.add, 1, 1)
    executor = make(tmp_path, workers=1, setup=["echo no such module >&2; exit 1"])
    with pytest.raises(WorkerDied, match=r"3 packed jobs in a row ended .* no such module"):
        executor.submit(calls.add, 1, 1).result()
    executor.shutdown(cancel=True)
    assert queue(tmp_path) == []


@pytest.mark.slow
def test_a_job_is_drained_before_its_limit(tmp_path: Path) -> None:
    """Two jobs' lives; no child is lost."""
    executor = make(tmp_path, workers=2, timeout_min=0.5, walltime_min=2.5)  # drains after a minute
    jobs = [executor.submit(job_and_sleep, 2.0) for _ in range(2)]
    seen, end = set(), time.monotonic() + 80
    while time.monotonic() < end:
        executor.wait(jobs, 1.0)
        for job in [job for job in jobs if job.done()]:
            jobs.remove(job)
            seen.add(job.result())
            jobs.append(executor.submit(job_and_sleep, 2.0))
    assert len(seen) == 2
    executor.shutdown(cancel=True)


def command(folder: Path, *overrides: str) -> list[str]:
    where = ["hydra/launcher=slurm_packed", "hydra.launcher.children_per_job=2", f"runs_dir={folder}", "run=packed"]
    resources = ["hardware.workers=4", "hardware.timeout_min=1", "hardware.mem_gb=1", "hydra.launcher.walltime_min=10"]
    return [sys.executable, "-m", "nas.evolve", "experiment=toy", *where, *resources, *overrides]


def test_a_search_of_twenty_children(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, "budget.evaluations=20"), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    history = History.load(tmp_path / "packed")
    assert [individual.number for individual in history.individuals] == list(range(20))
    assert len(history.told) == 20
    assert queue(tmp_path / "packed") == []


def test_a_killed_driver_leaves_no_jobs_and_is_followed(tmp_path: Path) -> None:
    driver = subprocess.Popen(command(tmp_path, "budget.evaluations=100000"), cwd=ROOT, stdout=subprocess.DEVNULL)
    journal = tmp_path / "packed" / "history.jsonl"
    assert until(lambda: journal.exists() and journal.read_text().count('"told"') > 10)
    logs = tmp_path / "packed" / "jobs"  # a worker that still looks for its driver does so for a minute
    assert until(lambda: sum("Registered to" in log.read_text() for log in logs.glob("*.log")) == 2)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert until(lambda: queue(tmp_path / "packed") == [], 30.0)
    told = journal.read_text().count('"told"')
    done = subprocess.run(
        command(tmp_path, f"budget.evaluations={told + 10}"), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(History.load(tmp_path / "packed").told) == told + 10
