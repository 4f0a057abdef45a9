"""Aging against non-aging evolution on the noisy cube as it grows (arXiv 1802.01548, figure C-1).

    python -m benchmarks.toy_dimensions [--seeds 10] [--csv FILE]
    python -m benchmarks.toy_dimensions --tune [--seeds 10] [--tuning-seeds 2]

10,000 evaluations, noise 0.01, the figure's dimensions D. With P=100 and S=25 for all; or, with `--tune`, with P and S
chosen for each D and algorithm as in the paper, here from `SETTINGS`, on seeds from 10,000 that are not reported.

The paper does not say which statistic it plots, and levels differ: the order and the growth of the gap are compared.
The one judged by is the mean fitness of the last tenth of the children, in which a non-aging population's children
carry as many fresh mutations as an aging one's; for non-aging evolution it also has the figure's level at small D. The
mean accuracy of the final population is printed beside it: there the living of a non-aging population are chosen ones
and those of an aging population are not, so that non-aging evolution leads wherever both reach the top.
"""

import argparse
import csv
import math
import statistics
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.aging_against_non_aging import Final, final_population

PUBLISHED = {  # D: aging, non-aging; read off figure C-1
    64: (0.9728, 0.9729),
    91: (0.9763, 0.9762),
    128: (0.9769, 0.9767),
    181: (0.9640, 0.9609),
    256: (0.9187, 0.8784),
    362: (0.8287, 0.7954),
    512: (0.7423, 0.6902),
}
SURVIVALS = ("oldest", "worst_of_sample")
FIXED = (100, 25)
SETTINGS = ((16, 2), (32, 4), (64, 8), (100, 25), (100, 50), (128, 32))  # (P, S)
FIRST_TUNING_SEED = 10_000


class Case(NamedTuple):
    """One search."""

    survival: str
    seed: int
    num_bits: int
    population_size: int
    sample_size: int


def _run(case: Case) -> Final:
    return final_population(**case._asdict())


def run_all(cases: Iterable[Case], processes: int) -> dict[Case, Final]:
    cases = list(cases)
    with ProcessPoolExecutor(processes) as pool:
        return dict(zip(cases, pool.map(_run, cases, chunksize=4), strict=True))


def tuned(seeds: int, processes: int) -> dict[tuple[str, int], tuple[int, int]]:
    """For each algorithm and D the setting of the highest `recent` on average over the tuning seeds."""
    numbers = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + seeds)
    grid = list(product(SURVIVALS, PUBLISHED, SETTINGS))
    found = run_all((Case(s, seed, d, *setting) for s, d, setting in grid for seed in numbers), processes)
    means = {
        (s, d, setting): statistics.fmean(found[Case(s, seed, d, *setting)].recent for seed in numbers)
        for s, d, setting in grid
    }
    return {(s, d): max(SETTINGS, key=lambda setting: means[s, d, setting]) for s, d in product(SURVIVALS, PUBLISHED)}


def rows(settings: dict[tuple[str, int], tuple[int, int]], seeds: int, processes: int) -> list[dict[str, Any]]:
    """A row for each D."""
    found = run_all(
        (Case(s, seed, d, *setting) for (s, d), setting in settings.items() for seed in range(seeds)), processes
    )
    made = []
    for d, published in PUBLISHED.items():
        row: dict[str, Any] = {"D": d}
        for statistic in ("recent", "accuracy"):
            aging, non_aging = (
                [getattr(found[Case(s, seed, d, *settings[s, d])], statistic) for seed in range(seeds)]
                for s in SURVIVALS
            )
            row[f"AE {statistic}"], row[f"NAE {statistic}"] = statistics.fmean(aging), statistics.fmean(non_aging)
            row[f"gap {statistic}"] = row[f"AE {statistic}"] - row[f"NAE {statistic}"]
            row[f"se {statistic}"] = math.hypot(
                *(statistics.stdev(arm) / math.sqrt(seeds) for arm in (aging, non_aging))
            )
        row |= {"figure AE": published[0], "figure NAE": published[1], "figure gap": published[0] - published[1]}
        row["P,S AE"], row["P,S NAE"] = (f"{p},{s}" for p, s in (settings[survival, d] for survival in SURVIVALS))
        made.append(row)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--tuning-seeds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--csv", type=Path)
    arguments = parser.parse_args()
    settings = dict.fromkeys(product(SURVIVALS, PUBLISHED), FIXED)
    if arguments.tune:
        settings = tuned(arguments.tuning_seeds, arguments.processes)
    table = rows(settings, arguments.seeds, arguments.processes)
    print(*table[0], sep="\t")
    for row in table:
        print(*(f"{value:.4f}" if isinstance(value, float) else value for value in row.values()), sep="\t")
    if arguments.csv is not None:
        with arguments.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, table[0])
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main()
