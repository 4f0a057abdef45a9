"""The published protocol on NAS-Bench-201 in plain numpy, independent of `nas`: what our searches are held against.

    python -m benchmarks.nasbench201_simulation [--runs 500] [--table nasbench201.npz]

Regularized evolution (P=10, S=10), random search and REINFORCE at 12,000 simulated seconds on CIFAR-10, 12-epoch
validation accuracy as the signal (Dong and Yang 2020, arXiv 2001.00326, section 4 and appendix B). The first child past
the budget ends a search and is not counted. The best by 12-epoch validation is looked up after 200 epochs on three data
sets. Prints mean, standard deviation and standard error, in per cent, beside the published mean.
"""

import argparse
import os
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = Mapping[str, NDArray[Any]]
Array = NDArray[np.float64]

COLUMNS = ("cifar10_valid", "cifar10_test", "cifar100_valid", "cifar100_test", "in16_valid", "in16_test")
PUBLISHED = {  # mean of 500 runs, per cent
    "aging": (91.19, 93.92, 71.81, 71.84, 45.15, 45.54),
    "random": (90.93, 93.70, 70.93, 71.04, 44.45, 44.57),
    "reinforce": (91.09, 93.85, 71.61, 71.71, 45.05, 45.24),
}
BUDGET_S = 12_000
EDGES, OPS = 6, 5


class RandomSearch:
    """Every architecture is drawn uniformly."""

    def draw(self, rng: np.random.Generator) -> NDArray[Any]:
        return rng.integers(OPS, size=EDGES)

    def learn(self, genome: NDArray[Any], accuracy: float) -> None:
        """Nothing is learned."""


class Aging(RandomSearch):
    """Regularized evolution: the best of `sample_size`, drawn with replacement, is mutated, and the oldest dies."""

    def __init__(self, population_size: int = 10, sample_size: int = 10) -> None:
        self.population: deque[tuple[float, NDArray[Any]]] = deque(maxlen=population_size)
        self.sample_size = sample_size

    def draw(self, rng: np.random.Generator) -> NDArray[Any]:
        if len(self.population) < (self.population.maxlen or 0):
            return super().draw(rng)
        sample = [self.population[index] for index in rng.integers(len(self.population), size=self.sample_size)]
        child = max(sample, key=lambda member: member[0])[1].copy()
        edge = rng.integers(EDGES)
        child[edge] = (child[edge] + rng.integers(1, OPS)) % OPS
        return child

    def learn(self, genome: NDArray[Any], accuracy: float) -> None:
        self.population.append((accuracy, genome))


class Reinforce(RandomSearch):
    """A softmax per edge. Logits z climb E[(reward - baseline) log p]; d log p(a) / dz is onehot(a) - p."""

    def __init__(self, rng: np.random.Generator, learning_rate: float, batch_size: int, baseline_weight: float) -> None:
        self.learning_rate, self.batch_size, self.baseline_weight = learning_rate, batch_size, baseline_weight
        self.logits: Array = rng.uniform(-0.1, 0.1, (EDGES, OPS))
        self.first, self.second = np.zeros((EDGES, OPS)), np.zeros((EDGES, OPS))  # Adam's moments
        self.steps, self.baseline = 0, np.nan
        self.batch: list[tuple[NDArray[Any], float]] = []

    def probabilities(self) -> Array:
        weights = np.exp(self.logits - self.logits.max(1, keepdims=True))
        return np.asarray(weights / weights.sum(1, keepdims=True))

    def draw(self, rng: np.random.Generator) -> NDArray[Any]:
        cumulated = self.probabilities().cumsum(1)
        return np.minimum((cumulated < rng.random((EDGES, 1))).sum(1), OPS - 1)

    def learn(self, genome: NDArray[Any], accuracy: float) -> None:
        self.batch.append((genome, accuracy / 100))
        if len(self.batch) < self.batch_size:
            return
        if np.isnan(self.baseline):
            self.baseline = float(np.mean([reward for _, reward in self.batch]))
        before, gradient = self.baseline, np.zeros((EDGES, OPS))
        for one, reward in self.batch:
            gradient += (reward - before) * (np.eye(OPS)[one] - self.probabilities()) / self.batch_size
            self.baseline = self.baseline_weight * self.baseline + (1 - self.baseline_weight) * reward
        self.steps, self.batch = self.steps + 1, []
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.999 * self.second + 0.001 * gradient**2
        slope = np.sqrt(self.second / (1 - 0.999**self.steps)) + 1e-8
        self.logits += self.learning_rate * self.first / (1 - 0.9**self.steps) / slope


def simulate(table: Table, method: str, seed: int, **settings: Any) -> int:
    """One search: the row of its best architecture by 12-epoch validation.

    Args:
        table: `ops`, `cifar10_valid_12`, `cifar10_train_s_200` of NAS-Bench-201.
        method: "aging", "random" or "reinforce".
        seed: of all that is drawn.
        settings: of `Aging`, or of `Reinforce`, which needs them all.
    """
    rng = np.random.default_rng(seed)
    search = {"aging": Aging, "random": RandomSearch, "reinforce": lambda **rest: Reinforce(rng, **rest)}[method](
        **settings
    )
    rows = np.zeros((OPS,) * EDGES, dtype=int)
    rows[tuple(table["ops"].T)] = np.arange(len(table["ops"]))
    spent_s, best = 0.0, -1
    while True:
        genome = search.draw(rng)
        row = int(rows[tuple(genome)])
        spent_s += float(table["cifar10_train_s_200"][row]) * 12 / 200 + 2.4
        if spent_s > BUDGET_S:
            return best
        accuracy = float(table["cifar10_valid_12"][row])
        if best < 0 or accuracy > table["cifar10_valid_12"][best]:
            best = row
        search.learn(genome, accuracy)


def finals(table: Table, rows: list[int]) -> Array:
    """(runs, 6): per cent after 200 epochs, by `COLUMNS`."""
    return np.stack([table[f"{column}_200"][rows].astype(float) for column in COLUMNS], axis=1)


def show(name: str, found: Array, published: tuple[float, ...] | None = None) -> None:
    """Prints the six columns of (runs, 6) finals: mean, standard deviation, standard error."""
    deviations = found.std(0, ddof=1)
    print(f"{name}, {len(found)} runs")
    for at, column in enumerate(COLUMNS):
        error = deviations[at] / len(found) ** 0.5
        beside = "" if published is None else f"  published {published[at]:.2f}"
        print(f"  {column:15} {found[:, at].mean():.3f}  sd {deviations[at]:.3f}  se {error:.3f}{beside}", flush=True)


def load(path: str) -> Table:
    with np.load(path) as file:
        return dict(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--table", default=os.path.join(os.environ.get("NAS_DATA", "data"), "nasbench201.npz"))
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--baseline-weight", type=float, default=0.9)
    arguments = parser.parse_args()
    table = load(arguments.table)
    policy = {name: getattr(arguments, name) for name in ("learning_rate", "batch_size", "baseline_weight")}
    for method, published in PUBLISHED.items():
        settings = policy if method == "reinforce" else {}
        found = [simulate(table, method, seed, **settings) for seed in range(arguments.runs)]
        show(
            " ".join([method, *(f"{name}={value}" for name, value in settings.items())]),
            finals(table, found),
            published,
        )


if __name__ == "__main__":
    main()
