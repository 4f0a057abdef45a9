"""The pool's queue, and which jobs may run beside each other on the devices that slots share."""

from collections import deque
from collections.abc import Sequence

from nas_launchers.slot import PoolJob, Slot


class WaitingJobs:
    """Jobs in the order in which they came. One that ran out of memory beside others waits for its devices to be free
    of them; meanwhile nothing else starts there.

    Args:
        again_alone: whether it does; otherwise it fails like any other.
    """

    def __init__(self, again_alone: bool) -> None:
        self._again_alone = again_alone
        self._jobs: deque[PoolJob] = deque()
        self._alone: dict[str | None, deque[PoolJob]] = {}

    def __bool__(self) -> bool:
        return bool(self._jobs) or any(self._alone.values())

    def add(self, job: PoolJob) -> None:
        self._jobs.append(job)

    def add_alone(self, job: PoolJob, devices: str | None) -> None:
        """It ran on these devices and will again, without neighbours."""
        job.is_alone = True
        self._alone.setdefault(devices, deque()).append(job)

    def remove(self, job: PoolJob) -> None:
        """Takes out a job that waits."""
        next(jobs for jobs in (self._jobs, *self._alone.values()) if job in jobs).remove(job)

    def take_all(self) -> list[PoolJob]:
        """Takes out everything."""
        jobs = [*self._jobs, *(job for waiting in self._alone.values() for job in waiting)]
        self._jobs.clear()
        self._alone.clear()
        return jobs

    def next_for(self, slot: Slot, slots: Sequence[Slot]) -> PoolJob | None:
        """Takes out the job that an idle slot runs next; None if there is none, or none may run beside its neighbours.

        Args:
            slot: the idle one.
            slots: all of the pool.
        """
        neighbours = [other for other in slots if other is not slot and other.devices == slot.devices]
        beside = [other.job for other in neighbours if other.job is not None]
        if any(job.is_alone for job in beside):
            return None
        alone = self._alone.get(slot.devices)
        if alone:
            if beside:
                return None
            for worker in (slot, *neighbours):  # they hold memory even when they are idle
                worker.end_worker()
            return alone.popleft()
        if not self._jobs:
            return None
        for job in (self._jobs[0], *beside):
            job.had_neighbours = job.had_neighbours or (self._again_alone and bool(beside))
        return self._jobs.popleft()
