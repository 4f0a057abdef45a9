"""One slot of the local pool: a worker process, its devices, and the job it is at."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from nas_launchers.death import how_it_ended
from nas_launchers.executor import TimedOut, WorkerDied
from nas_launchers.remote import outcome, ran_out_of_memory
from nas_launchers.worker import TAKEN

DEVICES = "CUDA_VISIBLE_DEVICES"
REAP_S = 5.0


class PoolJob:
    """One call in the pool: waiting, at a slot, or done.

    Attributes:
        had_neighbours: whether others have run on its devices at the same time.
        is_alone: whether none may.
    """

    id: str | None = None

    def __init__(self, payload: bytes, pool: Any) -> None:
        self.payload = payload
        self.slot: Slot | None = None
        self.finished = False
        self.had_neighbours = False
        self.is_alone = False
        self._pool = pool
        self._data = b""
        self._error: Exception | None = None

    def done(self) -> bool:
        if not self.finished:
            self._pool.look_at(self)
        return self.finished

    def result(self) -> Any:
        while not self.finished:
            self._pool.wait([self], None)
        if self._error is not None:
            raise self._error
        return outcome(self._data)

    def cancel(self) -> None:
        self._pool.cancel(self)

    def finish(self, data: bytes = b"", error: Exception | None = None) -> None:
        """Takes the outcome, the first that comes; but for lack of memory beside others the job runs again, alone."""
        if self.had_neighbours and not self.is_alone and data and ran_out_of_memory(data):
            slot, self.slot = self.slot, None
            self._pool.run_again_alone(self, slot)
        elif not self.finished:
            self.finished, self._data, self._error = True, data, error
            self.payload, self.slot = b"", None


class Slot:
    """Keeps its environment, hence its devices, when its worker is replaced. Starts a worker when it first needs one.

    Attributes:
        job: what the worker is at; None when it is idle.
        devices: its `CUDA_VISIBLE_DEVICES`; slots with the same one share memory.
    """

    def __init__(
        self,
        start: Callable[[dict[str, str]], tuple[BaseProcess, Connection]],
        environment: dict[str, str],
        limit_s: float | None,
    ) -> None:
        self.job: PoolJob | None = None
        self.devices = environment.get(DEVICES)
        self._start = start
        self._environment = environment
        self._limit_s = limit_s
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._since_s: float | None = None  # when the worker took the job; None while it still loads
        self._is_new = True  # until it has taken its first job

    @property
    def handles(self) -> list[Any]:
        """What becomes readable when the worker has something to say or is gone."""
        assert self._connection is not None
        assert self._process is not None
        return [self._connection, self._process.sentinel]

    @property
    def overdue_in_s(self) -> float | None:
        """Seconds until the job reaches its limit; None if it has none."""
        if self._limit_s is None or self._since_s is None or self.job is None:
            return None
        return max(0.0, self._since_s + self._limit_s - time.monotonic())

    def run(self, job: PoolJob) -> None:
        """Gives the worker its next job; starts the worker, or another one, if there is none alive."""
        if self._process is None or not self._process.is_alive():
            self.end_worker()
            self._process, self._connection = self._start(self._environment)
        assert self._connection is not None
        self.job, job.slot, self._since_s = job, self, None
        try:
            self._connection.send_bytes(job.payload)
        except OSError:
            self._lost()

    def collect(self) -> None:
        """Takes what the worker has sent, notices when it is gone, ends it when its job is overdue."""
        if self.job is None:
            return
        assert self._process is not None
        alive = self._process.is_alive()  # asked first: what a dead worker has sent is all there by then
        self._receive()
        if self.job is None:
            return
        if not alive:
            self._lost()
        elif self.overdue_in_s == 0.0:
            self.end_job(TimedOut(f"it ran longer than its limit of {self._limit_s:g} s and was ended"))

    def end_job(self, error: Exception) -> None:
        """Ends the worker together with the job."""
        job, self.job = self.job, None
        self.end_worker()
        if job is not None:
            job.finish(error=error)

    def end_worker(self) -> int | None:
        """Ends the worker and all that it has started, at once.

        Returns:
            Its exit code, negative for a signal; None when there was no worker.
        """
        process, connection = self._process, self._connection
        self._process, self._connection, self._is_new = None, None, True
        if process is None or connection is None:
            return None
        assert process.pid is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.is_alive():  # ended before it led a group
            process.kill()
        process.join(REAP_S)
        connection.close()
        return process.exitcode

    def _receive(self) -> None:
        assert self._connection is not None
        try:
            while self.job is not None and self._connection.poll():
                message = self._connection.recv_bytes()
                if message == TAKEN:
                    self._is_new, self._since_s = False, time.monotonic()
                    continue
                job, self.job = self.job, None
                job.finish(message)
        except (EOFError, OSError):
            self._lost()

    def _lost(self) -> None:
        """The worker is gone. Its job fails, unless an old worker had not taken it yet: it died while it was idle."""
        job, self.job = self.job, None
        was_taken, was_new = self._since_s is not None, self._is_new
        if self._process is not None:
            self._process.join(REAP_S)
        code = self.end_worker()
        if job is None:
            return
        if was_taken or was_new:
            when = "" if was_taken else ", while it was starting"
            job.finish(error=WorkerDied(f"the worker process {how_it_ended(code)}{when}"))
        else:
            self.run(job)
