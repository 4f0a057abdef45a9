"""Hands every call to submitit as a job of its own: on SLURM, or as local processes through the same code.

Ours is what submitit 1.5 does not do well (its `Job.done` and `Job.result` are not used): a job that died without a
result is noticed within seconds rather than within ten minutes, preempted and requeued jobs are waited for, a site
needs no accounting, and a thousand jobs cost one look at a folder and one squeue a second. A result file is believed
first, then squeue, then sacct.

Jobs do not die with their driver: the next one attaches to those whose ids it knows, and ends those that carry the
run's mark and that it does not know.
"""

import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nas_launchers.fields import completed
from nas_launchers.file_system import is_shared
from nas_launchers.job_files import JobFiles
from nas_launchers.local_processes import LocalProcesses
from nas_launchers.mark import marked_label, run_mark
from nas_launchers.pending import hopeless
from nas_launchers.slurm import Slurm
from nas_launchers.states import Backend, Seen
from nas_launchers.submission import OWN_PATH
from nas_launchers.submitit_job import SubmititJob, run
from nas_launchers.submitter import Submitter

FOLDER_NAME = "jobs"
LEAST_FILES_S = 0.1
FILES_S_PER_JOB = 0.001  # a shared file system is slow to ask
MOST_FILES_S = 1.0
STATES_S = 1.0
STATES_SHARE = 0.1  # of the time, at most, that SLURM's commands may take
GRACE_S = 5.0  # after its end, a job's result may still be on its way
SHARED_GRACE_S = 30.0
LOCAL_GRACE_S = 1.0
LEAVING_S = 20.0  # a job that has left its result may take so long to end

logger = logging.getLogger(__name__)


