"""What the Dask worker of a packed job does: one call at a time in each of its slots, every slot a process of its own.

A slot is a local pool of one process, so that a child that dies, overruns or keeps the interpreter's lock takes neither
its neighbours nor the worker with it. Dask brings calls and takes outcomes back.
"""

import os
import pickle
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any

from distributed import WorkerPlugin, get_worker
from distributed.core import Status
from distributed.worker import thread_state

from nas_launchers.devices import device_sets, visible_gpus
from nas_launchers.executor import Lost, WorkerDied
from nas_launchers.pool import PoolExecutor
from nas_launchers.remote import call

STARTED = "NAS_JOB_STARTED"  # when the job's shell began, in seconds of its clock
NAME = "nas-slots"
LOOK_S = 0.1


class Slots(WorkerPlugin):
    """The slots of one worker; a worker gets them when it connects.

    Args:
        threads: of numerical libraries in a slot; None leaves their own default.
        devices_per_slot: GPUs that each slot gets for its own, where there are any.
        use_gpus: False hides nothing and hands out nothing.
        limit_s: a call that runs longer fails with `TimedOut`.
        drain_after_s: so long after the job's start its worker takes no more calls, and ends after the last one; None:
            never.
        preload: modules that slots start with.
    """

    name = NAME

    def __init__(
        self,
        *,
        threads: int | None,
        devices_per_slot: int,
        use_gpus: bool,
        limit_s: float | None,
        drain_after_s: float | None,
        preload: Sequence[str],
    ) -> None:
        self._threads = threads
        self._devices_per_slot = devices_per_slot
        self._use_gpus = use_gpus
        self._limit_s = limit_s
        self._drain_after_s = drain_after_s
        self._preload = [*preload]

    def setup(self, worker: Any) -> None:
        self._worker = worker
        self._starting = threading.Lock()  # a starting process borrows this one's environment
        self._free: queue.SimpleQueue[PoolExecutor] = queue.SimpleQueue()
        slots = worker.state.nthreads
        sets = device_sets(visible_gpus() if self._use_gpus else [], slots, self._devices_per_slot)
        for slot in range(slots):
            self._free.put(
                PoolExecutor(
                    1,
                    threads=self._threads,
                    device_sets=None if sets is None else [sets[slot]],
                    again_alone=False,
                    limit_s=self._limit_s,
                    preload=self._preload,
                )
            )
        if self._drain_after_s is not None:
            started_s = float(os.environ.get(STARTED, time.time()))
            worker.loop.call_later(max(0.0, started_s + self._drain_after_s - time.time()), self._drain)

    def run(self, payload: bytes, key: Any) -> bytes:
        """The outcome of a pickled call; waits for it in a thread of Dask's.

        Raises:
            WorkerDied: its process ended; raised, as Dask keeps exceptions at the driver, but would make a call again
                whose value is lost with a worker.
            TimedOut: it ran into its limit.
            Lost: it was cancelled, or the job is ending.
        """
        pool = self._free.get()
        try:
            with self._starting:
                job = pool.submit(outcome_of, payload)
            while not job.done():
                pool.wait([job], LOOK_S)
                if not self._is_wanted(key):
                    job.cancel()
                    raise Lost("nobody waits for it any more")
        finally:
            self._free.put(pool)
        try:
            outcome: bytes = job.result()
        except WorkerDied as error:
            if "SIGTERM" in str(error):  # SLURM sends it to all of a job's processes
                raise Lost(str(error)) from error
            raise
        return outcome

    def _is_wanted(self, key: Any) -> bool:
        """Dask does not interrupt what runs; whoever cancels a call, or loses the scheduler, leaves it a mark."""
        task = self._worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled" and self._worker.status in (Status.running, Status.paused)

    async def _drain(self) -> None:
        """Takes no more calls, and ends when the driver has collected the last outcome."""
        self._worker.status = Status.paused
        if self._worker.state.tasks:
            self._worker.loop.call_later(LOOK_S, self._drain)
        else:
            await self._worker.close(reason="its job is near its time limit")


def run_in_slot(payload: bytes) -> bytes:
    """Dask's task: a pickled `(fn, args)` in a slot of the worker that it came to."""
    slots: Slots = get_worker().plugins[NAME]
    return slots.run(payload, thread_state.key)


def outcome_of(payload: bytes) -> bytes:
    """In the slot's process: makes the call. The worker hands the outcome on without reading it."""
    return call(_unpickle_and_call, (payload,))


def _unpickle_and_call(payload: bytes) -> object:
    fn, args = pickle.loads(payload)
    return fn(*args)
