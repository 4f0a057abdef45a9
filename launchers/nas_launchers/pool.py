"""A pool of persistent worker processes on this machine; one that dies or overruns fails its own job and is replaced.

Written here rather than taken from pebble 5.2, which was tried first, one single-worker pool per slot: its dispatch is
fast (0.1 ms), but a worker that dies while idle breaks its pool for good, deaths and limits are found by polling ten
times a second from three threads per pool, and sub-processes of a worker that is ended live on.

The pool has no threads: it moves on whenever the driver asks (`submit`, `wait`, `done`, `result`). Workers are not
daemonic, so that a function may start processes of its own (DDP). Each leads a process group, which ends with it; all
end within a moment when the driver does, also by SIGKILL.
"""

import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from typing import Any

import cloudpickle

from nas_launchers.executor import Cancelled
from nas_launchers.slot import DEVICES, PoolJob, Slot
from nas_launchers.start import WorkerStarter
from nas_launchers.waiting import WaitingJobs


class PoolExecutor:
    """Local workers, started when they are first needed.

    Args:
        workers: how many.
        threads: of numerical libraries in each worker; None leaves their own default, which is all cores.
        device_sets: `CUDA_VISIBLE_DEVICES` of each slot; None leaves it alone. Slots may share devices.
        again_alone: a job that runs out of memory beside others on its devices runs again without them, and only then
            fails; False for jobs that need each other.
        limit_s: a job that runs longer fails with `TimedOut`; None sets no limit.
        preload: names of modules that are imported once, in the fork server, so that workers start with them loaded.

    Raises:
        ValueError: an argument is out of range.
    """

    inline = False
    detached = False

    def __init__(
        self,
        workers: int,
        *,
        threads: int | None = 1,
        device_sets: Sequence[str] | None = None,
        again_alone: bool = True,
        limit_s: float | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers is {workers}, a pool needs at least 1")
        if device_sets is not None and len(device_sets) != workers:
            raise ValueError(f"there are {len(device_sets)} device sets for {workers} workers, it takes one for each")
        if limit_s is not None and limit_s <= 0:
            raise ValueError(f"the time limit is {limit_s} s, it must be positive")
        self.slots = workers
        starter = WorkerStarter(preload, threads)
        environments = [{}] * workers if device_sets is None else [{DEVICES: devices} for devices in device_sets]
        self._slots = [Slot(starter.start, environment, limit_s) for environment in environments]
        self._waiting = WaitingJobs(again_alone)
        # Before multiprocessing joins its children at exit: idle workers would wait for their driver, and it for them.
        self._at_exit = Finalize(self, _end_workers, args=(self._slots,), exitpriority=10)

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> PoolJob:
        job = PoolJob(cloudpickle.dumps((fn, args)), self)
        self._waiting.add(job)
        self._dispatch()
        return job

    def wait(self, jobs: Sequence[PoolJob], timeout_s: float | None = None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while jobs and not any(job.finished for job in jobs):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            self._advance(left)

    def look_at(self, job: PoolJob) -> None:
        """Brings one job up to date, without waiting."""
        if job.slot is not None:
            job.slot.collect()
        self._dispatch()

    def run_again_alone(self, job: PoolJob, slot: Slot) -> None:
        """A job ran out of memory in this slot while others used the same devices."""
        self._waiting.add_alone(job, slot.devices)

    def cancel(self, job: PoolJob) -> None:
        """Ends a job; its worker, if it has one, is replaced."""
        if job.slot is not None:
            job.slot.end_job(Cancelled("it was cancelled"))
        elif not job.finished:
            self._waiting.remove(job)
            job.finish(error=Cancelled("it was cancelled"))
        self._dispatch()

    def shutdown(self, cancel: bool = False) -> None:
        while not cancel and (self._waiting or self._busy()):
            self._advance(None)
        for job in self._waiting.take_all():
            job.finish(error=Cancelled("the pool was shut down"))
        for slot in self._slots:
            slot.end_job(Cancelled("the pool was shut down"))

    def _busy(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.job is not None]

    def _dispatch(self) -> None:
        if self._waiting:
            for slot in self._slots:
                job = None if slot.job is not None else self._waiting.next_for(slot, self._slots)
                if job is not None:
                    slot.run(job)

    def _advance(self, timeout_s: float | None) -> None:
        """Waits until a worker has something to say, a limit is reached, or the time is up; takes what there is."""
        busy = self._busy()
        times = [slot.overdue_in_s for slot in busy]
        limits = [left for left in [timeout_s, *times] if left is not None]
        wait([handle for slot in busy for handle in slot.handles], min(limits, default=None))
        for slot in busy:
            slot.collect()
        self._dispatch()


def _end_workers(slots: list[Slot]) -> None:
    for slot in slots:
        slot.end_worker()
