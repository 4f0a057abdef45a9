"""NSGA-II beside random search on NAS-Bench-201: how much of the exact front of accuracy against FLOPs they find.

    python -m benchmarks.hypervolume [--seeds 100] [--population 30] [--evaluations 200 500]

The signal is CIFAR-10 validation accuracy after 200 epochs: with it, the table's exact front against FLOPs has 13
points; with the accuracy after 12 epochs it has 17 (27 architectures, as some are equal). An archive is everybody told
so far. Its hypervolume is a share of the exact front's, from a reference point of chance (10 %) and the FLOPs of the
largest architecture. Most of that area is a rectangle that any good architecture covers, so what is missing of it, in
thousandths, is printed as well, and how many of the front's points were found.
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.nasbench201_runs import all_told
from benchmarks.nasbench201_simulation import load
from nas.algorithms.pareto import Point, fronts, hypervolume
from nas.search.individual import Individual

CHANCE = 0.1


def table_points(table: Any, signal: str = "cifar10_valid_200", cost: str = "cifar10_flops_m") -> list[Point]:
    """Every architecture: accuracy as a fraction, cost in millions."""
    return [Point(float(a) / 100, float(c)) for a, c in zip(table[signal], table[cost], strict=True)]


def exact_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other dominates, each once, by growing fitness."""
    return sorted({point for point, front in zip(points, fronts(points), strict=True) if front == 0})


def reference_point(points: Sequence[Point]) -> Point:
    return Point(CHANCE, max(point.cost for point in points))


def point_of(individual: Individual) -> Point:
    assert individual.fitness is not None
    return Point(individual.fitness, individual.metrics["multiply_adds"] / 1e6)


def archive_shares(overrides: Sequence[str], evaluations: Sequence[int], path: str, seed: int) -> list[float]:
    """For each number of evaluations: share of the exact front's hypervolume, then share of its points."""
    front, reference = _judge(path)
    budget = ["budget.simulated_s=null", f"budget.evaluations={max(evaluations)}", "evaluator.epochs=200"]
    told = [point_of(one) for one in all_told([*budget, *overrides], seed, path)]
    whole = hypervolume(front, reference)
    shares = [hypervolume(told[:count], reference) / whole for count in evaluations]
    return shares + [sum(_is_told(point, told[:count]) for point in front) / len(front) for count in evaluations]


@cache
def _judge(path: str) -> tuple[list[Point], Point]:
    points = table_points(load(path))
    return exact_front(points), reference_point(points)


def _is_told(point: Point, told: Sequence[Point]) -> bool:
    """The evaluator rounds multiply-adds to a whole number."""
    return any(abs(one.fitness - point.fitness) < 1e-9 and abs(one.cost - point.cost) < 1e-5 for one in told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--population", type=int, default=30)
    parser.add_argument("--evaluations", type=int, nargs="+", default=[200, 500])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--table", default=os.path.join(os.environ.get("NAS_DATA", "data"), "nasbench201.npz"))
    arguments = parser.parse_args()
    points = table_points(load(arguments.table))
    print(f"exact front: {len(exact_front(points))} points; reference {reference_point(points)}")
    counts, found = arguments.evaluations, dict[str, Any]()
    arms = {"nsga2": ["algorithm=nsga2", f"population.size={arguments.population}"], "random": ["algorithm=random"]}
    with ProcessPoolExecutor(arguments.processes) as pool:
        for arm, overrides in arms.items():
            run = partial(archive_shares, overrides, counts, arguments.table)
            found[arm] = np.array(list(pool.map(run, range(arguments.seeds))))
    for at, count in enumerate(counts):
        for arm, shares in found.items():
            share, of_points = shares[:, at], shares[:, at + len(counts)]
            print(
                f"{count} evaluations, {arm}: share {share.mean():.5f} ± {stats.sem(share):.5f} (mean ± SEM), "
                f"missing {1e3 * (1 - share.mean()):.2f} ± {1e3 * stats.sem(share):.2f} thousandths, "
                f"{of_points.mean():.3f} ± {stats.sem(of_points):.3f} of the front's points"
            )
        assert (
            len({*found["nsga2"][:, at], *found["random"][:, at]}) == 2 * arguments.seeds
        )  # the exact test knows no ties
        test = stats.mannwhitneyu(found["nsga2"][:, at], found["random"][:, at], method="exact")
        effect = test.statistic / arguments.seeds**2
        print(f"{count} evaluations: exact two-sided Mann-Whitney p = {test.pvalue:.2g}, A = {effect:.4f}", flush=True)


if __name__ == "__main__":
    main()
