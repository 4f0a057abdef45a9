"""What the engine costs: `bits` evaluations through `run_search` beside the paper's bare loop in plain Python.

    python -m benchmarks.engine [--evaluations 100000] [--pairs 5]

Aging evolution, P=100, S=25, D=40 and D=100, journal on disk. Prints the time per evaluation in each tenth, resident
memory at 10 % and 100 %, and the ratio to the bare loop over interleaved pairs. Goals: 0.1 ms, 8 times, 20 MB, flat.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

import psutil

from benchmarks.pairs import interleaved
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
    """Seconds of algorithm 1 of arXiv 1802.01548 in plain Python: no journal, no resume, nothing but the loop."""

    def evaluate(genome: int) -> float:
        return min(1.0, max(0.0, genome.bit_count() / num_bits + random.gauss(0, NOISE)))

    start = time.perf_counter()
    random.seed(0)
    population: deque[tuple[int, float]] = deque()
    history = []
    while len(history) < evaluations:
        if len(history) < POPULATION_SIZE:
            genome = random.randint(0, 2**num_bits - 1)
        else:
            sample = [random.choice(population) for _ in range(SAMPLE_SIZE)]
            parent = max(sample, key=lambda member: member[1])
            genome = parent[0] ^ (1 << random.randint(0, num_bits - 1))
        member = (genome, evaluate(genome))
        population.append(member)
        history.append(member)
        if len(population) > POPULATION_SIZE:
            population.popleft()
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
