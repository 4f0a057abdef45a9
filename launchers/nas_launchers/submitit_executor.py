"""Hands every call to submitit as a job of its own: on SLURM, or as local processes through the same code.

Ours is only what submitit 1.5 does not do well (its `Job.done` and `Job.result` are not used): a job that died without
a result is noticed within seconds rather than within ten minutes, preempted and requeued jobs are waited for, and a
site needs no accounting. A result file is believed first, then squeue, which is asked once a second for all jobs.

submitit submits at most one job per 0.2 s; that is left as it is, being kind to the scheduler.

Jobs do not die with their driver: those of a driver that was killed go on, and their folders `jobs/ID` can be read
later by whoever knows the id. submitit keeps the last 30 s of a local job's limit for an orderly end.
"""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import FailedJobError

from nas_launchers.executor import SubmissionRefused
from nas_launchers.fields import completed
from nas_launchers.states import GONE, Backend, LocalBackend, SlurmBackend
from nas_launchers.submission import OWN_PATH, outside_of_jobs, python_path, setup_lines
from nas_launchers.submitit_job import SubmititJob, run

FILES_S = 0.1
STATES_S = 1.0
NOT_SUBMITTED = ("_target_", "submitit_folder", "max_num_timeout", "python", "drivers_at_once")
SHARED = (
    "name",
    "timeout_min",
    "mem_gb",
    "nodes",
    "cpus_per_task",
    "gpus_per_node",
    "tasks_per_node",
    "stderr_to_stdout",
)


class SubmititExecutor:
    """One job per call.

    Args:
        kind: "submitit_slurm" or "submitit_local".
        node: fields of the Hydra launcher of that name as plain values; defaults are those of hydra-submitit-launcher.
        folder: the run folder; jobs leave their files in `folder/jobs/ID`.
        slots: how many jobs the driver wants in flight.
        paths: folders that jobs need on PYTHONPATH to import the functions that are submitted.

    Raises:
        ValueError: a field is unknown or of the wrong type, or this machine has no sbatch.
    """

    inline = False

    def __init__(
        self, kind: str, node: Mapping[str, Any], *, folder: Path, slots: int, paths: Sequence[str | Path] = ()
    ) -> None:
        if slots < 1:
            raise ValueError(f"slots is {slots}, it takes at least 1")
        fields = completed(kind, node)
        self.slots = slots
        self._slurm = kind == "submitit_slurm"
        if self._slurm and shutil.which("sbatch") is None:
            raise ValueError(
                "submitit_slurm needs SLURM's sbatch, which is not on this machine's PATH: start the search on a "
                "machine that may submit jobs, or choose hydra/launcher=local"
            )
        self._backend: Backend = SlurmBackend() if self._slurm else LocalBackend()
        self._jobs_folder = folder.resolve() / "jobs"
        self._paths = [OWN_PATH, *(str(Path(path).resolve()) for path in paths)]
        self._limit = f"{fields['timeout_min']} min"
        self._submitter = self._make_submitter(fields)
        self._open: list[SubmititJob] = []
        self._next_files_s = 0.0
        self._next_states_s = 0.0

    def submit(self, fn: Callable[..., Any], *args: Any) -> SubmititJob:
        try:
            with outside_of_jobs(), python_path(self._paths):
                handle = self._submitter.submit(run, fn, args)
        except FailedJobError as error:
            self._tidy("*.pkl")
            words = "; ".join(str(error).strip().splitlines())
            raise SubmissionRefused(f"sbatch refused the job: {words}") from error
        finally:
            self._tidy(".submission_file_*")
        job = SubmititJob(handle, self, self._limit)
        self._open.append(job)
        return job

    def wait(self, jobs: Sequence[SubmititJob], timeout_s: float | None = None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while jobs and not any(job.done() for job in jobs):
            left = FILES_S if deadline is None else min(FILES_S, deadline - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)

    def refresh(self) -> None:
        """Looks for results ten times a second, at squeue once a second, at most."""
        now = time.monotonic()
        if now < self._next_files_s:
            return
        self._next_files_s = now + max(FILES_S, 0.001 * len(self._open))  # a shared file system is slow to ask
        self._look_for_results()
        if self._open and now >= self._next_states_s:
            self._judge(now)
            self._next_states_s = time.monotonic() + STATES_S

    def end(self, jobs: Sequence[SubmititJob]) -> None:
        """Ends jobs, and returns when they are gone."""
        self._backend.end([job.handle for job in jobs])
        for job in jobs:
            job.cancelled()
        self._forget_finished()

    def shutdown(self, cancel: bool = False) -> None:
        while self._open and not cancel:
            self.wait(self._open, None)
        self.end(list(self._open))
        with suppress(OSError):
            (self._jobs_folder / "%j").rmdir()  # local jobs make it by mistake

    def _make_submitter(self, fields: dict[str, Any]) -> submitit.AutoExecutor:
        cluster = "slurm" if self._slurm else "local"
        self._jobs_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        init = {"python": fields.get("python"), "max_num_timeout": fields.get("max_num_timeout")}
        submitter = submitit.AutoExecutor(
            folder=self._jobs_folder / "%j",
            cluster=cluster,
            **{f"{cluster}_{name}": value for name, value in init.items() if value is not None},
        )
        fields = fields | {"name": fields.get("name") or self._jobs_folder.parent.name}
        if self._slurm:
            fields["setup"] = setup_lines(fields, self._paths)
        parameters = {
            name if name in SHARED else f"{cluster}_{name}": value
            for name, value in fields.items()
            if name not in NOT_SUBMITTED and value is not None
        }
        try:
            submitter.update_parameters(**parameters)
        except (AssertionError, NameError) as error:
            raise ValueError(str(error)) from error
        return submitter

    def _look_for_results(self) -> None:
        for job in self._open:
            job.look_for_result()
        self._forget_finished()

    def _judge(self, now_s: float) -> None:
        states = self._backend.states([job.handle for job in self._open])
        if states is None:
            return
        lost = [job for job in self._open if job.judge(states.get(str(job.id), GONE), now_s, self._backend.grace_s)]
        if lost:
            self._backend.end([job.handle for job in lost])  # so that SLURM cannot start it again
            self._forget_finished()

    def _forget_finished(self) -> None:
        self._open = [job for job in self._open if not job.finished]

    def _tidy(self, pattern: str) -> None:
        """Removes what submitit leaves beside its job folders."""
        for path in self._jobs_folder.glob(pattern):
            path.unlink(missing_ok=True)
