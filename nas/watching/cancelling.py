"""Ends the jobs of a run that no driver works on."""

from collections.abc import Mapping
from pathlib import Path

from nas.errors import UserError
from nas.retraining.training_jobs import JOB_FILE, read_note
from nas.retraining.trainings import FOLDER_NAME
from nas.search.attempts import Cause
from nas.search.journal import FILE_NAME, Journal
from nas.search.locked_folder import locked_folder
from nas.watching.queue import LAUNCHERS, backend, marked_jobs
from nas.watching.standing import Flight, Standing

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
        is_search = (folder / FILE_NAME).exists()
        jobs = Standing.load(folder).jobs if is_search else {}
        notes = {path: read_note(path.parent) or {} for path in (folder / FOLDER_NAME).rglob(JOB_FILE)}
        used = {flight.launcher for flight in jobs.values()} | {note.get("launcher") for note in notes.values()}
        count = sum(_end(folder, launcher, expected=launcher in used) for launcher in LAUNCHERS)
        if jobs:
            _journal(folder, jobs)
        for path in notes:
            path.unlink()
    return count


def _end(folder: Path, launcher: str, expected: bool) -> int:
    """Ends a launcher's jobs. A machine without SLURM has no queue that answers, which is well where none is needed."""
    jobs = marked_jobs(folder, launcher)
    if jobs is None:
        if expected:
            raise UserError("squeue does not answer: nothing was cancelled, try again later")
        return 0
    backend(folder, launcher).end(jobs)
    return len(jobs)


def _journal(folder: Path, jobs: Mapping[int, Flight]) -> None:
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
