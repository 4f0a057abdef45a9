"""What the searches of `benchmarks.peer_searches` share: the setting, the fitness, the watch. Needs Python alone."""

import random
import time
from collections.abc import Iterable
from typing import Any, NamedTuple


class Setting(NamedTuple):
    """What everybody searches with, see `peers.yaml`."""

    num_decisions: int
    population_size: int
    sample_size: int
    evaluations: int
    noise: float
    seed: int


class Fitness:
    """Share of ones plus noise, clipped to [0, 1]; counts its calls and keeps the best."""

    def __init__(self, setting: Setting) -> None:
        self._noise = setting.noise
        self._rng = random.Random(setting.seed)
        self.evaluations = 0
        self.best = 0.0

    def __call__(self, decisions: Iterable[int]) -> float:
        values = list(decisions)
        fitness = min(1.0, max(0.0, sum(values) / len(values) + self._rng.gauss(0.0, self._noise)))
        self.evaluations += 1
        self.best = max(self.best, fitness)
        return fitness


class Outcome(NamedTuple):
    """What one search did; both times are those of the search alone, on the clock and of this process."""

    evaluations: int
    seconds: float
    cpu_s: float
    best: float


class Watch:
    """Runs from `with` to its end."""

    def __enter__(self) -> "Watch":
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: Any) -> None:
        self.times = time.perf_counter() - self._start[0], time.process_time() - self._start[1]
