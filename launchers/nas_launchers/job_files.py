"""submitit's files of a run, flat in one folder: one look at it tells which jobs have left results."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from submitit.core.utils import JobPaths

SCRIPT = ("_submission.sh", "_submitted.pkl")  # what submitit's names end with, see `paths`
RESULT = ("_result.pkl",)  # of each task
LOGS = ("_log.out", "_log.err")
TAIL_LINES = 20


class JobFiles:
    """The folder `jobs` of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> set[str]:
        """All files, in one scan."""
        with suppress(OSError):
            os.chmod(self.folder, 0o700)  # nobody else's business; and makes NFS look again
        try:
            return {entry.name for entry in os.scandir(self.folder)}
        except OSError:
            return set()

    def paths(self, job_id: str, task: int = 0) -> Any:
        """submitit's names for a task's files."""
        return JobPaths(self.folder, job_id, task)

    def forget(self, job_id: str, num_tasks: int, keep_logs: bool) -> None:
        """Removes a job's files.

        Args:
            job_id: whose.
            num_tasks: of the job.
            keep_logs: leaves what the job has printed.
        """
        kinds = RESULT if keep_logs else (*RESULT, *LOGS)
        names = [*SCRIPT, *(f"_{task}{kind}" for task in range(num_tasks) for kind in kinds)]
        for name in names:
            with suppress(OSError):
                os.unlink(f"{self.folder}/{job_id}{name}")

    def log_tail(self, job_id: str) -> tuple[Path, list[str]]:
        """The log that says something, and its last lines."""
        paths = self.paths(job_id)
        for path in (paths.stderr, paths.stdout):
            with suppress(OSError):
                lines = path.read_text(errors="replace").strip().splitlines()[-TAIL_LINES:]
                if lines:
                    return path, lines
        return paths.stderr, []