class SubmititExecutor:
    """One job per call.

    Args:
        kind: "submitit_slurm" or "submitit_local".
        node: fields of the Hydra launcher of that name as plain values; defaults are those of hydra-submitit-launcher.
        folder: the run folder; jobs leave their files in `folder/jobs`.
        slots: how many jobs the driver wants in flight.
        paths: folders that jobs need on PYTHONPATH to import the functions that are submitted.

    Raises:
        ValueError: a field is unknown or of the wrong type, or this machine has no sbatch.
    """

    inline = False
    detached = True

    def __init__(
        self,
        kind: str,
        node: Mapping[str, Any],
        *,
        folder: Path,
        slots: int,
        paths: Sequence[str | Path] = (),
    ) -> None:
        if slots < 1:
            raise ValueError(f"slots is {slots}, it takes at least 1")
        fields = completed(kind, node)
        self.kind, self.slots = kind, slots
        slurm = kind == "submitit_slurm"
        if slurm and shutil.which("sbatch") is None:
            raise ValueError(
                "submitit_slurm needs SLURM's sbatch, which is not on this machine's PATH: start the search on a "
                "machine that may submit jobs, or choose hydra/launcher=local"
            )
        self._mark = run_mark(folder)
        self._files = JobFiles(folder.resolve() / FOLDER_NAME)
        self._files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._backend: Backend = Slurm() if slurm else LocalProcesses(self._files.folder, self._mark)
        self._grace_s = LOCAL_GRACE_S if not slurm else SHARED_GRACE_S if is_shared(folder) else GRACE_S
        all_paths = [OWN_PATH, *(str(Path(path).resolve()) for path in paths)]
        self._submitter = Submitter("slurm" if slurm else "local", fields, self._files.folder, self._mark, all_paths)
        self._limit = f"{fields['timeout_min']} min"
        self._num_tasks = (fields["nodes"] or 1 if slurm else 1) * (fields["tasks_per_node"] or 1)
        self._open: dict[str, SubmititJob] = {}
        self._leaving: dict[str, float] = {}
        self._warned: set[str] = set()
        self._next_files_s = 0.0
        self._next_states_s = 0.0

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> SubmititJob:
        handle = self._submitter.submit(run, (fn, args), label)
        self._backend.started(handle)
        return self.attach(handle.job_id, label)

    def attach(self, job_id: str, label: str = "") -> SubmititJob:
        job = SubmititJob(job_id, label, self._num_tasks, self, self._files, self._limit)
        self._open[job_id] = job
        return job

    def wait(self, jobs: Sequence[SubmititJob], timeout_s: float | None = None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while jobs and not any(job.done() for job in jobs):
            left = LEAST_FILES_S if deadline is None else min(LEAST_FILES_S, deadline - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)

    def refresh(self) -> None:
        """Looks for results up to ten times a second, at the queue once a second."""
        now = time.monotonic()
        if now < self._next_files_s:
            return
        self._next_files_s = now + min(MOST_FILES_S, LEAST_FILES_S + FILES_S_PER_JOB * len(self._open))
        self._look_for_results()
        if (self._open or self._leaving) and now >= self._next_states_s:
            queue = self._backend.queue()
            if queue is not None:
                self._judge(queue, now)
            took = time.monotonic() - now
            self._next_states_s = time.monotonic() + max(STATES_S, took / STATES_SHARE)

    def end(self, jobs: Sequence[SubmititJob]) -> None:
        """Ends jobs, and returns when they are gone."""
        self._backend.end([job.id for job in jobs])
        for job in jobs:
            job.cancelled()
            self._open.pop(job.id, None)

    def end_strays(self, known: Sequence[str]) -> None:
        """Waits as long as it takes until the queue can be seen: two attempts of a child must not run at once."""
        waited = False
        while (queue := self._backend.queue()) is None:
            if not waited:
                logger.warning("squeue does not answer; the search waits until it does")
            waited = True
            time.sleep(STATES_S)
        strays = self._strays(queue, [*known, *self._open, *self._leaving])
        if strays:
            logger.warning("ending %s of this run, which its journal does not know", ", ".join(map(_job, strays)))
            self._backend.end(strays)
            for job_id in strays:
                self._files.forget(job_id, self._num_tasks, keep_logs=False)

    def forget(self, job: SubmititJob, keep_logs: bool = False) -> None:
        self._files.forget(job.id, self._num_tasks, keep_logs)
        self._leaving.setdefault(job.id, time.monotonic())

    def detach(self) -> None:
        self._open.clear()
        self._leaving.clear()
        self._submitter.tidy()

    def shutdown(self, cancel: bool = False) -> None:
        while self._open and not cancel:
            self.wait(list(self._open.values()), None)
        self.end(list(self._open.values()))
        self._submitter.tidy()

    def _look_for_results(self) -> None:
        names = self._files.names()
        self._submitter.tidy(names)
        for job in list(self._open.values()):
            job.look_for_result(names)
            if job.finished:
                self._close(job)

    def _close(self, job: SubmititJob) -> None:
        self._open.pop(job.id, None)
        self._leaving[job.id] = time.monotonic()

    def _judge(self, queue: dict[str, Seen], now_s: float) -> None:
        self._end_leftovers(queue, now_s)
        forgotten = [job_id for job_id in self._open if job_id not in queue]
        known = queue | (self._backend.ended(forgotten) if forgotten else {})
        over = []
        for job_id, job in list(self._open.items()):
            seen = known.get(job_id)
            if seen is None:
                continue
            if seen.state == "PENDING":
                self._warn_of(job, seen.reason)
            if job.judge(seen, now_s, self._grace_s):
                over.append(job_id)
                self._open.pop(job_id)
        if over:
            self._backend.end(over)  # so that SLURM cannot start it again

    def _end_leftovers(self, queue: dict[str, Seen], now_s: float) -> None:
        """Jobs nobody waits for: strays, and those that SLURM starts again although their result is there. One that is
        COMPLETING ends by itself, which takes minutes where nodes clean up slowly; nothing here waits for an end."""
        leftover = self._strays(queue, [*self._open, *self._leaving])
        for job_id, since_s in list(self._leaving.items()):
            seen = queue.get(job_id)
            if seen is None or not seen.is_live:
                del self._leaving[job_id]
                self._backend.forget(job_id)
            elif seen.state == "PENDING" or now_s - since_s > LEAVING_S:
                leftover.append(job_id)
                self._leaving[job_id] = now_s
        leftover = [job_id for job_id in leftover if queue[job_id].state != "COMPLETING"]
        if leftover:
            self._backend.end(leftover, wait=False)

    def _strays(self, queue: dict[str, Seen], known: Sequence[str]) -> list[str]:
        known_ids = set(known)
        return [
            job_id
            for job_id, seen in queue.items()
            if job_id not in known_ids and seen.is_live and marked_label(seen.comment, self._mark) is not None
        ]

    def _warn_of(self, job: SubmititJob, reason: str) -> None:
        words = hopeless(reason)
        if words is not None and reason not in self._warned:
            self._warned.add(reason)
            logger.warning("%s cannot start: %s (SLURM's reason: %s)", _job(job.id), words, reason)


def _job(job_id: str) -> str:
    return f"job {job_id}"
