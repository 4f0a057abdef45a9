"""What W&B costs a search: the same toy search with `tracker=wandb`, offline, and without.

    python -m benchmarks.tracking [--evaluations 20000] [--pairs 3] [--children 50]

Aging evolution on `bits`, P=100, S=25, D=100, journal on disk: a child takes some 50 microseconds, so nothing hides
what the tracker costs. Prints milliseconds a child while the search runs, the time to close (lineage table, artifacts),
and what a run of its own costs a child (`tracker.children=true`). Goal: below 5 ms a child at 20,000, closing included.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.tracking.base import Context, Progress, Summary, Tracker
from nas.tracking.wandb_tracker import WandbTracker

POPULATION_SIZE, SAMPLE_SIZE, NUM_BITS, NOISE = 100, 25, 100, 0.01


class Timed(WandbTracker):
    """Notes how long opening, telling and closing take."""

    def __init__(self, children: bool) -> None:
        super().__init__(project="nas", entity=None, group=None, tags=None, mode="offline", children=children)
        self.seconds = {"open": 0.0, "told": 0.0, "close": 0.0}

    def opened(self, context: Context) -> None:
        start = time.perf_counter()
        super().opened(context)
        self.seconds["open"] += time.perf_counter() - start

    def told(self, individual: Any, progress: Progress) -> None:
        start = time.perf_counter()
        super().told(individual, progress)
        self.seconds["told"] += time.perf_counter() - start

    def closed(self, summary: Summary) -> None:
        start = time.perf_counter()
        super().closed(summary)
        self.seconds["close"] += time.perf_counter() - start


def search(evaluations: int, tracker: Tracker | None = None) -> float:
    """Seconds of one search."""
    folder = Path(tempfile.mkdtemp())
    space = Bits(num_bits=NUM_BITS)
    start = time.perf_counter()
    run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=POPULATION_SIZE, sample_size=SAMPLE_SIZE, survival="oldest"),
        evaluator=Toy(space=space, noise=NOISE, counted=1),
        budget=evaluations,
        run=folder / "run",
        trackers=[] if tracker is None else [tracker],
    )
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--children", type=int, default=50)
    arguments = parser.parse_args()
    os.environ["WANDB_MODE"] = "offline"
    number = arguments.evaluations
    ratios, added, parts = list[float](), list[float](), list[dict[str, float]]()
    for _ in range(arguments.pairs):
        plain, tracker = search(number), Timed(children=False)
        tracked = search(number, tracker)
        ratios.append(tracked / plain)
        added.append((tracked - plain) / number * 1000)
        parts.append(tracker.seconds)
        print(f"{number:,} evaluations: {plain:.2f} s without, {tracked:.2f} s with", flush=True)
    told, opening, closing = (statistics.median(one[name] for one in parts) for name in ("told", "open", "close"))
    print(
        f"W&B adds {statistics.median(added):.2f} ms a child in all (goal: below 5), {statistics.median(ratios):.1f} x"
    )
    print(f"  while the search runs: {told / number * 1000:.2f} ms a child")
    print(f"  to open: {opening:.2f} s; to close: {closing:.2f} s, or {closing / number * 1000:.2f} ms a child")
    own = Timed(children=True)
    search(arguments.children, own)
    print(f"a run for each child: {own.seconds['told'] / arguments.children * 1000:.0f} ms a child")


if __name__ == "__main__":
    main()
