"""What the engine costs: `bits` evaluations through `run_search` beside the paper's bare loop in plain Python.

    python -m benchmarks.engine [--evaluations 100000] [--pairs 5]

Aging evolution, P=100, S=25, D=40 and D=100, journal on disk. Prints the time per evaluation in each tenth, resident
memory at 10 % and 100 %, and the ratio to the bare loop over interleaved pairs. Goals: 0.1 ms, 8 times, 20 MB, flat.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.pairs import interleaved
from benchmarks.plain_evolution import plain_evolution
from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.tracking.base import Tracker

POPULATION_SIZE, SAMPLE_SIZE, NOISE = 100, 25, 0.01


class Meter(Tracker):
    """Notes time and memory at every tenth of the search."""

    def __init__(self, evaluations: int) -> None:
        self.step = evaluations // 10
        self.times = [time.perf_counter()]
        self.memory_mb: list[float] = []

    def told(self, individual: Any, progress: Any) -> None:
        if progress.told % self.step == 0:
            self.times.append(time.perf_counter())
            self.memory_mb.append(psutil.Process().memory_info().rss / 1e6)


def ours(num_bits: int, evaluations: int, meter: Meter | None = None) -> float:
    """Seconds of one search with its journal on disk."""
    folder = Path(tempfile.mkdtemp())
    space = Bits(num_bits=num_bits)
    start = time.perf_counter()
    run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=POPULATION_SIZE, sample_size=SAMPLE_SIZE, survival="oldest"),
        evaluator=Toy(space=space, noise=NOISE, counted=1),
        budget=evaluations,
        run=folder / "run",
        trackers=[meter] if meter else [],
    )
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def bare(num_bits: int, evaluations: int) -> float:
    """Seconds of the same search by the paper's bare loop."""
    start = time.perf_counter()
    plain_evolution(
        num_bits=num_bits,
        population_size=POPULATION_SIZE,
        sample_size=SAMPLE_SIZE,
        evaluations=evaluations,
        noise=NOISE,
    )
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    for num_bits in (40, 100):
        meter = Meter(arguments.evaluations)
        seconds = ours(num_bits, arguments.evaluations, meter)
        tenths = [1e6 * (b - a) / meter.step for a, b in zip(meter.times, meter.times[1:], strict=False)]
        print(f"D={num_bits}: {1e6 * seconds / arguments.evaluations:.1f} us per evaluation; by tenths:", end=" ")
        print(*(f"{tenth:.0f}" for tenth in tenths))
        print(f"  resident memory {meter.memory_mb[0]:.1f} MB at 10 %, {meter.memory_mb[-1]:.1f} MB at 100 %")
        size = max(arguments.evaluations // 5, 100)
        ratio = interleaved(
            lambda d=num_bits, n=size: ours(d, n), lambda d=num_bits, n=size: bare(d, n), arguments.pairs
        )
        print(f"  times the bare loop: {ratio}", flush=True)


if __name__ == "__main__":
    main()
