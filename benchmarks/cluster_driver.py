"""What a driver costs with 1,000 children in flight and 10 completions a second. Goal: 5 % of a core.

    python -m benchmarks.cluster_driver virtual [--seconds 300] [--profile]
    python -m benchmarks.cluster_driver slurm [--seconds 60] [--child-s 100] [--profile]

`virtual`: an executor whose jobs end in virtual time, under the real session: algorithm, journal, lock, children's
folders and result files on disk. `slurm`: the same session with the real SubmititExecutor in real time, submitit,
batch scripts, the scan of its folder and squeue's text of all jobs included; `sbatch`, `squeue` and `scancel` are small
scripts, and one process stands for all nodes. Only the driver's own process is counted, from the first completion on.
"""

import argparse
import cProfile
import heapq
import itertools
import os
import pstats
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nas_launchers.submitit_executor import SubmititExecutor

from benchmarks.simulated_slurm import make_commands, serve_nodes
from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.tracking.base import Tracker

IN_FLIGHT, PER_S = 1000, 10.0
CHILD_S = IN_FLIGHT / PER_S


class VirtualJob:
    restarts, ran_s = 0, 0.0

    def __init__(self, number: int, call: Callable[[], Any]) -> None:
        self.id, self.call, self.value = str(number), call, None

    def done(self) -> bool:
        return self.value is not None

    def result(self) -> Any:
        return self.value

    def cancel(self) -> None:
        self.value = self.value or "cancelled"


class VirtualExecutor:
    """Jobs of `CHILD_S` on average, one every 1 / `PER_S`; waiting moves the clock to the next end."""

    inline, detached, kind, slots = False, True, "virtual", IN_FLIGHT

    def __init__(self) -> None:
        self.now_s = self.nodes_s = 0.0
        self._ids = itertools.count(1)
        self._ends: list[tuple[float, int, VirtualJob]] = []

    def submit(self, fn: Callable[..., Any], evaluator: Any, task: Any, capture_log: bool, label: str) -> VirtualJob:
        number = next(self._ids)
        job = VirtualJob(number, lambda: fn(evaluator, task, False))
        filling = number <= IN_FLIGHT  # so that ends are spread from the beginning
        heapq.heappush(self._ends, (self.now_s + (number / PER_S if filling else CHILD_S), number, job))
        return job

    def wait(self, jobs: Sequence[VirtualJob], timeout_s: float | None = None) -> None:
        self.now_s, _, job = heapq.heappop(self._ends)
        start = time.process_time()
        job.value = job.call()
        self.nodes_s += time.process_time() - start

    def end_strays(self, known: Sequence[str]) -> None: ...

    def forget(self, job: VirtualJob, keep_logs: bool = False) -> None: ...

    def detach(self) -> None: ...

    def shutdown(self, cancel: bool = False) -> None: ...


class Meter(Tracker):
    """Counts from the first told child on, then stops the search.

    Args:
        seconds: how long, by the clock.
        clock_s: the time that passes.
        others_s: processor time of this process that is not the driver's.
    """

    def __init__(
        self, seconds: float, clock_s: Callable[[], float], others_s: Callable[[], float], profile: bool
    ) -> None:
        self._seconds = seconds
        self._stopped = False
        self._clock_s, self._others_s = clock_s, others_s
        self.profile = cProfile.Profile() if profile else None
        self.told_children = 0

    def told(self, individual: Any, progress: Any) -> None:
        if self._stopped:
            return
        self.told_children += 1
        if self.told_children == 1:
            self._start = self._now()
            if self.profile is not None:
                self.profile.enable()
        self._end = self._now()
        if self._end[0] - self._start[0] >= self._seconds:
            self._stopped = True
            if self.profile is not None:
                self.profile.disable()
            os.kill(os.getpid(), signal.SIGTERM)  # a clean stop, which leaves the jobs to themselves

    def _now(self) -> tuple[float, float, float]:
        return self._clock_s(), time.process_time() - self._others_s(), children_s()

    def show(self) -> None:
        clock_s, cpu_s, commands_s = (end - start for start, end in zip(self._start, self._end, strict=True))
        told = self.told_children - 1
        print(f"{told} completions in {clock_s:.0f} s, {told / clock_s:.1f} a second, {IN_FLIGHT} in flight")
        print(f"driver: {cpu_s:.2f} s of processor time, {1e3 * cpu_s / told:.2f} ms for each completion")
        print(f"at {PER_S:.0f} a second: {100 * cpu_s / told * PER_S:.1f} % of a core (goal 5 %)")
        print(f"as it ran: {100 * cpu_s / clock_s:.1f} %; beside it its commands: {100 * commands_s / clock_s:.1f} %")
        if self.profile is not None:
            pstats.Stats(self.profile).sort_stats("tottime").print_stats(25)
            pstats.Stats(self.profile).sort_stats("cumtime").print_stats(30)


def children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def search(folder: Path, executor: Callable[[Path], Any], meter: Meter) -> None:
    space = Bits(num_bits=100)
    run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=100, sample_size=25, survival="oldest"),
        evaluator=Toy(space=space, noise=0.01, counted=1),
        budget=10**9,
        run=folder / "run",
        executor=executor,
        trackers=[meter],
    )
    meter.show()


def virtual(seconds: float, profile: bool) -> None:
    executor = VirtualExecutor()
    meter = Meter(seconds, lambda: executor.now_s, lambda: executor.nodes_s, profile)
    with tempfile.TemporaryDirectory() as folder:
        search(Path(folder), lambda _: executor, meter)


def slurm(seconds: float, child_s: float, profile: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_commands(folder)
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        nodes = get_context("spawn").Process(target=serve_nodes, args=(folder, folder / "run" / "jobs", child_s))
        nodes.start()
        try:
            search(folder, executor_of, Meter(seconds, time.monotonic, lambda: 0.0, profile))
        finally:
            nodes.terminate()
            nodes.join()


def executor_of(run: Path) -> SubmititExecutor:
    return SubmititExecutor("submitit_slurm", {"timeout_min": 60}, folder=run, slots=IN_FLIGHT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["virtual", "slurm"])
    parser.add_argument("--seconds", type=float, default=60.0, help="virtual ones, or real ones after the first end")
    parser.add_argument("--child-s", type=float, default=CHILD_S, help="of slurm: a child's duration")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    if arguments.mode == "virtual":
        virtual(arguments.seconds, arguments.profile)
    else:
        slurm(arguments.seconds, arguments.child_s, arguments.profile)


if __name__ == "__main__":
    main()
