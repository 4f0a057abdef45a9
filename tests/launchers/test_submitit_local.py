"""submitit's local jobs, through the same code as SLURM's."""

import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import calls
import pytest
from nas_launchers.build import build_executor
from nas_launchers.executor import Cancelled, RemoteError, TimedOut, WorkerDied
from nas_launchers.job_files import JobFiles
from nas_launchers.submitit_executor import SubmititExecutor

HERE = Path(__file__).parent


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Any]:
    made = build_executor("submitit_local", {"timeout_min": 5}, workers=2, folder=tmp_path, paths=[HERE])
    yield made
    made.shutdown(cancel=True)


def test_value_id_and_files(executor: Any, tmp_path: Path) -> None:
    job, other = executor.submit(calls.add, 1, 2), executor.submit(calls.add, 3, 4)
    assert (job.result(), other.result()) == (3, 7)
    folder = tmp_path / "jobs"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name.split("_")[0] for path in folder.iterdir()} == {job.id, other.id}
    executor.forget(job)
    assert {path.name.split("_")[0] for path in folder.iterdir()} == {other.id}
    executor.forget(other, keep_logs=True)
    assert {path.name for path in folder.iterdir()} == {f"{other.id}_0_log.out", f"{other.id}_0_log.err"}


def test_the_next_driver_attaches_and_ends_what_it_does_not_know(
    executor: Any, tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    known, stray = executor.submit(calls.run_until, tmp_path, "a", "go"), executor.submit(calls.sleep, 600.0)
    executor.detach()
    executor.shutdown(cancel=True)
    assert not gone(int(known.id))
    again = build_executor("submitit_local", {"timeout_min": 5}, workers=2, folder=tmp_path, paths=[HERE])
    again.end_strays([known.id])
    assert until(lambda: gone(int(stray.id)))
    attached = again.attach(known.id)
    assert not attached.done()
    (tmp_path / "go").touch()
    assert attached.result() == "ran"
    late = again.attach(known.id)  # it ended before anybody looked
    assert late.result() == "ran"
    again.shutdown()


def test_exception_keeps_type_and_traceback(executor: Any) -> None:
    odd, plain = executor.submit(calls.raise_odd_error), executor.submit(calls.raise_value_error, "wrong")
    with pytest.raises(ValueError, match="wrong") as caught:
        plain.result()
    assert "in raise_value_error" in str(caught.value.__cause__)
    with pytest.raises(RemoteError, match="odd") as other:
        odd.result()
    assert type(other.value).__name__ == "OddError"


def test_death_without_result(executor: Any) -> None:
    job = executor.submit(calls.kill_self, signal.SIGKILL)
    with pytest.raises(WorkerDied, match=f"job {job.id} ended in state FINISHED, without a result"):
        job.result()


def test_wait_and_cancel(
    executor: Any, tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    job = executor.submit(calls.write_pids_with_subprocess, tmp_path / "pids")
    executor.wait([job], 0.05)
    assert not job.done()
    assert until((tmp_path / "pids").exists)
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    assert all(until(lambda pid=pid: gone(int(pid))) for pid in (tmp_path / "pids").read_text().split())


def test_two_tasks_are_one_job(tmp_path: Path) -> None:
    node = {"tasks_per_node": 2, "timeout_min": 5}
    executor = build_executor("submitit_local", node, workers=1, folder=tmp_path, paths=[HERE])
    assert executor.submit(calls.environment, "SUBMITIT_LOCAL_GLOBALID").result()["SUBMITIT_LOCAL_GLOBALID"] == "0"
    executor.shutdown()


@pytest.mark.slow
def test_time_limit(tmp_path: Path) -> None:
    executor = build_executor("submitit_local", {"timeout_min": 1}, workers=1, folder=tmp_path, paths=[HERE])
    with pytest.raises(TimedOut, match="limit of 1 min"):
        executor.submit(calls.sleep, 120.0).result()
    executor.shutdown()


def test_environment_of_the_driver_is_untouched(executor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv("SLURM_CONF", "somewhere")
    before = dict(os.environ)
    seen = executor.submit(calls.environment, "SLURM_JOB_ID", "SLURM_CONF").result()
    assert (seen["SLURM_JOB_ID"], seen["SLURM_CONF"]) == (None, "somewhere")
    assert dict(os.environ) == before


def test_unknown_field_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"submitit_local has no field partitoin; its fields are .*timeout_min"):
        build_executor("submitit_local", {"partitoin": "gpu"}, workers=1, folder=tmp_path)


def test_field_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="timeout_min"):
        SubmititExecutor("submitit_local", {"timeout_min": "long"}, folder=tmp_path, slots=1)


def test_slurm_without_sbatch_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="needs SLURM's sbatch"):
        build_executor("submitit_slurm", {}, workers=1, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_jobs_files_are_those_that_submitit_names(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    tasks = [files.paths("12", task) for task in (0, 1)]
    kept = [path for task in tasks for path in (task.stdout, task.stderr)]
    gone = [tasks[0].submission_file, tasks[0].submitted_pickle, *(task.result_pickle for task in tasks)]
    for path in (*kept, *gone, files.paths("123").stdout):
        path.touch()
    files.forget("12", 2, keep_logs=True)
    assert files.names() == {*(path.name for path in kept), "123_0_log.out"}
    files.forget("12", 2, keep_logs=False)
    assert files.names() == {"123_0_log.out"}
