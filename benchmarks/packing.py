"""What a child costs beside its own time, on SLURM: one job each and packed, beside bare submitit, in one run.

    python -m benchmarks.packing [--seconds 0 1 5] [--children 40] [--slots 4] [--per-job 2] [--rounds 3]

Needs sbatch (tests/slurm/start.sh) and the extra `cluster`. Every arm keeps `slots` children in flight and begins
another when one ends, but for the array of batches, which cannot. A child sleeps for so many seconds. Overhead = slots
x wall clock / children - seconds, per child and slot; arms take turns, so that drift of the machine meets all of them.
Jobs of the packed arm are up before its clock starts; that takes `up` seconds, once.

Goals: at most 1.05 times bare submitit's overhead, for one job each and packed.
"""

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import submitit
from nas_launchers.build import build_executor

ROOT = Path(__file__).resolve().parent.parent
POLL_S = 0.1


def child(seconds: float) -> int:
    time.sleep(seconds)
    return 1


def batch(seconds: Sequence[float]) -> int:
    return sum(child(each) for each in seconds)


def steadily(submit: Callable[[], Any], wait: Callable[[list[Any]], None], children: int, slots: int) -> None:
    """Keeps slots full until so many children are done."""
    jobs = [submit() for _ in range(min(slots, children))]
    left = children - len(jobs)
    while jobs:
        wait(jobs)
        for job in [job for job in jobs if job.done()]:
            assert job.result() == 1
            jobs.remove(job)
            if left:
                jobs.append(submit())
                left -= 1


def bare(folder: Path) -> submitit.AutoExecutor:
    executor = submitit.AutoExecutor(folder=folder / "%j", cluster="slurm")
    executor.update_parameters(timeout_min=10, mem_gb=1, cpus_per_task=1, slurm_setup=[f"export PYTHONPATH={ROOT}"])
    return executor


def measure(arm: str, seconds: float, options: argparse.Namespace) -> float:
    """Wall-clock seconds of all children in one arm."""
    children, slots = options.children, options.slots
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arm == "bare submitit":
            plain = bare(folder)
            start = time.perf_counter()
            steadily(lambda: plain.submit(child, seconds), lambda _: time.sleep(POLL_S), children, slots)
            return time.perf_counter() - start
        if arm == "array of batches":
            each = children // slots
            start = time.perf_counter()
            jobs = bare(folder).map_array(batch, [[seconds] * each] * slots)
            while not all(job.done() for job in jobs):
                time.sleep(POLL_S)
            return (time.perf_counter() - start) * children / (each * slots)
        kind = {"one job each": "submitit_slurm", "packed": "slurm_packed"}[arm]
        fields = {"timeout_min": 8, "mem_gb": 1, "cpus_per_task": 1}
        fields |= {"children_per_job": options.per_job} if kind == "slurm_packed" else {}
        executor: Any = build_executor(kind, fields, workers=slots, folder=folder, paths=[ROOT])
        try:
            start = time.perf_counter()
            if kind == "slurm_packed":
                for job in [executor.submit(child, 1.0) for _ in range(2 * slots)]:
                    job.result()
                print(f"  packed: up after {time.perf_counter() - start:.1f} s", flush=True)
                start = time.perf_counter()
            steadily(lambda: executor.submit(child, seconds), executor.wait, children, slots)
            return time.perf_counter() - start
        finally:
            executor.shutdown(cancel=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[0.0, 1.0, 5.0])
    parser.add_argument("--children", type=int, default=40)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--per-job", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    logging.getLogger("submitit").setLevel(logging.ERROR)  # a warning per call of sacct where there is no accounting
    arms = ("bare submitit", "one job each", "array of batches", "packed")
    for seconds in options.seconds:
        overheads: dict[str, list[float]] = {arm: [] for arm in arms}
        for _ in range(options.rounds):
            for arm in arms:
                wall_s = measure(arm, seconds, options)
                overheads[arm].append(wall_s * options.slots / options.children - seconds)
        middle = statistics.median(overheads[arms[0]])
        for arm in arms:
            values = overheads[arm]
            ratios = [mine / other for mine, other in zip(values, overheads[arms[0]], strict=True)]
            print(
                f"children of {seconds:g} s, {arm}: {statistics.median(values):.3f} s over per child and slot "
                f"({min(values):.3f} to {max(values):.3f}), {statistics.median(ratios):.3f} of bare submitit's "
                f"({min(ratios):.3f} to {max(ratios):.3f}); a child takes "
                f"{(seconds + statistics.median(values)) / (seconds + middle):.3f} of its time there",
                flush=True,
            )


if __name__ == "__main__":
    main()
