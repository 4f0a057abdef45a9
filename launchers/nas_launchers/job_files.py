"""submitit's files of a run, flat in one folder: one look at it tells which jobs have left results."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from submitit.core.utils import JobPaths

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

    def forget(self, job_id: str, names: set[str], keep_logs: bool) -> None:
        """Removes a job's files.

        Args:
            job_id: whose.
            names: from a look at the folder.
            keep_logs: leaves what the job has printed.
        """
        for name in names:
            if name.startswith(f"{job_id}_") and not (keep_logs and name.endswith(LOGS)):
                with suppress(OSError):
                    (self.folder / name).unlink()

    def log_tail(self, job_id: str) -> tuple[Path, list[str]]:
        """The log that says something, and its last lines."""
        paths = self.paths(job_id)
        for path in (paths.stderr, paths.stdout):
            with suppress(OSError):
                lines = path.read_text(errors="replace").strip().splitlines()[-TAIL_LINES:]
                if lines:
                    return path, lines
        return paths.stderr, []
