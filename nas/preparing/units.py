"""Runs the units of a preparation in processes of this machine, those that are left."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from nas.preparing.draft import Draft, Finished

SAY_EVERY_S = 10.0
AHEAD = 2  # units that wait for each process


def run_units(
    draft: Draft,
    finished: Sequence[Finished],
    units: Sequence[Any],
    work: Callable[[Any], Finished],
    *,
    workers: int,
    say: Callable[[str], None],
    preload: Sequence[str] = (),
) -> list[Finished]:
    """All units' results, in the order of their numbers.

    Args:
        draft: is told as soon as a unit is finished.
        finished: what an earlier process has done.
        units: have a `number` and a `num_files`.
        work: does one, in another process; what it wrote is on disk when it returns.
        workers: processes.
        say: is told how far it is.
        preload: modules that workers start with.

    Raises:
        OSError: a file cannot be written.
        WorkerDied: a process was killed.
    """
    from nas_launchers.pool import PoolExecutor

    done = {result.unit: result for result in finished}
    left = [unit for unit in units if unit.number not in done]
    progress = _Progress(sum(unit.num_files for unit in units), sum(unit.num_files for unit in left), say)
    if not left:
        return [done[unit.number] for unit in units]
    pool = PoolExecutor(min(workers, len(left)), preload=preload)
    try:
        waiting, running = iter(left), {}
        for unit in _take(waiting, pool.slots * AHEAD):
            running[pool.submit(work, unit)] = unit
        while running:
            pool.wait(list(running))
            for job in [job for job in running if job.done()]:
                unit = running.pop(job)
                result = job.result()
                draft.add(result)
                done[unit.number] = result
                progress.add(unit.num_files)
                for following in _take(waiting, 1):
                    running[pool.submit(work, following)] = following
    finally:
        pool.shutdown(cancel=True)
    return [done[unit.number] for unit in units]


def _take(waiting: Any, count: int) -> list[Any]:
    return [unit for _, unit in zip(range(count), waiting, strict=False)]


class _Progress:
    """Says now and then how many files are done, and how long the rest takes."""

    def __init__(self, total: int, left: int, say: Callable[[str], None]) -> None:
        self._total, self._say = total, say
        self._done = self._before = total - left
        self._began_s = self._said_s = time.monotonic()
        if self._before:
            say(f"{self._before:,} of {total:,} images are there already")

    def add(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._said_s >= SAY_EVERY_S:
            self._said_s = now
            rate = (self._done - self._before) / (now - self._began_s)
            left_min = (self._total - self._done) / rate / 60
            self._say(f"{self._done:,} of {self._total:,} images, {rate:,.0f} a second, {left_min:,.0f} min left")
