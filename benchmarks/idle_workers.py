"""The shortest mean child at which workers of a cluster idle less than 1 %: a discrete-event simulation.

    python -m benchmarks.idle_workers [--figure docs/idle-workers.svg] [--start 0.83] [--submit 0.057] [--tell 0.004]

Every worker is a slot of the driver. A child ends; the driver sees it at its next look at the job folder, takes it in,
asks for the next one and submits it, one after the other; SLURM starts the job, and Python imports what it needs.
Meanwhile the slot is idle. The periods of looking are the executor's own; the latencies are options, whose defaults
were measured by `benchmarks.cluster_latency` and `benchmarks.cluster_driver` (docs/LOG.md).
"""

import argparse
import heapq
import math
import random
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from nas_launchers.submitit_executor import FILES_S_PER_JOB, LEAST_FILES_S, MOST_FILES_S

from nas.search.jobs import SUBMIT_S

WORKERS = (64, 450, 1000)
IDLE = 0.01
CHILDREN_PER_WORKER, WARM_UP = 30, 5
SPREAD = 0.3  # standard deviation of a child's duration over its mean


@dataclass(frozen=True, kw_only=True)
class Latencies:
    """Seconds.

    Attributes:
        start: from a job's submission to the first line of its call, on average; half to one and a half of it.
        submit: the driver's, for one submission.
        tell: the driver's, for one result and the next question.
    """

    start: float
    submit: float
    tell: float


def idle_share(workers: int, mean_s: float, latencies: Latencies, seed: int = 0) -> float:
    """Share of the workers' time in which no child runs, after each has had its first ones."""
    rng = random.Random(seed)
    sigma = math.sqrt(math.log(1 + SPREAD**2))

    def draw() -> float:
        return mean_s * rng.lognormvariate(-(sigma**2) / 2, sigma)

    look_s = min(MOST_FILES_S, LEAST_FILES_S + FILES_S_PER_JOB * workers)
    ends = [rng.uniform(0, mean_s) for _ in range(workers)]
    heapq.heapify(ends)
    now, gaps_s, started = 0.0, 0.0, 0
    waiting: deque[float] = deque()
    warm_up, children = workers * WARM_UP, workers * CHILDREN_PER_WORKER
    while started < children:
        looked = now
        while ends and ends[0] <= looked:
            waiting.append(heapq.heappop(ends))
            now += latencies.tell
        until = now + SUBMIT_S
        while waiting and now < until:
            now += latencies.submit
            began = now + latencies.start * rng.uniform(0.5, 1.5)
            heapq.heappush(ends, began + draw())
            ended = waiting.popleft()
            started += 1
            if started > warm_up:
                gaps_s += began - ended
        if not waiting:
            now = max(now, looked + look_s)
    gap_s = gaps_s / (children - warm_up)
    return gap_s / (gap_s + mean_s)


def shortest_mean_s(workers: int, latencies: Latencies) -> float:
    """By bisection of its logarithm, to a hundredth."""
    low, high = 1.0, 1e5
    while high / low > 1.01:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if idle_share(workers, middle, latencies) < IDLE else (middle, high)
    return high


def draw_figure(path: Path, latencies: Latencies, shortest: dict[int, float]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams["svg.hashsalt"] = "nas"
    figure, axes = pyplot.subplots(figsize=(6.4, 3.8))
    means = [10 * 10 ** (step / 8) for step in range(25)]
    for workers in WORKERS:
        (line,) = axes.plot(
            means, [100 * idle_share(workers, mean, latencies) for mean in means], label=f"{workers} workers"
        )
        axes.plot(shortest[workers], 100 * IDLE, "o", color=line.get_color())
    axes.axhline(100 * IDLE, color="gray", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="mean child, s", ylabel="idle, %", ylim=(0.05, 110))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=float, default=0.83)
    parser.add_argument("--submit", type=float, default=0.057)
    parser.add_argument("--tell", type=float, default=0.004)
    parser.add_argument("--figure", type=Path)
    arguments = parser.parse_args()
    latencies = Latencies(start=arguments.start, submit=arguments.submit, tell=arguments.tell)
    print(latencies)
    print("workers  shortest mean child  completions a second there  idle at 60 s  600 s")
    shortest = {workers: shortest_mean_s(workers, latencies) for workers in WORKERS}
    for workers, mean_s in shortest.items():
        others = "  ".join(f"{100 * idle_share(workers, mean, latencies):6.2f} %" for mean in (60.0, 600.0))
        print(f"{workers:7}{mean_s:17.0f} s{workers / mean_s:21.1f}{others:>33}")
    if arguments.figure:
        draw_figure(arguments.figure, latencies, shortest)


if __name__ == "__main__":
    main()
