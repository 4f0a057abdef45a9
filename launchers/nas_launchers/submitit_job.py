"""One job of submitit's: its results, its end, and what to say when it ended without a result."""

import os
import pickle
import re
import signal
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from submitit.core.utils import UncompletedJobError

from nas_launchers.executor import Cancelled, Interrupted, Lost, OutOfMemory, RemoteError, TimedOut, WorkerDied
from nas_launchers.job_files import JobFiles
from nas_launchers.remote import RemoteTraceback, call, outcome
from nas_launchers.states import GONE, INTERRUPTED, OUT_OF_MEMORY, TIMED_OUT, Seen

MEMORY_WORDS = re.compile(r"oom[-_ ]?kill|out[ -]of[ -]memory|exceeded (job )?memory limit", re.IGNORECASE)
SUBMITITS_END = "Job not requeued because"


def run(fn: Callable[..., Any], args: Sequence[Any]) -> bytes:
    """What a job does. A SystemExit goes on to submitit: with it, submitit leaves a job that SLURM starts again."""
    _take_over_signal()
    return call(fn, args, caught=Exception)


def _take_over_signal() -> None:
    """submitit's own signal would have the job start anew from its pickle, and fails where SLURM does so already. A
    child goes on from its own files instead, so on SLURM it uses what is left of its time; a local job has nobody who
    says why it ended, and ends itself."""
    name = getattr(signal, f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}")
    local = os.environ.get("SUBMITIT_EXECUTOR") == "local"
    signal.signal(name, _time_is_up if local else signal.SIG_IGN)


def _time_is_up(number: int, frame: FrameType | None) -> None:
    raise TimedOut("the job ran into its limit")


class SubmititJob:
    """A call handed to submitit, which runs it in every task of the job; the value is that of the first task."""

    def __init__(self, job_id: str, label: str, num_tasks: int, executor: Any, files: JobFiles, limit: str) -> None:
        self.id: str = job_id
        self.label = label
        self.finished = False
        self.restarts = 0
        self.ran_s = 0.0
        self._executor = executor
        self._files = files
        self._limit = limit
        self._results = [files.paths(job_id, task).result_pickle for task in range(num_tasks)]
        self._names = [path.name for path in self._results]
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

    def look_for_result(self, names: set[str]) -> None:
        """Reads the tasks' results once all are there, or one of them has failed.

        Args:
            names: what is in the folder.
        """
        there = [path for path, name in zip(self._results, self._names, strict=True) if name in names]
        if not there:
            return
        values = []
        for path in there:
            try:
                values.append(_read(path.read_bytes()))
            except OSError:
                return  # it will be there at the next look
            except Exception as error:
                self._finish(error=self._translated(error))
                return
        if len(values) == len(self._results):
            self._finish(value=values[0])

    def judge(self, seen: Seen, now_s: float, grace_s: float) -> bool:
        """Fails the job if it ended without a result some time ago.

        Args:
            seen: the job, as the cluster has it.
            now_s: the time.
            grace_s: how long a result may be on its way through the file system.

        Returns:
            Whether it did.
        """
        self.restarts = max(self.restarts, seen.restarts)
        self.ran_s = seen.ran_s
        if seen.is_live:
            self._ended_s = None
            return False
        if self._ended_s is None:
            self._ended_s = now_s
        if now_s - self._ended_s < grace_s:
            return False
        self._finish(error=self._without_result(seen.state))
        return True

    def _finish(self, value: Any = None, error: Exception | None = None) -> None:
        if not self.finished:
            self.finished, self._value, self._error = True, value, error

    def _without_result(self, state: str) -> Exception:
        if state in TIMED_OUT:
            return TimedOut(f"job {self.id} ran into its limit of {self._limit} and was ended by SLURM")
        how = "is no longer known" if state == GONE else f"ended in state {state}"
        if state in INTERRUPTED:
            return Interrupted(f"job {self.id} {how}")
        log, lines = self._files.log_tail(self.id)
        words = next((line.strip() for line in reversed(lines) if MEMORY_WORDS.search(line)), "")
        if state == OUT_OF_MEMORY or words:
            said = f": {words}" if words else ""
            return OutOfMemory(f"job {self.id} {how}, it used more memory than it had asked for{said}")
        if not lines:
            return Lost(f"job {self.id} {how}, without a result; it wrote no log {log}")
        tail = "\n".join(lines)
        return Lost(f"job {self.id} {how}, without a result; the end of its log: {lines[-1]}\n{log}:\n{tail}")

    def _translated(self, error: Exception) -> Exception:
        """Names the job in what it could not know itself. submitit raises its own error in a call that gets its signal
        before we could take it over."""
        if isinstance(error, TimedOut):
            made: Exception = TimedOut(f"job {self.id} ran into its limit of {self._limit}")
        elif isinstance(error, UncompletedJobError) or SUBMITITS_END in str(error):
            made = Lost(f"job {self.id} was told to end before it could begin")
        elif isinstance(error, WorkerDied):
            return error
        else:
            return error
        made.__cause__ = error.__cause__
        return made


def _read(content: bytes) -> Any:
    """The value in a result file.

    Raises:
        Exception: the one of the function, or of submitit if the function could not be called.
    """
    kind, value = pickle.loads(content)
    if kind == "success":
        return outcome(value)
    error = RemoteError(f"the job could not call its function: {value.strip().splitlines()[-1]}")
    error.__cause__ = RemoteTraceback(value)
    raise error
