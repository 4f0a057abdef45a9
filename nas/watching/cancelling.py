"""Ends the jobs of a run that no driver works on."""

from pathlib import Path

from nas.errors import UserError
from nas.retraining.training_jobs import JOB_FILE
from nas.search.attempts import Cause
from nas.search.journal import FILE_NAME, Journal
from nas.search.locked_folder import locked_folder
from nas.watching.queue import LAUNCHERS, backend, marked_jobs
from nas.watching.standing import Standing

REASON = "ended by nas.status"


def cancel_jobs(folder: Path) -> int:
    """Ends every job that carries the run's mark; the search can be gone on with, those children begin another attempt.

    Args:
        folder: of a search, a retraining or whatever has jobs.

    Returns:
        How many jobs were ended.

    Raises:
        UserError: a driver works on it, its journal cannot be written, or the queue does not answer.
    """
    with locked_folder(folder, "run folder", lambda: None):
        count = sum(_end(folder, launcher) for launcher in LAUNCHERS)
        if (folder / FILE_NAME).exists():
            _journal(folder)
        for path in folder.glob(f"**/{JOB_FILE}"):
            path.unlink()
    return count


def _end(folder: Path, launcher: str) -> int:
    jobs = marked_jobs(folder, launcher)
    if jobs is None:
        if launcher in {flight.launcher for flight in Standing.load(folder).in_flight.values()}:
            raise UserError("squeue does not answer: nothing was cancelled, try again later")
        return 0  # a machine without SLURM
    backend(folder, launcher).end(jobs)
    return len(jobs)


def _journal(folder: Path) -> None:
    jobs = Standing.load(folder).jobs
    if not jobs:
        return
    journal = Journal(folder / FILE_NAME, {})
    try:
        for number, flight in jobs.items():
            journal.append(
                "interrupted",
                number=number,
                attempt=flight.attempt,
                reason=REASON,
                cause=Cause.STOPPED,
                device_s=0.0,
            )
        journal.append("closed", reason="stopped")
    finally:
        journal.close()
