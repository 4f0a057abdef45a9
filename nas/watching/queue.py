"""Where the jobs of a run stand in the cluster's queue."""

from dataclasses import dataclass, field
from pathlib import Path

from nas_launchers.local_processes import LocalProcesses
from nas_launchers.mark import marked_label, run_mark
from nas_launchers.pending import hopeless
from nas_launchers.slurm import Slurm
from nas_launchers.states import Backend, Seen
from nas_launchers.submitit_executor import FOLDER_NAME

LAUNCHERS = ("submitit_slurm", "submitit_local")


@dataclass(kw_only=True)
class Queue:
    """
    Attributes:
        pending: ids of jobs that wait, by SLURM's reason.
        running: ids of jobs that run, or are about to.
        hopeless: sentences about reasons that never go away by themselves.
    """

    pending: dict[str, list[str]] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    hopeless: list[str] = field(default_factory=list)


def marked_jobs(folder: Path, launcher: str) -> dict[str, Seen] | None:
    """The live jobs of a run by id; None when the queue does not answer."""
    mark = run_mark(folder)
    seen = backend(folder, launcher).queue()
    if seen is None:
        return None
    return {job_id: job for job_id, job in seen.items() if job.is_live and marked_label(job.comment, mark) is not None}


def backend(folder: Path, launcher: str) -> Backend:
    """Who knows what has become of a launcher's jobs."""
    if launcher == "submitit_local":
        return LocalProcesses(folder.resolve() / FOLDER_NAME, run_mark(folder))
    return Slurm()


def queue_of(folder: Path, launcher: str) -> Queue | None:
    """What waits and what runs; None when the queue does not answer."""
    jobs = marked_jobs(folder, launcher)
    if jobs is None:
        return None
    queue = Queue()
    for job_id, seen in jobs.items():
        if seen.state == "PENDING":
            queue.pending.setdefault(seen.reason or "None", []).append(job_id)
        else:
            queue.running.append(job_id)
    for reason, ids in queue.pending.items():
        words = hopeless(reason)
        if words is not None:
            queue.hopeless.append(f"job {ids[0]} cannot start: {words} (SLURM's reason: {reason})")
    return queue
