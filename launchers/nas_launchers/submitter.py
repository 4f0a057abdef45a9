"""Hands one call to submitit, which pickles it, writes a batch script and runs sbatch, or starts a local process."""

import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError

from nas_launchers import mark
from nas_launchers.executor import SubmissionDeferred, SubmissionRefused
from nas_launchers.submission import outside_of_jobs, python_path, setup_lines

INTERVAL_S = 0.05  # between two submissions; submitit's own 0.2 s is less than a controller takes
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
LATER = re.compile(
    r"(Assoc|QOS)\w*Submit\w*Limit|job submit limit, user's size|Socket timed out|Unable to contact slurm controller"
    r"|Connection refused|Zero Bytes were transmitted|temporarily un|Resource temporarily|Slurm backup controller"
    r"|Transport endpoint is not connected|Slurm controller is in standby|MaxJobCount",
    re.IGNORECASE,
)


class Submitter:
    """submitit's executor for one run, all of whose files lie flat in one folder.

    Args:
        cluster: "slurm" or "local", as submitit calls it.
        fields: of the launcher's node, complete.
        folder: for submitit's files.
        run_mark: of the run, see `nas_launchers.mark`.
        paths: folders that jobs need on PYTHONPATH.

    Raises:
        ValueError: a field is of the wrong type.
    """

    def __init__(
        self, cluster: str, fields: Mapping[str, Any], folder: Path, run_mark: str, paths: Sequence[str]
    ) -> None:
        self._cluster = cluster
        self._folder = folder
        self._mark = run_mark
        self._paths = list(paths)
        self._comment = fields.get("comment")
        init = {"python": fields.get("python"), "max_num_timeout": fields.get("max_num_timeout")}
        self._executor = submitit.AutoExecutor(
            folder=folder,
            cluster=cluster,
            **{f"{cluster}_{name}": value for name, value in init.items() if value is not None},
        )
        vars(self._executor._executor)["_throttling"] = INTERVAL_S
        wanted = {**fields, "name": fields.get("name") or folder.parent.name}
        if cluster == "slurm":
            wanted["setup"] = setup_lines(wanted, self._paths)
        self._update(
            **{
                name if name in SHARED else f"{cluster}_{name}": value
                for name, value in wanted.items()
                if name not in NOT_SUBMITTED and value is not None
            }
        )

    def submit(self, fn: Callable[..., Any], args: Sequence[Any], label: str) -> Any:
        """submitit's job.

        Raises:
            SubmissionRefused: sbatch did not take it, or the call cannot be pickled.
            SubmissionDeferred: sbatch may take it later.
        """
        if self._cluster == "slurm":
            self._update(slurm_comment=mark.comment(self._mark, label, self._comment))
        try:
            with outside_of_jobs(), python_path(self._paths), _deaf_to_interrupts(self._cluster):
                return self._executor.submit(fn, *args)
        except FailedJobError as error:
            words = "; ".join(str(error).strip().splitlines())
            kind = SubmissionDeferred if LATER.search(words) else SubmissionRefused
            raise kind(f"sbatch refused the job: {words}") from error
        except FailedSubmissionError as error:
            raise SubmissionRefused(" ".join(str(error).split())) from error
        except OSError as error:
            raise SubmissionDeferred(f"the job could not be submitted: {error}") from error
        except Exception as error:
            raise SubmissionRefused(
                f"the call cannot be sent to a job, because it cannot be pickled: {type(error).__name__}: {error}"
            ) from error
        finally:
            self._tidy()

    def _update(self, **parameters: Any) -> None:
        try:
            self._executor.update_parameters(**parameters)
        except (AssertionError, NameError) as error:
            raise ValueError(str(error)) from error

    def _tidy(self) -> None:
        """Removes what submitit leaves beside the jobs' files: links to scripts, and pickles of refused jobs."""
        for path in self._folder.glob(".submission_file_*"):
            path.unlink(missing_ok=True)
        for path in self._folder.glob("*.pkl"):
            if "_" not in path.name:
                path.unlink(missing_ok=True)


@contextmanager
def _deaf_to_interrupts(cluster: str) -> Iterator[None]:
    """A local job does not hear the terminal's Ctrl-C: like a job on a cluster, it outlives its driver."""
    if cluster != "local" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
