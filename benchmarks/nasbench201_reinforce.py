"""Which policy, update, minibatch and learning rate suit `algorithm=reinforce` on NAS-Bench-201, and what it reaches.

    python -m benchmarks.nasbench201_reinforce [--runs 50] [--csv FILE]      # the sweep
    python -m benchmarks.nasbench201_reinforce --reported [--runs 500]       # the chosen setting beside the other arms

Every search is `experiment=nasbench201`: 12,000 simulated seconds. The sweep's seeds begin at 10,000, so that a setting
is chosen on other searches than the reported ones (seeds from 0). It is judged by what a search itself sees, the best
12-epoch validation accuracy; the accuracies after 200 epochs are printed for information. Rates: for independent
softmaxes those that the benchmark's authors tried (arXiv 2001.00326, section 4), for the LSTM from that of arXiv
1802.01548 upwards.
"""

import argparse
import csv
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.nasbench201_runs import Found, searches
from benchmarks.nasbench201_simulation import PUBLISHED, finals, load, show, simulate

RATES = {"independent": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5), "lstm": (0.0008, 0.003, 0.01, 0.03, 0.1)}
UPDATES = ("reinforce", "ppo")
BATCHES = (1, 10, 20)
FIRST_SEED = 10_000
COMMON = ("baseline_weight=0.9", "entropy_weight=0")  # the benchmark's protocol
ARMS = {"aging": "aging", "random": "random", "reinforce": "reinforce_nasbench201"}


def settings() -> list[dict[str, Any]]:
    return [
        {"policy": policy, "update": update, "batch_size": batch, "learning_rate": rate}
        for policy, update, batch in product(RATES, UPDATES, BATCHES)
        for rate in RATES[policy]
    ]


def overrides(setting: dict[str, Any]) -> list[str]:
    changes = [*COMMON, *(f"{name}={value}" for name, value in setting.items())]
    return ["algorithm=reinforce", *(f"algorithm.{change}" for change in changes)]


def row_of(setting: dict[str, Any], found: Sequence[Found], table: Any) -> dict[str, Any]:
    signals = 100 * np.array([one.signal for one in found])
    reached = finals(table, [one.row for one in found])
    return setting | {
        "runs": len(found),
        "told": round(float(np.mean([one.told for one in found])), 1),
        "valid_12": round(float(signals.mean()), 3),
        "valid_12_se": round(float(stats.sem(signals)), 3),
        "cifar10_valid": round(float(reached[:, 0].mean()), 3),
        "cifar10_test": round(float(reached[:, 1].mean()), 3),
        "cifar10_test_se": round(float(stats.sem(reached[:, 1])), 3),
    }


def sweep(pool: ProcessPoolExecutor, path: str, runs: int, file: Path | None) -> None:
    table, seeds = load(path), range(FIRST_SEED, FIRST_SEED + runs)
    jobs = {arm: pool.submit(searches, [f"algorithm={arm}"], seeds, path) for arm in ("random", "aging")}
    tried = [(setting, pool.submit(searches, overrides(setting), seeds, path)) for setting in settings()]
    named = [({"policy": arm, "update": "", "batch_size": "", "learning_rate": ""}, job) for arm, job in jobs.items()]
    rows = []
    for setting, job in [*named, *tried]:
        rows.append(row_of(setting, job.result(), table))
        print(*rows[-1].values(), sep="\t", flush=True)
    rows.sort(key=lambda row: -row["valid_12"])
    print("\nthe best by valid_12:", *(list(row.values()) for row in rows[:10]), sep="\n")
    if file is not None:
        with file.open("w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0])
            writer.writeheader()
            writer.writerows(rows)


def report(pool: ProcessPoolExecutor, path: str, runs: int, policy: dict[str, Any]) -> None:
    """The arms of the published table: ours beside the simulation and the publication, and the order of the arms."""
    table, reached = load(path), {}
    halves = [range(runs // 2), range(runs // 2, runs)]
    jobs = {arm: [pool.submit(searches, [f"algorithm={ARMS[arm]}"], half, path) for half in halves] for arm in ARMS}
    for arm, parts in jobs.items():
        ours = finals(table, [found.row for part in parts for found in part.result()])
        simulated = [
            simulate(table, arm, seed, **(policy if arm == "reinforce" else {})) for seed in range(1000, 1000 + runs)
        ]
        theirs = finals(table, simulated)
        show(arm, ours, PUBLISHED[arm])
        errors = np.sqrt((ours.var(0, ddof=1) + theirs.var(0, ddof=1)) / runs)
        away = (ours.mean(0) - theirs.mean(0)) / errors
        print(f"  beside the simulation's {theirs.mean(0).round(3)}: {away.round(2)} standard errors of the difference")
        reached[arm] = ours[:, 1]
    for first, second in (("aging", "random"), ("reinforce", "random"), ("aging", "reinforce")):
        test = stats.mannwhitneyu(reached[first], reached[second])
        effect = test.statistic / runs**2
        print(
            f"{first} against {second} by cifar10_test: two-sided Mann-Whitney p = {test.pvalue:.2g}, A = {effect:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--reported", action="store_true")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--table", default=os.path.join(os.environ.get("NAS_DATA", "data"), "nasbench201.npz"))
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        if arguments.reported:
            from benchmarks.nasbench201_runs import parts

            chosen = parts(f"algorithm={ARMS['reinforce']}", table=arguments.table)["algorithm"]
            names = ("learning_rate", "batch_size", "baseline_weight")
            policy = {name: getattr(chosen, name) for name in names}
            report(pool, arguments.table, arguments.runs or 500, policy)
        else:
            sweep(pool, arguments.table, arguments.runs or 50, arguments.csv)


if __name__ == "__main__":
    main()
