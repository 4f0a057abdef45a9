"""One job of submitit's: its result files, its end, and what to say when it ended without a result."""

import os
import pickle
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from submitit.core.utils import UncompletedJobError

from nas_launchers.executor import Cancelled, RemoteError, TimedOut, WorkerDied
from nas_launchers.remote import RemoteTraceback, call, outcome
from nas_launchers.states import GONE, LIVE

TAIL_LINES = 20


def run(fn: Callable[..., Any], args: Sequence[Any]) -> bytes:
    """What a job does. A SystemExit goes on to submitit: with it, submitit leaves a job that SLURM starts again."""
    return call(fn, args, caught=Exception)


class SubmititJob:
    """A call handed to submitit, which runs it in every task of the job; the value is that of the first task."""

    def __init__(self, handle: Any, executor: Any, limit: str) -> None:
        self.id: str | None = handle.job_id
        self.handle = handle
        self.finished = False
        self._executor = executor
        self._limit = limit
        self._tasks = [handle.task(index).paths for index in range(handle.num_tasks)]
        self._ended_s: float | None = None
        self._value: Any = None
        self._error: Exception | None = None

    def done(self) -> bool:
        if not self.finished:
            self._executor.refresh()
        return self.finished

    def result(self) -> Any:
        self._executor.wait([self], None)
        if self._error is not None:
            raise self._error
        return self._value

    def cancel(self) -> None:
        if not self.finished:
            self._executor.end([self])

    def cancelled(self) -> None:
        """Takes note that the job was ended."""
        self._finish(error=Cancelled(f"job {self.id} was cancelled"))

    def look_for_result(self) -> None:
        """Reads the tasks' results once all are there, or one of them has failed."""
        with suppress(OSError):
            os.chmod(self._tasks[0].folder, 0o700)  # nobody else's business; and makes NFS look again
        values = []
        for paths in self._tasks:
            if not paths.result_pickle.exists():
                continue
            try:
                values.append(_read(paths.result_pickle))
            except Exception as error:
                self._finish(error=self._translated(error))
                return
        if len(values) == len(self._tasks):
            self._finish(value=values[0])

    def judge(self, state: str, now_s: float, grace_s: float) -> bool:
        """Fails the job if it ended without a result some time ago.

        Returns:
            Whether it did.
        """
        if state in LIVE:
            self._ended_s = None
            return False
        if self._ended_s is None:
            self._ended_s = now_s
        if now_s - self._ended_s < grace_s:
            return False
        self._finish(error=self._lost(state))
        return True

    def _finish(self, value: Any = None, error: Exception | None = None) -> None:
        if not self.finished:
            self.finished, self._value, self._error = True, value, error

    def _lost(self, state: str) -> Exception:
        if state == "TIMEOUT":
            return TimedOut(f"job {self.id} ran into its limit of {self._limit} and was ended by SLURM")
        how = "is no longer known to SLURM" if state == GONE else f"ended in state {state}"
        log, lines = self._log_tail()
        if not lines:
            return WorkerDied(f"job {self.id} {how}, without a result; it wrote no log {log}")
        tail = "\n".join(lines)
        return WorkerDied(f"job {self.id} {how}, without a result; the end of its log: {lines[-1]}\n{log}:\n{tail}")

    def _log_tail(self) -> tuple[Path, list[str]]:
        paths = self._tasks[0]
        for path in (paths.stderr, paths.stdout):
            with suppress(OSError):
                lines = path.read_text(errors="replace").strip().splitlines()[-TAIL_LINES:]
                if lines:
                    return path, lines
        return paths.stderr, []

    def _translated(self, error: Exception) -> Exception:
        """submitit raises its own error in a call that runs into its limit, wherever the call is."""
        if isinstance(error, UncompletedJobError) and "timed-out" in str(error):
            timed_out = TimedOut(f"job {self.id} ran into its limit of {self._limit}")
            timed_out.__cause__ = error.__cause__
            return timed_out
        return error


def _read(path: Path) -> Any:
    """The value in a result file.

    Raises:
        Exception: the one of the function, or of submitit if the function could not be called.
    """
    kind, content = pickle.loads(path.read_bytes())
    if kind == "success":
        return outcome(content)
    error = RemoteError(f"the job could not call its function: {content.strip().splitlines()[-1]}")
    error.__cause__ = RemoteTraceback(content)
    raise error
